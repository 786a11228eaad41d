"""A pattern on two pins by the RP2040's PIO; see kerb.hal.twin."""
# ruff: noqa: F821  the assembler brings its own names

import time
from array import array

import rp2
import uctypes
from machine import Pin
from micropython import const

_CYCLES = const(1000)  # of a tick: out 4, set 1, hold 31 * 32, jmp 1, and 2 to the next out
_PULL = const(0x8080)  # pull(noblock)
_LOW = const(0xA003)  # mov(pins, null)
_MOST = const(16)


@rp2.asm_pio(
    out_init=(rp2.PIO.OUT_LOW, rp2.PIO.OUT_LOW),
    out_shiftdir=rp2.PIO.SHIFT_RIGHT,
    fifo_join=rp2.PIO.JOIN_TX,
)
def _rounds():
    # First a level for so many cycles, in one word; then rounds of a word each. Without a new
    # word, pull takes the one in X.
    pull(block)
    out(pins, 2)
    out(x, 30)
    label("lead")
    jmp(x_dec, "lead")
    jmp("next")
    label("same")
    nop()[1]
    wrap_target()
    label("tick")
    out(pins, 2)[3]
    set(y, 30)
    label("hold")
    jmp(y_dec, "hold")[31]
    jmp(not_osre, "same")
    label("next")
    pull(noblock)
    mov(x, osr)
    wrap()


class Twin:
    """Rounds as exact as the board's crystal, and in their place to 1 ms."""

    def __init__(self, first_id, second_id, tick_ns, ticks):
        if second_id != first_id + 1 or not 0 < ticks <= _MOST:
            raise ValueError("pins")
        self._tick_ms = tick_ns // 1000000
        self._ticks = ticks
        self._levels = None
        self.began_ms = 0
        # The lead's word and the round's, and their bytes: an int of 32 bits would be garbage.
        self._words = array("I", (0, 0))
        self._bytes = uctypes.bytearray_at(uctypes.addressof(self._words), 8)
        self._sm = sm = rp2.StateMachine(0)
        # Whole for the ticks that beacons have, and so is the divider: rounds don't drift.
        freq = _CYCLES * 1000000000 // tick_ns
        sm.init(_rounds, freq=freq, out_base=Pin(first_id), pull_thresh=2 * ticks)

    def repeat(self, levels, began_ms):
        """In rounds that began at began_ms, from now on. Allocates nothing."""
        self._levels = levels
        self.began_ms = began_ms
        self._join(False)
        self._sm.active(1)

    def stop(self):
        """Low when the round is over; while it isn't, it goes out as it would have."""
        self._join(True)
        self._sm.put(0)
        self._sm.active(1)

    def _join(self, last):
        """Stops at the level that it is in, which is to last as long as it would have; then come
        rounds, or what is left of the last one."""
        sm = self._sm
        began_ms, count, tick_ms = self.began_ms, self._ticks, self._tick_ms
        while True:
            at = time.ticks_diff(time.ticks_ms(), began_ms) // tick_ms
            self._fill(at % count, last)
            left_ms = (at + 1) * tick_ms - time.ticks_diff(time.ticks_ms(), began_ms)
            if left_ms > 0:
                break
        cycles = left_ms * _CYCLES // tick_ms
        # Less the instructions from here to the tick.
        lead = (cycles - 8 if cycles > 8 else 0) << 2 | self._levels[at % count]
        words = self._bytes
        words[0] = lead & 255
        words[1] = lead >> 8
        sm.active(0)
        self._drain()
        sm.restart()
        sm.put(self._words)

    def _fill(self, at, last):
        """The round that begins after tick `at`; if it is the last one, dark from its end on."""
        words, levels, count = self._bytes, self._levels, self._ticks
        for i in range(4, 8):
            words[i] = 0
        for i in range(count):
            at += 1
            if at == count:
                if last:
                    return
                at = 0
            words[4 + (i >> 2)] |= levels[at] << (i & 3) * 2

    def _drain(self):
        sm = self._sm
        while sm.tx_fifo():
            sm.exec(_PULL)

    def off(self):
        """Low at once."""
        self._sm.active(0)
        self._drain()
        self._sm.exec(_LOW)
