"""The supervisor's share in the record of boots: a minute of health makes the difference."""

import asyncio

from support.supervised import Device, Memory, beating


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
