"""Where a part hangs over a bay, what ground lies under it, and what comes back from both.

Three mounts, drawn from a seed within what an installer may do:

- "ceiling": 2.2 to 3.0 m high, looking down (HC-SR04), from a metre and a half behind the bay's
  middle (above bonnets and windscreens) to a metre before it.
- "post": 1.0 to 1.3 m high, 0.7 m before where noses usually stop, pitched 30 to 42 degrees down
  (JSN-SR04T).
- "kerb": a bollard 0.42 to 0.55 m high and 0.45 m behind the face of the kerb (the least clearance
  that road manuals give posts), pitched 17 to 25 degrees down at a parallel bay (JSN-SR04T). Cars
  stand 0.20 m from the kerb, standard deviation 0.12 m (rules of the road allow 0.30 to 0.50 m).

Pitched ones are aimed at ground that lies 0.2 m behind where all but one car in a hundred come to.
`aimed` False leaves that out, for what becomes of a bay that was not aimed so.

The ground is concrete, paving or asphalt with 0.3, 0.7 and 1.0 mm r.m.s. of texture at the scale
of the wavelength (asphalt: mean profile depths of 0.5 to 1.5 mm are usual, ISO 13473-1). An
oblique echo from a rough surface has speckle, fixed for a place (Rayleigh, drawn once). An
installer does not leave a sensor where it does not hear the dry, empty bay (4 dB), nor a pitched
one that hears the ground at its own foot before it (-6 dB): such sites are drawn again.
"""

import math
import random

from host_tools.street import bay_bodies as bodies
from host_tools.street import bay_echo as echo
from host_tools.street import bay_parts as parts

MOUNTS = ("ceiling", "post", "kerb")
_GROUNDS = {"concrete": 0.0003, "paving": 0.0007, "asphalt": 0.0010}
_CHECK_DB, _FOOT_DB = 4, -6
_MOST_DRAWS = 3000
_CHECK_DB_M = 1.32
_FRESNEL_M = 0.15  # at a car's edge so much of the ground must show for a full echo
_CORNER_M = 0.3
_CROOKED_M = 0.8  # a car that has so far to go is still turning in
_NOSE_M, _KERB_M = 0.7, 0.65  # from the part to where cars usually stand
# That, 2.3 standard deviations (bay_traffic.py) and 0.2 m.
_AIMED_M = {"post": _NOSE_M + 0.78, "kerb": _KERB_M + 0.48}
_WET = 0.6  # a film of water fills so much of the texture
_SNOW_DB = 12  # fresh snow absorbs: amplitude reflection about 0.25 at tens of kHz


