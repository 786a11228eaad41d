"""Dates as whole days since 2000-01-01, in integers that stay small on every board.

Wall time is always a pair (day, second): days since 2000-01-01 and second of that day, 0 to 86399.
One number of seconds would need a heap-allocated integer on boards from 2034 on.
"""

from micropython import const

DAY_S = const(86400)

# 2000-03-01 begins a 400-year cycle in which the leap day is the last day of its year.
_MARCH_2000 = const(60)
_CYCLE_DAYS = const(146097)


def is_leap(year):
    """True for a leap year of the Gregorian calendar."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def month_days(year, month):
    """Days in a month; month 1 to 12."""
    if month == 2:
        return 29 if is_leap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def days(year, month, day):
    """Days from 2000-01-01 to a date, negative before it; ValueError if there is no such date.

    Method: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
    """
    if not (1 <= month <= 12 and 1 <= day <= month_days(year, month)):
        raise ValueError("no such date: %s-%s-%s" % (year, month, day))
    year -= 2000 + (month <= 2)
    cycle, year = divmod(year, 400)
    in_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    in_cycle = year * 365 + year // 4 - year // 100 + in_year
    return cycle * _CYCLE_DAYS + in_cycle + _MARCH_2000


def date(day):
    """(year, month, day of month) of a day number; the inverse of `days`."""
    cycle, in_cycle = divmod(day - _MARCH_2000, _CYCLE_DAYS)
    year = (in_cycle - in_cycle // 1460 + in_cycle // 36524 - in_cycle // 146096) // 365
    in_year = in_cycle - (365 * year + year // 4 - year // 100)
    month = (5 * in_year + 2) // 153
    year += 2000 + cycle * 400 + (month >= 10)
    return year, (month + 2) % 12 + 1, in_year - (153 * month + 2) // 5 + 1


def weekday(day):
    """Day of the week, Monday 0 to Sunday 6."""
    return (day + 5) % 7


def shift(day, second, by_s):
    """(day, second) moved by `by_s` seconds either way; `second` may be outside its day."""
    over, second = divmod(second + by_s, DAY_S)
    return day + over, second


def between(before, after):
    """Seconds from one (day, second) to another, negative if that is earlier."""
    return (after[0] - before[0]) * DAY_S + after[1] - before[1]


def iso(day, second):
    """ISO 8601 text in UTC, "2026-11-22T12:00:00Z"."""
    year, month, of_month = date(day)
    clock = (second // 3600, second // 60 % 60, second % 60)
    return "%04d-%02d-%02dT" % (year, month, of_month) + "%02d:%02d:%02dZ" % clock
