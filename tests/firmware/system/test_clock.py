"""Wall time: where it came from, how old it is, and that nothing makes it or the uptime lie."""

import world
from kerb.system import calendar
from kerb.system.clock import Clock
from kerb.system.store import Store
from support.raised import raised

DAY = calendar.days(2026, 11, 22)
DAY_MS = 86400 * 1000


class Rtc:
    def __init__(self, value=None):
        self.value = value

    def read(self):
        return self.value

    def write(self, day, second):
        self.value = (day, second)


class Memory:
    """A store that counts its writes."""

    def __init__(self, works=True):
        self.records = {}
        self.puts = 0
        self.works = works

    def get(self, name):
        return self.records.get(name)

    def put(self, name, data):
        self.puts += 1
        if self.works:
            self.records[name] = data
        return self.works


def test_a_clock_that_was_never_set_says_so():
    world.World()
    clock = Clock(Rtc())
    assert clock.now() is None
    assert clock.source == "unset"
    assert clock.age_s() is None
    assert clock.jump_s is None
    assert not clock.trusted()


def test_a_clock_that_was_set_runs_by_the_ticks_and_over_midnight():
    here = world.World()
    clock = Clock(Rtc())
    here.advance_ms(700)
    assert clock.set(DAY, 86398, "network")
    assert clock.now() == (DAY, 86398)
    here.advance_ms(999)
    assert clock.now() == (DAY, 86398)
    here.advance_ms(1)
    assert clock.now() == (DAY, 86399)
    here.advance_ms(1000)
    assert clock.now() == (DAY + 1, 0)
    here.advance_ms(3 * DAY_MS + 5000)
    assert clock.now() == (DAY + 4, 5)
    assert (clock.source, clock.age_s()) == ("network", 3 * 86400 + 7)
    here.advance_ms(700)
    clock.set(DAY, 7, "network")
    here.advance_ms(999)
    assert clock.now() == (DAY, 7), "a setting is the begin of its second"


def test_every_source_can_set_the_clock_and_the_rtc():
    world.World()
    rtc = Rtc()
    clock = Clock(rtc)
    for second, source in enumerate(("network", "gnss", "lorawan", "technician")):
        assert clock.set(DAY, second, source)
        assert (clock.source, clock.now(), rtc.value) == (source, (DAY, second), (DAY, second))
    for source in ("rtc", "unset", "", None):
        raised(ValueError, clock.set, DAY, 9, source)
    assert clock.now() == (DAY, 3)


def test_jumps_forward_and_backward_are_told_and_leave_the_uptime_alone():
    here = world.World()
    clock = Clock(Rtc())
    here.advance_ms(10500)
    clock.set(DAY, 100, "network")
    assert clock.jump_s is None
    here.advance_ms(5000)
    clock.set(DAY, 107, "network")
    assert clock.jump_s == 2
    clock.set(DAY - 1, 86400 - 3, "gnss")
    assert clock.jump_s == -110
    assert clock.now() == (DAY - 1, 86397)
    clock.set(calendar.days(2099, 12, 31), 0, "gnss")
    clock.set(calendar.days(2026, 1, 1), 0, "gnss")
    assert clock.jump_s == -27027 * 86400
    assert clock.age_s() == 0
    assert clock.uptime_s() == 15


def test_nonsense_is_refused_and_changes_nothing():
    here = world.World()
    rtc = Rtc()
    store = Memory()
    clock = Clock(rtc, store)
    clock.set(DAY, 100, "gnss")
    here.advance_ms(3000)
    for day, second in (
        (calendar.days(2025, 12, 31), 86399),
        (calendar.days(2100, 1, 1), 0),
        (0, 0),
        (-1, 0),
        (DAY, -1),
        (DAY, 86400),
    ):
        assert clock.set(day, second, "network") is False, (day, second)
    assert clock.now() == (DAY, 103)
    assert (clock.source, clock.age_s(), clock.jump_s) == ("gnss", 3, None)
    assert (rtc.value, store.puts) == ((DAY, 100), 1)
    assert clock.set(calendar.days(2026, 1, 1), 0, "network")
    assert clock.set(calendar.days(2099, 12, 31), 86399, "network")


def test_the_ticks_may_wrap_many_times_when_the_clock_is_asked_every_six_days():
    here = world.World(start_ticks_ms=(1 << 30) - 500)
    clock = Clock(Rtc())
    clock.set(DAY, 0, "network")
    for days in range(6, 606, 6):
        here.advance_ms(6 * DAY_MS)
        assert clock.now() == (DAY + days, 0)
        assert clock.uptime_s() == days * 86400


