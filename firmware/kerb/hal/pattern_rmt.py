"""Exact output patterns by the ESP32's RMT; see kerb.hal.pattern."""

from esp32 import RMT
from machine import Pin
from micropython import const

_PULSE_MAX = const(32767)


class Pattern:
    """To within a clock of 1 us, or of 3.2 us where a tick is longer than 32 ms."""

    def __init__(self, pin_id, tick_ns, ticks, idle=False, inverted=False, unit=0):
        self._inverted = inverted
        self._ticks = ticks
        self._tick_ns = tick_ns
        # 80 MHz by 80, or by 250 so that long levels take few pulses.
        clock_div = 80 if tick_ns <= 32000000 else 250
        self._clock_ns = clock_div * 25  # halves of a nanosecond
        idle = bool(idle) != inverted
        self._rmt = RMT(unit, pin=Pin(pin_id), clock_div=clock_div, idle_level=idle)
        if idle:
            # Some versions have the pin low until something has gone out.
            self._rmt.write_pulses([1], [True])
        self._looping = False

    def send(self, levels):
        """Once, then idle."""
        self._loop(False)
        self._write(levels)

    def repeat(self, levels):
        """Again and again. ValueError for more than the 126 pulses of an RMT loop."""
        self._loop(True)
        self._write(levels)

    def stop(self):
        """Idle, when the round that is under way has ended."""
        self._loop(False)

    def _loop(self, on):
        if on != self._looping:
            self._looping = on
            self._rmt.loop(on)

    def _write(self, levels):
        times, data = [], []
        done = 0
        level = levels[0]
        for i in range(1, self._ticks + 1):
            if i < self._ticks and levels[i] == level:
                continue
            # Each edge where it belongs, so that rounding does not add up.
            end = (i * self._tick_ns * 2 + self._clock_ns // 2) // self._clock_ns
            left = end - done
            while left:
                part = min(left, _PULSE_MAX)
                times.append(part)
                data.append(bool(level) != self._inverted)
                left -= part
            done = end
            if i < self._ticks:
                level = levels[i]
        self._rmt.write_pulses(times, data)
