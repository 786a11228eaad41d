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
# Shorter is no echo but what a wire picks up.
_GLITCH_US = const(60)


class EchoRanger:
    """The part on `echo`, a kerb.hal.echo.Echo. near_mm, far_mm: its range.

    temperature_cdeg: of the air, set by who knows it; None takes 15 degrees for it.

    distance_mm: what the last measurement gave, or None; then fault is why: "no_answer" no echo
    from within the range, "out_of_range" something is nearer than that, "garbled" no pulse that
    could be an echo, "stuck" ECHO does not come down. alive: whether the part answered at all.
    every_ms: how long to wait from one begin() to the next, at least.
    """

    every_ms = 60

    def __init__(self, echo, near_mm, far_mm):
        self._echo = echo
        self._near_mm = near_mm
        self._far_mm = far_mm
        self._begun_ms = None
        self._low_ms = 0
        self._cdeg = None
        self._scale = sound.scale(None)
        self.distance_mm = self.fault = None
        self.alive = False

    @property
    def temperature_cdeg(self):
        return self._cdeg

    @temperature_cdeg.setter
    def temperature_cdeg(self, cdeg):
        if cdeg != self._cdeg:
            self._cdeg = cdeg
            self._scale = sound.scale(cdeg)

    def begin(self):
        """Starts a measurement; one that is under way is given up."""
        self._begun_ms = self._low_ms = time.ticks_ms()
        self._echo.start()

    def poll(self, now_ms):
        """True once the measurement is done, at the latest 0.5 s after begin().

        `now_ms` is time.ticks_ms(). However late it is called, the distance is the same.
        """
        if self._begun_ms is None:
            return True
        us = self._echo.take()
        if us is not None:
            return self._done(us)
        if self._echo.level():
            self._low_ms = now_ms
            if time.ticks_diff(now_ms, self._begun_ms) >= _STUCK_MS:
                return self._failed("stuck")
        elif time.ticks_diff(now_ms, self._low_ms) >= _DEAD_MS:
            return self._failed("no_answer")
        return False

    def _done(self, us):
        self._begun_ms = None
        self.alive = True
        self.distance_mm = None
        if us < _GLITCH_US:
            self.fault = "garbled"
        elif us > sound.LONGEST_US:
            self.fault = "no_answer"
        else:
            mm = sound.distance_mm(us, self._scale)
            if mm > self._far_mm:
                self.fault = "no_answer"
            elif mm < self._near_mm:
                self.fault = "out_of_range"
            else:
                self.distance_mm = mm
                self.fault = None
        return True

    def _failed(self, fault):
        self._echo.stop()
        self._begun_ms = None
        self.alive = False
        self.distance_mm = None
        self.fault = fault
        return True
