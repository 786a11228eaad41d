"""The chip's own thermometer as one of the air: for a board that dissipates next to nothing."""

from micropython import const

_COLDEST_CDEG = const(-5500)
_HOTTEST_CDEG = const(11000)


class ChipThermometer:
    """`core` is a kerb.hal.core_temp.CoreTemperature; otherwise as kerb.drivers.ds18b20.Ds18b20.

    offset_cdeg: what calibration in place makes it: the chip is warmer than the air, and may be 5
    degrees off by itself.
    """

    def __init__(self, core, offset_cdeg=0):
        self._core = core
        self._offset_cdeg = offset_cdeg
        self.temperature_cdeg = self.fault = None

    def begin(self):
        """Measures at once."""
        cdeg = self._core.read_cdeg() + self._offset_cdeg
        whole = _COLDEST_CDEG <= cdeg <= _HOTTEST_CDEG
        self.temperature_cdeg = cdeg if whole else None
        self.fault = None if whole else "out_of_range"

    def poll(self, now_ms):
        """True: done."""
        return True
