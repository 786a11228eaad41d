"""The stand-ins only add: other users of time and asyncio in this process see no difference."""

import asyncio
import gc
import threading
import time

import cpython  # noqa: F401
import pytest
import vtime
import world


@pytest.fixture(autouse=True)
def no_world():
    world.clear()
    yield
    world.clear()


def test_a_usual_event_loop_keeps_real_time_beside_a_virtual_world():
    world.World()
    start = time.monotonic()
    asyncio.run(asyncio.sleep(0.05))
    assert 0.04 < time.monotonic() - start < 5


def test_a_usual_event_loop_in_another_thread_runs_on_during_virtual_time():
    ticks = []

    async def count():
        for _ in range(10):
            await asyncio.sleep(0.01)
            ticks.append(time.monotonic())

    thread = threading.Thread(target=lambda: asyncio.run(count()))
    thread.start()

    async def day():
        for _ in range(1440):
            await asyncio.sleep_ms(60_000)

    vtime.run(day())
    thread.join()
    assert len(ticks) == 10


def test_time_sleep_and_time_time_are_the_real_ones():
    world.World()
    start = time.time()
    time.sleep(0.02)
    assert 0.01 < time.time() - start < 5


def test_a_flag_is_set_from_another_thread_in_real_time():
    async def main():
        flag = asyncio.ThreadSafeFlag()
        threading.Timer(0.05, flag.set).start()
        await asyncio.wait_for(flag.wait(), 5)
        threading.Timer(0.05, flag.set).start()
        await asyncio.wait_for(flag.wait(), 5)

    start = time.monotonic()
    asyncio.run(main())
    assert time.monotonic() - start < 3


def test_virtual_time_leaves_no_event_loop_and_no_world_behind():
    async def nothing():
        pass

    vtime.run(nothing())
    assert not world.exists()
    asyncio.run(nothing())
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()


def test_tasks_left_behind_end_with_their_finally():
    ended = []

    async def ghost():
        try:
            await asyncio.sleep_ms(1000)
        finally:
            ended.append(1)

    async def main():
        task = asyncio.create_task(ghost())
        await asyncio.sleep_ms(1)
        assert not task.done()

    vtime.run(main())
    assert ended == [1]


def test_a_reset_runs_no_finally():
    ended = []

    async def ghost():
        try:
            await asyncio.sleep_ms(1000)
        finally:
            ended.append(1)

    async def main():
        task = asyncio.create_task(ghost())
        await asyncio.sleep_ms(1)
        assert not task.done()
        world.current().reset("hard")

    here = world.World()
    try:
        vtime.run(main(), here)
    except world.Reset:
        pass
    here.reboot("hard")
    gc.collect()
    assert ended == []


def test_a_real_world_can_not_be_run_in_virtual_time():
    async def nothing():
        pass

    coro = nothing()
    with pytest.raises(ValueError):
        vtime.run(coro, world.World(real=True))
    coro.close()


def test_a_task_that_dies_with_the_board_says_nothing_when_it_is_collected(caplog):
    async def main():
        async def reset():
            world.current().reset("hard")

        task = asyncio.create_task(reset())
        await asyncio.sleep_ms(1)
        assert not task.done()

    w = world.World()
    with pytest.raises(world.Reset):
        vtime.run(main(), w)
    w.reboot("hard")
    gc.collect()
    assert caplog.text == ""
