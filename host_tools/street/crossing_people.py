"""Who comes to a crossing. Each kind of encounter is a function: here those who cross.

SHARES are figures of ours, for nobody has counted a street.
"""

import math

from host_tools.street import crossing_others as others
from host_tools.street.crossing_body import Body, adult, anybody, approach, older
from host_tools.street.crossing_site import odds
from host_tools.street.crossing_walk import Walk

# Kind: share of the encounters. The first group crosses, the second does not.
CROSSING = {
    "cross": 17,
    "older": 7,
    "wait": 10,
    "group": 7,
    "child": 4,
    "wheelchair": 3,
    "dog+": 2,
}
OTHERS = {
    "pass": 18,
    "turn back": 3,
    "bus": 8,
    "linger": 4,
    "arrive": 6,
    "cyclist": 4,
    "dog": 2,
    "traffic": 3,
    "rain": 1,
    "bush": 1,
}  # traffic: cars alone; rain: drops alone; bush: leaves in the wind
SHARES = {**CROSSING, **OTHERS}


def _over(site, chance, points, aim_x, speed, stay_s=0.0, back_m=0.5, begin_s=0.0):
    """The walk from `points` over the road; stay_s: how long he stands before the kerb."""
    leave = aim_x + chance.uniform(-0.3, 0.3)
    ahead = [(aim_x, back_m, speed, stay_s)] if stay_s else []
    if not stay_s and odds(chance, 0.6):
        # A glance at the kerb: slower for a step or two.
        ahead = [(aim_x, back_m + 0.4, speed * chance.uniform(0.55, 0.9), 0)]
    ends = [(aim_x, -0.3, speed, 0), (leave, -site.length_m - 0.5, speed * 1.05, 0)]
    return Walk(begin_s, points + ahead + ends)


def _cross(site, chance, kind):
    speed = adult(chance)
    points, aim_x = approach(site, chance, speed)
    return [Body(chance, kind, _over(site, chance, points, aim_x, speed))]


def _old(site, chance, kind):
    speed = older(chance)
    points, aim_x = approach(site, chance, speed)
    stay_s = chance.uniform(1, 8) if odds(chance, 0.5) else 0
    return [Body(chance, kind, _over(site, chance, points, aim_x, speed, stay_s))]


def _wait(site, chance, kind):
    speed = anybody(chance)
    points, aim_x = approach(site, chance, speed)
    stay_s = chance.uniform(2, 20)
    back_m = chance.uniform(0.3, 1.0)
    return [Body(chance, kind, _over(site, chance, points, aim_x, speed, stay_s, back_m))]


def _group(site, chance, kind):
    speed = max(0.6, anybody(chance) - 0.15)
    points, aim_x = approach(site, chance, speed)
    stay_s = chance.uniform(2, 10) if odds(chance, 0.4) else 0
    found = []
    for _ in range(chance.choice((2, 2, 2, 3, 3, 4))):
        # Each on a line of his own, shoulder to shoulder or a step behind.
        dx, dy = chance.gauss(0, 0.45), chance.uniform(0, 1.0)
        mine = [(x + dx, max(0.6, y + dy), v, s) for x, y, v, s in points]
        half = site.width_m / 2
        at_x = min(0.9 * half, max(-0.9 * half, aim_x + dx))
        walk = _over(site, chance, mine, at_x, speed, stay_s, 0.5 + dy / 2, chance.uniform(0, 0.5))
        found.append(Body(chance, kind, walk))
    return found


def _child(site, chance, kind):
    speed = chance.uniform(2.5, 4)
    points, aim_x = approach(site, chance, speed)
    ends = [(aim_x, -0.3, speed, 0), (aim_x, -site.length_m - 0.5, speed, 0)]
    return [Body(chance, kind, Walk(0, points + ends), -8, 0.18)]


def _wheelchair(site, chance, kind):
    speed = chance.uniform(0.4, 0.65)
    points, aim_x = approach(site, chance, speed)
    # So slow, it starts where it comes into view and not half a minute before.
    x, y, *_ = points[0]
    nearer = min(1, 6.5 / math.hypot(x, y))
    points[0] = (x * nearer, y if abs(x) > y else y * nearer, speed, 0)
    stay_s = chance.uniform(1, 6) if odds(chance, 0.5) else 0
    walk = _over(site, chance, points, aim_x, speed, stay_s, 0.6)
    return [Body(chance, kind, walk, -2, 0.35, gait=0.2)]


def _dog_walker(site, chance, kind):
    speed = anybody(chance)
    points, aim_x = approach(site, chance, speed)
    walk = _over(site, chance, points, aim_x, speed)
    lead = [(x + 0.6, y + 0.3, v, s) for x, y, v, s in points]
    dog = Walk(0.2, [*lead, (aim_x + 0.6, -0.3, speed, 0), (aim_x, -site.length_m, speed, 0)])
    return [Body(chance, kind, walk), Body(chance, kind, dog, -13, 0.2, person=False)]


_MAKE = {
    "cross": _cross,
    "older": _old,
    "wait": _wait,
    "group": _group,
    "child": _child,
    "wheelchair": _wheelchair,
    "dog+": _dog_walker,
    "pass": others.passing,
    "turn back": others.turn_back,
    "bus": others.bus,
    "linger": others.linger,
    "arrive": others.arrive,
    "cyclist": others.cyclist,
    "dog": others.dog,
    "traffic": others.nobody,
    "rain": others.nobody,
    "bush": others.nobody,
}


def people(kind, site, chance):
    """Give the bodies of one encounter of `kind` (a key of SHARES), the first from 0 s on."""
    if kind not in _MAKE:
        raise ValueError("kind {!r}: known are {}".format(kind, ", ".join(_MAKE)))
    return _MAKE[kind](site, chance, kind)
