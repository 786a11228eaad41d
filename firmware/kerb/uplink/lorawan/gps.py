"""GPS time, which LoRaWAN tells; needed once in a day, and let go of."""

from micropython import const

_DAY_S = const(86400)
# Seconds of GPS time at 2000-01-01 00:00 UTC by today's leap seconds, 18 since 2017.
_GPS_2000_S = const(630720018)


def utc(gps_s, fraction_256, passed_ms):
    """(day, second) of so many ms after that GPS time, rounded: days since 2000-01-01 UTC."""
    s = gps_s - _GPS_2000_S + (passed_ms + fraction_256 * 1000 // 256 + 500) // 1000
    return s // _DAY_S, s % _DAY_S
