"""The parking sensor: one or more bays, each with a ranger by config."""

from kerb.apps import parking
from kerb.apps.parking_app import App
from kerb.drivers import rangers
from kerb.system.schema import Bool, Int, Obj

_SCHEMA = {
    # Left out, there is none, or its voltage is not measured.
    "battery": Obj({"low_mv": Int(500, 18000)}, optional=True),
    # Sleep between two bursts, with the radio off but for reports; see kerb.system.power.
    "sleep": Bool(default=False),
    # Whether the board switches the rangers' supply: off between two bursts that are far apart.
    "ranger_switch": Bool(default=False),
}


def check(cfg):
    """What the schema cannot say: a list of errors of a config that satisfies schema()."""
    errors = parking.check(cfg)
    if len(cfg["bays"]) > rangers.MOST:
        text = "parking.bays: found %d items, allowed: 1 to %d, as many as boards have pins for"
        errors.append(text % (len(cfg["bays"]), rangers.MOST))
    for number, bay in enumerate(cfg["bays"]):
        key = "parking.bays[%d]." % number
        if any(error.startswith(key) for error in errors):
            continue
        least_mm, most_mm = _floors(cfg["ranger"], bay)
        if not least_mm <= (bay["floor_mm"] or least_mm) <= most_mm:
            text = "%sfloor_mm: found %d, allowed: %d to %d (parking.ranger)"
            errors.append(text % (key, bay["floor_mm"], least_mm, most_mm))
    return errors


def _floors(ranger, bay):
    """How near and how far the ground may be where the part has to hear it, and what is before."""
    near_mm, most_mm = rangers.RANGES[ranger]
    gap_mm, permille, least_mm, _ = parking.MOUNTS[bay["mount"]]
    near_mm = max(near_mm, least_mm)
    if bay["vehicle_mm"]:
        return near_mm + bay["vehicle_mm"] + 1, most_mm
    return max(near_mm + gap_mm, near_mm * 1000 // (1000 - permille)) + 1, most_mm


def schema():
    """Of the section `parking`: what the app and its drivers know."""
    keys = dict(parking.SCHEMA)
    keys.update(rangers.SCHEMA)
    keys.update(_SCHEMA)
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
    battery, nap = section["battery"], None
    if section["sleep"]:
        from kerb.hal import sleep
        from kerb.system.power import Power

        device.power = Power(sleep, device.clock)
        nap = device.power.nap
    return App(
        [parking.Bay(section, number) for number in numbers],
        [rangers.make(board, section, number) for number in numbers],
        rangers.thermometer(board, section),
        board.battery() if battery else None,
        device.clock,
        device.store,
        device.send,
        device.log,
        battery["low_mv"] if battery else 0,
        board.ranger_power() if section["ranger_switch"] else None,
        rangers.WAKE_MS[section["ranger"]],
        nap,
    )
