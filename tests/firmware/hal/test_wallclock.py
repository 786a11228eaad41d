import time

import world
from kerb.hal import wallclock
from machine import RTC
from support.raised import raised

FIRST, LAST = 9497, 36524


def test_an_rtc_that_was_never_set_gives_nothing():
    world.World()
    assert wallclock.read() is None
    time.sleep_ms(100_000)
    assert wallclock.read() is None
    RTC().datetime((2000, 1, 1, 5, 0, 0, 0, 0))
    assert wallclock.read() is None
    RTC().datetime((2025, 12, 31, 0, 23, 59, 59, 0))
    assert wallclock.read() is None


def test_what_is_written_is_read_and_goes_on():
    world.World()
    wallclock.write(9822, 86_390)
    assert wallclock.read() == (9822, 86_390)
    time.sleep_ms(15_000)
    assert wallclock.read() == (9823, 5)


def test_every_day_of_its_years_is_right_by_the_rtc():
    w = world.World()
    rtc = RTC()
    for day in range(FIRST, LAST + 1):
        wallclock.write(day, 43_200)
        assert w.rtc.day_second() == (day, 43_200)
        if day % 7 == 0:
            assert wallclock.read() == (day, 43_200)
    assert rtc.datetime()[:3] == (2099, 12, 31)


def test_the_weekday_is_written_for_ports_that_keep_it_as_given():
    world.World()
    given = []

    class Rtc:
        def datetime(self, *when):
            given.append(when[0])

    real = wallclock.RTC
    wallclock.RTC = Rtc
    try:
        wallclock.write(9822, 45_296)
    finally:
        wallclock.RTC = real
    assert given == [(2026, 11, 22, 6, 12, 34, 56, 0)]  # a Sunday


def test_times_out_of_range_are_refused_and_change_nothing():
    world.World()
    wallclock.write(9822, 0)
    for day, second in ((FIRST - 1, 0), (LAST + 1, 0), (9822, -1), (9822, 86_400)):
        raised(ValueError, wallclock.write, day, second)
    assert wallclock.read() == (9822, 0)


def test_it_survives_a_soft_reset_but_not_a_power_cut():
    w = world.World()
    wallclock.write(9822, 0)
    w.reboot("soft")
    assert wallclock.read() == (9822, 0)
    w.reboot("power_on")
    assert wallclock.read() is None
