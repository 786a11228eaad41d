"""The street light: its lamp by config, the sensors that are fitted, and what decides."""

from kerb.apps import light
from kerb.apps.light_app import App, Parts
from kerb.drivers import lamps, meter
from kerb.hal.retained import Output
from kerb.system.counters import Counters
from kerb.system.timezone import Zone


def check(cfg):
    """What the schema cannot say: a list of errors of a config that satisfies schema()."""
    return light.check(cfg) + lamps.check(cfg)


def schema():
    """Of the section `light`: what the app and its drivers know."""
    keys = dict(light.SCHEMA)
    keys.update(lamps.SCHEMA)
    keys.update(meter.SCHEMA)
    return keys


def make_outputs(board, cfg, retained):
    """The lamp, at the level that it had before a reset where that is known."""
    before = Output(retained, light.FULL).get() if retained else None
    return lamps.make(board, cfg["light"], before)


def make_app(device, board, cfg, lamp):
    """The app, with the parts that the config says are fitted."""
    section, site = cfg["light"], cfg["site"]
    parts = Parts(lamp)
    if device.retained:
        parts.retained = Output(device.retained, light.FULL)
    parts.sensor = board.light_sensor()
    if section["presence"]:
        parts.motion = board.presence_input()
    if section["meter"] == "hlw8032":
        from kerb.drivers.hlw8032 import Hlw8032

        parts.meter = Hlw8032(board.meter_serial(), section)
    if section["thermistor"]:
        from kerb.drivers.thermistor import Thermistor

        parts.thermistor = Thermistor(board.lamp_temperature())
    store = device.store
    start = None
    if cfg["uplink"]:  # else nothing will bring the time
        start = store.get("level")
        # A night that was dark on purpose is no reason to begin in the dark.
        start = int.from_bytes(start, "little") or None if start and len(start) == 2 else None
    decided_by = light.Light(
        section,
        site["lat_e7"],
        site["lon_e7"],
        Zone(site["tz"]),
        Counters(store, "energy", 3),
        device.reset_cause,
        start,
        store.get("nights"),
    )
    return App(
        section,
        decided_by,
        parts,
        device.clock,
        store,
        device.send,
        device.log,
        lamp.permille,
    )
