"""Who moves, how fast, and where from: what all kinds of encounters share.

Speeds, m/s. Adults N(1.45, 0.25): Knoblauch et al., TRR 1538 (1996): mean 1.51, 15th percentile
1.25 below 65 years; Fitzpatrick et al., TCRP 112/NCHRP 562 (2006): median about 1.45, 15th 1.15.
Older N(1.22, 0.25): Knoblauch 1.25 and 0.97; Gates et al., TRR 1982 (2006): 1.16 and 0.92.
Groups 0.15 slower (Gates: 0.4 to 0.6 ft/s). Manual wheelchairs 0.4 to 0.65, the slow end that
the project asks for (FHWA-HRT-04-103 table 12 has 1.7 on trails). Cyclists N(4, 1.2) on a
pavement, N(4.8, 1.4) on the road (the same table: 4.7, 1.7). Running children 2.5 to 4, dogs and
joggers: figures of ours.

Echoes, dBsm at 24 GHz: -5 for adults with 2 dB from person to person, dogs and children less:
round figures (JRC report EUR 25762 measured persons and dummies at 24 and 77 GHz).
"""

import math

from host_tools.street.crossing_site import odds
from host_tools.street.crossing_walk import Gait

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


def adult(chance):
    return min(2.2, max(0.8, chance.gauss(1.45, 0.25)))


def older(chance):
    return min(1.8, max(0.6, chance.gauss(1.22, 0.25)))


def anybody(chance):
    return older(chance) if odds(chance, 0.25) else adult(chance)


def aside(site, chance, least_m=0.4):
    """A line along the kerb that one walks on, as y of his middle: crossing.md has why."""
    return chance.uniform(least_m, max(least_m + 0.5, min(4.5, site.depth_m - 0.5)))


def approach(site, chance, speed):
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
    line = aside(site, chance)
    if odds(chance, 0.5):
        # Along the kerb, then round the corner.
        corner = (aim_x + side * chance.uniform(0, 0.4), line, speed, 0)
        return [(side * FAR_M, line, speed, 0), corner], aim_x
    # Cuts the corner long before.
    early = side * chance.uniform(2, 5)
    return [(side * FAR_M, line, speed, 0), (early, line, speed, 0)], aim_x
