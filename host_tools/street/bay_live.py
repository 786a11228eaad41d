"""A parking bay that a person plays with: cars, people, snow and a broken part by command.

All that is heard is as in bay.py; only when things happen is decided from outside. Snow lies at
once as deep as is said, and a covered lid swallows 30 dB or rings.
"""

import random

from host_tools.street import bay_bodies as bodies
from host_tools.street.bay import BaySim
from host_tools.street.bay_people import Passer, people_of
from host_tools.street.bay_traffic import Visit
from host_tools.street.bay_weather import CONDITIONS, Weather

FAULTS = ("ok", "dead", "stuck", "garbage", "nan", "blocked")
_ENDLESS_S = 1e9
_QUICK_S = 9
_BLOCKED_DB = 30
_NOON_S = 43_200
_MEAN_S, _LEAST_S = 45, 15  # of stays and vacancies with traffic on


class _Traffic:
    """The cars and people of one bay, each sent by hand; as bay_traffic.Traffic is asked."""

    def __init__(self, chance):
        self._chance = chance
        self.visits = []
        self._people = []

    def car_in(self, now_s):
        """Let a car come; ValueError while there is one."""
        if self.visit(now_s):
            raise ValueError("there is a car already")
        while True:  # somebody waits for it
            visit = Visit(self._chance, now_s, _ENDLESS_S, bodies.BODIES)
            if visit.stand_s - visit.begin_s < _QUICK_S:
                break
        self.visits.append(visit)
        self._people += [it for it in people_of(visit, self._chance) if it.begin_s > visit.stand_s]
        return visit

    def stands(self, now_s):
        """Let a car be there, for long."""
        visit = self.car_in(now_s - 60)
        visit.stand_s = now_s - 30

    def car_out(self, now_s):
        """Let the car go; ValueError when there is none, or it is going."""
        visit = self.visit(now_s)
        if visit is None or visit.go_s < _ENDLESS_S / 2:
            raise ValueError("there is no car that could go")
        self._people = [it for it in self._people if it.spots is None]  # all aboard
        drives_s = visit.end_s - visit.go_s
        visit.go_s = max(now_s, visit.stand_s)
        visit.end_s = visit.go_s + drives_s
        visit.out_s = visit.go_s + drives_s / 2
        return visit

    def person(self, now_s, for_s):
        """Let somebody be in the bay for so long."""
        self._people.append(Passer(self._chance, now_s, stays_s=for_s))

    def visit(self, now_s):
        last = self.visits[-1] if self.visits else None
        return last if last and last.begin_s <= now_s < last.end_s else None

    def people(self, now_s):
        """See bay_traffic.Traffic; who gets in again is nobody's to know."""
        self._people = [it for it in self._people if now_s < it.end_s]
        return [it for it in self._people if it.begin_s <= now_s]

    def next_s(self, now_s):
        """Now: what a person does next is in no calendar."""
        return now_s

    def occupied(self, now_s):
        visit = self.visit(now_s)
        return bool(visit and visit.stand_s <= now_s < visit.out_s)


class _Weather(Weather):
    """A fair day, with snow of `snow_m`, a lid that takes `lid_more_db`, air of `air_held_c`, and
    a part with the fault `broken`.
    """

    broken = None

    snow_m = 0.0
    lid_more_db = 0.0
    air_held_c = None

    def fault(self, now_s):
        return self.broken

    def raised_m(self, now_s):
        return super().raised_m(now_s) + self.snow_m

    def lid_db(self, now_s):
        return super().lid_db(now_s) + self.lid_more_db

    def air_c(self, now_s):
        return super().air_c(now_s) if self.air_held_c is None else self.air_held_c


class LiveBay(BaySim):
    """Bay `number` (from 1) of a street; `part` its ranger. Times count from the street's start,
    which is at noon here.
    """

    def __init__(self, number, mount, part, occupied=False):
        try:
            super().__init__(number, mount, "fair", days=1, part=part, occupied=False)
        except ValueError:  # where it is aimed as it should be, such a part does not hear
            super().__init__(number, mount, "badly aimed", days=1, part=part, occupied=False)
        chance = random.Random("bay live {}".format(number))
        self.number = number
        self.condition = CONDITIONS["fair"]._replace(snow=True)
        self.traffic = _Traffic(chance)
        self.weather = _Weather("live {}".format(number), CONDITIONS["fair"], 1, lambda at: False)
        self.broken = "ok"
        self.is_busy = False
        self._turn = chance
        self._next_s = None
        if occupied:
            self.traffic.stands(_NOON_S)

    def step(self, now_s):
        """Let cars come and go by themselves while `is_busy`; gives what happened, or None."""
        if not self.is_busy:
            self._next_s = None
            return None
        if self._next_s is None:
            self._next_s = now_s + self._turn.uniform(0, _MEAN_S)
        if now_s < self._next_s:
            return None
        self._next_s = now_s + _LEAST_S + self._turn.expovariate(1 / _MEAN_S)
        try:
            if self.traffic.visit(self.at(now_s)):
                self.car_out(now_s)
                return "a car leaves"
            self.car_in(now_s)
        except ValueError:  # it is on its way out
            return None
        return "a car comes"

    def at(self, now_s):
        """Give the bay's own time for the street's."""
        return _NOON_S + now_s

    def car_in(self, now_s):
        """See _Traffic; gives the seconds until it stands."""
        return self.traffic.car_in(self.at(now_s)).stand_s - self.at(now_s)

    def car_out(self, now_s):
        """See _Traffic; gives the seconds until it is out."""
        return self.traffic.car_out(self.at(now_s)).out_s - self.at(now_s)

    def person(self, now_s, for_s):
        """Let somebody stand or pass in it."""
        self.traffic.person(self.at(now_s), for_s)

    def snow(self, depth_m):
        """Let so much snow lie on the ground."""
        self.weather.snow_m = depth_m

    def air(self, celsius):
        """Hold the air at a temperature; None: as the day has it."""
        self.weather.air_held_c = celsius

    def break_part(self, how):
        """Let the part be one of FAULTS."""
        self.broken = how
        self.weather.broken = None if how == "ok" else how
        self.weather.lid_more_db = _BLOCKED_DB if how == "blocked" else 0.0

    def what_is_there(self, now_s):
        """Name what stands or moves in it: "car", "car moves", "person" or ""."""
        now_s = self.at(now_s)
        visit = self.traffic.visit(now_s)
        if visit:
            return "car moves" if visit.moving(now_s) else "car"
        return "person" if self.traffic.people(now_s) else ""

    def is_clear(self, now_s):
        """Whether nothing excuses a wrong state: the part works, nothing moves, nobody stands."""
        there = self.what_is_there(now_s)
        return self.broken == "ok" and there in ("", "car")

    def is_taken(self, now_s):
        return self.traffic.occupied(self.at(now_s))

    def sent(self, now_s):
        """Give what a serial part sends now, for one measurement."""
        return self.frames(self.at(now_s), 1)

    def echo_us(self, now_s):
        """Give how long the echo pin is high after a trigger; None: not at all."""
        now_s = self.at(now_s)
        if self.fault(now_s) == "dead":
            return None
        us = self.burst(now_s, 1)[0]
        return self.part.silent_us if us is None else us
