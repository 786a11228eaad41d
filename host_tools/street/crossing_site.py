"""A crossing as it was built, and as its installer measured it.

Coordinates, here and in all crossing_*.py, metres: origin in the middle of the crossing on this
side's kerb line; x along the kerb, positive to the right hand of who stands on the pavement and
faces the road; y away from the road: pavement y > 0, road y < 0.

Widths: the zebra of the UK is 2.4 m or more (TSRGD 2016), crosswalks of the US 6 ft or more and
10 ft as a rule (MUTCD 3B.18). The radar hangs on the beacon's pole beside the crossing and is
turned across the waiting area, for straight away from the road it would not see the kerb.
"""

import math
import random

VIEW_DEG, VIEW_M = 60, 6.0  # of the LD2450, by its sheet
_HEADS_MPS = 0.2  # slower towards the kerb is no direction
_TAPE_M, _AIM_DEG = 0.03, 2.5  # how well an installer measures and aims, standard deviations


def odds(chance, share):
    """Say yes in `share` of all cases."""
    return chance.random() < share


class Site:
    """Geometry by chance from `seed`; what is given by name is taken as it is.

    width_m along the kerb, length_m from kerb to kerb, depth_m of the pavement up to the houses
    (`open_` True: no houses there, a path leads up to the crossing), glass: a front that mirrors;
    x_m, y_m, heading_deg, upside_down of the radar; above_m: how far the radar hangs above a
    chest; limit_kmh of the road; shielded: a metal plate is behind the radar.
    """

    def __init__(self, seed, **given):
        chance = random.Random("crossing site {}".format(seed))
        self.width_m = given.pop("width_m", round(chance.uniform(2.4, 4.5), 1))
        self.length_m = given.pop("length_m", round(chance.uniform(5.5, 12), 1))
        self.open_ = given.pop("open_", odds(chance, 0.4))
        self.depth_m = given.pop("depth_m", 9.0 if self.open_ else chance.uniform(2.6, 5.5))
        self.glass = given.pop("glass", not self.open_ and odds(chance, 0.4))
        self.limit_kmh = given.pop("limit_kmh", chance.choice((30, 50)))
        self.shielded = given.pop("shielded", odds(chance, 0.8))
        side = chance.choice((-1, 1))
        beside_m = self.width_m / 2 + chance.uniform(0.3, 0.9)
        told = (-side * beside_m, chance.uniform(0.3, 0.6), side * chance.uniform(48, 62))
        x_m, y_m, heading_deg = given.pop("radar_at", told)
        self.told = (50 * round(20 * x_m), 50 * round(20 * y_m), round(heading_deg))
        self.upside_down = given.pop("upside_down", odds(chance, 0.2))
        exact = given.pop("exact", False)
        errors = [0 if exact else chance.gauss(0, it) for it in (_TAPE_M, _TAPE_M, _AIM_DEG)]
        self.x_m, self.y_m = self.told[0] / 1000 + errors[0], self.told[1] / 1000 + errors[1]
        self.heading_deg = self.told[2] + errors[2]
        self.above_m = given.pop("above_m", 0.0 if exact else chance.uniform(0.2, 0.9))
        if given:
            raise TypeError("not of a site: " + ", ".join(sorted(given)))
        turned = math.radians(self.heading_deg)
        self._sin, self._cos = math.sin(turned), math.cos(turned)

    def config(self):
        """Give the config section "crosswalk" as the installer would write it."""
        x_mm, y_mm, heading_deg = self.told
        return {
            "radar": "ld2450",
            "width_mm": round(1000 * self.width_m),
            "length_mm": round(1000 * self.length_m),
            "radar_at": {
                "x_mm": x_mm,
                "y_mm": y_mm,
                "heading_deg": heading_deg,
                "upside_down": self.upside_down,
            },
        }

    def to_radar(self, x_m, y_m):
        """Give (right, ahead) in metres as the radar would see the place: `right` counts to the
        right hand of who looks where the radar looks, however it is mounted.
        """
        dx, dy = x_m - self.x_m, y_m - self.y_m
        return dy * self._sin - dx * self._cos, dx * self._sin + dy * self._cos

    def to_street(self, right_m, ahead_m):
        """Give (x, y) of a place that the radar has at (right, ahead)."""
        return (
            self.x_m + ahead_m * self._sin - right_m * self._cos,
            self.y_m + ahead_m * self._cos + right_m * self._sin,
        )

    def in_view(self, x_m, y_m):
        """Say whether the part's sheet promises to see the place: 60 degrees to a side, 6 m."""
        right, ahead = self.to_radar(x_m, y_m)
        reach = math.hypot(right, ahead)
        return reach <= VIEW_M and ahead >= reach * math.cos(math.radians(VIEW_DEG))

    def meets_crossing(self, x_m, y_m, vx_mps, vy_mps):
        """Say whether who goes straight on from here meets the kerb line inside the crossing."""
        if vy_mps > -_HEADS_MPS or y_m < 0:
            return False
        return abs(x_m - vx_mps * y_m / vy_mps) <= self.width_m / 2
