"""Tasks that die are started again, and none at the cost of the others."""

import asyncio

from support.raised import raised
from support.supervised import Device, beating


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


def test_two_tasks_of_one_name_are_refused():
    device = Device()
    device.add("light", beating(500), 1000)
    assert "light" in str(raised(ValueError, device.add, "light", beating(500), 1000))
