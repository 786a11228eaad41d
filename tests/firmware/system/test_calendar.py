"""Dates against figures from `date -u`, and against themselves over four centuries."""

from kerb.system import calendar
from support.raised import raised


def test_the_first_of_january_2000_is_day_zero_and_a_saturday():
    assert calendar.days(2000, 1, 1) == 0
    assert calendar.date(0) == (2000, 1, 1)
    assert calendar.weekday(0) == 5


def test_known_dates_have_known_day_numbers():
    # date -u -d <date> +%s, less 946684800, divided by 86400
    for date, day in (
        ((1999, 12, 31), -1),
        ((2000, 2, 29), 59),
        ((2000, 3, 1), 60),
        ((2024, 2, 29), 8825),
        ((2025, 12, 31), 9496),
        ((2026, 1, 1), 9497),
        ((2026, 11, 22), 9822),
        ((2034, 1, 10), 12428),
        ((2099, 12, 31), 36524),
        ((2100, 2, 28), 36583),
        ((2100, 3, 1), 36584),
        ((2400, 2, 29), 146156),
        ((2400, 3, 1), 146157),
    ):
        assert calendar.days(*date) == day, date
        assert calendar.date(day) == date, day


def test_every_day_from_1999_to_2401_follows_the_one_before():
    year, month, of_month = 1999, 1, 1
    weekday = 4  # 1999-01-01 was a Friday
    day = calendar.days(1999, 1, 1)
    while year < 2401:
        assert calendar.date(day) == (year, month, of_month), day
        assert calendar.weekday(day) == weekday, day
        if of_month == 1:
            assert calendar.days(year, month, 1) == day
        day += 1
        weekday = (weekday + 1) % 7
        of_month += 1
        if of_month > calendar.month_days(year, month):
            of_month = 1
            month += 1
            if month > 12:
                month = 1
                year += 1
    assert day == 146463


def test_centuries_are_leap_years_only_every_fourth_time():
    assert [y for y in (1900, 2000, 2024, 2026, 2100, 2400) if calendar.is_leap(y)] == [
        2000,
        2024,
        2400,
    ]


def test_a_date_that_does_not_exist_is_refused_and_named():
    for date in ((2026, 2, 29), (2026, 0, 1), (2026, 13, 1), (2026, 4, 31), (2026, 1, 0)):
        error = raised(ValueError, calendar.days, *date)
        assert str(error) == "no such date: %d-%d-%d" % date


def test_shifting_carries_over_midnight_both_ways():
    assert calendar.shift(100, 86399, 1) == (101, 0)
    assert calendar.shift(100, 0, -1) == (99, 86399)
    assert calendar.shift(0, 0, -86400 * 3 - 5) == (-4, 86395)
    assert calendar.shift(100, 43200, 7 * 86400) == (107, 43200)


def test_iso_text_is_utc_with_leading_zeros():
    assert calendar.iso(9822, 43200) == "2026-11-22T12:00:00Z"
    assert calendar.iso(0, 0) == "2000-01-01T00:00:00Z"
    assert calendar.iso(36524, 86399) == "2099-12-31T23:59:59Z"
    assert calendar.iso(9497, 3723) == "2026-01-01T01:02:03Z"


def test_seconds_between_two_moments_are_what_shift_needs_to_get_there():
    for before in ((9497, 0), (9700, 86399), (20000, 43200)):
        for by_s in (0, 1, -1, 86400, -86401, 100000000, -100000000):
            assert calendar.between(before, calendar.shift(*before, by_s)) == by_s
