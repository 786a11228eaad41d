"""Sunrise and sunset from single-precision floats: no table, no network.

The equations are NOAA's "Solar Calculation Details" (after Meeus, Astronomical Algorithms,
ch. 25), arranged so that no float ever holds a whole date: float32 has 24 bits, and a Julian
date in it moves in steps of six hours. The date stays an integer, split into spans of 1461 days,
after which the sun's mean longitude and anomaly have moved by almost whole turns.
"""

from math import acos, asin, atan2, cos, pi, radians, sin

from micropython import const

# Zeniths in hundredths of a degree. Sunset counts refraction and the sun's radius.
SUNSET = const(9083)
CIVIL = const(9600)

POLAR_DAY = "polar_day"
POLAR_NIGHT = "polar_night"

_DAY_S = const(86400)
_SPAN_DAYS = const(1461)


def _position(day, second):
    """Sun at a moment: (declination in radians, equation of time in seconds).

    `day` is whole days since 2000-01-01, `second` seconds after its 00:00 UTC, any sign.
    """
    span = day // _SPAN_DAYS
    # J2000.0 is noon, hence the half day.
    t = day - span * _SPAN_DAYS + (second / _DAY_S - 0.5)
    century = (span * _SPAN_DAYS + t) / 36525
    longitude = 280.46646 + 0.0307913 * span + 0.98564736 * t
    anomaly = radians((357.52911 - 0.0379880 * span + 0.98560028 * t) % 360)
    node = radians((125.04 - 1934.136 * century) % 360)
    centre = (
        (1.914602 - 0.004817 * century) * sin(anomaly)
        + (0.019993 - 0.000101 * century) * sin(2 * anomaly)
        + 0.000289 * sin(3 * anomaly)
    )
    apparent = radians((longitude + centre - 0.00569 - 0.00478 * sin(node)) % 360)
    tilt = radians(23.4392911 - 0.0130042 * century + 0.00256 * cos(node))
    declination = asin(sin(tilt) * sin(apparent))
    ascension = atan2(cos(tilt) * sin(apparent), cos(apparent))
    # Aberration (0.00569) and nutation in right ascension, as the equation of time takes them.
    mean = radians((longitude - 0.0057183 - 0.00478 * sin(node) * cos(tilt)) % 360)
    difference = mean - ascension
    while difference > pi:
        difference -= 2 * pi
    while difference < -pi:
        difference += 2 * pi
    return declination, difference * (_DAY_S / (2 * pi))


def _half_arc(declination, latitude, zenith):
    """Hour angle in seconds where the sun stands at `zenith` (radians), or a POLAR_ constant."""
    x = (cos(zenith) - sin(latitude) * sin(declination)) / (cos(latitude) * cos(declination))
    if x >= 1:
        return POLAR_NIGHT
    if x <= -1:
        return POLAR_DAY
    return acos(x) * (_DAY_S / (2 * pi))


def solar_offset_s(lon_e7):
    """Seconds that local mean solar time is ahead of UTC at a longitude in 1e-7 degree."""
    return lon_e7 // 41667


def solar_day(day, second, offset_s):
    """The date by local mean solar time, `offset_s` ahead of UTC: what `events` wants as `day`."""
    return day + (second + offset_s) // _DAY_S


def events(day, lat_e7, lon_e7, zenith_cdeg=SUNSET):
    """Sunrise and sunset around the solar noon of a date.

    Takes whole days since 2000-01-01 (0..36524) by local mean solar time, latitude and longitude
    in 1e-7 degree (east and north positive), and the zenith in hundredths of a degree: SUNSET for
    sunrise and sunset, CIVIL for dawn and dusk.

    Gives (rise_s, set_s), seconds from 00:00 UTC of that same date, so `rise_s` is negative where
    the sun rises before UTC midnight; or POLAR_DAY or POLAR_NIGHT when the sun does not cross.
    """
    # A pole has no hour angle: one arc second beside it does.
    latitude = radians(max(-89.9997, min(89.9997, lat_e7 / 1e7)))
    zenith = radians(zenith_cdeg / 100)
    mean_noon = _DAY_S // 2 - lon_e7 / 41666.667
    times = []
    for sign in (-1, 1):
        second = mean_noon
        # Each pass takes the sun where it stands at the moment found by the one before.
        for _ in range(3):
            declination, equation = _position(day, second)
            arc = _half_arc(declination, latitude, zenith)
            if arc is POLAR_DAY or arc is POLAR_NIGHT:
                return arc
            second = mean_noon - equation + sign * arc
        times.append(round(second))
    return times[0], times[1]
