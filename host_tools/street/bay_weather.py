"""What the days do to a bay's sensor: temperature, rain, snow, dirt, age and faults. Seeded.

Each condition is one trouble on its own beside ordinary days, so that a table by condition says
which of them hurts. All figures that no source is named for are plausible ones of ours:

- air: a daily sine between two temperatures; the ground is warmer by day and colder by night (sun
  on asphalt: up to 20 K); the thermometer sits in the housing and is off by some kelvins.
- dropouts: a share of pings without an echo, more in gusts (exponential about the mean).
- rain: film on the ground, 2 dB of noise, and drops on the lid that are heard as near echoes.
- snow: falls for hours at 5 to 40 mm/h, melts or is ploughed; none falls under a parked car. On
  the lid a part of it, 2 dB a mm both ways, slides off; wet layers ring (the part reports its
  nearest distance, as makers say of a covered face), dry ones swallow all.
- dirt: up to 8 dB to begin with and 1 dB a day; splashes of mud that are washed off in hours.
- faults: "dead" (does not answer), "stuck" (its last value again and again), "garbage" (any
  value), "nan" (0 and full scale). When the lid takes 3 dB more than the bare, dry ground's echo
  has to spare, the part is "blocked": it may still hear a car, but cannot know that there is none.
"""

import math
import random
from typing import NamedTuple

_MINUTE_S = 60
_DAY_MIN = 1440
_RINGING = 0.6  # so many lids get layers that ring
_DEEPEST_M, _PLOUGHED_M = 0.3, 0.03


class Condition(NamedTuple):
    """One kind of days. `ground_k`: by how much the ground is warmer than the air by day;
    `thermometer_k`: the thermometer's standard error; `dropouts` and `half_in` are shares;
    `wrong_tape_m`: the least and the most by which an installer's tape is wrong, either way.
    """

    name: str
    low_c: float = 8
    high_c: float = 22
    ground_k: float = 4
    thermometer_k: float = 0.5
    dropouts: float = 0.05
    rain: bool = False
    snow: bool = False
    dirt: bool = False
    crosstalk: bool = False
    clutter: bool = False
    passers_an_hour: float = 4
    half_in: float = 0.0
    aged_db: float = 0.0
    drift_m: float = 0.0
    aimed: bool = True
    wrong_tape_m: tuple = ()
    faults: tuple = ()


_FAIR = Condition("fair")
CONDITIONS = {
    it.name: it
    for it in (
        _FAIR,
        _FAIR._replace(name="frost", low_c=-20, high_c=-6, ground_k=2, thermometer_k=2),
        _FAIR._replace(name="heat", low_c=28, high_c=60, ground_k=-12, thermometer_k=4),
        _FAIR._replace(name="sun on asphalt", low_c=18, high_c=36, ground_k=20, thermometer_k=3),
        _FAIR._replace(name="dropouts", dropouts=0.30),
        _FAIR._replace(name="rain", rain=True, dropouts=0.10),
        _FAIR._replace(name="snow", snow=True, low_c=-8, high_c=2, dropouts=0.10),
        _FAIR._replace(name="dirt", dirt=True, dropouts=0.10),
        _FAIR._replace(name="crosstalk", crosstalk=True),
        _FAIR._replace(name="clutter", clutter=True, dropouts=0.10),
        _FAIR._replace(name="people", passers_an_hour=40),
        _FAIR._replace(name="half in", half_in=0.35),
        _FAIR._replace(name="aged part", aged_db=6, dropouts=0.10),
        _FAIR._replace(name="moving floor", drift_m=0.06),
        _FAIR._replace(name="dead", faults=("dead",)),
        _FAIR._replace(name="stuck", faults=("stuck", "garbage", "nan")),
        _FAIR._replace(name="wrong tape", wrong_tape_m=(0.1, 0.4)),
        _FAIR._replace(name="badly aimed", aimed=False),
    )
}


