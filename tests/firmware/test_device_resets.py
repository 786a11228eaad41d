"""A lamp whose chip is reset in the middle of the night, without network."""

import asyncio
import json

import board
import world
from kerb import device
from support.tasks import ended

LAMP, SENSOR = 15, 26
CONFIG = {
    "app": "light",
    "name": "lamp-0001",
    "site": {"lat_e7": 351800000, "lon_e7": 1290800000, "tz": "KST-9"},
    "light": {"schedule": [{"at": "22:00", "level_permille": 500}]},
}
# 22:50 in Busan on 11 April 2026.
NIGHT = (9597, 13 * 3600 + 50 * 60)


async def boot():
    """A device on the virtual board, running; gives it and its task."""
    made = device.Device(board)
    task = asyncio.create_task(made.run())
    await asyncio.sleep_ms(3500)
    return made, task


async def reset(task, cause):
    """The end of a run, and a reset. (The board's process would have ended without a word.)"""
    await ended(task)
    world.current().reboot(cause)


def lamp_permille():
    return round(world.current().pwm(LAMP)[1] * 1000 / 65535)


def write_config():
    with open("config.json", "w") as f:
        f.write(json.dumps(CONFIG))


async def test_a_lamp_goes_on_dimming_after_watchdog_resets_and_is_full_after_a_power_cut():
    write_config()
    here = world.current()
    here.set_adc_mv(SENSOR, 100)
    first, task = await boot()
    assert lamp_permille() > 990
    first.clock.set(NIGHT[0], NIGHT[1], "network")
    await asyncio.sleep_ms(70000)  # three crashes within a minute each would be safe mode
    for resets, cause in ((1, "watchdog"), (2, "hard"), (3, "watchdog")):
        await reset(task, cause)
        again, task = await boot()
        assert again.clock.trusted() and again.clock.resets == resets
        assert again.clock.source == "network"
        assert 495 <= lamp_permille() <= 506
        await asyncio.sleep_ms(70000)
    await reset(task, "power_on")
    again, task = await boot()
    assert again.clock.now() is None
    assert lamp_permille() > 990
    await reset(task, "power_on")