def test_a_clock_that_nobody_asks_for_a_week_loses_time_but_never_runs_backward():
    here = world.World()
    clock = Clock(Rtc())
    clock.set(DAY, 100, "network")
    here.advance_ms(7 * DAY_MS)
    assert clock.uptime_s() == 0
    here.advance_ms(5000)
    assert clock.uptime_s() == 5
    assert clock.now() == (DAY, 105)


def test_many_short_looks_lose_no_time():
    here = world.World()
    clock = Clock(Rtc())
    clock.set(DAY, 0, "network")
    for _ in range(1000):
        here.advance_ms(7)
        clock.now()
        clock.uptime_s()
    assert clock.now() == (DAY, 7)
    assert clock.uptime_s() == 7


def test_after_a_restart_the_rtc_gives_the_time_and_the_store_its_age():
    here = world.World()
    rtc = Rtc()
    Clock(rtc, Store()).set(DAY, 1000, "network")
    rtc.value = (DAY + 2, 500)
    clock = Clock(rtc, Store())
    assert clock.now() == (DAY + 2, 500)
    assert clock.source == "rtc"
    assert clock.age_s() == 2 * 86400 - 500
    here.advance_ms(1000)
    assert clock.age_s() == 2 * 86400 - 499
    assert clock.trusted()


def test_rtc_time_of_unknown_age_is_known_but_not_trusted():
    world.World()
    for store in (None, Memory()):
        clock = Clock(Rtc((DAY, 5)), store)
        assert clock.now() == (DAY, 5)
        assert clock.source == "rtc"
        assert clock.age_s() is None
        assert not clock.trusted()


def test_an_rtc_with_an_impossible_date_is_not_believed():
    world.World()
    store = Memory()
    Clock(Rtc(), store).set(DAY, 1000, "network")
    for value in (
        (calendar.days(2021, 1, 1), 0),
        (calendar.days(2025, 12, 31), 86399),
        (calendar.days(2100, 1, 1), 0),
        (DAY, 86400),
        (DAY, -1),
        (DAY, 999),
        (DAY - 1, 86399),
    ):
        clock = Clock(Rtc(value), store)
        assert (clock.now(), clock.source, clock.trusted()) == (None, "unset", False), value
    assert Clock(Rtc((DAY, 1000)), store).trusted()


def test_a_time_set_too_far_ahead_can_be_put_right_and_stays_so_after_a_restart():
    world.World()
    store = Memory()
    rtc = Rtc()
    clock = Clock(rtc, store)
    clock.set(DAY + 5000, 0, "network")
    clock.set(DAY, 0, "technician")
    again = Clock(rtc, store)
    assert (again.now(), again.age_s()) == ((DAY, 0), 0)


def test_the_clock_is_trusted_up_to_its_age_limit_and_again_once_it_is_set():
    here = world.World()
    clock = Clock(Rtc(), max_age_s=3600)
    clock.set(DAY, 0, "network")
    here.advance_ms(3600 * 1000)
    assert clock.trusted()
    here.advance_ms(1000)
    assert not clock.trusted()
    assert clock.now() == (DAY, 3601), "it still runs"
    month = Clock(Rtc())
    month.set(DAY, 0, "network")
    for days, trusted in ((5, True), (20, True), (5, True), (1, False)):
        for _ in range(days):
            here.advance_ms(DAY_MS)
            month.now()
        assert month.trusted() is trusted
    clock.set(DAY, 4000, "network")
    assert clock.trusted()


def test_flash_is_written_once_a_day_however_often_the_clock_is_set():
    here = world.World()
    store = Memory()
    clock = Clock(Rtc(), store)
    for minute in range(3 * 1440):
        clock.set(DAY + minute // 1440, minute % 1440 * 60, "network")
        here.advance_ms(60000)
    assert store.puts == 3
    Clock(Rtc((DAY + 2, 86000)), store).set(DAY + 2, 86001, "network")
    assert store.puts == 3, "a restart does not write again"


def test_a_store_that_fails_or_is_damaged_costs_the_age_and_nothing_else():
    world.World()
    store = Memory(works=False)
    rtc = Rtc()
    clock = Clock(rtc, store)
    assert clock.set(DAY, 0, "network")
    assert clock.set(DAY, 60, "network")
    assert store.puts == 2, "it tries again"
    assert clock.trusted()
    for damaged in (b"", b"\x00", bytes(6), b"\xff" * 6, bytes(60)):
        store.records["clock"] = damaged
        clock = Clock(rtc, store)
        assert (clock.now(), clock.age_s()) == ((DAY, 60), None), damaged
