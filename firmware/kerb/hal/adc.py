"""Analogue input."""

from machine import ADC, Pin
from micropython import const

_SAMPLES = const(8)
_REFERENCE_MV = const(3300)


class AnalogIn:
    """An analogue input; full_scale_mv: what a pin at 3300 mV stands for, 3300 without divider.

    top_mv: the most that read_mv() gives.
    """

    def __init__(self, pin_id, full_scale_mv=_REFERENCE_MV):
        if hasattr(ADC, "ATTN_11DB"):  # ESP32: else it ends at 1.1 V
            self._adc = ADC(Pin(pin_id), atten=ADC.ATTN_11DB)
            self.top_mv = full_scale_mv * 31 // 33  # it ends at 3.1 V
        else:
            self._adc = ADC(Pin(pin_id))
            self.top_mv = full_scale_mv
        self._full_scale_mv = full_scale_mv

    def read_mv(self):
        """Millivolts, 0 to full_scale_mv: the mean of 8 samples, taken at once.

        The ESP32's read_uv() is the calibrated one; the RP2040 has read_u16() only.
        """
        adc = self._adc
        total = 0
        if hasattr(adc, "read_uv"):
            for _ in range(_SAMPLES):
                total += (adc.read_uv() + 50) // 100
            full = _REFERENCE_MV * 10 * _SAMPLES
        else:
            for _ in range(_SAMPLES):
                total += adc.read_u16()
            # By halves: what is measured often must not take more than 31 bits.
            total >>= 1
            full = 65535 * _SAMPLES // 2
        return (total * self._full_scale_mv + full // 2) // full
