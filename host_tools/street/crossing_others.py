"""Who comes to a crossing and does not cross, from this side. (site, chance, kind) -> bodies."""

import math

from host_tools.street.crossing_body import FAR_M, Body, anybody, approach, aside
from host_tools.street.crossing_site import odds
from host_tools.street.crossing_walk import Walk


def passing(site, chance, kind):
    side = chance.choice((-1, 1))
    speed = chance.uniform(2.4, 3.3) if odds(chance, 0.08) else anybody(chance)
    begin, end = aside(site, chance), aside(site, chance)
    if odds(chance, 0.7):
        end = begin + chance.uniform(-0.4, 0.4)
    middle = (begin + end) / 2 + chance.gauss(0, 0.2)
    points = [
        (side * FAR_M, begin, speed, 0),
        (0, max(0.35, middle), speed, 0),
        (-side * FAR_M, max(0.35, end), speed, 0),
    ]
    found = [Body(chance, kind, Walk(0, points))]
    if odds(chance, 0.15):  # two of them
        found.append(Body(chance, kind, Walk(0.3, [(x, y + 0.6, v, s) for x, y, v, s in points])))
    return found


def turn_back(site, chance, kind):
    speed = anybody(chance)
    points, aim_x = approach(site, chance, speed)
    stop = (
        aim_x + chance.uniform(-0.5, 0.5),
        chance.uniform(0.35, 2.5),
        speed,
        chance.uniform(0.5, 4),
    )
    side = chance.choice((-1, 1))
    away = (side * FAR_M, aside(site, chance), speed, 0)
    return [Body(chance, kind, Walk(0, [*points, stop, away]))]


def bus(site, chance, kind):
    """Waits at a stop beside the crossing, or on its end; shifts and strolls meanwhile."""
    speed = anybody(chance)
    side = math.copysign(1, -site.x_m if odds(chance, 0.75) else site.x_m)  # mostly in the view
    stop_m = chance.uniform(0.5, 4) + chance.gauss(0, 1)  # the stop, and who waits around it
    at_x = side * (site.width_m / 2 + max(-site.width_m / 2, stop_m))
    at_y = chance.uniform(0.4, 2.5)
    line = aside(site, chance)
    points = [(side * chance.choice((-1, 1)) * FAR_M, line, speed, 0)]
    points.append((at_x, at_y, speed, chance.uniform(3, 10)))
    for _ in range(chance.randrange(4)):
        to_x = at_x + chance.gauss(0, 0.7)
        to_y = max(0.4, at_y + chance.gauss(0, 0.4))
        points.append((to_x, to_y, chance.uniform(0.3, 0.8), chance.uniform(2, 8)))
    points.append((side * FAR_M, max(0.5, at_y), speed, 0))
    return [Body(chance, kind, Walk(0, points))]


def linger(site, chance, kind):
    """Stands about with a telephone or in talk: half of them at the houses, half anywhere."""
    side, speed = chance.choice((-1, 1)), anybody(chance)
    line = aside(site, chance)
    wall = min(4.5, site.depth_m - 0.3)
    deep = wall - chance.uniform(0, 1) if odds(chance, 0.5) else chance.uniform(0.4, wall)
    points = [(side * FAR_M, line, speed, 0)]
    for _ in range(chance.randrange(1, 4)):
        at = (chance.uniform(-2, 2), max(0.4, deep + chance.gauss(0, 0.2)))
        points.append((*at, speed if len(points) == 1 else 0.5, chance.uniform(3, 10)))
    points.append((chance.choice((-1, 1)) * FAR_M, line, speed, 0))
    return [Body(chance, kind, Walk(0, points))]


def arrive(site, chance, kind):
    """Comes over the road from the other side and goes his way."""
    speed = anybody(chance)
    points, aim_x = approach(site, chance, speed)
    back = [(x, y, v, 0) for x, y, v, _ in reversed(points)]
    ahead = [(aim_x, -site.length_m, speed, 0), (aim_x, 0.4, speed, 0)]
    return [Body(chance, kind, Walk(0, ahead + back))]


def cyclist(site, chance, kind):
    side = chance.choice((-1, 1))
    if odds(chance, 0.65):
        speed, y = max(2.2, chance.gauss(4, 1.2)), aside(site, chance, 0.6)
    else:
        speed, y = max(2.5, chance.gauss(4.8, 1.4)), -chance.uniform(0.5, 1.2)
    bends = chance.gauss(0, 0.15)
    points = [(side * 14, y, speed, 0), (0, y + bends, speed, 0), (-side * 14, y, speed, 0)]
    walk = Walk(0, points)
    return [Body(chance, kind, walk, -1, 0.3, gait=0.3, person=False)]


def dog(site, chance, kind):
    side = chance.choice((-1, 1))
    points = [(side * FAR_M, aside(site, chance), 2, 0)]
    for _ in range(chance.randrange(2, 5)):
        pause_s = chance.uniform(0.5, 3) if odds(chance, 0.4) else 0
        where = (chance.uniform(-4, 4), chance.uniform(0.5, 4))
        points.append((*where, chance.uniform(0.6, 3.5), pause_s))
    points.append((-side * FAR_M, aside(site, chance), 2, 0))
    return [Body(chance, kind, Walk(0, points, 0.25), -13, 0.2, person=False)]


def nobody(site, chance, kind):
    return []
