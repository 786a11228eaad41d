"""NOAA's solar calculation details in double precision: the reference for the firmware's sun.

The equations as NOAA's spreadsheet has them (after Meeus, Astronomical Algorithms), kept apart
from the firmware's arrangement of them on purpose: Julian dates, degrees, NOAA's own equation of
time.
"""

from math import acos, asin, cos, degrees, pi, radians, sin, tan

_JD_2000 = 2451544.5


def _declination_and_equation(jd):
    """Declination in radians, equation of time in minutes."""
    t = (jd - 2451545.0) / 36525
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


def events(day, latitude, longitude, zenith=90.833):
    """(rise_s, set_s) as kerb.apps.sun.events gives them, floats; None when there are none."""
    phi = radians(latitude)
    times = []
    for sign in (-1, 1):
        minute = 720 - 4 * longitude
        for _ in range(8):
            declination, equation = _declination_and_equation(_JD_2000 + day + minute / 1440)
            x = (cos(radians(zenith)) - sin(phi) * sin(declination)) / (
                cos(phi) * cos(declination)
            )
            if abs(x) > 1:
                return None
            minute = 720 - 4 * longitude - equation + sign * acos(x) * 720 / pi
        times.append(minute * 60)
    return times
