"""Who comes to a crossing, on what path and how fast. Each kind of encounter is a function here.

Speeds, m/s. Adults N(1.45, 0.25): Knoblauch et al., TRR 1538 (1996): mean 1.51, 15th percentile
1.25 below 65 years; Fitzpatrick et al., TCRP 112/NCHRP 562 (2006): median about 1.45, 15th 1.15.
Older N(1.22, 0.25): Knoblauch 1.25 and 0.97; Gates et al., TRR 1982 (2006): 1.16 and 0.92.
Groups 0.15 slower (Gates: 0.4 to 0.6 ft/s). Manual wheelchairs 0.4 to 0.65, the slow end that
the project asks for (FHWA-HRT-04-103 table 12 has 1.7 on trails). Cyclists N(4, 1.2) on a
pavement, N(4.8, 1.4) on the road (the same table: 4.7, 1.7). Running children 2.5 to 4, dogs and
joggers: figures of ours. So are the shares of the kinds (SHARES): nobody has counted a street.

Echoes, dBsm at 24 GHz: adults about -5 with some dB from person to person, dogs and children
less (JRC report EUR 25762, of persons and dummies at 24 and 77 GHz, has adults from -10 to 0).
"""

import math

from host_tools.street.crossing_site import odds
from host_tools.street.crossing_walk import Gait, Walk

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
FAR_M = 9.0  # from the middle of the crossing: where people start and end
_CHEST_M = 0.25


class Body:
    """Something that moves: rcs_dbsm and half its width for the radar; person: counts for the
    truth. `kind` is the encounter's that it belongs to.
    """

    def __init__(self, chance, kind, walk, rcs_dbsm=-5, half_m=_CHEST_M, gait=1.0, person=True):
        self.kind = kind
        self.walk = walk
        self.rcs_dbsm = chance.gauss(rcs_dbsm, 2)
        self.half_m = half_m
        self.person = person
        self._gait = Gait(chance, gait)
        self.next_fidget_s = self.fidgets_until_s = 0.0  # the radar's book (crossing_echo)

    def place(self, now_s):
        """Give (x, y, vx, vy) with gait, in metres, or None when it is not in the street."""
        state = self.walk.state(now_s)
        return state and self._gait.moved(now_s, *state)


def _adult(chance):
    return min(2.2, max(0.8, chance.gauss(1.45, 0.25)))


def _older(chance):
    return min(1.8, max(0.6, chance.gauss(1.22, 0.25)))


def _anybody(chance):
    return _older(chance) if odds(chance, 0.25) else _adult(chance)


def _aside(site, chance, least_m=0.7):
    """A line along the kerb that one walks on, as y."""
    return chance.uniform(least_m, max(least_m + 0.5, min(4.5, site.depth_m - 0.5)))


def _approach(site, chance, speed):
    """Way points from outside to shortly before the crossing, and the kerb's x he aims at."""
    half = site.width_m / 2
    aim_x = chance.uniform(-0.75, 0.75) * half
    if site.open_ and odds(chance, 0.75):
        # Up a path, as straight as one likes.
        turned = math.radians(chance.uniform(-40, 40))
        return [(aim_x + FAR_M * math.sin(turned), FAR_M * math.cos(turned), speed, 0)], aim_x
    if not site.open_ and odds(chance, 0.12):
        return [(aim_x + chance.uniform(-3, 3), site.depth_m, speed, 0)], aim_x  # out of a door
    side = chance.choice((-1, 1))
    line = _aside(site, chance)
    if odds(chance, 0.5):
        # Along the kerb, then round the corner.
        corner = (aim_x + side * chance.uniform(0, 0.4), line, speed, 0)
        return [(side * FAR_M, line, speed, 0), corner], aim_x
    # Cuts the corner long before.
    early = side * chance.uniform(2, 5)
    return [(side * FAR_M, line, speed, 0), (early, line, speed, 0)], aim_x


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
    speed = _adult(chance)
    points, aim_x = _approach(site, chance, speed)
    return [Body(chance, kind, _over(site, chance, points, aim_x, speed))]


