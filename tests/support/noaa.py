"""NOAA's solar calculation details in double precision: the reference for the firmware's sun.

The equations as NOAA's spreadsheet has them (after Meeus, Astronomical Algorithms), kept apart
from the firmware's arrangement of them on purpose: Julian dates, degrees, NOAA's own equation of
time. Crossings are found by looking for them between the sun's lowest and highest points, which
no iteration can miss.
"""

from math import asin, cos, degrees, pi, radians, sin, tan

_JD_2000 = 2451544.5
# A parabola finds the top or the bottom of the sun's way: where it matters, and this wide.
_NEAR = 0.02
_NEAR_DAY = 0.02


def declination_and_equation(day):
    """Declination in radians, equation of time in minutes; days since 2000-01-01 00:00 UTC."""
    t = (_JD_2000 + day - 2451545.0) / 36525
    mean_longitude = radians((280.46646 + t * (36000.76983 + t * 0.0003032)) % 360)
    anomaly = radians(357.52911 + t * (35999.05029 - 0.0001537 * t))
    eccentricity = 0.016708634 - t * (0.000042037 + 0.0000001267 * t)
    centre = (
        sin(anomaly) * (1.914602 - t * (0.004817 + 0.000014 * t))
        + sin(2 * anomaly) * (0.019993 - 0.000101 * t)
        + sin(3 * anomaly) * 0.000289
    )
    node = radians(125.04 - 1934.136 * t)
    apparent = mean_longitude + radians(centre - 0.00569 - 0.00478 * sin(node))
    seconds = 21.448 - t * (46.815 + t * (0.00059 - t * 0.001813))
    tilt = radians(23 + (26 + seconds / 60) / 60 + 0.00256 * cos(node))
    y = tan(tilt / 2) ** 2
    equation = 4 * degrees(
        y * sin(2 * mean_longitude)
        - 2 * eccentricity * sin(anomaly)
        + 4 * eccentricity * y * sin(anomaly) * cos(2 * mean_longitude)
        - 0.5 * y * y * sin(4 * mean_longitude)
        - 1.25 * eccentricity * eccentricity * sin(2 * anomaly)
    )
    return asin(sin(tilt) * sin(apparent)), equation


class Sun:
    """The sun over a place, in degrees; times are days since 2000-01-01 00:00 UTC, with fraction.

    `position` may be another function with declination_and_equation's answer.
    """

    def __init__(self, latitude, longitude, position=declination_and_equation):
        self._sin = sin(radians(latitude))
        self._cos = cos(radians(latitude))
        self._longitude = longitude
        self._position = position

    def height(self, time):
        """Sine of the sun's height."""
        declination, equation = self._position(time)
        angle = 2 * pi * (time % 1 + self._longitude / 360 + equation / 1440) - pi
        return self._sin * sin(declination) + self._cos * cos(declination) * cos(angle)

    def turns(self, day, height):
        """[(when, how high)] the sun is lowest, highest and lowest again on a date by local mean
        solar time: exactly where that is near `height`, else by a clock that follows the sun."""
        noon = day + 0.5 - self._longitude / 360
        noon -= self._position(noon)[1] / 1440
        found = []
        for time in (noon - 0.5, noon, noon + 0.5):
            at = self.height(time)
            if abs(at - height) < _NEAR:
                before, after = self.height(time - _NEAR_DAY), self.height(time + _NEAR_DAY)
                time += _NEAR_DAY * (before - after) / (2 * (before + after - 2 * at))
                at = self.height(time)
            found.append((time, at))
        return found

    def _crossing(self, low, high, height):
        """When the sun is at a height between two turns, of which the first is below it."""
        (low, below), (high, above) = low, high
        below -= height
        above -= height
        for _ in range(60):  # regula falsi, Illinois variant
            time = high - above * (high - low) / (above - below)
            found = self.height(time) - height
            if abs(found) < 1e-11:
                break
            if found < 0:
                low, below, above = time, found, above / 2
            else:
                high, above, below = time, found, below / 2
        return time

    def events(self, day, zenith=90.83):
        """(rise_s, set_s) as kerb.apps.sun.events gives them, unrounded, None where there is none;
        "polar_day" or "polar_night"."""
        height = cos(radians(zenith))
        first, top, last = self.turns(day, height)
        if top[1] < height:
            return "polar_night"
        if first[1] >= height and last[1] >= height:
            return "polar_day"
        times = []
        for low in (first, last):
            is_there = low[1] < height
            times.append((self._crossing(low, top, height) - day) * 86400 if is_there else None)
        return tuple(times)
