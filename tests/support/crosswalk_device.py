"""A crosswalk's device on the virtual board, and who comes to it."""

import asyncio
import json

import board
import world
from kerb import device
from support.beacon_lamps import DIM_PIN, LEFT_PIN, RIGHT_PIN
from support.radar_frames import report

CONFIG = {
    "app": "crosswalk",
    "name": "crosswalk-0001-a",
    "site": {"lat_e7": 351800000, "lon_e7": 1290800000, "tz": "KST-9"},
    "crosswalk": {
        "width_mm": 4000,
        "length_mm": 7000,
        "radar_at": {"x_mm": 0, "y_mm": 0, "heading_deg": 0},
    },
}
LEFT, RIGHT, LAMP, SOUNDER, DIM = LEFT_PIN, RIGHT_PIN, 12, 13, DIM_PIN
BUTTON, RADAR, CAR_RADAR, SENSOR = 19, 1, 0, 26


def config(**section):
    doc = dict(CONFIG)
    doc["crosswalk"] = dict(CONFIG["crosswalk"])
    doc["crosswalk"].update(section)
    return doc


def write(doc):
    with open("config.json", "w") as f:
        f.write(json.dumps(doc))


async def started(doc=CONFIG):
    """A device on the virtual board, running; gives it, its task and what it sends."""
    write(doc)
    made = device.Device(board)
    assert made._app, made.errors
    sent = list(made._early)
    made._app._send = lambda kind, values: sent.append((kind, values))
    task = asyncio.create_task(made.run())
    await asyncio.sleep_ms(100)
    return made, task, sent


class Flashes:
    """When each lamp went on, in ms."""

    def __init__(self):
        w = world.current()
        self.on = []
        for pin in (LEFT, RIGHT):
            w.watch(pin, lambda level, us, pin=pin: level and self.on.append((us // 1000, pin)))


async def seen(*places, beat_ms=100):
    """The radar tells of one person at each of these places, one a frame."""
    last = None
    for x_mm, y_mm in places:
        far = int((x_mm * x_mm + y_mm * y_mm) ** 0.5)
        cm_s = 0 if last is None else (far - last) * 100 // beat_ms
        last = far
        world.current().uart(RADAR).send(report((x_mm, y_mm, cm_s)), baud=256000)
        await asyncio.sleep_ms(beat_ms)


async def nobody(ms):
    for _ in range(ms // 100):
        world.current().uart(RADAR).send(report(), baud=256000)
        await asyncio.sleep_ms(100)


async def push(ms):
    world.current().drive(BUTTON, 0)
    await asyncio.sleep_ms(ms)
    world.current().drive(BUTTON, None)


def kinds(sent, kind):
    return [values for name, values in sent if name == kind]


def reasons(sent):
    return [(v["reason"], v["again"]) for v in kinds(sent, "crosswalk_activation")]


def faults(sent):
    return [(v["part"], v["reason"], v["active"]) for v in kinds(sent, "fault")]


def towards(steps=20):
    """Somebody who walks to the kerb line from 4 m, at 1.4 m/s."""
    return [(60 * (i % 3 - 1) // 2, 4000 - 140 * i) for i in range(steps)]


def along(steps=40):
    """Somebody who walks along the kerb, 1.5 m from it."""
    return [(-2300 + 120 * i, 1500 + i % 4 * 10) for i in range(steps)]
