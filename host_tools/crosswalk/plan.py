"""Where things are at a crossing: what a top view draws besides who is there."""

import math
from typing import NamedTuple

from host_tools import config_files

# An LD2450 looks 60 degrees to either side and about 6 m far.
RANGE_MM = 6000
HALF_ANGLE_DEG = 60
_WAITING_DEPTH_MM = 1500
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

    def edge_mm(self, off_deg):
        """Give (x, y) of the farthest place that the radar sees `off_deg` off its axis."""
        radians = math.radians(self.heading_deg + off_deg)
        return (
            self.radar_x_mm + RANGE_MM * math.sin(radians),
            self.radar_y_mm + RANGE_MM * math.cos(radians),
        )

    def bounds(self):
        """Give (left, top, right, bottom) of what is worth showing, in mm; top is on the road."""
        half_mm = self.width_mm / 2
        places = [(-half_mm, 0), (half_mm, self.waiting_depth_mm)]
        places.append((self.radar_x_mm, self.radar_y_mm))
        if self.has_radar:
            places += [self.edge_mm(off) for off in range(-HALF_ANGLE_DEG, HALF_ANGLE_DEG + 1, 5)]
        across = [x_mm for x_mm, _ in places]
        return (
            round(min(across)) - _MARGIN_MM,
            -min(self.length_mm, _ROAD_SHOWN_MM),
            round(max(across)) + _MARGIN_MM,
            round(max(y_mm for _, y_mm in places)) + _MARGIN_MM,
        )


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