def _old(site, chance, kind):
    speed = _older(chance)
    points, aim_x = _approach(site, chance, speed)
    stay_s = chance.uniform(1, 8) if odds(chance, 0.5) else 0
    return [Body(chance, kind, _over(site, chance, points, aim_x, speed, stay_s))]


def _wait(site, chance, kind):
    speed = _anybody(chance)
    points, aim_x = _approach(site, chance, speed)
    stay_s = chance.uniform(2, 20)
    back_m = chance.uniform(0.3, 1.0)
    return [Body(chance, kind, _over(site, chance, points, aim_x, speed, stay_s, back_m))]


def _group(site, chance, kind):
    speed = max(0.6, _anybody(chance) - 0.15)
    points, aim_x = _approach(site, chance, speed)
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
    points, aim_x = _approach(site, chance, speed)
    ends = [(aim_x, -0.3, speed, 0), (aim_x, -site.length_m - 0.5, speed, 0)]
    return [Body(chance, kind, Walk(0, points + ends), -8, 0.18)]


def _wheelchair(site, chance, kind):
    speed = chance.uniform(0.4, 0.65)
    points, aim_x = _approach(site, chance, speed)
    # So slow, it starts where it comes into view and not half a minute before.
    x, y, *_ = points[0]
    nearer = min(1, 6.5 / math.hypot(x, y))
    points[0] = (x * nearer, y if abs(x) > y else y * nearer, speed, 0)
    stay_s = chance.uniform(1, 6) if odds(chance, 0.5) else 0
    walk = _over(site, chance, points, aim_x, speed, stay_s, 0.6)
    return [Body(chance, kind, walk, -2, 0.35, gait=0.2)]


def _dog_walker(site, chance, kind):
    speed = _anybody(chance)
    points, aim_x = _approach(site, chance, speed)
    walk = _over(site, chance, points, aim_x, speed)
    lead = [(x + 0.6, y + 0.3, v, s) for x, y, v, s in points]
    dog = Walk(0.2, [*lead, (aim_x + 0.6, -0.3, speed, 0), (aim_x, -site.length_m, speed, 0)])
    return [Body(chance, kind, walk), Body(chance, kind, dog, -13, 0.2, person=False)]


def _pass(site, chance, kind):
    side = chance.choice((-1, 1))
    speed = chance.uniform(2.4, 3.3) if odds(chance, 0.08) else _anybody(chance)
    begin, end = _aside(site, chance, 0.5), _aside(site, chance, 0.5)
    if odds(chance, 0.7):
        end = begin + chance.uniform(-0.4, 0.4)
    middle = (begin + end) / 2 + chance.gauss(0, 0.2)
    points = [
        (side * FAR_M, begin, speed, 0),
        (0, max(0.45, middle), speed, 0),
        (-side * FAR_M, max(0.5, end), speed, 0),
    ]
    found = [Body(chance, kind, Walk(0, points))]
    if odds(chance, 0.15):  # two of them
        found.append(Body(chance, kind, Walk(0.3, [(x, y + 0.6, v, s) for x, y, v, s in points])))
    return found


def _turn_back(site, chance, kind):
    speed = _anybody(chance)
    points, aim_x = _approach(site, chance, speed)
    stop = (
        aim_x + chance.uniform(-0.5, 0.5),
        chance.uniform(0.5, 2.5),
        speed,
        chance.uniform(0.5, 4),
    )
    side = chance.choice((-1, 1))
    away = (side * FAR_M, _aside(site, chance), speed, 0)
    return [Body(chance, kind, Walk(0, [*points, stop, away]))]


