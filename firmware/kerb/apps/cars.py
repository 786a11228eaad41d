"""Which cars come and how fast, out of a Doppler radar that looks at the road. Pure.

A car is something that comes at 10 km/h or more for a fifth of a second, until nothing comes for
a second. It is another one when the speed leaps up, or the range where the radar tells that. What
this can't tell: cars that follow each other at one speed within less than a second are one, and
so are two side by side; a bicycle that is fast enough is a car.
"""

import time

from kerb.system.schema import Bool
from micropython import const

SCHEMA = {
    # Whoever the radar sees about to cross waits, without light, until a car comes.
    "wait_for_car": Bool(default=False),
    # That cars come from one side only: one pole's car radar looks one way.
    "one_way": Bool(default=False),
}

_CAR_CM_S = const(280)
# For whom somebody's light waits: nothing on wheels is to be missed; people walk slower.
_COMES_CM_S = const(200)
_COMES_MS = const(2000)
_BORN_MS = const(200)
_GONE_MS = const(1000)
# More than a car can gain between two reports.
_LEAP_CM_S = const(400)
_LEAP_MS = const(600)
_LEAP_MM = const(10000)
_MASK = const(0xFFFF)


def check(cfg):
    """What the schema cannot say: a list of errors of a config that satisfies SCHEMA."""
    if not cfg["wait_for_car"]:
        return []
    if cfg.get("car_radar") == "none":
        return ["crosswalk.wait_for_car: found true, allowed: false without a car_radar"]
    if not cfg.get("crossing") and not cfg["one_way"]:
        text = "crosswalk.wait_for_car: found true, allowed: false for one pole without one_way,"
        return [text + " whose radar sees the cars of one side"]
    return []


class Cars:
    """count: of the cars that have come; flashing_count: of those that then drove past while the
    beacon flashed, and did not stop. Both begin anew after 65535."""

    def __init__(self, cfg=None):
        self._came_ms = None  # when something last came
        self._first_ms = None  # of a car, or of what may become one
        self._last_ms = 0
        self._is_car = self._flashed = False
        self._top_cm_s = self._last_cm_s = 0
        self._range_mm = None
        self._sum_cm_s = self._summed = 0
        self.count = self.flashing_count = 0

    def step(self, now_ms, radar, flashing=False):
        """Takes what the radar says now; call it at each of its reports, or more often.

        radar: its speed_cm_s, above 0 of what comes, None while it is dead, and its range_mm.
        Gives whether something comes: True until 2 s after it was last seen, None for unknown.
        """
        speed_cm_s = radar.speed_cm_s
        if speed_cm_s is None:
            self._came_ms = self._first_ms = None
            self._is_car = False
            return None
        if speed_cm_s >= _COMES_CM_S:
            self._came_ms = now_ms
        if speed_cm_s >= _CAR_CM_S:
            self._follow(now_ms, speed_cm_s, radar.range_mm, flashing)
        elif self._first_ms is not None and self._is_gone(now_ms):
            self._end()
        if speed_cm_s > 0:
            self._last_cm_s = speed_cm_s
        if self._came_ms is None:
            return False
        if time.ticks_diff(now_ms, self._came_ms) < _COMES_MS:
            return True
        self._came_ms = None
        return False

    def _follow(self, now_ms, speed_cm_s, range_mm, flashing):
        if self._first_ms is not None and self._is_another(now_ms, speed_cm_s, range_mm):
            self._end()
        if self._first_ms is None:
            self._first_ms = now_ms
            self._top_cm_s = 0
        self._last_ms = now_ms
        self._flashed = flashing
        self._range_mm = range_mm
        self._top_cm_s = max(self._top_cm_s, speed_cm_s)
        if not self._is_car and time.ticks_diff(now_ms, self._first_ms) >= _BORN_MS:
            self._is_car = True
            self.count = self.count + 1 & _MASK

    def _is_gone(self, now_ms):
        return time.ticks_diff(now_ms, self._last_ms) >= _GONE_MS

    def _is_another(self, now_ms, speed_cm_s, range_mm):
        if self._is_gone(now_ms):
            return True
        if range_mm is not None and self._range_mm is not None:
            return range_mm > self._range_mm + _LEAP_MM
        soon = time.ticks_diff(now_ms, self._last_ms) < _LEAP_MS
        return soon and speed_cm_s > self._last_cm_s + _LEAP_CM_S

    def _end(self):
        """It has gone: past the crossing if it was still driving, else it has stopped."""
        self._first_ms = None
        if not self._is_car:
            return
        self._is_car = False
        self._sum_cm_s += self._top_cm_s
        self._summed += 1
        if self._summed == _MASK:  # of the newest, rather than more than fits
            self._summed >>= 1
            self._sum_cm_s >>= 1
        if self._flashed and self._last_cm_s >= _CAR_CM_S:
            self.flashing_count = self.flashing_count + 1 & _MASK

    def mean_speed_cm_s(self):
        """The mean of the highest speed of each car that has gone since this was last asked.

        None when there was none. Who comes at an angle to the beam is faster than he seems.
        """
        if not self._summed:
            return None
        mean = self._sum_cm_s // self._summed
        self._sum_cm_s = self._summed = 0
        return mean
