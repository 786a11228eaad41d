"""A whole street light whose lamp hangs on DALI, from its config to the bus."""

import asyncio
import json

import board
import world
from kerb import device
from kerb.drivers.lamp import arc_level
from support.dali_bus import Bus, Gear
from support.tasks import ended

SENSOR = 26
NIGHT_MV, DAY_MV = 100, 2500


class Uplink:
    """Keeps the faults that are reported; is up, whoever asks."""

    def __init__(self):
        self.faults = []

    def up(self):
        return True

    def send(self, kind, values):
        if kind == "fault":
            self.faults.append((values["part"], values["reason"], values["active"]))


def write(path, text):
    with open(path, "w") as f:
        f.write(text)


async def started(gear, **section):
    """(the bus, what the city hears, the task) of a light that runs at night."""
    w = world.current()
    w.set_adc_mv(SENSOR, NIGHT_MV)
    bus = Bus(w, gear)
    section["output"] = "dali"
    config = {
        "app": "light",
        "name": "lamp-0001",
        "site": {"lat_e7": 351800000, "lon_e7": 1290800000, "tz": "KST-9"},
        "light": section,
    }
    write("config.json", json.dumps(config))
    made = device.Device(board)
    made._uplink = made._transport = heard = Uplink()
    task = asyncio.create_task(made.run())
    await asyncio.sleep_ms(100)
    return bus, heard, task


async def test_the_light_is_on_the_bus_a_tenth_of_a_second_after_the_start():
    gear = Gear()
    gear.light = 0
    bus, heard, task = await started(gear)
    assert gear.light == 254
    await ended(task)
    assert bus.faults == []


async def test_the_way_down_is_soft_and_every_frame_of_it_keeps_to_the_standard():
    gear = Gear(3)
    bus, heard, task = await started(gear, dali_address=3, ramp_s=4)
    world.current().set_adc_mv(SENSOR, DAY_MV)
    while gear.light == 254:
        await asyncio.sleep_ms(10)
    seen = []
    while gear.light:
        seen.append(gear.light)
        await asyncio.sleep_ms(50)
    assert 60 <= len(seen) <= 90
    assert seen == sorted(seen, reverse=True)
    await asyncio.sleep_ms(60000)
    assert gear.light == 0 and heard.faults == []
    await ended(task)
    assert bus.faults == []
    assert gear.light == 254  # nobody decides any more


async def test_what_the_gear_says_reaches_the_city_once_and_its_end_too():
    gear = Gear()
    bus, heard, task = await started(gear)
    await asyncio.sleep_ms(120_000)
    assert heard.faults == []
    gear.lamp_failure = True
    await asyncio.sleep_ms(600_000)
    gear.lamp_failure = False
    await asyncio.sleep_ms(600_000)
    assert heard.faults == [("lamp", "lamp_failure", True), ("lamp", "lamp_failure", False)]
    for change, back, reason in (
        (lambda: setattr(gear, "dead", True), lambda: setattr(gear, "dead", False), "no_answer"),
        (bus.hold_low, lambda: bus.hold_low(False), "bus_low"),
    ):
        heard.faults.clear()
        change()
        await asyncio.sleep_ms(600_000)
        back()
        await asyncio.sleep_ms(600_000)
        assert heard.faults == [("dali", reason, True), ("dali", reason, False)]
    await ended(task)
    assert bus.faults == []


async def test_gear_that_lost_its_mains_is_brought_back_to_the_level():
    gear = Gear()
    bus, heard, task = await started(gear, on_level_permille=1000)
    world.current().set_adc_mv(SENSOR, DAY_MV)
    await asyncio.sleep_ms(200_000)
    assert gear.light == 0
    for _ in range(5):
        gear.light = 254
        await asyncio.sleep_ms(15_000)
        assert gear.light == 0
    assert arc_level(0) == 0 and heard.faults == []
    await ended(task)
