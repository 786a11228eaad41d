"""Stopping ends every task, whatever it does against that."""

import asyncio

from support.supervised import Device, beating


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