class Weather:
    """The course of a condition over `days` days, by the minute. `occupied(now_s)` says when a car
    keeps the snow off; `exposed` is how much of it falls there, 0 to 1; `blocked_db` is from which
    loss on the lid on the part is blocked.
    """

    def __init__(self, seed, condition, days, occupied, exposed=1.0, blocked_db=20):
        self._chance = chance = random.Random("bay weather {} {}".format(seed, condition.name))
        self.condition = condition
        minutes = days * _DAY_MIN + 1
        self._thermometer_k = chance.gauss(0, condition.thermometer_k)
        self._shift_c = chance.uniform(-2, 2)
        self._raised_m = [0.0] * minutes
        self._lid_db = [condition.aged_db * chance.uniform(0.5, 1.3)] * minutes
        self._wet = [0.0] * minutes
        self._falls = [False] * minutes
        self.rings = chance.random() < _RINGING
        self.faults = []
        if condition.rain:
            self._rain(minutes)
        if condition.snow:
            self._snow(minutes, occupied, exposed)
        if condition.dirt:
            self._dirt(minutes)
        if condition.drift_m:
            self._drift(minutes)
        for day in range(days if condition.faults else 0):
            begin_s = (day + chance.uniform(0.1, 0.6)) * _DAY_MIN * _MINUTE_S
            kind = chance.choice(condition.faults)
            self.faults.append((begin_s, begin_s + chance.uniform(1200, 21_600), kind))
        self._blocked(minutes, blocked_db)

    def _spells(self, minutes, a_day, low_min, high_min):
        at = self._chance.expovariate(a_day / _DAY_MIN)
        while at < minutes:
            long_min = self._chance.uniform(low_min, high_min)
            yield int(at), int(min(minutes, at + long_min))
            at += long_min + self._chance.expovariate(a_day / _DAY_MIN)

    def _rain(self, minutes):
        for begin, end in self._spells(minutes, 3, 30, 300):
            for minute in range(begin, min(minutes, end + 90)):
                self._falls[minute] = minute < end
                dries = max(0, minute - end) / 90
                self._wet[minute] = max(self._wet[minute], min(1, (minute - begin) / 10) - dries)

    def _snow(self, minutes, occupied, exposed):
        chance = self._chance
        rate = [0.0] * minutes
        for begin, end in self._spells(minutes, 1.2, 120, 480):
            metres = chance.uniform(0.005, 0.040) / 60
            rate[begin:end] = [metres] * (end - begin)
        sticks = chance.uniform(0.02, 0.15) * exposed
        depth_m = lid_mm = 0.0
        melts_m = chance.uniform(0.002, 0.006) / 60
        for minute in range(minutes):
            under = occupied(minute * _MINUTE_S)
            depth_m += rate[minute] * exposed * (0.05 if under else 1) * (depth_m < _DEEPEST_M)
            depth_m = max(0, depth_m - melts_m)
            if depth_m > _PLOUGHED_M and not under and chance.random() < 1 / 1200:
                depth_m = 0.0  # ploughed
            lid_mm += rate[minute] * 1000 * sticks
            lid_mm = max(0, lid_mm - 0.01)
            if lid_mm > 1 and chance.random() < 1 / 240:
                lid_mm = 0.0  # slides off
            self._raised_m[minute] = depth_m
            self._falls[minute] = rate[minute] > 0
            self._lid_db[minute] += 2 * lid_mm

    def _dirt(self, minutes):
        begins_db = self._chance.uniform(0, 8)
        for minute in range(minutes):
            self._lid_db[minute] += begins_db + minute / _DAY_MIN
        for begin, end in self._spells(minutes, 0.7, 60, 360):
            splash_db = self._chance.uniform(6, 40)
            for minute in range(begin, end):
                self._lid_db[minute] += splash_db

    def _drift(self, minutes):
        at_m, slope = 0.0, self._chance.choice((-1, 1)) * self.condition.drift_m / _DAY_MIN
        for minute in range(minutes):
            if self._chance.random() < 1 / 2880:
                slope = -slope
            at_m += slope
            self._raised_m[minute] = at_m

    def _blocked(self, minutes, blocked_db):
        begin = None
        for minute in range(minutes):
            blocked = self._lid_db[minute] >= blocked_db
            if blocked and begin is None:
                begin = minute
            if begin is not None and (not blocked or minute == minutes - 1):
                self.faults.append((begin * _MINUTE_S, minute * _MINUTE_S, "blocked"))
                begin = None

    def air_c(self, now_s):
        """Give the air's temperature at the part."""
        it = self.condition
        mean, swing = (it.low_c + it.high_c) / 2, (it.high_c - it.low_c) / 2
        sine = math.sin(2 * math.pi * (now_s / 86_400 - 0.375))
        return min(60, max(-20, mean + swing * sine + self._shift_c))

    def ground_c(self, now_s):
        """Give the air's temperature at the ground."""
        return self.air_c(now_s) + self.condition.ground_k * math.sin(
            2 * math.pi * (now_s / 86_400 - 0.3)
        )

    def thermometer_c(self, now_s):
        return self.air_c(now_s) + self._thermometer_k

    def _at(self, now_s):
        return max(0, min(len(self._wet) - 1, int(now_s // _MINUTE_S)))

    def raised_m(self, now_s):
        return self._raised_m[self._at(now_s)]

    def lid_db(self, now_s):
        """Give what lid and age take from an echo, both ways, in dB."""
        return self._lid_db[self._at(now_s)]

    def wet(self, now_s):
        return self._wet[self._at(now_s)]

    def falls(self, now_s):
        """Say whether rain or snow falls."""
        return self._falls[self._at(now_s)]

    def fault(self, now_s):
        """Give the fault of the part now, or None."""
        for begin_s, end_s, kind in self.faults:
            if begin_s <= now_s < end_s:
                return kind
        return None
