"""The crosswalk: a pole with a button and a beacon, radars, and another pole across the road."""

import time

from kerb.apps import cars, crossing, crosswalk_health, intent, pair, warning
from kerb.apps.crosswalk import Crosswalk
from kerb.apps.crosswalk_app import SCHEMA, App, Parts
from kerb.apps.crosswalk_pole import Pole
from kerb.drivers import beacon, radars
from kerb.drivers.button import Button
from kerb.drivers.feedback import Feedback
from kerb.hal.retained import Output

_MADE_OF = (crossing, intent, cars, warning, pair, crosswalk_health, beacon, radars)


def check(cfg):
    """What the schema cannot say: a list of errors of a config that satisfies schema()."""
    errors = []
    for module in _MADE_OF:
        if hasattr(module, "check"):
            errors += module.check(cfg)
    return errors


def schema():
    """Of the section `crosswalk`: what the app, its parts and its drivers know."""
    keys = dict(SCHEMA)
    for module in _MADE_OF:
        keys.update(module.SCHEMA)
    return keys


def make_outputs(board, cfg, retained):
    """The pole: it works, with its button, when nothing else does."""
    section = cfg["crosswalk"]
    lights = beacon.Beacon(board, section)
    pole = Pole(
        Crosswalk(
            warning.period_ms(section, lights.round_ms),
            lights.round_ms,
            section["wait_for_car"],
        ),
        lights,
        Button(board.push_button()),
        Feedback(board.pedestrian_lamp(), board.sounder()),
        Output(retained, 1) if retained else None,
    )
    pole.look(time.ticks_ms())
    return pole


def make_app(device, board, cfg, pole):
    """The app, with the parts that the config says are fitted."""
    section, site = cfg["crosswalk"], cfg["site"]
    parts = Parts()
    parts.radar = radars.make(board, section)
    if section["radar"] == "ld2450":
        from kerb.apps.paths import Paths

        parts.people = Paths(section, crossing.Crossing(section))
    elif parts.radar:
        from kerb.apps.dwell import Presence

        parts.people = Presence(section)
    parts.car_radar = radars.make_for_cars(board, section)
    if parts.car_radar:
        parts.cars = cars.Cars(section)
    parts.dimmer = warning.Dimmer(section, site)
    parts.sensor = board.light_sensor()
    if section["battery"]:
        parts.battery = board.battery()
    if section["charger"]:
        parts.charger = board.charging_input()
    if section["crossing"]:
        parts.pair = pair.Pair(section)
    parts.health = crosswalk_health.Health(section)
    return App(section, pole, parts, device.clock, device.send)
