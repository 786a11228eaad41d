"""Ultrasonic rangers as their data sheets have them, and the frames of those with a serial line.

`reach_m`: where a large flat wall, square on, is heard with 3 dB to spare at 20 degrees and 50 %
humidity, the meaning that the sheets' "range" has. `beam_deg`: off the axis by so much an echo is
6 dB weaker (both ways together); the shape between is Gaussian, 45 dB down at most (side lobes).
HC-SR04: 2 to 400 cm, 15 degree cone. JSN-SR04T: 20 to 600 cm, 45 to 75 degrees whole, silent for
60 ms and then "no echo". A02YYUW: 3 to 450 cm, 60 degrees whole, `FF H L SUM`. MB7389: 30 to 500
cm, narrow, `Rdddd\\r`, compensates the temperature itself. Of a target nearer than `blind_us` a
part hears only what comes back later.
"""

import math
from typing import NamedTuple


class Part(NamedTuple):
    """A ranger. `silent_us`: how long it takes to say that there is no echo."""

    name: str
    reach_m: float
    beam_deg: float
    blind_us: int
    silent_us: int
    serial: str | None


PARTS = {
    part.name: part
    for part in (
        Part("hc_sr04", 4.0, 15, 120, 38_000, None),
        Part("jsn_sr04t", 6.0, 22, 1160, 60_000, None),
        Part("jsn_serial", 6.0, 22, 1160, 60_000, "ff"),
        Part("a02yyuw", 4.5, 20, 175, 40_000, "ff"),
        Part("mb7389", 5.0, 9, 1740, 40_000, "maxbotix"),
    )
}
_SPARE_DB = 3
_SIDE_LOBES_DB = 45
_STANDARD_DB_M = 1.32  # ISO 9613-1 at 20 degrees and 50 %


def off_axis_db(part, radians):
    """Give the loss for a target off the beam's axis, both ways, in dB."""
    return min(_SIDE_LOBES_DB, 6 * (math.degrees(radians) / part.beam_deg) ** 2)


def margin_db(part, range_m, absorption_db_m):
    """Give by how much a mirror square on at `range_m` is above the part's threshold, in dB."""
    spread = 20 * math.log10(part.reach_m / max(range_m, 0.02))
    air = 2 * (_STANDARD_DB_M * part.reach_m - absorption_db_m * range_m)
    return _SPARE_DB + spread + air


def frame(part, distance_mm):
    """Give the bytes of one measurement; None: the part's way of saying that there was no echo
    (an A02YYUW then says 0, a MaxBotix its farthest, a triggered JSN 0).
    """
    if part.serial == "maxbotix":
        shown = 5000 if distance_mm is None else max(300, min(5000, distance_mm))
        return b"R%04d\r" % shown
    shown = 0 if distance_mm is None else max(0, min(0xFFFF, distance_mm))
    high, low = shown >> 8, shown & 0xFF
    return bytes((0xFF, high, low, (0xFF + high + low) & 0xFF))
