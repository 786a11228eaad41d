"""Where a crossing is and where its radar looks: from the radar's coordinates to the street's.

The street's, in mm: the origin is the middle of the crossing on this side's kerb line. x runs
along the kerb, positive to the right hand of who stands on the pavement and faces the road; y is
positive on the pavement, negative on the road. The radar's, in mm: y straight away from it, x
positive to its right hand as it looks out. That is how ESPHome reads the LD2450, whose own sheet
does not say; a radar that counts the other way round, or hangs upside down, has `upside_down`.
"""

import math

from kerb.system.schema import Bool, Int, Obj
from micropython import const

SCHEMA = {
    # Along the kerb.
    "width_mm": Int(1000, 10000),
    # From the kerb line: who stands in it and does not walk on waits to cross.
    "waiting_depth_mm": Int(500, 4000, default=1500),
    # Left out: on a pole half a metre to the left of the crossing and from the kerb line.
    "radar_at": Obj(
        {
            "x_mm": Int(-10000, 10000, default=None),
            "y_mm": Int(-2000, 6000, default=500),
            # 0 looks straight away from the road, 90 along the kerb toward positive x.
            "heading_deg": Int(-180, 180, default=50),
            "upside_down": Bool(default=False),
        }
    ),
}

# Of the LD2450, and about of the LD2410: within 60 degrees to both sides.
RANGE_MM = const(6000)
_BESIDE_MM = const(500)
_BITS = const(12)  # of a sine: what is 30 m away stays below 2 ** 30, and 6 m right to 2 mm
_LOOKS = const(5)


def check(cfg):
    """What the schema cannot say: a list of errors of a config that satisfies SCHEMA."""
    if cfg.get("radar") == "none":
        return []
    crossing = Crossing(cfg)
    seen = 0
    for i in range(_LOOKS):
        for j in range(_LOOKS):
            x_mm = crossing.half_mm * (2 * i - _LOOKS + 1) // (_LOOKS - 1)
            seen += crossing.sees(x_mm, crossing.depth_mm * (2 * j + 1) // (2 * _LOOKS))
    if 2 * seen >= _LOOKS * _LOOKS:
        return []
    text = "crosswalk.radar_at: found %d %% of the waiting area in its view, allowed: at least 50"
    return [text % (100 * seen // (_LOOKS * _LOOKS))]


def length(a, b):
    """Of a vector, 3 % off at most; at least 1."""
    a, b = abs(a), abs(b)
    if a < b:
        a, b = b, a
    return max(a, (7 * a >> 3) + (b >> 1), 1)


class Crossing:
    """`cfg` satisfies SCHEMA. half_mm: half its width; depth_mm: of the waiting area.

    radar_x_mm, radar_y_mm: where the radar is, in the street's coordinates.
    """

    def __init__(self, cfg):
        at = cfg["radar_at"]
        self.half_mm = cfg["width_mm"] // 2
        self.depth_mm = cfg["waiting_depth_mm"]
        self.radar_x_mm = -self.half_mm - _BESIDE_MM if at["x_mm"] is None else at["x_mm"]
        self.radar_y_mm = at["y_mm"]
        turn = math.radians(at["heading_deg"])
        self._sin = round(math.sin(turn) * (1 << _BITS))
        self._cos = round(math.cos(turn) * (1 << _BITS))
        self._hand = -1 if at["upside_down"] else 1

    def street_x(self, x_mm, y_mm):
        """The street's x of a place that the radar tells."""
        return self.radar_x_mm + (y_mm * self._sin - self._hand * x_mm * self._cos >> _BITS)

    def street_y(self, x_mm, y_mm):
        """The street's y of a place that the radar tells."""
        return self.radar_y_mm + (y_mm * self._cos + self._hand * x_mm * self._sin >> _BITS)

    def to_street(self, x_mm, y_mm):
        """Both at once, for whom a tuple costs nothing."""
        return self.street_x(x_mm, y_mm), self.street_y(x_mm, y_mm)

    def to_radar(self, x_mm, y_mm):
        """(x, y) as the radar would tell a place of the street."""
        x_mm -= self.radar_x_mm
        y_mm -= self.radar_y_mm
        right = y_mm * self._sin - x_mm * self._cos >> _BITS
        return self._hand * right, x_mm * self._sin + y_mm * self._cos >> _BITS

    def sees(self, x_mm, y_mm):
        """Whether a place of the street is in the radar's view: 6 m, 60 degrees to both sides."""
        x_mm, y_mm = self.to_radar(x_mm, y_mm)
        if not 0 < y_mm <= RANGE_MM or abs(x_mm) > RANGE_MM:
            return False
        across = x_mm * x_mm
        return across <= 3 * y_mm * y_mm and across + y_mm * y_mm <= RANGE_MM * RANGE_MM
