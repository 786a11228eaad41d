"""The RTC: a calendar over the board's clock."""

_2021 = 7671  # days from 2000-01-01 to 2021-01-01, to which the rp2 port sets it
_DAY_US = 86400 * 1_000_000
_BEFORE = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)


def _leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _month_days(year, month):
    end = _BEFORE[month] if month < 12 else 365
    return end - _BEFORE[month - 1] + (month == 2 and _leap(year))


def _days(year, month, day):
    """Days since 2000-01-01."""
    y = year - 1
    days = y * 365 + y // 4 - y // 100 + y // 400 - 730119
    return days + _BEFORE[month - 1] + (month > 2 and _leap(year)) + day - 1


class Rtc:
    """It was 2021-01-01 00:00:00 when the clock began."""

    def __init__(self, clock):
        self._clock = clock
        self._offset = _2021 * _DAY_US

    def forget(self):
        """2021-01-01 00:00:00 now."""
        self.set_day_second(_2021, 0)

    def set(self, year, month, day, hour, minute, second, us=0):
        """ValueError for what no calendar has."""
        if not (
            2000 <= year <= 4095 and 1 <= month <= 12 and 1 <= day <= _month_days(year, month)
        ):
            raise ValueError("no such date")
        if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
            raise ValueError("no such time")
        seconds = hour * 3600 + minute * 60 + second
        total = _days(year, month, day) * _DAY_US + seconds * 1_000_000 + us
        self._offset = total - self._clock.us()

    def set_day_second(self, day, second):
        """Whole days since 2000-01-01 and second of day."""
        self._offset = day * _DAY_US + second * 1_000_000 - self._clock.us()

    def day_second(self):
        """(whole days since 2000-01-01, second of day)."""
        total = self._offset + self._clock.us()
        return total // _DAY_US, total % _DAY_US // 1_000_000

    def get(self):
        """(year, month, day, weekday with Monday 0, hour, minute, second, microsecond)."""
        total = self._offset + self._clock.us()
        days, us = divmod(total, _DAY_US)
        year = 2000 + days // 366
        while _days(year + 1, 1, 1) <= days:
            year += 1
        day = days - _days(year, 1, 1)
        month = 1
        while day >= _month_days(year, month):
            day -= _month_days(year, month)
            month += 1
        second, us = divmod(us, 1_000_000)
        return (
            year,
            month,
            day + 1,
            (days + 5) % 7,
            second // 3600,
            second // 60 % 60,
            second % 60,
            us,
        )
