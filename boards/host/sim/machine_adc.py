"""machine.ADC, quantised as the RP2040's."""

from sim import chip
from sim.machine_pin import resolve

_TOP = 4095  # 12 bits


class ADC:
    """An analogue input: a Pin or its number."""

    ATTN_0DB = 0
    ATTN_2_5DB = 1
    ATTN_6DB = 2
    ATTN_11DB = 3

    def __init__(self, pin, *, atten=ATTN_11DB):
        self._world = chip.current()
        self._id = resolve(pin)

    def read_u16(self):
        """0 to 65535, of 12 bits: the low four repeat the high ones, as the rp2 port does."""
        raw = self._raw()
        return raw << 4 | raw >> 8

    def read_uv(self):
        """Microvolts, of 12 bits."""
        return self._raw() * chip.SUPPLY_MV * 1000 // _TOP

    def _raw(self):
        mv = self._world.adc_mv(self._id)
        return int((mv * _TOP + chip.SUPPLY_MV // 2) // chip.SUPPLY_MV)
