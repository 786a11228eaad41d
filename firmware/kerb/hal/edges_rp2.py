"""Times of edges by the RP2040's PIO and DMA; see kerb.hal.edges."""
# ruff: noqa: F821  the assembler brings its own names

import rp2
from machine import Pin
from micropython import const

_SAMPLE_US = const(40)
_CYCLES = const(32)


@rp2.asm_pio(in_shiftdir=rp2.PIO.SHIFT_RIGHT, autopush=True, push_thresh=32)
def _sample():
    wrap_target()
    in_(pins, 1)[31]
    wrap()


class Edges:
    """The pin's level every 40 us, gathered by the hardware alone."""

    def __init__(self, pin_id, window_us, inverted=False, pull=None, unit=1):
        # 32 samples are one word, in the order of its bits and so of its bytes.
        self._data = bytearray(-(-window_us // (32 * _SAMPLE_US)) * 4)
        self._inverted = inverted
        pull = pull and (Pin.PULL_UP if pull == "up" else Pin.PULL_DOWN)
        pin = Pin(pin_id, Pin.IN, pull)
        freq_hz = _CYCLES * 1000000 // _SAMPLE_US
        self._sm = rp2.StateMachine(unit, _sample, freq=freq_hz, in_base=pin)
        self._dma = rp2.DMA()
        # Paced by the state machine's receive queue: RP2040 datasheet, table of DREQs.
        self._ctrl = self._dma.pack_ctrl(
            inc_read=False, inc_write=True, treq_sel=(unit >> 2) * 8 + (unit & 3) + 4
        )

    def start(self, call, arg):
        """Listens from now on, then calls call(arg); an earlier window ends."""
        sm, dma = self._sm, self._dma
        sm.active(0)
        dma.active(0)
        while sm.rx_fifo():
            sm.get()
        sm.restart()
        data = self._data
        dma.config(read=sm, write=data, count=len(data) // 4, ctrl=self._ctrl, trigger=True)
        sm.active(1)
        call(arg)

    def ready(self):
        """True when the last sample of the window is there."""
        return not self._dma.active()

    def runs(self, into):
        """The times of the window, in steps of 40 us."""
        self._sm.active(0)
        count = length = 0
        level = 1  # in the sense of the bus
        flip = 0xFF if self._inverted else 0
        for byte in self._data:
            byte ^= flip
            if byte == (0xFF if level else 0):
                length += 8
                continue
            for bit in range(8):
                if byte >> bit & 1 != level:
                    if count == len(into):
                        return count
                    into[count] = length * _SAMPLE_US
                    count += 1
                    length = 0
                    level ^= 1
                length += 1
        if count < len(into):
            into[count] = min(65535, length * _SAMPLE_US)
            count += 1
        return count
