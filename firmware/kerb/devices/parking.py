"""The parking sensor: one or more bays, each with a ranger by config."""

from kerb.apps import parking
from kerb.apps.parking_app import App
from kerb.drivers import rangers
from micropython import const

# A ground farther away than that an hc_sr04 never hears.
_HC_SR04_MM = const(4000)


def check(cfg):
    """What the schema cannot say: a list of errors of a config that satisfies schema()."""
    errors = parking.check(cfg)
    if len(cfg["bays"]) > rangers.MOST:
        text = "parking.bays: found %d items, allowed: 1 to %d, as many as boards have pins for"
        errors.append(text % (len(cfg["bays"]), rangers.MOST))
    for number, bay in enumerate(cfg["bays"]):
        if cfg["ranger"] == "hc_sr04" and (bay["floor_mm"] or 0) > _HC_SR04_MM:
            text = "parking.bays[%d].floor_mm: found %d, allowed: 300 to %d (parking.ranger)"
            errors.append(text % (number, bay["floor_mm"], _HC_SR04_MM))
    return errors


def schema():
    """Of the section `parking`: what the app and its drivers know."""
    keys = dict(parking.SCHEMA)
    keys.update(rangers.SCHEMA)
    return keys


class _Nothing:
    """The outputs of a device that has none."""

    def safe(self):
        """There is nothing to make safe."""


def make_outputs(board, cfg, retained):
    """A bay only looks."""
    return _Nothing()


def make_app(device, board, cfg, outputs):
    """The app, with the rangers that the config says are fitted."""
    section = cfg["parking"]
    numbers = range(len(section["bays"]))
    return App(
        [parking.Bay(section, number) for number in numbers],
        [rangers.make(board, section, number) for number in numbers],
        rangers.thermometer(board, section),
        None,
        device.clock,
        device.store,
        device.send,
        device.log,
    )
