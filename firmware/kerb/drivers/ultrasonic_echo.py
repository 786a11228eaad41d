"""Ultrasonic rangers that answer a trigger with a pulse as long as the echo takes.

HC-SR04 and JSN-SR04T (in its mode 1): data sheets of both. What they say when nothing comes back:
the one a pulse of some 38 ms, many of its copies 100 to 200 ms, the other 60 ms.
"""

import time

from kerb.drivers import sound
from micropython import const

# A part raises ECHO 0.5 ms after the trigger, slow ones 3 ms.
_DEAD_MS = const(100)
# A copy's pulse of 200 ms may be in the way, and one more may follow.
_STUCK_MS = const(500)
# 10 us by the data sheets; some JSN-SR04T want 20.
_TRIGGER_US = const(20)
# Shorter is no echo but what a wire picks up.
_GLITCH_US = const(60)


class EchoRanger:
    """The part on `echo`, a kerb.hal.echo.Echo. near_mm, far_mm: its range.

    temperature_cdeg: of the air, set by who knows it; None takes 15 degrees for it.

    distance_mm: what the last measurement gave, or None; then fault is why: "no_answer" no echo
    from within the range, "out_of_range" something is nearer than that, "garbled" no pulse that
    could be an echo, "stuck" ECHO does not come down. alive: whether the part answered at all.
    every_ms: how long to wait from one begin() to the next, at least. ready_ms: after so long an
    echo from within the range has come; before that poll() mostly says False.
    """

    every_ms = 60
    smooths = False

    def __init__(self, echo, near_mm, far_mm):
        self._echo = echo
        self._start, self._ready, self._take = echo.start, echo.ready, echo.take
        self._near_mm = near_mm
        self._far_mm = far_mm
        # 300 m/s are the sound's at -49 degrees.
        self.ready_ms = far_mm // 150 + 2
        self._begun_ms = self._high_ms = None
        self._scale = sound.scale(None)
        self._scale_cdeg = None
        self.temperature_cdeg = None
        self.distance_mm = self.fault = None
        self.alive = False

    def begin(self):
        """Starts a measurement; one that is under way is given up."""
        if self._begun_ms is not None:
            self._echo.stop()
        cdeg = self.temperature_cdeg
        if cdeg != self._scale_cdeg:
            self._scale_cdeg = cdeg
            self._scale = sound.scale(cdeg)
        self._begun_ms = time.ticks_ms()
        self._start(_TRIGGER_US)

    def poll(self, now_ms):
        """True once the measurement is done, at the latest 0.6 s after begin().

        `now_ms` is time.ticks_ms(). However late it is called, the distance is the same.
        """
        if not self._ready():
            return self._begun_ms is None or self._is_late(now_ms)
        # In one piece, for this is what a measurement costs.
        us = self._take()
        self._begun_ms = None
        self.alive = True
        mm = us * self._scale + 0x10000 >> 17  # as sound.distance_mm()
        if mm <= self._far_mm:
            if mm >= self._near_mm:
                self.distance_mm = mm
                self.fault = None
                return True
            self.fault = "garbled" if us < _GLITCH_US else "out_of_range"
        else:
            self.fault = "no_answer"
        self.distance_mm = None
        return True

    def _is_late(self, now_ms):
        """Whether it is time to give up, which is done then."""
        spent_ms = time.ticks_diff(now_ms, self._begun_ms)
        if spent_ms < _DEAD_MS:
            return False
        if self._echo.level():
            self._high_ms = now_ms
            if spent_ms < _STUCK_MS:
                return False
            self.fault = "stuck"
        elif self._high_ms is not None and time.ticks_diff(now_ms, self._high_ms) < _DEAD_MS:
            return False  # what was in the way is over
        else:
            self.fault = "no_answer"
        self._echo.stop()
        self._begun_ms = self._high_ms = None
        self.alive = False
        self.distance_mm = None
        return True
