"""DS18B20, a thermometer on a 1-Wire bus of its own: half a degree from -10 to 85 degrees.

Formats: its data sheet. The nine bytes that it says: temperature in sixteenths of a degree, low
byte first; two of alarms; configuration, whose lowest five bits are ones; three reserved; CRC.
"""

import time

from micropython import const

_SKIP_ROM = const(0xCC)
_CONVERT = const(0x44)
_READ = const(0xBE)
_CONVERSION_MS = const(760)  # 750 at most, at 12 bits
_CONFIG_MASK = const(0x9F)
_CONFIG = const(0x1F)
_POWER_ON = const(0x0550)  # 85 degrees: it lost its supply, and what it was told
_COLDEST = const(-55 * 16)
_HOTTEST = const(125 * 16)
_BELIEVE = const(3)


class Ds18b20:
    """The part that is alone on `bus`, a kerb.hal.onewire.OneWire, with a supply wire.

    offset_cdeg: added to what it says.

    temperature_cdeg: in hundredths of a degree; None at first, and when three measurements in a
    row have failed. fault: None, or why the last one failed: "no_answer", "garbled",
    "out_of_range".
    """

    def __init__(self, bus, offset_cdeg=0):
        self._bus = bus
        self._offset_cdeg = offset_cdeg
        self._data = bytearray(9)
        self._begun_ms = None
        self._bad = 0
        self.temperature_cdeg = self.fault = None

    def begin(self):
        """Starts a measurement, which takes it 0.76 s and us 2 ms."""
        self._begun_ms = None
        if self._command(_CONVERT):
            self._begun_ms = time.ticks_ms()
        else:
            self._failed("no_answer")

    def poll(self, now_ms):
        """True once the measurement is done; reading it takes 8 ms."""
        if self._begun_ms is None:
            return True
        if time.ticks_diff(now_ms, self._begun_ms) < _CONVERSION_MS:
            return False
        self._begun_ms = None
        if not self._command(_READ):
            self._failed("no_answer")
            return True
        data = self._data
        self._bus.read_into(data)
        raw = data[0] | data[1] << 8
        # A bus held low says zeros, whose CRC is right.
        if crc8(data) or data[4] & _CONFIG_MASK != _CONFIG or raw == _POWER_ON:
            self._failed("garbled")
            return True
        if raw & 0x8000:
            raw -= 0x10000
        if not _COLDEST <= raw <= _HOTTEST:
            self._failed("out_of_range")
            return True
        self._bad = 0
        self.fault = None
        self.temperature_cdeg = raw * 25 // 4 + self._offset_cdeg
        return True

    def _command(self, what):
        if not self._bus.reset():
            return False
        self._bus.write(bytes((_SKIP_ROM, what)))
        return True

    def _failed(self, fault):
        self.fault = fault
        self._bad += 1
        if self._bad >= _BELIEVE:
            self.temperature_cdeg = None


def crc8(data):
    """Maxim's, of bytes that end with their own: 0 if they are whole. Application note 27."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x8C if crc & 1 else 0)
    return crc
