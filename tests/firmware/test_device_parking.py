import asyncio
import json

import board
import world
from kerb import device, settings
from support.ultrasonic import EchoPart, echo_us
from support.tasks import ended

CONFIG = {
    "app": "parking",
    "name": "bay-0001",
    "site": {"lat_e7": 351800000, "lon_e7": 1290800000, "tz": "KST-9"},
    "parking": {"ranger": "hc_sr04", "bays": [{"mount": "ceiling"}]},
}
GROUND_US, ROOF_US = echo_us(2500, 15), echo_us(1050, 15)


def write(path, text):
    with open(path, "w") as f:
        f.write(text)


async def started(config=CONFIG):
    """A device on the virtual board, running; gives it, its task and what it sends."""
    write("config.json", json.dumps(config))
    made = device.Device(board)
    assert made._app, made.errors
    sent = []
    made._app._send = lambda kind, values: sent.append((kind, values))
    task = asyncio.create_task(made.run())
    await asyncio.sleep_ms(100)
    return made, task, sent


def states(sent):
    return [(v["bay"], v["state"]) for kind, v in sent if kind == "bay_state"]


async def parked(part, seconds=40):
    """A car that comes under the part and stays."""
    for us in range(ROOF_US + 3000, ROOF_US, -600):
        part.us = us
        await asyncio.sleep_ms(800)
    await jitter(part, ROOF_US, seconds)


async def jitter(part, us, seconds):
    """No echo is the same twice for long."""
    for i in range(seconds * 4):
        part.us = us + i * 7 % 19
        await asyncio.sleep_ms(250)


def gaps(times):
    return [times[i + 1] - times[i] for i in range(len(times) - 1)]


async def test_a_bay_told_that_it_is_free_says_so_and_then_that_a_car_is_there_and_is_gone():
    part = EchoPart(world.current(), us=GROUND_US)
    made, task, sent = await started()
    await jitter(part, GROUND_US, 3)
    assert made._command("calibrate", {"id": 1, "bay": 0, "state": "free"}) == ("ok", None)
    await jitter(part, GROUND_US, 3)
    assert states(sent)[-1] == (0, "free")
    await parked(part)
    assert states(sent)[-1] == (0, "occupied")
    await jitter(part, GROUND_US, 10)
    assert states(sent)[-1] == (0, "free")
    assert [kind for kind, _ in sent].count("bay_report") >= 3
    await ended(task)


async def test_the_ground_outlives_a_power_cut_and_a_car_is_known_at_once_when_it_boots():
    part = EchoPart(world.current(), us=GROUND_US)
    made, task, sent = await started()
    await jitter(part, GROUND_US, 3)
    made._command("calibrate", {"id": 1, "bay": 0, "state": "free"})
    await jitter(part, GROUND_US, 3)
    await ended(task)
    world.current().reboot("power_on")
    part = EchoPart(world.current(), us=ROOF_US)
    _, task, sent = await started()
    await jitter(part, ROOF_US, 15)
    assert states(sent) == [(0, "occupied")], states(sent)
    await ended(task)


async def test_a_part_that_is_pulled_off_is_unknown_within_a_minute_and_then_a_fault():
    part = EchoPart(world.current(), us=GROUND_US)
    made, task, sent = await started()
    await jitter(part, GROUND_US, 3)
    made._command("calibrate", {"id": 1, "bay": 0, "state": "free"})
    await jitter(part, GROUND_US, 3)
    part.us = None
    await asyncio.sleep_ms(60000)
    assert states(sent)[-1] == (0, "unknown")
    assert [v["reason"] for k, v in sent if k == "bay_state"][-1] == "no_answer"
    await asyncio.sleep_ms(330000)
    faults = [v for kind, v in sent if kind == "fault"]
    assert faults == [{"part": "ranger", "reason": "no_answer", "active": True, "bay": 0}]
    await jitter(part, GROUND_US, 10)
    assert states(sent)[-1] == (0, "free")
    await ended(task)


