import asyncio
import time

import vtime
import world
from support.raised import raised


def test_in_real_time_events_may_come_for_ever():
    w = world.World(real=True)
    seen = [0]

    def count():
        seen[0] += 1

    for _ in range(30_000):
        w.after_us(0, count)
        w.clock.poll()
    assert seen[0] == 30_000


async def test_a_task_wakes_at_the_virtual_millisecond_that_it_asked_for():
    start = time.ticks_ms()
    for ms in (1, 999, 60_000, 86_400_000):
        await asyncio.sleep_ms(ms)
    assert time.ticks_diff(time.ticks_ms(), start) == 86_461_000
    assert world.current().now_us() == 86_461_000_000


async def test_tasks_and_world_events_interleave_in_the_order_of_their_times():
    here = world.current()
    order = []

    async def task(name, *waits):
        for ms in waits:
            await asyncio.sleep_ms(ms)
            order.append((here.now_ms(), name))

    for ms in (15, 10, 20, 5):
        here.at_ms(ms, lambda: order.append((here.now_ms(), "event")))
    await asyncio.gather(task("a", 10, 10), task("b", 5, 12))
    assert order == [
        (5, "event"),
        (5, "b"),
        (10, "event"),
        (10, "a"),
        (15, "event"),
        (17, "b"),
        (20, "event"),
        (20, "a"),
    ]


async def test_events_of_the_same_moment_fire_in_the_order_in_which_they_were_made():
    here = world.current()
    order = []
    for name in "abc":
        here.after_us(300, order.append, name)
    here.cancel(here.after_us(300, order.append, "cancelled"))
    await asyncio.sleep_ms(1)
    assert order == ["a", "b", "c"]


async def test_ready_tasks_run_in_the_order_in_which_they_became_ready():
    order = []
    event = asyncio.Event()

    async def waiter(name):
        await event.wait()
        order.append(name)

    tasks = [asyncio.create_task(waiter(name)) for name in "abcdef"]
    await asyncio.sleep_ms(10)
    event.set()
    await asyncio.gather(*tasks)
    assert order == list("abcdef")


async def test_a_blocking_sleep_moves_time_and_fires_events_but_runs_no_task():
    here = world.current()
    seen = []

    async def task():
        await asyncio.sleep_ms(10)
        seen.append(("task", here.now_ms()))

    other = asyncio.create_task(task())
    await asyncio.sleep_ms(0)
    here.at_ms(20, lambda: seen.append(("event", here.now_ms())))
    time.sleep_ms(30)
    assert seen == [("event", 20)]
    await other
    assert seen == [("event", 20), ("task", 30)]


async def test_a_flag_set_by_an_interrupt_wakes_its_task_at_that_time_and_clears():
    here = world.current()
    flag = asyncio.ThreadSafeFlag()
    here.at_ms(25, flag.set)
    here.at_ms(70, flag.set)
    await flag.wait()
    assert here.now_ms() == 25
    await flag.wait()
    assert here.now_ms() == 70


async def test_a_flag_wakes_its_task_while_others_sleep_on():
    here = world.current()
    flag = asyncio.ThreadSafeFlag()
    other = asyncio.create_task(sleep(1000))
    here.at_ms(25, flag.set)
    await flag.wait()
    assert here.now_ms() == 25
    await other


async def test_an_event_set_from_a_world_event_wakes_a_task_when_all_others_wait_too():
    here = world.current()
    event = asyncio.Event()
    here.at_ms(40, event.set)
    await event.wait()
    assert here.now_ms() == 40


async def test_wait_for_gives_up_at_its_virtual_time():
    here = world.current()
    try:
        await asyncio.wait_for_ms(asyncio.Event().wait(), 1500)
        raise AssertionError("no timeout")
    except asyncio.TimeoutError:
        assert here.now_ms() == 1500
    assert await asyncio.wait_for(give(7), 1) == 7


async def give(value):
    await asyncio.sleep_ms(1)
    return value


async def test_a_cancelled_sleeper_ends_at_once():
    here = world.current()

    async def sleeper():
        await asyncio.sleep_ms(1000)

    task = asyncio.create_task(sleeper())
    await asyncio.sleep_ms(10)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
    assert here.now_ms() == 10


