"""Exact output patterns by the RP2040's PIO; see kerb.hal.pattern."""
# ruff: noqa: F821  the assembler brings its own names

import rp2
from machine import Pin
from micropython import const

_CYCLES = const(1000)  # of a tick: out and its delay 6, set 1, hold 31 * 32, jmp 1
_GIGA = const(1000000000)
_MAX_TICKS = const(256)  # 8 words of 32 wait in the queue


_programs = {}  # one load of each: PIO has room for 32 instructions, and forgets none


def _program(idle):
    if idle in _programs:
        return _programs[idle]

    @rp2.asm_pio(
        out_init=rp2.PIO.OUT_HIGH if idle else rp2.PIO.OUT_LOW,
        out_shiftdir=rp2.PIO.SHIFT_RIGHT,
        fifo_join=rp2.PIO.JOIN_TX,
    )
    def program():
        wrap_target()
        pull(block)
        label("tick")
        out(pins, 1)[5]
        set(y, 30)
        label("hold")
        jmp(y_dec, "hold")[31]
        jmp(not_osre, "tick")
        wrap()

    _programs[idle] = program
    return program


class Pattern:
    """To 0.2 % of a tick, and the pattern as a whole as exact as the board's crystal.

    It goes out in words of equal length, at most 32 ticks.
    """

    def __init__(self, pin_id, tick_ns, ticks, idle=False, inverted=False):
        words = -(-ticks // 32)
        if ticks % words or ticks > _MAX_TICKS:
            raise ValueError("pattern")
        self._words = words
        self._bits = bits = ticks // words
        self._inverted = inverted
        idle = bool(idle) != inverted
        word_ns = tick_ns * bits
        cycles = bits * _CYCLES + 1  # and the fetching of the word
        self._sm = rp2.StateMachine(0)
        self._sm.init(
            _program(idle),
            freq=(cycles * _GIGA + word_ns // 2) // word_ns,
            out_base=Pin(pin_id, Pin.OUT, value=idle),
            pull_thresh=bits,
        )

    def send(self, levels):
        """Once, then the last level of it: a pattern ends with its idle level."""
        for word in range(self._words):
            self._sm.put(self._word(levels, word * self._bits))
        self._sm.active(1)

    def _word(self, levels, at):
        word = 0
        for i in range(self._bits):
            if bool(levels[at + i]) != self._inverted:
                word |= 1 << i
        return word