async def test_two_bays_on_one_board_are_measured_in_turn_and_never_at_once():
    config = dict(CONFIG)
    config["parking"] = {"ranger": "hc_sr04", "bays": [{"floor_mm": 2500}, {"floor_mm": 2500}]}
    w = world.current()
    parts = [EchoPart(w, us=GROUND_US), EchoPart(w, trigger=4, echo=5, us=ROOF_US)]
    _, task, sent = await started(config)
    for i in range(60):
        parts[0].us = GROUND_US + i * 7 % 19
        parts[1].us = ROOF_US + i * 5 % 23
        await asyncio.sleep_ms(250)
    assert sorted(states(sent)) == [(0, "free"), (1, "occupied")]
    own, other = [[at for at, _ in part.triggers] for part in parts]
    assert len(own) > 30 and len(other) > 30
    assert min(gaps(sorted(own + other))) > ROOF_US
    assert min(gaps(own)) >= 60000 and len({gap // 1000 for gap in gaps(own)}) > 5
    await ended(task)


class Air:
    """A thermometer that says -20 degrees, or nothing any more."""

    fault = None
    temperature_cdeg = -2000

    def begin(self):
        self.temperature_cdeg = None if self.fault else -2000

    def poll(self, now_ms):
        return True


async def test_the_air_makes_the_distance_right_and_a_thermometer_that_fails_is_a_fault():
    us = echo_us(2500, -20)
    part = EchoPart(world.current(), us=us)
    made, task, sent = await started()
    air = made._app._thermometer = Air()
    await jitter(part, us, 40)
    made._app.report()
    report = [v for kind, v in sent if kind == "bay_report"][-1]
    assert abs(report["distance_mm"] - 2500) <= 5 and report["temperature_cdeg"] == -2000
    air.fault = "no_answer"
    await jitter(part, us, 400)
    assert [v for kind, v in sent if kind == "fault"] == [
        {"part": "temperature", "reason": "no_answer", "active": True}
    ]
    await ended(task)


async def test_commands_that_cannot_be_obeyed_are_refused():
    EchoPart(world.current(), us=None)
    made, task, _ = await started()
    calibrate = {"id": 1, "bay": 0, "state": "free"}
    assert made._command("calibrate", calibrate) == ("refused", "not_yet")
    assert made._command("calibrate", dict(calibrate, bay=1)) == ("refused", "bad_payload")
    assert made._command("set_level", {}) == ("unknown", "not_supported")
    await ended(task)


def test_what_cannot_be_in_the_config_is_named():
    for given, name in (
        ({"bays": [{"mount": "lamp post"}]}, "parking.bays[0].mount"),
        ({"bays": []}, "parking.bays"),
        ({"bays": [{}] * 3}, "parking.bays"),
        ({"bays": [{"floor_mm": 100}]}, "parking.bays[0].floor_mm"),
        ({"bays": [{}], "idle_burst": 9}, "parking.idle_burst"),
        ({"bays": [{}], "settle_s": 10, "dwell_s": 3}, "parking.settle_s"),
        ({"bays": [{}], "quick_ms": 1001}, "parking.quick_ms"),
        ({"bays": [{}], "idle_s": 31}, "parking.idle_s"),
        ({"bays": [{}, {"floor_mm": 4001}]}, "parking.bays[1].floor_mm"),
        ({"bays": [{"floor_mm": 600}]}, "parking.bays[0].floor_mm"),
        ({"bays": [{"mount": "post", "floor_mm": 400}]}, "parking.bays[0].floor_mm"),
        ({"bays": [{"floor_mm": 1500, "vehicle_mm": 1500}]}, "parking.bays[0].vehicle_mm"),
        ({"bays": [{"floor_mm": 1500, "vehicle_mm": 1300}]}, "parking.bays[0].vehicle_mm"),
        ({"bays": [{}], "ranger": "radar"}, "parking.ranger"),
        # What is to be told from the ground there is nearer than an MB7389 can measure.
        ({"bays": [{"mount": "kerb", "floor_mm": 451}], "ranger": "mb7389"}, "parking.bays[0].fl"),
        ({"bays": [{"floor_mm": 5000}], "ranger": "mb7389"}, "parking.bays[0].floor_mm"),
        ({"bays": [{"floor_mm": 4501}], "ranger": "a02yyuw"}, "parking.bays[0].floor_mm"),
    ):
        section = {"ranger": "hc_sr04"}
        section.update(given)
        errors = settings.check_config(dict(CONFIG, parking=section))
        assert len(errors) == 1 and errors[0].startswith(name), errors
    for given in (
        {"bays": [{}, {"floor_mm": 4000}]},
        {"bays": [{"floor_mm": 6000}], "ranger": "jsn_sr04t"},
        {"bays": [{"mount": "kerb", "floor_mm": 452}], "ranger": "mb7389"},
        {"bays": [{"mount": "kerb", "floor_mm": 381}], "ranger": "a02yyuw"},
        {"bays": [{"floor_mm": 601}], "quick_ms": 1000, "settle_s": 3, "dwell_s": 3},
        {"bays": [{"floor_mm": 1500, "vehicle_mm": 1299}], "idle_s": 30, "quick_ms": 5000},
    ):
        section = {"ranger": "hc_sr04"}
        section.update(given)
        assert settings.check_config(dict(CONFIG, parking=section)) == [], given


class Noisy(EchoPart):
    """A part whose echoes are never the same, also while the processor sleeps."""

    def __init__(self, w):
        super().__init__(w, us=GROUND_US)

    def _trigger(self, level, us):
        steady = self.us
        self.us += us * 7 % 19
        super()._trigger(level, us)
        self.us = steady


async def test_a_device_on_a_battery_sleeps_and_misses_no_car_and_no_watchdog():
    w = world.current()
    part = Noisy(w)
    config = dict(CONFIG)
    config["parking"] = {
        "ranger": "hc_sr04",
        "bays": [{"floor_mm": 2500}],
        "sleep": True,
        "idle_s": 10,
        "battery": {"low_mv": 3300},
        "ranger_switch": True,
    }
    w.set_adc_mv(28, 3600 * 3300 // 18300)
    supply = []
    w.watch(7, lambda level, us: supply.append((level, us)))
    made, task, sent = await started(config)
    await asyncio.sleep_ms(130_000)
    assert made.power.saving
    before_ms = made.power.slept_ms
    supply.clear()
    await asyncio.sleep_ms(300_000)
    spent_ms = made.power.slept_ms - before_ms
    assert spent_ms > 280_000, spent_ms  # of 300,000
    assert 25 <= len([level for level, _ in supply if level]) <= 35
    assert states(sent) == [(0, "free")]
    for nearer in range(7):
        part.us = GROUND_US - (GROUND_US - ROOF_US) * nearer // 6
        await asyncio.sleep_ms(1500)
    await asyncio.sleep_ms(60_000)
    assert states(sent) == [(0, "free"), (0, "occupied")]
    part.us = GROUND_US
    await asyncio.sleep_ms(30_000)
    assert states(sent)[-1] == (0, "free")
    reports = [values for kind, values in sent if kind == "bay_report"]
    assert abs(reports[-1]["battery_mv"] - 3600) < 20
    w.set_adc_mv(28, 3200 * 3300 // 18300)
    await asyncio.sleep_ms(90_000)
    faults = [values for kind, values in sent if kind == "fault"]
    assert faults == [{"part": "battery", "reason": "low", "active": True}]
    await ended(task)
