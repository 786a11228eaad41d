"""Where the sun is and how bright the sky: the referee for the firmware's own, smaller arithmetic.

Formulas: NOAA Global Monitoring Laboratory, solar calculation details (after Meeus, Astronomical
Algorithms), in double precision, which the boards don't have. NOAA states +-1 minute for sunrise
and sunset within +-72 degrees of latitude.
"""

import itertools
import math
from datetime import UTC, datetime, timedelta

SUNSET_ZENITH_DEG = 90.833  # refraction at the horizon and half the sun's disc
CIVIL_ZENITH_DEG = 96.0
_LOW_SUN_DEG = -0.575
_J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)
_DAYS_PER_CENTURY = 36525.0


def _sin(deg):
    return math.sin(math.radians(deg))


def _cos(deg):
    return math.cos(math.radians(deg))


def _tan(deg):
    return math.tan(math.radians(deg))


def declination_and_equation(utc):
    """Give (declination in degrees, equation of time in minutes) at an aware UTC time."""
    century = (utc - _J2000) / timedelta(days=_DAYS_PER_CENTURY)
    mean_longitude = (280.46646 + century * (36000.76983 + century * 0.0003032)) % 360
    anomaly = 357.52911 + century * (35999.05029 - 0.0001537 * century)
    eccentricity = 0.016708634 - century * (0.000042037 + 0.0000001267 * century)
    centre = (
        _sin(anomaly) * (1.914602 - century * (0.004817 + 0.000014 * century))
        + _sin(2 * anomaly) * (0.019993 - 0.000101 * century)
        + _sin(3 * anomaly) * 0.000289
    )
    node = 125.04 - 1934.136 * century
    longitude = mean_longitude + centre - 0.00569 - 0.00478 * _sin(node)
    arc_seconds = 21.448 - century * (46.815 + century * (0.00059 - century * 0.001813))
    obliquity = 23 + (26 + arc_seconds / 60) / 60 + 0.00256 * _cos(node)
    declination = math.degrees(math.asin(_sin(obliquity) * _sin(longitude)))
    y = _tan(obliquity / 2) ** 2
    equation = 4 * math.degrees(
        y * _sin(2 * mean_longitude)
        - 2 * eccentricity * _sin(anomaly)
        + 4 * eccentricity * y * _sin(anomaly) * _cos(2 * mean_longitude)
        - 0.5 * y * y * _sin(4 * mean_longitude)
        - 1.25 * eccentricity * eccentricity * _sin(2 * anomaly)
    )
    return declination, equation


def _refraction_deg(elevation_deg):
    """How much the air lifts the sun's image (NOAA's piecewise fit)."""
    if elevation_deg > 85:
        return 0.0
    tangent = _tan(elevation_deg)
    if elevation_deg > 5:
        seconds = 58.1 / tangent - 0.07 / tangent**3 + 0.000086 / tangent**5
    elif elevation_deg > _LOW_SUN_DEG:
        seconds = 1735 + elevation_deg * (
            -518.2 + elevation_deg * (103.4 + elevation_deg * (-12.79 + elevation_deg * 0.711))
        )
    else:
        seconds = -20.772 / tangent
    return seconds / 3600


def elevation_deg(utc, lat_deg, lon_deg, refracted=True):
    """Give the height of the sun's centre over the horizon, in degrees, at an aware UTC time."""
    declination, equation_min = declination_and_equation(utc)
    minutes = utc.hour * 60 + utc.minute + (utc.second + utc.microsecond / 1e6) / 60
    hour_angle = (minutes + equation_min + 4 * lon_deg) % 1440 / 4 - 180
    cosine = _sin(lat_deg) * _sin(declination) + _cos(lat_deg) * _cos(declination) * _cos(
        hour_angle
    )
    true_deg = 90 - math.degrees(math.acos(max(-1.0, min(1.0, cosine))))
    return true_deg + _refraction_deg(true_deg) if refracted else true_deg


def crossing(noon_utc, lat_deg, lon_deg, rising, zenith_deg=SUNSET_ZENITH_DEG):
    """Give the UTC time at which the sun crosses a zenith angle in the solar day round `noon_utc`.

    `noon_utc` is within 12 hours of the solar noon meant. None where the sun stays on one side.
    """
    _, equation_min = declination_and_equation(noon_utc)
    midnight = noon_utc.replace(hour=0, minute=0, second=0, microsecond=0)
    noon_min = 720 - 4 * lon_deg - equation_min
    offset_min = (noon_utc - midnight) / timedelta(minutes=1) - noon_min
    noon_min += 1440 * round(offset_min / 1440)
    at_min = noon_min
    for _ in range(4):  # the sun moves on while we look: 4 rounds settle far below a second
        declination, equation_min = declination_and_equation(midnight + timedelta(minutes=at_min))
        cosine = _cos(zenith_deg) / (_cos(lat_deg) * _cos(declination)) - _tan(lat_deg) * _tan(
            declination
        )
        if not -1 <= cosine <= 1:
            return None
        half_day_min = 4 * math.degrees(math.acos(cosine))
        drift_min = noon_min % 1440 - (720 - 4 * lon_deg - equation_min) % 1440
        at_min = noon_min - drift_min + (-half_day_min if rising else half_day_min)
    return midnight + timedelta(minutes=at_min)


# Clear sky on a horizontal surface: (elevation in degrees, log10 of lux). The twilight points are
# the AMS Glossary's (about 500 lux at sunset, 3 lux at -6 degrees), the rest are round figures
# for full daylight and a moonless night: a plausible sky, not a measured one.
_SKY = (
    (-18, -3.0),
    (-12, -2.0),
    (-6, 0.48),
    (-0.833, 2.7),
    (5, 3.7),
    (15, 4.3),
    (30, 4.7),
    (90, 5.05),
)


def sky_lux(elevation):
    """Give the illuminance of a clear sky in lux for a sun elevation in degrees."""
    if elevation <= _SKY[0][0]:
        return 10 ** _SKY[0][1]
    for (low, dim), (high, bright) in itertools.pairwise(_SKY):
        if elevation <= high:
            return 10 ** (dim + (bright - dim) * (elevation - low) / (high - low))
    return 10 ** _SKY[-1][1]
