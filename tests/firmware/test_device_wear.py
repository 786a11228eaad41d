"""What commands may cost in flash: whoever commands all day long wears it no more than stated."""

import asyncio
import json

import board
from kerb import device
from support.tasks import ended

APRIL = 9597  # 2026-04-11
EVENING_S = 13 * 3600  # 22:00 in Busan
CONFIG = {
    "app": "light",
    "name": "lamp-0001",
    "site": {"lat_e7": 351800000, "lon_e7": 1290800000, "tz": "KST-9"},
    "light": {"ramp_s": 0},
}


class Writes:
    """Counts what is put into the store of a device, by the record's name."""

    def __init__(self, store):
        self.of = {}
        self._put = store.put
        store.put = self

    def __call__(self, name, data):
        self.of[name] = self.of.get(name, 0) + 1
        return self._put(name, data)


def configure():
    with open("config.json", "w") as f:
        f.write(json.dumps(CONFIG))


async def started():
    """A device in the evening, its writes, and its task."""
    configure()
    made = device.Device(board)
    task = asyncio.create_task(made.run())
    await asyncio.sleep_ms(100)
    made.clock.set(APRIL, EVENING_S, "network")
    return made, Writes(made.store), task


def steps(level_permille):
    return {"id": 1, "steps": [["clock", 1200, level_permille]]}


async def test_schedules_that_come_too_often_are_refused_and_the_one_that_is_kept_holds():
    made, writes, task = await started()
    answers = []
    for n in range(100):
        answers.append(made._command("set_schedule", steps(300 + n)))
        await asyncio.sleep_ms(1000)
    assert answers == [("ok", None)] * 20 + [("refused", "too_often")] * 80
    assert writes.of["schedule"] == 20
    assert made._app._light.level == 319
    assert made._command("clear_schedule", {"id": 2}) == ("refused", "too_often")
    await asyncio.sleep_ms(600 * 1000)
    assert made._command("clear_schedule", {"id": 2}) == ("ok", None)
    assert made._app._light.level == 1000
    assert made._command("set_schedule", steps(1)) == ("refused", "too_often")
    await ended(task)


async def test_what_is_refused_leaves_no_trace_so_that_the_same_command_can_come_later():
    made, _, task = await started()
    issued_s = APRIL * 86400 + EVENING_S
    for n in range(21):
        last = dict(steps(300 + n), issued_s=issued_s + n)
        answer = made._command("set_schedule", last)
    assert answer == ("refused", "too_often")
    await asyncio.sleep_ms(600 * 1000)
    assert made._command("set_schedule", last) == ("ok", None)
    assert made._app._light.level == 320
    await ended(task)


async def test_level_that_commands_change_all_the_time_is_written_at_most_164_times_a_day():
    made, writes, task = await started()
    app = made._app
    for n in range(2400):  # four hours; schedules by command are bounded themselves
        app._light.schedule.set_steps([["clock", 1200, 300 + n % 2]])
        await asyncio.sleep_ms(6000)
    assert 40 <= writes.of["level"] <= 20 + 24, writes.of
    # The last one is not lost, only late.
    app._light.schedule.set_steps([["clock", 1200, 700]])
    await asyncio.sleep_ms(700 * 1000)
    assert int.from_bytes(made.store.get("level"), "little") == 700
    await ended(task)
