"""About to cross by presence alone: of a radar that tells how far somebody is, and not where.

Who stays within reach of the waiting area for a while is taken for somebody who waits. It can't be
selective: who walks by is within reach for some seconds too, and counts the same from the dwell
time on. A longer one costs the lead of who walks straight on: at 1.4 m/s one is at the kerb 3 s
after he came within 4 m. Where it matters who it flashes for, the LD2450 is the part.
"""

from kerb.apps.crossing import Crossing, length
from micropython import const

_TICKS_MASK = const(0x3FFFFFFF)
# So long somebody stays, in ms, before he counts.
_DWELL_MS = {"low": 2500, "normal": 1500, "high": 500}
# The part loses who stands for a moment.
_GAP_MS = const(600)


class Presence:
    """The pure part. `cfg` satisfies the schemas of crossing and intent.

    who: a number that is another one each time that somebody is there anew, or None.
    pedestrians: always 0, for it can't count.
    """

    pedestrians = 0

    def __init__(self, cfg):
        place = Crossing(cfg)
        across = abs(place.radar_x_mm) + place.half_mm
        back = max(abs(place.radar_y_mm), abs(place.depth_mm - place.radar_y_mm))
        self.reach_mm = length(across, back)
        self._dwell_ms = _DWELL_MS[cfg["sensitivity"]]
        self._since_ms = self._seen_ms = None
        self._visits = 0
        self.who = None

    def step(self, now_ms, radar):
        """Takes a frame: `radar` has moving_mm and still_mm, each None for nobody. None: no radar.

        "presence" while somebody has stayed, else None.
        """
        near = False
        if radar is not None:
            for mm in (radar.moving_mm, radar.still_mm):
                near = near or (mm is not None and mm <= self.reach_mm)
        if near:
            if self._since_ms is None:
                self._since_ms = now_ms
            self._seen_ms = now_ms
        elif self._since_ms is None or now_ms - self._seen_ms & _TICKS_MASK > _GAP_MS:
            self._since_ms = self.who = None
            return None
        if self.who is None:
            if now_ms - self._since_ms & _TICKS_MASK < self._dwell_ms:
                return None
            self._visits = self._visits % 255 + 1
            self.who = self._visits
        return "presence"

    def seen(self):
        """Nobody has a place."""
        return []
