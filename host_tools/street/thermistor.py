"""A 10 kOhm NTC (B 3950) from the lamp's heat sink to ground, with 10 kOhm to 3.3 V."""

import math

_SUPPLY_MV = 3300
_PULL_UP_OHM = 10000
_R25_OHM = 10000
_B_K = 3950
_ZERO_K = 273.15
FAULTS = {"open": _SUPPLY_MV, "short": 0}


def millivolts(temperature_cdeg, fault=None):
    """Give the voltage at the pin for 0.01 degree Celsius; `fault`: None, "open" or "short"."""
    if fault is not None:
        return FAULTS[fault]
    kelvin = temperature_cdeg / 100 + _ZERO_K
    ohm = _R25_OHM * math.exp(_B_K * (1 / kelvin - 1 / (25 + _ZERO_K)))
    return round(_SUPPLY_MV * ohm / (ohm + _PULL_UP_OHM))
