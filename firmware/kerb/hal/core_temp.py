"""The RP2040's own thermometer."""

from machine import ADC
from micropython import const

_SAMPLES = const(16)


class CoreTemperature:
    """The chip's temperature: some degrees above the air's, and uncalibrated.

    channel: of the ADC. Data sheet of the RP2040, 4.9.5: 27 - (V - 0.706 V) / 1.721 mV, with the
    3.3 V supply as reference: 1 % of that are 4 degrees.
    """

    def __init__(self, channel=4):
        self._adc = ADC(channel)

    def read_cdeg(self):
        """Hundredths of a degree Celsius."""
        total = 0
        for _ in range(_SAMPLES):
            total += self._adc.read_u16()
        volts = total * 3.3 / (65535 * _SAMPLES)
        return round((27 - (volts - 0.706) / 0.001721) * 100)