def _bus(site, chance, kind):
    """Waits at a stop beside the crossing, near the kerb; shifts and strolls meanwhile."""
    speed = _anybody(chance)
    side = math.copysign(1, -site.x_m if odds(chance, 0.75) else site.x_m)  # mostly in the view
    at_x = side * (site.width_m / 2 + chance.uniform(0.9, 3.5))
    at_y = chance.uniform(0.6, 2.2)
    line = _aside(site, chance)
    points = [(side * chance.choice((-1, 1)) * FAR_M, line, speed, 0)]
    points.append((at_x, at_y, speed, chance.uniform(3, 10)))
    for _ in range(chance.randrange(4)):
        step_x = at_x + chance.gauss(0, 0.7)
        # Strolls, but not over the crossing.
        step_x = side * max(site.width_m / 2 + 0.6, side * step_x)
        to_y = max(0.4, at_y + chance.gauss(0, 0.4))
        points.append((step_x, to_y, chance.uniform(0.3, 0.8), chance.uniform(2, 8)))
    points.append((side * FAR_M, max(0.5, at_y), speed, 0))
    return [Body(chance, kind, Walk(0, points))]


def _linger(site, chance, kind):
    """Stands about behind the waiting area, at the houses or with a telephone."""
    side, speed = chance.choice((-1, 1)), _anybody(chance)
    line = _aside(site, chance, 1.2)
    deep = chance.uniform(2.3, max(2.6, min(4.5, site.depth_m - 0.3)))
    points = [(side * FAR_M, line, speed, 0)]
    for _ in range(chance.randrange(1, 4)):
        at = (chance.uniform(-2, 2), deep + chance.gauss(0, 0.2))
        points.append((*at, speed if len(points) == 1 else 0.5, chance.uniform(3, 10)))
    points.append((chance.choice((-1, 1)) * FAR_M, line, speed, 0))
    return [Body(chance, kind, Walk(0, points))]


def _arrive(site, chance, kind):
    """Comes over the road from the other side and goes his way."""
    speed = _anybody(chance)
    points, aim_x = _approach(site, chance, speed)
    back = [(x, y, v, 0) for x, y, v, _ in reversed(points)]
    ahead = [(aim_x, -site.length_m, speed, 0), (aim_x, 0.4, speed, 0)]
    return [Body(chance, kind, Walk(0, ahead + back))]


def _cyclist(site, chance, kind):
    side = chance.choice((-1, 1))
    if odds(chance, 0.65):
        speed, y = max(2.2, chance.gauss(4, 1.2)), _aside(site, chance, 0.6)
    else:
        speed, y = max(2.5, chance.gauss(4.8, 1.4)), -chance.uniform(0.5, 1.2)
    bends = chance.gauss(0, 0.15)
    points = [(side * 14, y, speed, 0), (0, y + bends, speed, 0), (-side * 14, y, speed, 0)]
    walk = Walk(0, points)
    return [Body(chance, kind, walk, -1, 0.3, gait=0.3, person=False)]


def _dog(site, chance, kind):
    side = chance.choice((-1, 1))
    points = [(side * FAR_M, _aside(site, chance), 2, 0)]
    for _ in range(chance.randrange(2, 5)):
        pause_s = chance.uniform(0.5, 3) if odds(chance, 0.4) else 0
        where = (chance.uniform(-4, 4), chance.uniform(0.5, 4))
        points.append((*where, chance.uniform(0.6, 3.5), pause_s))
    points.append((-side * FAR_M, _aside(site, chance), 2, 0))
    return [Body(chance, kind, Walk(0, points, 0.25), -13, 0.2, person=False)]


def _nobody(site, chance, kind):
    return []


_MAKE = {
    "cross": _cross,
    "older": _old,
    "wait": _wait,
    "group": _group,
    "child": _child,
    "wheelchair": _wheelchair,
    "dog+": _dog_walker,
    "pass": _pass,
    "turn back": _turn_back,
    "bus": _bus,
    "linger": _linger,
    "arrive": _arrive,
    "cyclist": _cyclist,
    "dog": _dog,
    "traffic": _nobody,
    "rain": _nobody,
    "bush": _nobody,
}


def people(kind, site, chance):
    """Give the bodies of one encounter of `kind` (a key of SHARES), the first from 0 s on."""
    if kind not in _MAKE:
        raise ValueError("kind {!r}: known are {}".format(kind, ", ".join(_MAKE)))
    return _MAKE[kind](site, chance, kind)
