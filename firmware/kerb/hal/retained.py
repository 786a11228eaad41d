"""A few numbers that outlive every reset of the chip but not the loss of its power.

A board says where they are kept, `Retained(Scratch())` or `Retained(RtcMemory())`; four cells of
30 bits are enough of it. What stands in them is either what was put there or nothing: each slot
carries a check over all of its numbers.
"""

import struct

import machine
from kerb.hal import chip
from micropython import const

# Slots as (first cell, numbers). kerb.system.clock keeps the time in one, the app what its output
# does in the other: a light the lamp's level in per mille, a crosswalk whether it flashes.
TIME = (0, 3)
OUTPUT = (3, 1)

_CELLS = const(4)
_CELL_BYTES = const(4)
_BITS = const(24)
# A cell holds a number and 6 bits of the check, which is counted modulo the largest prime below
# 2^18. Cells that were never written are 0 and do not pass; every sum stays a small int.
_CHECK_BITS = const(6)
_PRIME = const(262139)
_SEED = const(4099)


class Retained:
    """Slots of numbers in `cells`, which holds at each index below 4 a number below 2^30."""

    def __init__(self, cells):
        self._cells = cells

    def get(self, slot):
        """The numbers that were put into a slot, a list, or None when they are not there."""
        first, count = slot
        cells = [self._cells[first + i] for i in range(count)]
        # A register that never held anything of ours may have its top bits set.
        numbers = [cell & ((1 << _BITS) - 1) for cell in cells]
        check = self._check(first, numbers)
        for cell in cells:
            if cell >> _BITS != check & ((1 << _CHECK_BITS) - 1):
                return None
            check >>= _CHECK_BITS
        return numbers

    def put(self, slot, numbers):
        """Keep numbers from 0 to 16777215, as many as the slot has; allocates nothing."""
        first, count = slot
        check = self._check(first, numbers)
        for i in range(count):
            self._cells[first + i] = numbers[i] | (check & ((1 << _CHECK_BITS) - 1)) << _BITS
            check >>= _CHECK_BITS

    def _check(self, first, numbers):
        check = _SEED + first
        for number in numbers:
            check = (check * 61 + number) % _PRIME
        return check


class Output:
    """What the app's output does, from 0 to `most`, in the slot OUTPUT of a Retained."""

    def __init__(self, retained, most):
        self._retained = retained
        self._most = most
        self._words = [0]

    def get(self):
        """What was put there, or None when that is not known: another app's is not taken."""
        words = self._retained.get(OUTPUT)
        return words[0] if words and words[0] <= self._most else None

    def put(self, number):
        """Keep a number or a flag; allocates nothing."""
        self._words[0] = int(number)
        self._retained.put(OUTPUT, self._words)


class Scratch:
    """The scratch registers 0 to 3 of the RP2040's watchdog, RP2040 datasheet section 4.7.4.

    The loss of power and the RUN pin clear them. pico-sdk (hardware_watchdog) and the boot ROM use
    4 to 7 alone; MicroPython's rp2 port uses none.
    """

    def __init__(self, base=0x4005800C):
        # An address is no small int: made here, it is not made at every write.
        self._addresses = [base + i * _CELL_BYTES for i in range(_CELLS)]

    def __getitem__(self, i):
        return machine.mem32[self._addresses[i]]

    def __setitem__(self, i, value):
        machine.mem32[self._addresses[i]] = value


class RtcMemory:
    """The ESP32's RTC memory, as `machine.RTC().memory()` gives it.

    MicroPython does not clear it (RTC_NOINIT_ATTR in ports/esp32/machine_rtc.c), so that it may
    show old content after a short loss of power: after one it is not read.
    """

    def __init__(self):
        self._rtc = machine.RTC()
        self._data = bytearray(_CELLS * _CELL_BYTES)
        if chip.reset_cause() not in ("power_on", "brown_out"):
            kept = self._rtc.memory()
            if len(kept) == len(self._data):
                self._data[:] = kept

    def __getitem__(self, i):
        return struct.unpack_from("<I", self._data, i * _CELL_BYTES)[0]

    def __setitem__(self, i, value):
        struct.pack_into("<I", self._data, i * _CELL_BYTES, value)
        self._rtc.memory(self._data)