class Site:
    """One sensor's place. `part` names another part than the mount's usual one; ValueError for one
    that would hear its ground nowhere there.
    """

    def __init__(self, seed, mount="ceiling", part=None, aimed=True):
        if mount not in MOUNTS:
            raise ValueError("mount {!r}: known are {}".format(mount, ", ".join(MOUNTS)))
        chance = random.Random("bay site {} {}".format(seed, mount))
        self.mount = mount
        self.part = parts.PARTS[part or ("hc_sr04" if mount == "ceiling" else "jsn_sr04t")]
        for _ in range(_MOST_DRAWS):
            self._draw(chance)
            if self._good() and (not aimed or self._far_enough()):
                return
        raise ValueError(
            "part {!r}: nowhere at a {} does it hear the empty bay".format(self.part.name, mount)
        )

    def _draw(self, chance):
        self.ground = chance.choice(tuple(_GROUNDS))
        self.speckle_db = 0.0
        if self.mount == "ceiling":
            self.height_m = chance.uniform(2.2, 3.0)
            self.axis = -math.pi / 2 + math.radians(chance.gauss(0, 2))
            self.along_m, self.across_m = chance.uniform(-1.5, 1.0), chance.uniform(-0.2, 0.2)
        else:
            post = self.mount == "post"
            self.height_m = chance.uniform(*((1.0, 1.3) if post else (0.42, 0.55)))
            self.axis = -math.radians(chance.uniform(*((30, 42) if post else (17, 25))))
            self.along_m, self.across_m = 0.0, chance.uniform(-0.2, 0.2)
            self.speckle_db = 10 * math.log10(max(0.03, chance.expovariate(1)))

    def _margins(self):
        return [
            parts.margin_db(self.part, away, _CHECK_DB_M) + level
            for away, level in self.ground_echoes()
        ]

    def _good(self):
        *foot, ground = self._margins()
        return ground >= _CHECK_DB and all(margin < _FOOT_DB for margin in foot)

    @property
    def spare_db(self):
        """By how much the echo of the bare, dry ground is above the part's threshold."""
        return self._margins()[-1]

    def _far_enough(self):
        if self.mount == "ceiling":
            return True
        return self.height_m / math.tan(-self.axis) >= _AIMED_M[self.mount]

    @property
    def floor_m(self):
        """The range of the ground when all is dry and bare."""
        return self.ground_echoes()[-1][0]

    def ground_echoes(self, raised_m=0.0, wet=0.0, snow=False, shown=1.0):
        """Give [(range_m, level_db)] of the ground: `raised_m` higher than it was (snow, leaves;
        negative: sunk), `wet` from 0 to 1, covered with snow, `shown` of it (0 to 1) not hidden.
        """
        rough_m = _GROUNDS[self.ground] * (1 - _WET * wet)
        soft_db = _SNOW_DB if snow else 0
        height_m = max(0.02, self.height_m - raised_m)
        mirror = echo.floor_mirror_db(rough_m)
        if self.mount == "ceiling":
            scatter = echo.floor_scatter_db(height_m, 0.1, rough_m, self.part.beam_deg)
            level = 10 * math.log10(10 ** (mirror / 10) + 10 ** (scatter / 10))
            level -= parts.off_axis_db(self.part, self.axis + math.pi / 2)
            return [(height_m, level - soft_db - _hidden_db(shown))]
        below = mirror - parts.off_axis_db(self.part, self.axis + math.pi / 2)
        slant = math.pi / 2 + self.axis
        away_m = height_m / math.cos(slant)
        level = echo.floor_scatter_db(away_m, slant, rough_m, self.part.beam_deg)
        level += self.speckle_db
        return [(height_m, below - soft_db), (away_m, level - soft_db - _hidden_db(shown))]

    def car_echoes(self, body, backwards, out_m, aside_m):
        """Give ([(range_m, level_db)], share of the ground that still shows) for a car that is
        `out_m` short of its usual place (along the bay) and `aside_m` beside it.
        """
        if self.mount == "kerb":
            return self._flank_echoes(body, out_m, aside_m)
        points = bodies.profile(body, backwards)
        length = bodies.length_m(body)
        if self.mount == "ceiling":
            front_m = out_m - length / 2 + self.along_m
            across_m = self.across_m + aside_m
            covered = min(-front_m, front_m + length, body.half_width_m - abs(across_m))
        else:
            front_m = max(0.12, _NOSE_M + out_m)
            across_m = self.across_m + aside_m
            covered = self.height_m / math.tan(-self.axis) - front_m
        eye = (-front_m, self.height_m)
        found = echo.panel_echoes(points, body.bend_m, body.crown_m, body.edge_m, eye)
        return self._heard(found, body, across_m), _shown(covered)

    def _flank_echoes(self, body, out_m, aside_m):
        gap_m = max(0.47, _KERB_M + 0.8 * aside_m + 0.25 * max(0, out_m - _CROOKED_M))
        beyond_m = abs(out_m + self.along_m) - bodies.length_m(body) / 2
        covered = min(self.height_m / math.tan(-self.axis) - gap_m, -beyond_m)
        found = echo.panel_echoes(
            body.flank, body.bend_m, body.crown_m, body.edge_m, (-gap_m, self.height_m)
        )
        if beyond_m > -_CORNER_M:  # round the corner of the bumper, then past it
            aside = max(0, beyond_m)
            found = [
                (math.hypot(away, aside), level - 10 - 20 * aside, direction)
                for away, level, direction in found
            ]
        return self._heard(found, body, max(0, beyond_m)), _shown(covered)

    def _heard(self, found, body, across_m):
        heard = []
        for away, level, direction in found:
            turned = across_m / (body.crown_m + away) if self.mount != "kerb" else across_m / away
            beyond = abs(across_m) - body.half_width_m
            if self.mount != "kerb" and beyond > 0:
                turned, level = math.atan2(abs(across_m), away), level - 15 - 30 * beyond
            off = math.hypot(direction - self.axis, turned)
            heard.append((away, level - parts.off_axis_db(self.part, off)))
        return heard


def _shown(covered_m):
    """Give the share of the ground's echo left when a car reaches `covered_m` past its centre."""
    return max(0.0, min(1.0, 0.5 - covered_m / (2 * _FRESNEL_M)))


def _hidden_db(shown):
    return -20 * math.log10(max(shown, 1e-3))
