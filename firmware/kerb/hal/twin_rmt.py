"""A pattern on two pins by the ESP32's RMT, a round at a time; see kerb.hal.twin."""

import sys
import time

from esp32 import RMT
from machine import Pin, Timer
from micropython import const

_CLOCK_DIV = const(250)  # of 80 MHz
_CLOCKS_MS = const(320)
_PULSE_MAX = const(32767)  # 102 ms
# So long before it begins, a round is handed over; no stop() reaches it then.
_AHEAD_MS = const(60)
# How often it is looked whether that is now. A timer that calls once could be lost where the
# port's scheduler is full, and all rounds after it.
_LOOK_MS = const(20)
_LEAD = const(2)  # pulses for what is left of a level


class Twin:
    """Each edge to a clock of 3.1 us in its round, which is in its place to 1 ms."""

    def __init__(self, first_id, second_id, tick_ns, ticks):
        self._pins = (first_id, second_id)
        self._tick_ms = tick_ns // 1000000
        self._ticks = ticks
        self._timer = Timer(1 if sys.platform == "esp32" else -1)
        self._ticks_on = False
        self._due_ms = 0
        self._times = ([], [])
        self._data = ([], [])
        self._made = None
        self._levels = None
        self._last = self.began_ms = 0
        self._busy = False
        self._take()

    def _take(self):
        self._channels = [
            RMT(i, pin=Pin(pin), clock_div=_CLOCK_DIV) for i, pin in enumerate(self._pins)
        ]
        self._taken = True

    def repeat(self, levels, began_ms):
        """In rounds that began at began_ms, from now on, or when one that goes out has ended."""
        self._levels = levels
        self.began_ms = began_ms
        self._made = None
        self._last = self._ticks
        while not levels[self._last - 1]:
            self._last -= 1
        self._due_ms = time.ticks_ms()
        self._go()
        if not self._ticks_on:
            self._ticks_on = True
            self._timer.init(mode=Timer.PERIODIC, period=_LOOK_MS, callback=self._go)

    def stop(self):
        """Low when the round is over: no other one begins."""
        self._levels = None

    def off(self):
        """Low at once. What goes out goes on, and reaches no pin."""
        self._levels = None
        self._end()
        self._taken = False
        for pin in self._pins:
            Pin(pin, Pin.OUT, value=0)

    def _end(self):
        self._ticks_on = False
        self._timer.deinit()

    def _go(self, _timer=None):
        if self._busy:  # the timer comes between any two steps of a repeat() too
            return
        self._busy = True
        try:
            self._look()
        finally:
            self._busy = False

    def _look(self):
        """Sends this round's flashes, or what is left of them, when it is time."""
        if self._levels is None:
            self._end()
            return
        if time.ticks_diff(time.ticks_ms(), self._due_ms) < 0:
            return
        for channel in self._channels:
            if not channel.wait_done():
                return
        if not self._taken:
            for channel in self._channels:
                channel.deinit()
            self._take()
        tick_ms, count = self._tick_ms, self._ticks
        while True:
            at = time.ticks_diff(time.ticks_ms(), self.began_ms) // tick_ms
            # The dark at the end is a level that lasts into the next round.
            tick = at % count
            after = -1 if tick >= self._last else tick
            begins = at - tick + (count if after < 0 else tick + 1)
            self._fill(after)
            now_ms = time.ticks_ms()
            left_ms = begins * tick_ms - time.ticks_diff(now_ms, self.began_ms)
            if after < 0 and left_ms > _AHEAD_MS:
                self._due_ms = time.ticks_add(now_ms, left_ms - _AHEAD_MS)
                return
            if left_ms > 0:
                break
        clocks = left_ms * _CLOCKS_MS // _LEAD
        for channel, times, data in zip(self._channels, self._times, self._data):
            for i in range(_LEAD):
                times[i] = clocks
            channel.write_pulses(times, data)
        wait_ms = left_ms + (count - 1 - after) * tick_ms - _AHEAD_MS
        self._due_ms = time.ticks_add(now_ms, wait_ms)

    def _fill(self, after):
        """The pulses of a round's flashes from tick `after` + 1 on, behind the lead's."""
        if after == self._made:
            return
        self._made = after
        levels = self._levels
        tick_clocks = self._tick_ms * _CLOCKS_MS
        for bit, times, data in zip((1, 2), self._times, self._data):
            times.clear()
            data.clear()
            times.extend([0] * _LEAD)
            data.extend([after >= 0 and bool(levels[after] & bit)] * _LEAD)
            clocks = 0
            for i in range(after + 1, self._last):
                clocks += tick_clocks
                if i + 1 < self._last and not (levels[i] ^ levels[i + 1]) & bit:
                    continue
                pulses = -(-clocks // _PULSE_MAX)
                for left in range(pulses, 0, -1):
                    part = clocks // left
                    clocks -= part
                    times.append(part)
                    data.append(bool(levels[i] & bit))
