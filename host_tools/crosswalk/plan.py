"""Where things are at a crossing: what a top view draws besides who is there."""

import math
from typing import NamedTuple

from host_tools import config_files

# An LD2450 looks 60 degrees to either side and about 6 m far.
RANGE_MM = 6000
HALF_ANGLE_DEG = 60
_WAITING_DEPTH_MM = 2000
_LENGTH_MM = 7000
_ROAD_SHOWN_MM = 2500
_MARGIN_MM = 400


class Plan(NamedTuple):
    """A crossing in its own coordinates (mm): x along the kerb, pavement y > 0, road y < 0.

    `width_mm` along the kerb, `waiting_depth_mm` from the kerb, `length_mm` from kerb to kerb; the
    radar at (radar_x_mm, radar_y_mm), looking `heading_deg` from straight away from the road.
    """

    width_mm: int
    waiting_depth_mm: int = _WAITING_DEPTH_MM
    length_mm: int = _LENGTH_MM
    radar_x_mm: int = 0
    radar_y_mm: int = 0
    heading_deg: int = 0
    has_radar: bool = True

    def sees(self, x_mm, y_mm):
        """Whether a place is in the radar's view."""
        dx_mm, dy_mm = x_mm - self.radar_x_mm, y_mm - self.radar_y_mm
        if not self.has_radar or math.hypot(dx_mm, dy_mm) > RANGE_MM:
            return False
        off_deg = math.degrees(math.atan2(dx_mm, dy_mm)) - self.heading_deg
        return abs((off_deg + 180) % 360 - 180) <= HALF_ANGLE_DEG

    def bounds(self):
        """Give (left, top, right, bottom) of what is worth showing, in mm; top is on the road."""
        reach_mm = round(RANGE_MM * math.sin(math.radians(HALF_ANGLE_DEG)))
        half_mm = self.width_mm // 2
        left = min(-half_mm, self.radar_x_mm - reach_mm) - _MARGIN_MM
        right = max(half_mm, self.radar_x_mm + reach_mm) + _MARGIN_MM
        road_mm = min(self.length_mm, _ROAD_SHOWN_MM)
        return left, -road_mm, right, self.radar_y_mm + RANGE_MM + _MARGIN_MM


def of_section(section):
    """Give the Plan of a device's config section `crosswalk`, read by the firmware's own code.

    ValueError when it is none that a device would take.
    """
    _, _, schema = config_files.firmware()
    from kerb.apps.crossing import SCHEMA, Crossing

    known = {key: section[key] for key in SCHEMA if key in section}
    clean, errors = schema.validate({"crosswalk": schema.Obj(SCHEMA)}, {"crosswalk": known})
    length_mm = section.get("length_mm", _LENGTH_MM)
    if errors or not isinstance(length_mm, int):
        raise ValueError("; ".join(errors) or "length_mm: found {!r}".format(length_mm))
    cfg = clean["crosswalk"]
    crossing = Crossing(cfg)
    return Plan(
        cfg["width_mm"],
        cfg["waiting_depth_mm"],
        length_mm,
        crossing.radar_x_mm,
        crossing.radar_y_mm,
        cfg["radar_at"]["heading_deg"],
        section.get("radar") != "none",
    )
