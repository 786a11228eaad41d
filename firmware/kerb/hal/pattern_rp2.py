"""Exact output patterns by the RP2040's PIO; see kerb.hal.pattern."""
# ruff: noqa: F821  the assembler brings its own names

import rp2
from machine import Pin
from micropython import const

_CYCLES = const(1000)  # of a tick: out and its delay 6, set 1, hold 31 * 32, jmp 1
_GIGA = const(1000000000)
_MAX_TICKS = const(256)  # 8 words of 32 wait in the queue


_programs = {}  # one load of each: PIO has room for 32 instructions, and forgets none


def _program(idle, again):
    if (idle, again) in _programs:
        return _programs[idle, again]

    # `again`: without a new word pull takes the one in X, so that the hardware alone goes on.
    @rp2.asm_pio(
        out_init=rp2.PIO.OUT_HIGH if idle else rp2.PIO.OUT_LOW,
        out_shiftdir=rp2.PIO.SHIFT_RIGHT,
        fifo_join=rp2.PIO.JOIN_TX,
    )
    def program():
        wrap_target()
        if again:
            pull(noblock)
            mov(x, osr)
        else:
            pull(block)
        label("tick")
        out(pins, 1)[5]
        set(y, 30)
        label("hold")
        jmp(y_dec, "hold")[31]
        jmp(not_osre, "tick")
        wrap()

    _programs[idle, again] = program
    return program


class Pattern:
    """To 0.2 % of a tick, and the pattern as a whole as exact as the board's crystal.

    It goes out in words of equal length, at most 32 ticks; repeat() takes one word.
    """

    def __init__(self, pin_id, tick_ns, ticks, idle=False, inverted=False, unit=0):
        words = -(-ticks // 32)
        if ticks % words or ticks > _MAX_TICKS:
            raise ValueError("pattern")
        self._words = words
        self._bits = ticks // words
        self._inverted = inverted
        self._idle = bool(idle) != inverted
        self._word_ns = tick_ns * self._bits
        self._pin = Pin(pin_id, Pin.OUT, value=self._idle)
        self._sm = rp2.StateMachine(unit)
        self._again = None
        # Now, because assembling takes longer than an answer may.
        self._load(False)

    def send(self, levels):
        """Once, then the last level of it: a pattern ends with its idle level."""
        self._load(False)
        for word in range(self._words):
            self._sm.put(self._word(levels, word * self._bits))
        self._sm.active(1)

    def repeat(self, levels):
        """Again and again; another one begins after its round. ValueError above 32 ticks."""
        if self._words > 1:
            raise ValueError("pattern")
        self._load(True)
        # The word first: without one it would begin with a round of what is in X.
        self._sm.put(self._word(levels, 0))
        self._sm.active(1)

    def stop(self):
        """Idle, at once."""
        self._sm.active(0)
        self._again = None
        self._pin.init(Pin.OUT, value=self._idle)

    def _word(self, levels, at):
        word = 0
        for i in range(self._bits):
            if bool(levels[at + i]) != self._inverted:
                word |= 1 << i
        return word

    def _load(self, again):
        if self._again is again:
            return
        self._sm.active(0)
        cycles = self._bits * _CYCLES + (2 if again else 1)  # and the fetching of the word
        self._sm.init(
            _program(self._idle, again),
            freq=(cycles * _GIGA + self._word_ns // 2) // self._word_ns,
            out_base=self._pin,
            pull_thresh=self._bits,
        )
        self._again = again
