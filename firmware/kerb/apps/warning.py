"""For how long a crosswalk's beacon has to flash for one pedestrian, and how bright."""

import time

from kerb.system.schema import Bool, Int
from micropython import const

SCHEMA = {
    # From kerb to kerb.
    "length_mm": Int(2000, 40000),
    # 3.0 ft/s, at which the MUTCD has the way from the waiting place checked; the 3.5 ft/s from
    # kerb to kerb always take less. Slower than that where old people cross.
    "walking_mm_s": Int(300, 914, default=914),
    "least_s": Int(5, 60, default=10),
    # By night. IA-21 wants it dimmed then, and says not how far. 1000: never.
    "night_permille": Int(100, 1000, default=300),
    # Whether there is a light sensor, and what it gives when it is dark.
    "light_sensor": Bool(default=True),
    "dark_below_mv": Int(1, 2400, default=400),
}

FULL = const(1000)
_HOLD_MS = const(60000)
# Brighter at once, but for what the flashes of the beacon itself light up: they have gaps.
_BRIGHT_MS = const(10000)
# Up to 55 degrees of latitude it is never dark for longer: a sensor that says so is covered.
_LONGEST_S = const(72000)
# Dusk takes minutes to fall from bright to a half of dark: what does so faster is a wire that
# breaks, or a lid. But headlights that stood before it by night may have been the brightness.
_SUDDEN_MS = const(10000)
_HEADLIGHTS_S = const(1800)


def period_ms(cfg, round_ms=1):
    """How long the beacon flashes after a detection, in whole rounds of its pattern.

    Long enough to cross from the far end of the waiting area at walking_mm_s, which is no more
    than 0.914 m/s; no less than least_s. `cfg` has the keys of SCHEMA, and waiting_depth_mm of
    kerb.apps.crossing where there is one.
    """
    way_mm = cfg["length_mm"] + cfg.get("waiting_depth_mm", 0)
    walk_s = -(-way_mm // cfg["walking_mm_s"])
    wanted_ms = 1000 * max(cfg["least_s"], walk_s)
    return -(-wanted_ms // round_ms) * round_ms


class Dimmer:
    """Full by day, `night_permille` by night, full when nobody knows.

    It is night when all that can tell say so, the light sensor and the sun, and one at least can.
    The sensor can from when it has first seen light, and until it has been dark for longer than
    nights are, or became dark faster than the sky does. `site` has lat_e7 and lon_e7.

    fault: "out_of_range" of a sensor that is not believed though it has seen light, else None.
    """

    def __init__(self, cfg, site):
        # Not cfg as a whole, which would stay in memory for these.
        self._night_permille = cfg["night_permille"]
        self._dark_below_mv = cfg["dark_below_mv"] if cfg["light_sensor"] else None
        self._site = site
        self._sun = None
        self._dark = None
        self._since_ms = None  # since when the sensor says the other thing
        self._lasts_s = _LONGEST_S  # for how long it has been dark, or not
        self._at_ms = self._rest_ms = 0
        self._light_ms = 0  # when it was last clearly bright
        self._fell = False
        self.fault = None

    def step(self, now_ms, light_mv, wall):
        """The lamps' brightness of this moment in permille; once a second or so.

        light_mv: the sensor's reading, None for none; wall: (day, second) UTC, None when the
        clock is not to be trusted.
        """
        if self._night_permille == FULL:
            return FULL
        dark = None if self._dark_below_mv is None else self._look(now_ms, light_mv)
        night = None if wall is None else self._is_night(wall)
        if dark is False or night is False or (dark is None and night is None):
            return FULL
        return self._night_permille

    def _is_night(self, wall):
        if self._sun is None:
            # Imported here: who never knows the time keeps the memory.
            from kerb.apps.dusk import DeepNight

            self._sun = DeepNight(self._site["lat_e7"], self._site["lon_e7"])
        return self._sun.at(wall)

    def _look(self, now_ms, mv):
        """Whether the sensor says dark; None when it can't be asked or not be believed."""
        if mv is None:
            self._dark = self._since_ms = self.fault = None
            self._lasts_s = _LONGEST_S
            return None
        limit_mv = self._dark_below_mv
        bright = mv > limit_mv + limit_mv // 4  # a quarter brighter than dark
        if self._dark:
            other = bright
            hold_ms = _BRIGHT_MS
        else:
            other = mv < limit_mv
            hold_ms = _HOLD_MS
            if self._dark is None and not other:
                self._dark = False
                self.fault = None
                self._at_ms = now_ms
        if bright:
            self._light_ms = now_ms
            self._fell = False
        elif 2 * mv < limit_mv and time.ticks_diff(now_ms, self._light_ms) <= _SUDDEN_MS:
            self._fell = True
        if not other or self._dark is None:
            self._since_ms = None
        elif self._since_ms is None:
            self._since_ms = now_ms
        elif time.ticks_diff(now_ms, self._since_ms) >= hold_ms:
            self._since_ms = None
            if self._fell and not self._dark and self._lasts_s >= _HEADLIGHTS_S:
                self._dark = None
                self._lasts_s = _LONGEST_S
                self.fault = "out_of_range"
            else:
                self._dark = not self._dark
                self._lasts_s = self._rest_ms = 0
                self.fault = None
            self._at_ms = now_ms
        if self._dark is None:
            return None
        self._rest_ms += time.ticks_diff(now_ms, self._at_ms)
        self._at_ms = now_ms
        self._lasts_s += self._rest_ms // 1000
        self._rest_ms %= 1000
        if self._dark and self._lasts_s >= _LONGEST_S:
            self.fault = "out_of_range"
            return None
        return self._dark
