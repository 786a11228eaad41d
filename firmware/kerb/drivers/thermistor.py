"""A 10 kOhm NTC thermistor to ground, with 10 kOhm to 3V3: the temperature of lamp or driver."""

from math import log

from micropython import const

# Colder is an open wire, hotter a short circuit: -40 and 150 degrees.
_OPEN_MV = const(3225)
_SHORT_MV = const(60)
_SUPPLY_MV = const(3300)
_ZERO_K = 273.15
_NOMINAL_K = 298.15


class Thermistor:
    """`adc` is a hal AnalogIn. beta: of the part, from its data sheet; 3950 is the usual one.

    The beta formula, 1/T = 1/298.15 K + ln(R/10 kOhm)/beta, is within 1 degree of the tables
    of such parts from 0 to 100 degrees.
    """

    def __init__(self, adc, beta=3950):
        self._adc = adc
        self._beta = beta
        # An ADC that ends below the supply would take an open wire for deep cold.
        self._open_mv = min(_OPEN_MV, adc.top_mv - 75)

    def read_cdeg(self):
        """Hundredths of a degree Celsius, -4000 to 15000; None for a wire open or shorted."""
        try:
            mv = self._adc.read_mv()
        except OSError:
            return None
        if not _SHORT_MV <= mv <= self._open_mv:
            return None
        ratio = mv / (_SUPPLY_MV - mv)
        kelvin = 1 / (1 / _NOMINAL_K + log(ratio) / self._beta)
        return round((kelvin - _ZERO_K) * 100)
