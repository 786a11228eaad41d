"""Pulse-width modulated output."""

from machine import PWM, Pin


class Pwm:
    """A PWM output of freq_hz, low from the start. ValueError where the chip can't do freq_hz.

    The RP2040 has one frequency for a pair of pins (2n and 2n + 1): give both the same.
    """

    def __init__(self, pin_id, freq_hz):
        # The ESP32 begins with half the duty when it isn't given here.
        self._pwm = PWM(Pin(pin_id), freq=freq_hz, duty_u16=0)

    def duty_u16(self, duty):
        """High for duty/65535 of the time: 0 never, 65535 always; as fine as the chip divides."""
        self._pwm.duty_u16(duty)

    def off(self):
        """Low. (Stopping the PWM instead would hold the RP2040's output as it happens to be.)"""
        self._pwm.duty_u16(0)
