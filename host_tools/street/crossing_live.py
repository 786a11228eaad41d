"""A crossing that a person plays with: people, cars, rain and broken parts by command.

All that moves and all that the radars say is as in crossing_sim.py; only who comes when is decided
from outside, or by chance while it is `busy`. Beside it stands how the device did: who crossed,
and whether the beacon flashed when they reached the kerb.
"""

import random

from host_tools.street.crossing_people import SHARES
from host_tools.street.crossing_sim import CrossingSim
from host_tools.street.crossing_site import Site

# What a person types, and the encounter that it is.
PEOPLE = {
    "walk": "cross",
    "older": "older",
    "wait": "wait",
    "group": "group",
    "child": "child",
    "wheelchair": "wheelchair",
    "pass": "pass",
    "turn": "turn back",
    "bus": "bus",
    "linger": "linger",
    "cyclist": "cyclist",
    "dog": "dog",
}
WEATHERS = {"on": "rain", "off": "dry", "heavy": "downpour"}
RADAR_FAULTS = {"ok": None, "dead": "dead", "garbage": "garbage"}
_MEAN_S, _FIRST_S = 12, 6
# A machine that stops for longer has lost that time.
_MOST_BEHIND_MS = 500
_JUDGED_AFTER_MS = 200


class LiveCrossing(CrossingSim):
    """Pole `number` (from 1) of a crossing made from `seed`. Times are milliseconds of its own.

    `busy`: people come by themselves. `crossed`, `warned`: how many people stepped onto the road
    while the device could see them, and for how many it flashed; `leads_s`: for how long it had.
    """

    def __init__(self, seed, number=1):
        name = "{} pole {}".format(seed, number)
        site = Site(seed, shielded=True, exact=True)
        super().__init__(name, kinds={}, weather="dry", site=site, cars_an_hour=240)
        self.number = number
        self.busy = True
        self.car_radar_dead = False
        self.crossed = self.warned = 0
        self.leads_s = []
        self._turn = random.Random("crossing live " + name)
        self._comes_ms = 1000 * _FIRST_S
        self._behind_ms = 0
        self._flashes_since_ms = None
        self._judged = set()

    def go_on(self, now_ms, flashing, watching):
        """Go on to `now_ms`; give (radar's bytes, car radar's bytes, what happened in words).

        flashing: the beacon's lamps do; watching: the device is in a state to see people.
        """
        behind_ms = now_ms - self._behind_ms - self.now_ms
        if behind_ms > _MOST_BEHIND_MS:
            self._behind_ms += behind_ms - _MOST_BEHIND_MS
            behind_ms = _MOST_BEHIND_MS
        happened = self._come()
        self.traffic.lit = flashing
        radar, cars = self.run(behind_ms)
        self._judge(flashing, watching)
        return radar, b"" if self.car_radar_dead else cars, happened

    def write_car(self, data):
        """See CrossingSim."""
        return b"" if self.car_radar_dead else super().write_car(data)

    def send(self, word):
        """Let somebody of PEOPLE come; gives the seconds until they leave the street."""
        found = self.add(PEOPLE[word])
        return max(body.walk.end_s for body in found) - self.now_ms / 1000

    def car(self):
        """Let a car come along the near lane."""
        self.traffic.add(1)

    def places_mm(self):
        """Give where everybody on foot or wheels and each car's front truly are."""
        now_s = self.now_ms / 1000
        places = [body.place(now_s) for body in self.people]
        found = [place[:2] for place in places if place]
        found += [(car.x_m, car.y_m) for car in self.cars]
        return [(round(1000 * x), round(1000 * y)) for x, y in found]

    @property
    def missed(self):
        """How many stepped onto the road unwarned."""
        return self.crossed - self.warned

    def _come(self):
        """Let people come by chance; gives who, or None."""
        if not self.busy or self.now_ms < self._comes_ms:
            return None
        kinds = [kind for kind in SHARES if kind not in ("traffic", "rain", "bush")]
        kind = self._turn.choices(kinds, [SHARES[it] for it in kinds])[0]
        self._comes_ms = self.now_ms + 1000 * self._turn.expovariate(1 / _MEAN_S)
        self.add(kind)
        return kind

    def _judge(self, flashing, watching):
        """Whoever is on the kerb line now: was he told of?"""
        if not flashing:
            self._flashes_since_ms = None
        elif self._flashes_since_ms is None:
            self._flashes_since_ms = self.now_ms
        if not watching:
            # Whoever is about to cross now was not to be seen.
            self._judged |= {it for it in self.truth if self._is_at_kerb(it)}
            return
        for told in self.truth:
            if told in self._judged or not self._is_at_kerb(told):
                continue
            self._judged.add(told)
            if told.known_ms is None or told.known_ms > told.kerb_ms:
                continue
            self.crossed += 1
            if flashing:
                self.warned += 1
                self.leads_s.append((told.kerb_ms - self._flashes_since_ms) / 1000)

    def _is_at_kerb(self, told):
        at_ms = told.kerb_ms
        return told.person and told.crosses and 0 <= self.now_ms - at_ms < _JUDGED_AFTER_MS
