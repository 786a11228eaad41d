"""Shows a pedestrian that he was seen and that the beacon flashes: a small lamp and a sounder."""

import time

from micropython import const

# Two beeps and then silence. Whoever can't see must not take it for a signal to walk, which ticks
# or chirps for as long as that lasts.
_BEEP_MS = const(100)
_BEEPS = const(2)
# Somebody who drums on the button gets no more than that.
_QUIET_MS = const(1000)


class Feedback:
    """lamp: a kerb.hal.digital.Output, lit while the beacon flashes. sounder: a kerb.hal.pwm.Pwm
    at the pitch of its tone. Each may be None.
    """

    def __init__(self, lamp, sounder=None):
        self._lamp = lamp
        self._sounder = sounder
        self._began_ms = None
        self._lit = self._loud = False

    def step(self, now_ms, flashing, fresh):
        """Call it every 50 ms or so. flashing: what the beacon does. fresh: he was seen now."""
        if fresh and flashing:
            began_ms = self._began_ms
            if began_ms is None or time.ticks_diff(now_ms, began_ms) >= _QUIET_MS:
                self._began_ms = now_ms
        loud = False
        if self._began_ms is not None:
            # Beep and pause last equally long.
            part = time.ticks_diff(now_ms, self._began_ms) // _BEEP_MS
            loud = flashing and part % 2 == 0 and part < 2 * _BEEPS
            if part * _BEEP_MS >= _QUIET_MS:
                self._began_ms = None
        self._show(flashing, loud)

    def _show(self, lit, loud):
        if lit != self._lit:
            self._lit = lit
            if self._lamp:
                self._lamp.set(lit)
        if loud != self._loud:
            self._loud = loud
            if self._sounder:
                self._sounder.set_steps(self._sounder.steps // 2 if loud else 0)

    def safe(self):
        """Dark and silent."""
        self._began_ms = None
        self._show(False, False)
