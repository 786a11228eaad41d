"""Tasks that die are started again, tasks that hang let the watchdog bite."""

import asyncio
import time

from kerb.system.clock import Clock
from kerb.system.log import DEBUG, Log
from kerb.system.supervisor import Supervisor


class Dog:
    """A watchdog that remembers when it was fed, in ms of the supervisor's clock."""

    def __init__(self):
        self.fed = []
        self.start = time.ticks_ms()

    def feed(self):
        self.fed.append(time.ticks_diff(time.ticks_ms(), self.start))

    def longest_ms(self, until_ms):
        """The longest time without food."""
        times = [0] + self.fed + [until_ms]
        return max(times[at] - times[at - 1] for at in range(1, len(times)))


class Rtc:
    def read(self):
        return None


class Memory:
    def __init__(self):
        self.records = {}
        self.puts = 0

    def get(self, name):
        return self.records.get(name)

    def put(self, name, data):
        self.puts += 1
        self.records[name] = data
        return True


class Device:
    """A supervisor with all that it needs."""

    def __init__(self, store=None, reset_cause="power_on"):
        self.store = store or Memory()
        clock = Clock(Rtc())
        self.log = Log(64, DEBUG, clock.uptime_s)
        self.dog = Dog()
        self.supervisor = Supervisor(self.dog, self.log, self.store, clock, reset_cause)
        self.add = self.supervisor.add

    async def run_for(self, ms):
        job = asyncio.create_task(self.supervisor.run())
        await asyncio.sleep_ms(ms)
        job.cancel()
        try:
            await job
        except asyncio.CancelledError:
            pass

    def ms(self):
        return time.ticks_diff(time.ticks_ms(), self.dog.start)

    def logged(self, text):
        return [entry for _, _, entry in self.log.entries() if text in entry]


def beating(every_ms, beats=None):
    """A task that does well."""

    async def run(check_in):
        while True:
            check_in()
            if beats is not None:
                beats.append(time.ticks_ms())
            await asyncio.sleep_ms(every_ms)

    return run


async def test_the_watchdog_is_fed_every_second_while_all_tasks_check_in():
    device = Device()
    device.add("light", beating(400), 1000)
    device.add("uplink", beating(4000), 5000)
    await device.run_for(3600 * 1000)
    assert device.dog.longest_ms(3600 * 1000) <= 1000
    assert device.supervisor.restarts() == {"light": 0, "uplink": 0}
    assert device.logged("") == []


async def test_a_task_that_raises_at_once_for_ever_neither_spins_nor_starves_the_others():
    device = Device()
    starts = []
    beats = []

    async def broken(check_in):
        starts.append(device.ms() // 1000)
        raise ValueError("broken")

    device.add("broken", broken, 1000)
    device.add("light", beating(1000, beats), 2000)
    await device.run_for(400500)
    assert starts == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243, 303, 363]
    assert len(beats) == 401
    assert device.dog.longest_ms(400500) <= 1000
    assert device.supervisor.restarts() == {"broken": 11, "light": 0}


