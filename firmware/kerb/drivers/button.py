"""A push button that no loop is too slow for."""

import time

from micropython import const

# Shorter is a spark on the wire, where it could be timed.
_LEAST_MS = const(5)
# Edges that are nearer to each other are those of one push: contacts bounce.
_BOUNCE_MS = const(50)
_DAY_MS = const(86400000)
_MASK = const(0xFFFF)


class Button:
    """`pin` is a kerb.hal.watched.Watched that is active while the button is pushed.

    A push counts from 5 ms on, and however short it was when nobody could look while it lasted
    (interrupts are off while flash is erased): it must not be lost. What a wire picks up, the RC
    of the wiring keeps away.
    """

    def __init__(self, pin):
        now = time.ticks_ms()
        self._down = False
        self._down_ms = now
        self._up_ms = time.ticks_add(now, -_BOUNCE_MS)
        # Pushes by number, modulo 65536: the last that began, that counted, that was told.
        self._push = self._counted = self._told = 0
        pin.watch(self._edge)
        if pin.get():
            self._edge(True, False)

    def _edge(self, active, both):
        """In an interrupt: allocates nothing."""
        now = time.ticks_ms()
        if self._down:
            long_enough = time.ticks_diff(now, self._down_ms) >= _LEAST_MS
        else:
            if not 0 <= time.ticks_diff(now, self._up_ms) < _BOUNCE_MS:
                self._push = (self._push + 1) & _MASK
                self._down_ms = now
            # It was down and up before anybody could look.
            long_enough = not active
        if both or (long_enough and not active):
            self._counted = self._push
        if not active:
            self._up_ms = now
        self._down = active

    def pressed(self):
        """True once for each push, as soon as it counts; pushes between two looks are one."""
        push = self._push
        if self._down and time.ticks_diff(time.ticks_ms(), self._down_ms) >= _LEAST_MS:
            self._counted = push
        else:
            push = self._counted
        if 0 < ((push - self._told) & _MASK) <= _MASK >> 1:
            self._told = push
            return True
        return False

    def held_ms(self, now_ms):
        """For how long it has been down now, two days at most; 0 while it is not."""
        if not self._down:
            return 0
        held_ms = time.ticks_diff(now_ms, self._down_ms)
        if held_ms > 2 * _DAY_MS:
            self._down_ms = time.ticks_add(self._down_ms, _DAY_MS)  # ticks wrap
        return max(0, held_ms)
