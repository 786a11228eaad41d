"""The hardware watchdog."""

import sys

from machine import WDT, Timer
from micropython import const

_HOLD_STEP_MS = const(1000)


class Watchdog:
    """Starts at once and can't be stopped: the board resets timeout_ms after the last feed().

    timeout_ms: above 1000 ms, at most 8388 ms on the RP2040 (ValueError).
    """

    def __init__(self, timeout_ms):
        self._wdt = WDT(timeout=timeout_ms)
        self._timer = None
        self._steps = 0

    def feed(self):
        """All is well for another timeout_ms."""
        self._wdt.feed()

    def hold(self, seconds):
        """Lets a hardware timer feed it for that long, for a technician at the prompt.

        Then the board resets unless somebody else feeds. 0 ends an earlier hold.
        """
        if self._timer is not None:
            self._timer.deinit()
            self._timer = None
        self.feed()
        if seconds:
            self._steps = seconds * 1000 // _HOLD_STEP_MS
            self._timer = Timer(0 if sys.platform == "esp32" else -1)
            self._timer.init(period=_HOLD_STEP_MS, mode=Timer.PERIODIC, callback=self._step)

    def _step(self, timer):
        self._steps -= 1
        if self._steps < 0:
            timer.deinit()
        else:
            self._wdt.feed()