async def test_a_task_that_ran_long_enough_is_started_again_after_one_second():
    device = Device()
    starts = []
    lives_s = [0, 0, 9, 10, 0, 0, 100]

    async def task(check_in):
        starts.append(device.ms() // 1000)
        for _ in range(lives_s[len(starts) - 1]):
            check_in()
            await asyncio.sleep_ms(1000)
        if len(starts) % 2:
            raise OSError(5)

    device.add("task", task, 3000, 10000)
    await device.run_for(60000)
    waits = [starts[at + 1] - starts[at] - lives_s[at] for at in range(6)]
    assert waits == [1, 2, 4, 1, 2, 4]


async def test_a_death_is_logged_with_its_reason_and_its_place():
    device = Device()

    async def raises(check_in):
        raise ValueError("no echo")

    async def returns(check_in):
        pass

    def no_coroutine(check_in):
        return 5

    async def leaks(check_in):
        child = asyncio.create_task(beating(1000)(check_in))
        child.cancel()
        await child

    async def out_of_memory(check_in):
        raise MemoryError

    for task in (raises, returns, no_coroutine, leaks, out_of_memory):
        device.add(task.__name__, task, 1000)
    await device.run_for(500)
    raised = device.logged("task raises died after 0 s: ValueError: no echo, ")[0]
    assert "test_supervisor.py" in raised and raised.endswith(", in raises")
    assert device.logged("task returns died after 0 s: returned")
    assert device.logged("task no_coroutine died after 0 s: TypeError: ")
    assert device.logged("task leaks died after 0 s: cancelled")
    assert device.logged("task out_of_memory died after 0 s: MemoryError")


async def test_an_exception_that_cannot_be_shown_is_survived():
    class Bad(Exception):
        def __str__(self):
            raise ValueError("no")

        __repr__ = __str__

    device = Device()
    starts = []

    async def task(check_in):
        starts.append(1)
        raise Bad

    device.add("task", task, 1000)
    await device.run_for(3500)
    assert len(starts) == 3
    assert not device.logged("died after 0 s: ")[0].endswith("None")


async def test_a_task_that_never_checks_in_starves_the_watchdog_and_is_named_to_the_next_boot():
    device = Device()

    async def hangs(check_in):
        await asyncio.sleep_ms(10**8)

    beats = []
    device.add("light", beating(500, beats), 1000)
    device.add("hangs", hangs, 5000)
    await device.run_for(60000)
    assert 4500 <= device.dog.fed[-1] <= 5000
    assert len(beats) >= 120, "the others go on until the dog bites"
    assert device.logged("task hangs is late, the watchdog gets no more food")
    assert Device(device.store, "watchdog").supervisor.last_end == "late: hangs"


async def test_a_late_task_is_late_for_good_even_if_it_checks_in_again():
    device = Device()

    async def slow(check_in):
        while True:
            check_in()
            await asyncio.sleep_ms(7000)

    device.add("slow", slow, 5000)
    await device.run_for(60000)
    assert device.dog.fed[-1] <= 5000
    assert len(device.logged("is late")) == 1


async def test_tasks_that_another_one_has_held_up_are_not_late():
    device = Device()
    beats = []

    async def blocks(check_in):
        while True:
            check_in()
            await asyncio.sleep_ms(10000)
            time.sleep_ms(6000)

    device.add("light", beating(500, beats), 1000)
    device.add("blocks", blocks, 20000)
    await device.run_for(100000)
    assert len(beats) > 100
    assert device.logged("is late") == []
    assert 6000 <= device.dog.longest_ms(100000) <= 7000


async def test_two_late_tasks_are_found_whichever_comes_first():
    device = Device()

    async def hangs(check_in):
        await asyncio.sleep_ms(10**8)

    async def limps(check_in):
        check_in()
        await asyncio.sleep_ms(5400)
        check_in()
        await asyncio.sleep_ms(10**8)

    device.add("limps", limps, 5000)
    device.add("hangs", hangs, 5000)
    await device.run_for(60000)
    assert device.dog.fed[-1] <= 5000
    assert device.logged("task hangs is late")


async def test_a_task_that_waits_to_be_started_again_is_not_late():
    device = Device()

    async def broken(check_in):
        raise ValueError

    device.add("broken", broken, 100)
    await device.run_for(300000)
    assert device.dog.longest_ms(300000) <= 1000


async def test_a_task_has_its_whole_deadline_again_after_a_restart():
    device = Device()

    async def slow_start(check_in):
        await asyncio.sleep_ms(4000)
        raise ValueError

    device.add("slow_start", slow_start, 4900)
    await device.run_for(300000)
    assert device.dog.longest_ms(300000) <= 1000


async def test_stopping_ends_every_task_and_the_feeding():
    device = Device()
    ends = []

    async def tidy(check_in):
        try:
            while True:
                check_in()
                await asyncio.sleep_ms(100)
        finally:
            await asyncio.sleep_ms(50)
            ends.append("tidy")

    async def stumbles(check_in):
        try:
            await asyncio.sleep_ms(10**8)
        finally:
            ends.append("stumbles")
            raise ValueError

    async def swallows(check_in):
        try:
            await asyncio.sleep_ms(10**8)
        except asyncio.CancelledError:
            ends.append("swallows")

    async def broken(check_in):
        raise ValueError

    for task in (tidy, stumbles, swallows, broken):
        device.add(task.__name__, task, 10**6)
    await device.run_for(1500)
    assert device.ms() < 1600
    assert device.logged("does not stop") == []
    assert sorted(ends) == ["stumbles", "swallows", "tidy"]
    fed = len(device.dog.fed)
    died = device.log.count
    await asyncio.sleep_ms(120000)
    assert len(device.dog.fed) == fed
    assert device.log.count == died
    assert sorted(ends) == ["stumbles", "swallows", "tidy"]


async def test_a_task_that_cannot_be_stopped_is_left_behind_after_two_seconds():
    device = Device()
    patience = [3]

    async def stubborn(check_in):
        while patience[0] > 0:
            try:
                await asyncio.sleep_ms(1000)
            except asyncio.CancelledError:
                patience[0] -= 1

    device.add("light", beating(500), 1000)
    device.add("stubborn", stubborn, 10**6)
    await device.run_for(5000)
    assert 7000 <= device.ms() <= 7100
    assert device.logged("does not stop") == ["task stubborn does not stop"]
    patience[0] = 0


def test_a_keyboard_interrupt_passes_through_and_then_all_tasks_can_be_stopped():
    device = Device()
    ends = []

    async def interrupted(check_in):
        raise KeyboardInterrupt

    async def waits(check_in):
        try:
            await asyncio.sleep_ms(10**8)
        finally:
            ends.append("waits")

    device.add("waits", waits, 10**6)
    device.add("interrupted", interrupted, 10**6)
    try:
        asyncio.run(device.supervisor.run())
        raise AssertionError
    except KeyboardInterrupt:
        pass
    asyncio.run(device.supervisor.stop())
    assert ends == ["waits"]
    assert device.logged("does not stop") == []


async def test_a_supervisor_that_never_ran_can_be_stopped():
    device = Device()
    device.add("light", beating(500), 1000)
    await device.supervisor.stop()
    assert device.ms() == 0
    assert device.logged("") == []


async def test_a_task_that_is_lost_starves_the_watchdog():
    device = Device()
    error = device.log.error

    def lose(msg, *args):
        if "died" in msg:
            raise OSError(5)
        error(msg, *args)

    async def broken(check_in):
        raise ValueError

    device.log.error = lose
    device.add("light", beating(500), 1000)
    device.add("broken", broken, 10**6)
    await device.run_for(10000)
    assert device.dog.fed[-1] < 1000
    assert "OSError" in device.logged("task broken is lost, the watchdog gets no more food ")[0]
    assert Device(device.store, "watchdog").supervisor.last_end == "lost: broken"


async def test_an_hour_of_health_is_stored_once_and_a_minute_makes_it():
    device = Device()
    device.add("light", beating(500), 1000)
    assert device.store.puts == 1
    await asyncio.sleep_ms(100000)
    await device.run_for(59400)
    assert device.store.puts == 1
    device = Device(device.store, "watchdog")
    device.add("light", beating(500), 1000)
    await device.run_for(3600000)
    assert device.store.puts == 3


async def test_the_fourth_boot_is_in_safe_mode_after_three_that_hung_early():
    store = Memory()

    async def hangs(check_in):
        await asyncio.sleep_ms(10**8)

    for boot in range(1, 6):
        device = Device(store, "watchdog" if boot > 1 else "power_on")
        assert device.supervisor.boot_count == boot
        assert device.supervisor.safe_mode == (boot > 3)
        device.add("hangs", hangs, 5000)
        await device.run_for(20000)


async def test_boots_that_end_on_purpose_are_no_crashes_and_others_are():
    store = Memory()
    for boot in range(10):
        device = Device(store, "soft")
        assert not device.supervisor.safe_mode
        assert device.supervisor.last_end == ("update" if boot else "")
        device.supervisor.ending("update", expected=True)
    for boot in range(5):
        device = Device(store, "soft")
        assert device.supervisor.safe_mode == (boot > 2), boot
        device.supervisor.ending("MemoryError")


async def test_boots_that_end_after_a_minute_of_health_are_no_crashes():
    store = Memory()
    for _ in range(5):
        device = Device(store, "watchdog")
        assert not device.supervisor.safe_mode
        device.add("light", beating(500), 1000)
        await device.run_for(61000)
        device.supervisor.ending("MemoryError")


def test_two_tasks_of_one_name_are_refused():
    device = Device()
    device.add("light", beating(500), 1000)
    try:
        device.add("light", beating(500), 1000)
    except ValueError as e:
        assert "light" in str(e)
    else:
        raise AssertionError
