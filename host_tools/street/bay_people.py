"""Who is in a bay besides cars: passers, and the people of the cars. Seeded, drawn beforehand.

A passer is under the part for 0.6 to 3 s; a tenth stand, log-normal, median 5 s, sigma 0.9; one
passage in eight is a trolley of wire. Who stands sways by some 8 mm at 0.3 Hz, as in stabilometry,
and shifts by some centimetres every few seconds; a trolley does not.

To a car belong 1.46 people (passenger cars carry about 1.45, EEA's indicator TERM 29). Getting out
begins 4 to 40 s after the car stands and takes 3 to 12 s at a door; one in seven also unloads,
one in four loads before they go (log-normal, median 20 s, sigma 0.6); they get in for 4 to 15 s,
and the car goes 5 to 60 s later. A third of them squeeze through between the part and the car
where that is an end of it, half get in and out at the kerb's side. One bay in a hundred is kept by
somebody who stands in it for 10 to 90 s until the car comes, and in one of fifty somebody stays
behind for 3 to 20 s when it has gone. But for TERM 29 these are round figures of ours.

Where they are, seen from the part: on a post in the gap of 0.7 m before the car, or at a door two
metres and a half away; at the kerb in the gap of 0.65 m, or beside it. Under a ceiling they are
beside the car, far outside the beam. Open doors, tailgates and rocking springs are left out.
"""

import math
import random

_STANDING, _TROLLEYS = 0.1, 0.125
_PASSENGERS = ((0.08, 2), (0.38, 1))
_KEPT, _STAYS_BEHIND = 0.01, 0.02
_UNLOADS, _LOADS = 1 / 7, 1 / 4
_SQUEEZES, _KERBSIDE = 1 / 3, 1 / 2
_LEAST_STAY_S = 60  # who stays shorter stays seated


class Passer:
    """A person or a trolley within the part's sight from `begin_s` to `end_s`."""

    spots = None  # as far away as it is drawn, whatever the mount

    def __init__(self, chance, begin_s, standing=None, stays_s=None):
        standing = chance.random() < _STANDING if standing is None else standing
        self.begin_s = begin_s
        drawn_s = chance.lognormvariate(math.log(5), 0.9) if standing else 0
        drawn_s = max(drawn_s, chance.uniform(0.6, 3))
        self.stays_s = drawn_s if stays_s is None else stays_s
        self.end_s = begin_s + self.stays_s
        self.trolley = chance.random() < _TROLLEYS
        self.tall_m = chance.uniform(0.9, 1.05) if self.trolley else chance.uniform(1.5, 1.95)
        self.aside_m = abs(chance.gauss(0, 0.3))
        self.away_m = chance.uniform(0.3, 1.5)
        self.level_db = chance.gauss(-12 if self.trolley else -4, 4)
        self._walks = not standing
        self._pace_mps = chance.uniform(0.8, 1.6)

    def place(self, now_s):
        """Give (metres beside the beam's axis, metres farther away than usual)."""
        if self._walks:
            middle_s = (self.begin_s + self.end_s) / 2
            return math.hypot(self.aside_m, 0.3 * self._pace_mps * (now_s - middle_s)), 0.0
        if self.trolley:
            return self.aside_m, 0.0
        shift = random.Random("{} {}".format(self.begin_s, int((now_s - self.begin_s) / 4)))
        sway_m = 0.008 * math.sin(2 * math.pi * 0.3 * now_s)
        return self.aside_m, sway_m + shift.gauss(0, 0.03)


class Occupant(Passer):
    """Somebody at a parked car. `spots`: {mount: (metres away from the part, metres aside)} where
    the part could hear them.
    """

    def __init__(self, chance, begin_s, end_s, spots, walks=False):
        super().__init__(chance, begin_s, not walks, end_s - begin_s)
        self.spots = spots
        self.trolley = False


def people_of(visit, chance):
    """Give the Occupants and Passers that a car brings, in no order."""
    found = []
    if not visit.parked:
        return found
    if chance.random() < _KEPT:
        kept_s = chance.uniform(10, 90)
        found.append(_stander(chance, visit.begin_s - kept_s, kept_s + 1))
    if chance.random() < _STAYS_BEHIND:
        found.append(_stander(chance, visit.end_s, chance.uniform(3, 20)))
    if visit.go_s - visit.stand_s < _LEAST_STAY_S:
        return found
    drawn = chance.random()
    many = 1 + next((count for share, count in _PASSENGERS if drawn < share), 0)
    for _ in range(many):
        kerbside = chance.random() < _KERBSIDE
        gets_out_s = visit.stand_s + chance.uniform(4, 40)
        legs = [("door", chance.uniform(3, 12))]
        if chance.random() < _UNLOADS:
            legs.append(("boot", _loading_s(chance)))
        legs.append(("walk", chance.uniform(1, 3)))
        found += _legs(chance, gets_out_s, legs, visit, kerbside)
        legs = [("walk", chance.uniform(1, 3))]
        if chance.random() < _LOADS:
            legs.append(("boot", _loading_s(chance)))
        legs.append(("door", chance.uniform(4, 15)))
        sits_s = visit.go_s - chance.uniform(5, 60)
        found += _legs(chance, sits_s - sum(it for _, it in legs), legs, visit, kerbside)
    return found


def _stander(chance, begin_s, stays_s):
    person = Passer(chance, begin_s, True, stays_s)
    person.trolley = False
    person.tall_m = chance.uniform(1.5, 1.95)
    return person


def _loading_s(chance):
    return min(120, chance.lognormvariate(math.log(20), 0.6))


def _legs(chance, now_s, legs, visit, kerbside):
    found = []
    for where, lasts_s in legs:
        begin_s, now_s = now_s, now_s + lasts_s
        spots = _spots(chance, where, visit.backwards, kerbside)
        # Those of a short stay run into each other: who would be too early or late is not there.
        if spots and visit.stand_s <= begin_s and now_s <= visit.go_s:
            found.append(Occupant(chance, begin_s, now_s, spots, walks=where == "walk"))
    return found


def _spots(chance, where, backwards, kerbside):
    gap = (chance.uniform(0.25, 0.6), abs(chance.gauss(0, 0.25)))
    far = (chance.uniform(2.0, 2.8), chance.uniform(1.1, 1.5))
    beside = (chance.uniform(0.2, 0.5), abs(chance.uniform(-1.3, 1.3)))
    squeezes = chance.random() < _SQUEEZES
    spots = {}
    if where == "door":
        spots["post"] = far
    elif backwards if where == "boot" else squeezes:
        spots["post"] = gap
    if kerbside and where != "boot":
        spots["kerb"] = beside
    return spots
