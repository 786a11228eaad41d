"""The power chip of LilyGO's T-Beams: an AXP192 (V1.0, V1.1) or AXP2101 (V1.2), at one address.

Registers are from X-Powers' datasheets; which output feeds what is LilyGO's schematics.
"""

from machine import I2C, Pin
from micropython import const

_ADDRESS = const(0x34)
_CHIP_ID = const(0x03)
_AXP192 = const(0x03)
_AXP2101 = const(0x4A)


class Pmu:
    """On the I2C pins scl, sda."""

    def __init__(self, scl, sda):
        self._i2c = I2C(0, scl=Pin(scl), sda=Pin(sda), freq=100000)

    def feed_lora(self):
        """Switches the LoRa chip's 3.3 V on; RuntimeError: no such chip answers."""
        try:
            found = self._read(_CHIP_ID)
            if found == _AXP192:  # LDO2: 1.8 V and 0.1 V for each step; bit 2 is its switch
                self._write(0x28, self._read(0x28) & 0x0F | 0xF0)
                self._write(0x12, self._read(0x12) | 0x04)
            elif found == _AXP2101:  # ALDO2: 0.5 V and 0.1 V for each step; bit 1
                self._write(0x93, 28)
                self._write(0x90, self._read(0x90) | 0x02)
            else:
                raise RuntimeError("power chip")
        except OSError:
            raise RuntimeError("power chip")

    def _read(self, register):
        return self._i2c.readfrom_mem(_ADDRESS, register, 1)[0]

    def _write(self, register, value):
        self._i2c.writeto_mem(_ADDRESS, register, bytes([value]))
