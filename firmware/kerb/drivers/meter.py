"""What every power meter has in common: how it is set, and what it reads.

Apart from the chip's driver, so that a device without a meter need not load one.
"""

from kerb.system.schema import Choice, Int
from micropython import const

SCHEMA = {
    "meter": Choice(("none", "hlw8032"), default="none"),
    # Calibrate by these two: the divider until the voltage is right, then the shunt.
    "meter_divider": Int(100, 10000, default=1880),
    "meter_shunt_uohm": Int(100, 20000, default=1000),
}

# Bits of Reading.overflow.
VOLTAGE = const(8)
CURRENT = const(4)
POWER = const(2)


class Reading:
    """One measurement; what the meter does not know is None.

    power_mw, voltage_mv, current_ma, power_factor_permille (0..1000): as named.
    energy_mws: metered since the start, modulo 2^30 mWs (298 Wh), to be subtracted from a later
    one; None when that is not possible.
    overflow: bits VOLTAGE, CURRENT, POWER of registers that were out of their range.
    """

    def __init__(
        self,
        power_mw,
        voltage_mv=None,
        current_ma=None,
        power_factor_permille=None,
        energy_mws=None,
        overflow=0,
    ):
        self.power_mw = power_mw
        self.voltage_mv = voltage_mv
        self.current_ma = current_ma
        self.power_factor_permille = power_factor_permille
        self.energy_mws = energy_mws
        self.overflow = overflow

    @property
    def voltage_is_below_range(self):
        """True when there is less voltage than the meter can see."""
        return bool(self.overflow & VOLTAGE)
