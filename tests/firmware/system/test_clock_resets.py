"""Time across resets that the RTC does not outlive: it goes on and is never ahead of the truth."""

import random

import board
import world
from kerb.hal import wallclock
from kerb.hal.retained import TIME
from kerb.system import calendar
from kerb.system.clock import SOURCES, Clock
from kerb.system.store import Store

DAY = calendar.days(2026, 11, 22)
MONTH_S = 30 * 86400
RESET_AGE_S = 300000


def boot(store=None):
    return Clock(wallclock, store, retained=board.retained())


def seconds(wall):
    return (wall[0] - DAY) * 86400 + wall[1]


def test_after_a_watchdog_reset_without_network_the_time_goes_on_with_its_age():
    here = world.World()
    clock = boot()
    clock.set(DAY, 86000, "network")
    for _ in range(10):
        here.advance_ms(60000)
        clock.now()
    here.advance_ms(8000)  # nobody asks the clock: the watchdog bites
    here.reboot("watchdog")
    again = boot()
    assert again.now() == (DAY + 1, 200)
    assert (again.source, again.resets, again.age_s()) == ("network", 1, 600)
    assert again.trusted()
    here.advance_ms(5000)
    assert again.now() == (DAY + 1, 205)
    assert again.age_s() == 605


def test_after_a_power_cut_the_time_is_unknown():
    for cause in ("power_on", "brown_out"):
        here = world.World()
        boot().set(DAY, 1000, "network")
        here.reboot(cause)
        clock = boot()
        assert (clock.now(), clock.source, clock.trusted()) == (None, "unset", False)


def test_the_rtc_is_believed_where_it_outlived_the_reset():
    here = world.World(rtc_survives=world.RTC_OF_ESP32)
    clock = boot(Store())
    clock.set(DAY, 1000, "gnss")
    here.advance_ms(20000)
    clock.now()
    here.advance_ms(7000)
    here.reboot("watchdog")
    again = boot(Store())
    assert again.now() == (DAY, 1027)
    assert (again.source, again.resets) == ("rtc", 0)
    assert 27 <= again.age_s() <= 87


def test_the_age_of_an_rtc_that_outlived_the_reset_needs_no_store():
    here = world.World(rtc_survives=world.RTC_OF_ESP32)
    boot().set(DAY, 1000, "network")
    here.advance_ms(7000)
    here.reboot("watchdog")
    assert boot().age_s() == 7


def test_an_rtc_that_is_behind_the_last_second_has_lost_its_time():
    here = world.World()
    clock = boot()
    clock.set(DAY, 1000, "network")
    here.advance_ms(100000)
    clock.now()
    here.reboot("watchdog")
    here.rtc.set_day_second(DAY, 1050)
    assert boot().now() == (DAY, 1100)


def test_each_reset_costs_trust_until_the_clock_is_set_again():
    here = world.World()
    clock = boot()
    clock.set(DAY, 0, "network")
    resets = 0
    while clock.trusted():
        here.advance_ms(10000)
        clock.now()
        here.reboot("watchdog")
        clock = boot()
        resets += 1
        assert clock.resets == resets
    assert resets == MONTH_S // RESET_AGE_S + 1
    assert clock.now() is not None, "known all the same"
    for _ in range(300):
        here.reboot("watchdog")
        clock = boot()
    assert (clock.resets, clock.trusted()) == (255, False)
    clock.set(DAY, 5000, "network")
    assert (clock.resets, clock.trusted()) == (0, True)


def test_a_soft_reset_forgets_neither_the_resets_nor_the_doubt():
    here = world.World()
    boot().set(DAY, 0, "network")
    here.reboot("watchdog")
    boot()
    here.reboot("soft")
    clock = boot()
    assert (clock.source, clock.resets, clock.trusted()) == ("rtc", 1, True)
    clock.doubt()
    for cause in ("soft", "watchdog"):
        here.reboot(cause)
        clock = boot()
        assert (clock.age_s(), clock.trusted()) == (None, False)
        assert clock.now() == (DAY, 0)


def test_the_age_is_never_less_than_it_is():
    here = world.World()
    clock = boot()
    clock.set(DAY, 0, "network")
    for days in range(6, 60, 6):
        here.advance_ms(6 * 86400000 + 31000)
        clock.now()
        truth_s = clock.age_s()
        here.reboot("watchdog")
        clock = boot()
        assert truth_s <= clock.age_s() <= truth_s + 60
        assert clock.trusted() is (truth_s + clock.resets * RESET_AGE_S <= MONTH_S)
    assert not clock.trusted()


def test_nonsense_in_the_registers_is_no_time():
    here = world.World()
    good = [500 | SOURCES.index("network") << 17, DAY, 3]
    for bad in (
        [86400 | 2 << 17, DAY, 3],
        [500, DAY, 3],  # from no source
        [500 | 6 << 17, DAY, 3],
        [500 | 2 << 17, 0, 3],
        [500 | 2 << 17, 36525, 3],
        [0, 0, 0],
    ):
        board.retained().put(TIME, bad)
        assert boot().now() is None, bad
    board.retained().put(TIME, good)
    clock = boot()
    assert (clock.now(), clock.age_s(), clock.source) == ((DAY, 500), 180, "network")
    here.scratch[1] ^= 1
    here.rtc.forget()
    assert boot().now() is None


def test_a_clock_without_such_memory_works_as_before():
    here = world.World()
    clock = Clock(wallclock)
    clock.set(DAY, 0, "network")
    here.advance_ms(5000)
    clock.now()
    here.reboot("watchdog")
    assert Clock(wallclock).now() is None
    assert here.scratch == {}


def test_through_any_resets_the_time_is_never_ahead_and_late_by_the_resets_alone():
    for seed in range(20):
        random.seed(seed)
        here = world.World(rtc_survives=("soft",) if seed % 2 else world.RTC_OF_ESP32)
        clock = boot()
        clock.set(DAY, 40000, "network")
        truth_ms = 40000000
        late_ms = 0  # at most
        for _ in range(60):
            if random.getrandbits(2):
                spent_ms = random.getrandbits(22)
                here.advance_ms(spent_ms)
                clock.now()
            else:
                spent_ms = random.getrandbits(13)
                here.advance_ms(spent_ms)
                late_ms += spent_ms + 1000
                here.reboot(("watchdog", "soft", "hard")[random.getrandbits(8) % 3])
                clock = boot()
            truth_ms += spent_ms
            ahead_ms = seconds(clock.now()) * 1000 - truth_ms
            assert -late_ms - 1000 <= ahead_ms <= 0, (seed, ahead_ms, late_ms)
