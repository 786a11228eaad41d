"""What comes to a pole from outside: mains voltage, air temperature, clouds; seeded, and a
function of time alone, so that it can be asked in any order and at any step.

Round figures for a temperate coast (Busan: 15 degrees mean, warmest in early August) and for a
public 220 V supply within the +-10 % of IEC 60038; the sags have the depths and lengths of
IEC 61000-4-11's test levels. Plausible, not measured.
"""

import functools
import math
import random

_HOUR_S = 3600
_DAY_S = 86400
_YEAR_DAYS = 365.2425
_WARMEST_DAY = 215
_SAGS_A_YEAR = 60
# (rest of the voltage, shortest and longest in seconds)
_SAGS = ((0.8, 0.2, 5.0), (0.7, 0.1, 0.5), (0.4, 0.05, 0.2))


class Environment:
    """`seed` decides the weather and the sags. Times are seconds since any midnight of 1 January,
    in the place's own solar time.
    """

    def __init__(self, seed=0, nominal_mv=220000):
        self._seed = seed
        self._nominal_mv = nominal_mv
        self._weather = functools.lru_cache(maxsize=64)(self._draw_weather)
        self._sag = functools.lru_cache(maxsize=64)(self._draw_sag)

    def _random(self, what, number):
        return random.Random("{} {} {}".format(self._seed, what, number))

    def _draw_weather(self, day):
        """(deviation from the season in K, cloud factor of the light) at the noon of a day."""
        chance = self._random("weather", day)
        return chance.gauss(0, 2.5), chance.choice((1.0, 0.9, 0.6, 0.3, 0.12))

    def _draw_sag(self, hour):
        """(begin, end, rest) of the sag within an hour, or None."""
        chance = self._random("sag", hour)
        if chance.random() >= _SAGS_A_YEAR / (_YEAR_DAYS * 24):
            return None
        rest, shortest_s, longest_s = chance.choice(_SAGS)
        begin_s = hour * _HOUR_S + chance.uniform(0, _HOUR_S - longest_s)
        return begin_s, begin_s + chance.uniform(shortest_s, longest_s), rest

    def _between(self, now_s, which):
        day, part = divmod(now_s / _DAY_S - 0.5, 1)
        before, after = self._weather(int(day))[which], self._weather(int(day) + 1)[which]
        return before + (after - before) * part

    def ambient_cdeg(self, now_s):
        """Give the air's temperature in 0.01 degree Celsius."""
        day = now_s / _DAY_S
        season = 11 * math.cos(2 * math.pi * (day - _WARMEST_DAY) / _YEAR_DAYS)
        hours = 3.5 * math.cos(2 * math.pi * (day % 1 - 15 / 24))
        return round(100 * (15 + season + hours + self._between(now_s, 0)))

    def cloud_factor(self, now_s):
        """Give the part of a clear sky's light that comes through, 0.1..1."""
        return self._between(now_s, 1)

    def mains_mv(self, now_s):
        """Give the RMS voltage in mV: low in the evening, and now and then a sag."""
        evening = math.cos(2 * math.pi * (now_s / _DAY_S % 1 - 20 / 24))
        volts = 1 - 0.015 * evening + 0.01 * math.sin(now_s / 1370) + 0.004 * math.sin(now_s / 97)
        sag = self._sag(int(now_s // _HOUR_S))
        if sag and sag[0] <= now_s < sag[1]:
            volts *= sag[2]
        return round(self._nominal_mv * volts)
