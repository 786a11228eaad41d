"""People who walk along a street, and the motion sensors that see them. Seeded, and a function of
time: nobody is stored.
"""

import functools
import random

_HOUR_S = 3600
# Walkers in an hour of a quiet street, by the local hour; round figures.
_AN_HOUR = (2, 1, 0.5, 0.3, 0.5, 2, 6, 12, 10, 6, 6, 8, 9, 8, 7, 7, 8, 12, 14, 12, 10, 8, 5, 3)
_SLOWEST_MPS, _FASTEST_MPS = 0.9, 1.8


class Walker:
    """Enters the street at `begin_s` at its one end and goes to the other, at an even pace."""

    def __init__(self, begin_s, speed_mps, length_m, backwards=False):
        self.begin_s = begin_s
        self.speed_mps = speed_mps
        self._length_m = length_m
        self._backwards = backwards

    def position_m(self, now_s):
        """Give where he is, in metres from the street's first lamp, or None when he isn't."""
        gone_m = (now_s - self.begin_s) * self.speed_mps
        if not 0 <= gone_m <= self._length_m:
            return None
        return self._length_m - gone_m if self._backwards else gone_m


class Walkers:
    """Those of a street of `length_m` metres; `an_hour` says how many come by the local hour."""

    def __init__(self, seed=0, length_m=300, an_hour=_AN_HOUR):
        self._seed = seed
        self._length_m = length_m
        self._an_hour = an_hour
        self._of = functools.lru_cache(maxsize=8)(self._draw)

    def _draw(self, hour):
        chance = random.Random("walkers {} {}".format(self._seed, hour))
        mean = self._an_hour[hour % 24]
        came, at = [], chance.expovariate(mean) if mean else 2
        while at < 1:
            speed_mps = chance.uniform(_SLOWEST_MPS, _FASTEST_MPS)
            begin_s = (hour + at) * _HOUR_S
            backwards = chance.choice((True, False))
            came.append(Walker(begin_s, speed_mps, self._length_m, backwards))
            at += chance.expovariate(mean)
        return came

    def positions_m(self, now_s):
        """Give where people are; `now_s` counts from a local midnight."""
        hour = int(now_s // _HOUR_S)
        people = self._of(hour - 1) + self._of(hour)
        return [at for at in (walker.position_m(now_s) for walker in people) if at is not None]


class Pir:
    """A motion sensor at `at_m`: its output is high while somebody is within `reach_m`, and
    `hold_s` longer. `stuck` True or False stands for a broken one.
    """

    def __init__(self, at_m, reach_m=6, hold_s=2.5):
        self.at_m = at_m
        self._reach_m = reach_m
        self._hold_s = hold_s
        self._last_s = None
        self.stuck = None

    def output(self, now_s, positions_m):
        """Give the output, True for motion, with people at these places now."""
        if any(abs(at_m - self.at_m) <= self._reach_m for at_m in positions_m):
            self._last_s = now_s
        if self.stuck is not None:
            return self.stuck
        return self._last_s is not None and 0 <= now_s - self._last_s <= self._hold_s
