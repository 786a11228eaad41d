"""Exact output patterns by the ESP32's RMT; see kerb.hal.pattern."""

from esp32 import RMT
from machine import Pin
from micropython import const

_CLOCK_DIV = const(80)  # of 80 MHz
_LONGEST_NS = const(32767000)  # so that no pulse is too long for RMT


class Pattern:
    """To within a clock of 1 us; a pattern lasts 32 ms at most."""

    def __init__(self, pin_id, tick_ns, ticks, idle=False, inverted=False):
        if tick_ns * ticks > _LONGEST_NS:
            raise ValueError("pattern")
        self._inverted = inverted
        self._ticks = ticks
        self._tick_ns = tick_ns
        idle = bool(idle) != inverted
        self._rmt = RMT(0, pin=Pin(pin_id), clock_div=_CLOCK_DIV, idle_level=idle)
        if idle:
            # Some versions have the pin low until something has gone out.
            self._rmt.write_pulses([1], [True])

    def send(self, levels):
        """Once, then idle."""
        times, data = [], []
        done = 0
        for i in range(1, self._ticks + 1):
            if i < self._ticks and levels[i] == levels[i - 1]:
                continue
            # Each edge where it belongs, so that rounding does not add up.
            end = (i * self._tick_ns + 500) // 1000
            times.append(end - done)
            data.append(bool(levels[i - 1]) != self._inverted)
            done = end
        self._rmt.write_pulses(times, data)
