"""A 1-Wire bus with one part on it, by the timing of MicroPython's own `_onewire`."""

import _onewire
from machine import Pin


class OneWire:
    """The bus on a pin, which needs 4.7 kOhm to 3V3; the pin's own pull-up helps on a short wire.

    A byte takes 0.6 ms, a reset 1 ms, and interrupts wait for up to 75 us meanwhile.
    """

    def __init__(self, pin_id):
        self._pin = Pin(pin_id, Pin.OPEN_DRAIN, Pin.PULL_UP)

    def reset(self):
        """Begins a transaction; True if a part says that it is there."""
        # A bus that is low by itself would look like a part.
        return bool(self._pin.value() and _onewire.reset(self._pin))

    def write(self, data):
        """Sends bytes."""
        for byte in data:
            _onewire.writebyte(self._pin, byte)

    def read_into(self, buf):
        """Fills buf with what the part says; ones where it says nothing."""
        for i in range(len(buf)):
            buf[i] = _onewire.readbyte(self._pin)
