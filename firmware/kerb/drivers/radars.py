"""Which radar looks at the people, and which at the cars: by config."""

from kerb.system.schema import Choice

SCHEMA = {
    "radar": Choice(("none", "ld2450", "ld2410"), default="ld2450"),
    "car_radar": Choice(("none", "ops243"), default="none"),
}


def make(board, cfg):
    """The radar of a config with the keys of SCHEMA: an Ld2450, an Ld2410, or None for none."""
    kind = cfg["radar"]
    # Imported here: a device has one kind, and its memory.
    if kind == "ld2450":
        from kerb.drivers.ld2450 import Ld2450 as Radar
    elif kind == "ld2410":
        from kerb.drivers.ld2410 import Ld2410 as Radar
    else:
        return None
    from kerb.drivers.hilink import BAUD

    return Radar(board.radar_serial(BAUD))


def make_for_cars(board, cfg):
    """The cars' radar of such a config, an Ops243, or None for none.

    ValueError where the board has no pins for it.
    """
    if cfg["car_radar"] == "none":
        return None
    from kerb.drivers.ops243 import BAUD, Ops243

    return Ops243(board.car_radar_serial(BAUD))
