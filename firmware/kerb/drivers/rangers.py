"""Which ranger looks at a bay, and which thermometer at the air: by config.

A ranger, whatever it is (see kerb.drivers.ultrasonic_echo for what the words mean):

    begin()           starts one measurement, at once
    poll(now_ms)      True when that is done
    distance_mm       of it, or None
    fault             None | "no_answer" | "garbled" | "out_of_range" | "stuck"
    alive             whether the part said anything at all
    every_ms          least time from one begin() to the next
    ready_ms          after so long poll() is worth a call
    temperature_cdeg  to be set to the air's; None while nobody knows it
    smooths           whether it may say the same for long though all is well

"no_answer" while alive: the part works and nothing came back to it from within its range.
"out_of_range": something is nearer than it can measure.

Rangers that look at the same place hear each other: begin() one when the other's poll() is True.
"""

from kerb.system.schema import Bool, Choice, Int
from micropython import const

MOST = const(2)  # on any board

# The nearest and the farthest that each measures, in mm.
RANGES = {
    "hc_sr04": (20, 4000),
    "jsn_sr04t": (200, 6000),
    "a02yyuw": (30, 4500),
    "jsn_serial": (200, 6000),
    "mb7389": (301, 4999),
}

# How long after the power came each is to be left alone.
WAKE_MS = {"hc_sr04": 100, "jsn_sr04t": 100, "a02yyuw": 300, "jsn_serial": 100, "mb7389": 200}

SCHEMA = {
    "ranger": Choice(("hc_sr04", "jsn_sr04t", "a02yyuw", "jsn_serial", "mb7389")),
    # Whether a serial one measures the air itself; left out: a02yyuw yes, jsn_serial no.
    "ranger_knows_air": Bool(default=None),
    "thermometer": Choice(("none", "ds18b20", "board"), default="none"),
    # Added to what the thermometer says.
    "thermometer_offset_cdeg": Int(-2000, 2000, default=0),
}


def make(board, cfg, index=0):
    """The ranger of bay `index` by a config with the keys of SCHEMA.

    ValueError for an index that the board has no pins for.
    """
    kind = cfg["ranger"]
    # Imported here: a device has one kind, and its memory.
    if kind == "hc_sr04" or kind == "jsn_sr04t":
        from kerb.drivers.ultrasonic_echo import EchoRanger

        return EchoRanger(board.ranger_echo(index), *RANGES[kind])
    from kerb.drivers import ultrasonic_serial as serial

    port = board.ranger_serial(index, serial.BAUD, serial.RX_BYTES)
    if kind == "mb7389":
        return serial.TextRanger(port, *RANGES[kind])
    knows_air = cfg["ranger_knows_air"]
    if kind == "jsn_serial":
        return serial.AskedRanger(port, *RANGES[kind], bool(knows_air))
    return serial.FrameRanger(port, *RANGES[kind], knows_air is not False)


def thermometer(board, cfg):
    """What measures the air, by a config with the keys of SCHEMA; None for none.

    It has begin(), poll(now_ms), temperature_cdeg and fault as kerb.drivers.ds18b20 has them.
    ValueError where the board has none of its own.
    """
    kind = cfg["thermometer"]
    if kind == "ds18b20":
        from kerb.drivers.ds18b20 import Ds18b20

        return Ds18b20(board.thermometer_bus(), cfg["thermometer_offset_cdeg"])
    if kind == "board":
        from kerb.drivers.chip_thermometer import ChipThermometer

        return ChipThermometer(board.core_temperature(), cfg["thermometer_offset_cdeg"])
    return None
