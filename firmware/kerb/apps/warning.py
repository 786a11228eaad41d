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
    nights are. `site` has lat_e7 and lon_e7.
    """

    def __init__(self, cfg, site):
        self._cfg = cfg
        self._site = site
        self._sun = None
        self._dark = None
        self._since_ms = None  # since when the sensor says the other thing
        self._dark_s = self._at_ms = 0
        self._rest_ms = 0

    def step(self, now_ms, light_mv, wall):
        """The lamps' brightness of this moment in permille; once a second or so.

        light_mv: the sensor's reading, None for none; wall: (day, second) UTC, None when the
        clock is not to be trusted.
        """
        night_permille = self._cfg["night_permille"]
        if night_permille == FULL:
            return FULL
        dark = self._look(now_ms, light_mv) if self._cfg["light_sensor"] else None
        night = None if wall is None else self._is_night(wall)
        if dark is False or night is False or (dark is None and night is None):
            return FULL
        return night_permille

    def _is_night(self, wall):
        if self._sun is None:
            # Imported here: who never knows the time keeps the memory.
            from kerb.apps.dusk import DeepNight

            self._sun = DeepNight(self._site["lat_e7"], self._site["lon_e7"])
        return self._sun.at(wall)

    def _look(self, now_ms, mv):
        """Whether the sensor says dark; None when it can't be asked or not be believed."""
        if mv is None:
            self._dark = self._since_ms = None
            return None
        limit_mv = self._cfg["dark_below_mv"]
        if self._dark:
            # A quarter brighter than dark.
            other = mv > limit_mv + limit_mv // 4
            hold_ms = _BRIGHT_MS
        else:
            other = mv < limit_mv
            hold_ms = _HOLD_MS
            if self._dark is None and not other:
                self._dark = False
        if not other or self._dark is None:
            self._since_ms = None
        elif self._since_ms is None:
            self._since_ms = now_ms
        elif time.ticks_diff(now_ms, self._since_ms) >= hold_ms:
            self._dark = not self._dark
            self._since_ms = None
            self._dark_s = self._rest_ms = 0
            self._at_ms = now_ms
        if not self._dark:
            return self._dark
        self._rest_ms += time.ticks_diff(now_ms, self._at_ms)
        self._at_ms = now_ms
        self._dark_s += self._rest_ms // 1000
        self._rest_ms %= 1000
        return True if self._dark_s < _LONGEST_S else None
