"""A task that hangs lets the watchdog bite, and one that only waits does not."""

import asyncio
import time

from support.supervised import Device, beating


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
