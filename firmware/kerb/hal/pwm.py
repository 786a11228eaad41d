"""Pulse-width modulated output."""

import sys

import machine
from machine import PWM, Pin
from micropython import const

_FULL_U16 = const(65535)
_TOP_MAX = const(65534)
_LEDC_HZ = const(80000000)
_LEDC_BITS = const(16)


def _steps(freq_hz):
    """Into how many steps the chip divides a period of freq_hz."""
    if sys.platform == "esp32":  # ports/esp32/machine_pwm.c: whole bits, of an 80 MHz clock
        bits = 1
        while bits < _LEDC_BITS and freq_hz << bits + 1 <= _LEDC_HZ:
            bits += 1
        return 1 << bits
    # ports/rp2/machine_pwm.c: `top` + 1 counts of the system clock, divided by 16ths.
    clock_hz = machine.freq()
    steps = (clock_hz + freq_hz // 2) // freq_hz
    if steps < _TOP_MAX:
        return steps
    scaled = -(-16 * clock_hz // (_TOP_MAX * freq_hz)) * freq_hz
    return (16 * clock_hz + scaled // 2) // scaled


class Pwm:
    """A PWM output of freq_hz, low from the start. ValueError where the chip can't do freq_hz.

    steps: how finely the chip divides the period at this frequency; what set_steps() counts in.

    The RP2040 has one frequency for a pair of pins (2n and 2n + 1): give both the same.
    """

    def __init__(self, pin_id, freq_hz):
        # The ESP32 begins with half the duty when it isn't given here.
        self._pwm = PWM(Pin(pin_id), freq=freq_hz, duty_u16=0)
        self.steps = _steps(freq_hz)

    def duty_u16(self, duty):
        """High for duty/65535 of the time: 0 never, 65535 always; as fine as the chip divides."""
        self._pwm.duty_u16(duty)

    def set_steps(self, high):
        """High for `high` of the `steps` of each period, exactly: 0 never, `steps` always."""
        if sys.platform == "esp32":  # cuts the lowest bits off
            duty = min(_FULL_U16, high * 65536 // self.steps)
        else:  # rounds to its own steps: this is in the middle of what gives that step
            duty = (high * _FULL_U16 + self.steps // 2) // self.steps
        self._pwm.duty_u16(duty)

    def off(self):
        """Low. (Stopping the PWM instead would hold the RP2040's output as it happens to be.)"""
        self._pwm.duty_u16(0)
