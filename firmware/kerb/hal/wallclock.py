"""The chip's RTC as whole days since 2000-01-01 and second of day, UTC."""

from machine import RTC
from micropython import const

# A chip begins at 2000-01-01 (ESP32) or 2021-01-01 (RP2040): no RTC that was set is before this.
_FIRST_DAY = const(9497)  # 2026-01-01
_LAST_DAY = const(36524)  # 2099-12-31: until then every fourth year is a leap year
_MONTH_ENDS = b"\x00\x1f\x3b\x5a\x78\x97\xb5\xd4\xf3"  # days before January to September


def read():
    """(day, second), or None when the RTC was not set since the power came on."""
    year, month, mday, _, hour, minute, second, _ = RTC().datetime()
    day = _day(year, month, mday)
    if not _FIRST_DAY <= day <= _LAST_DAY:
        return None
    return day, hour * 3600 + minute * 60 + second


def write(day, second):
    """Sets the RTC; ValueError outside 2026 to 2099 or 0 to 86399 s."""
    if not (_FIRST_DAY <= day <= _LAST_DAY and 0 <= second < 86400):
        raise ValueError("wall clock")
    year = 2000 + day // 366
    while _day(year + 1, 1, 1) <= day:
        year += 1
    month = 1
    while month < 12 and _day(year, month + 1, 1) <= day:
        month += 1
    mday = day - _day(year, month, 1) + 1
    hour, rest = divmod(second, 3600)
    # 2000-01-01 was a Saturday; the ports count from Monday.
    RTC().datetime((year, month, mday, (day + 5) % 7, hour, rest // 60, rest % 60, 0))


def _day(year, month, mday):
    years = year - 2000
    before = _MONTH_ENDS[month - 1] if month < 10 else 273 + (0, 31, 61)[month - 10]
    leap_day = 1 if month > 2 and years % 4 == 0 else 0
    return years * 365 + (years + 3) // 4 + before + leap_day + mday - 1