async def test_a_lock_passes_from_task_to_task():
    here = world.current()
    lock = asyncio.Lock()
    times = []

    async def hold():
        async with lock:
            await asyncio.sleep_ms(10)
            times.append(here.now_ms())

    await asyncio.gather(hold(), hold(), hold())
    assert times == [10, 20, 30]


def test_all_tasks_waiting_for_ever_is_an_error_instead_of_a_hang():
    async def wait():
        await asyncio.Event().wait()

    async def flag():
        await asyncio.ThreadSafeFlag().wait()

    for coro in (wait(), flag()):
        exc = raised(vtime.Stuck, vtime.run, coro)
        assert "deadlock" in str(exc)


def test_a_busy_loop_is_an_error_instead_of_a_hang():
    async def ticks():
        end = time.ticks_add(time.ticks_ms(), 5)
        while time.ticks_diff(end, time.ticks_ms()) > 0:
            pass

    async def yields():
        end = time.ticks_add(time.ticks_ms(), 5)
        while time.ticks_diff(end, time.ticks_ms()) > 0:
            await asyncio.sleep_ms(0)

    for coro in (ticks(), yields()):
        exc = raised(vtime.Stuck, vtime.run, coro)
        assert "busy loop" in str(exc)


def test_an_exception_of_the_coroutine_comes_out_of_run_and_its_value_too():
    async def fail():
        await asyncio.sleep_ms(1)
        raise ValueError("so it is")

    assert str(raised(ValueError, vtime.run, fail())) == "so it is"
    assert vtime.run(give("done")) == "done"


def test_an_exception_of_a_world_event_comes_out_of_run():
    async def main():
        world.current().after_ms(5, int, "not a number")
        await asyncio.sleep_ms(10)

    raised(ValueError, vtime.run, main())


def test_tasks_left_behind_do_not_run_in_the_next_run():
    seen = []

    async def ghost():
        while True:
            await asyncio.sleep_ms(10)
            seen.append(1)

    async def first():
        left_behind = asyncio.create_task(ghost())
        await asyncio.sleep_ms(25)
        assert not left_behind.done()

    vtime.run(first())
    assert len(seen) == 2
    vtime.run(give(1))
    vtime.run(sleep(100))
    assert len(seen) == 2


async def sleep(ms):
    await asyncio.sleep_ms(ms)


def test_a_world_made_before_keeps_its_time_over_several_runs():
    here = world.World()
    vtime.run(sleep(100), here)
    here.advance_ms(50)
    vtime.run(sleep(100), here)
    assert here.now_ms() == 250
    assert time.ticks_ms() == 250
    world.clear()


def test_ticks_wrap_at_the_period_of_a_32_bit_board():
    world.World(start_ticks_ms=(1 << 30) - 5)
    before = time.ticks_ms()
    assert before == (1 << 30) - 5
    time.sleep_ms(10)
    assert time.ticks_ms() == 5
    assert time.ticks_diff(time.ticks_ms(), before) == 10
    assert time.ticks_diff(before, time.ticks_ms()) == -10
    assert time.ticks_add(before, 10) == 5
    assert time.ticks_add(5, -10) == before
    raised(OverflowError, time.ticks_add, 0, 1 << 29)
    assert time.ticks_us() == time.ticks_us() < 1 << 30
    world.clear()


def test_without_a_world_time_is_real():
    world.clear()
    start = time.ticks_us()
    time.sleep_ms(5)
    assert 5_000 <= time.ticks_diff(time.ticks_us(), start) < 2_000_000


def test_sleep_takes_whole_numbers_only():
    raised(TypeError, time.sleep_ms, 1.5)
    raised(TypeError, time.sleep_us, "1")


def test_a_month_of_a_one_minute_loop_ends_to_the_millisecond():
    here = world.World()

    async def loop():
        for _ in range(31 * 1440):
            await asyncio.sleep_ms(60_000)

    vtime.run(loop(), here)
    assert here.now_ms() == 31 * 86_400_000
    world.clear()
