"""Times of edges by waiting for them; see kerb.hal.edges. MicroPython's RMT can't receive."""

import time
from array import array

from machine import Pin, time_pulse_us
from micropython import const

_QUIET_US = const(14000)
_MAX_RUNS = const(80)


class Edges:
    """Nothing in start() allocates: no garbage collection comes between two edges."""

    def __init__(self, pin_id, window_us, inverted=False, pull=None, unit=1):
        pull = pull and (Pin.PULL_UP if pull == "up" else Pin.PULL_DOWN)
        self._pin = Pin(pin_id, Pin.IN, pull)
        self._window_us = window_us
        self._inverted = inverted
        self._runs = array("H", bytes(2 * _MAX_RUNS))
        self._count = 0

    def start(self, call, arg):
        """Calls call(arg), listens, and returns when that is over."""
        runs = self._runs
        pin = self._pin
        level = pin.value()
        count = 0
        if not level ^ self._inverted:
            runs[0] = 0
            count = 1
        begun = last = time.ticks_us()
        call(arg)
        while count < _MAX_RUNS - 1:
            left_us = self._window_us - time.ticks_diff(last, begun)
            # The first edge may come late; where one has come others follow soon.
            if count > 1 and left_us > _QUIET_US:
                left_us = _QUIET_US
            if left_us <= 0:
                break
            # It may have changed before the wait for that begins.
            if pin.value() == level and time_pulse_us(pin, level, left_us) < 0:
                break
            now = time.ticks_us()
            runs[count] = time.ticks_diff(now, last)
            count += 1
            last = now
            level ^= 1
        runs[count] = min(65535, max(0, time.ticks_diff(time.ticks_us(), last)))
        self._count = count + 1

    def ready(self):
        """Always: start() has waited."""
        return True

    def runs(self, into):
        """The times of what start() heard."""
        count = min(self._count, len(into))
        for i in range(count):
            into[i] = self._runs[i]
        return count
