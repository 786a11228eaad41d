"""Raspberry Pi Pico: RP2040, no radio. Wiring is in README.md beside this."""

from kerb.hal.adc import AnalogIn
from kerb.hal.digital import Output
from kerb.hal.pwm import Pwm
from kerb.hal.retained import Retained, Scratch
from micropython import const

NAME = "rpi_pico"
# The RP2040's dog reaches 8388 ms and no further.
WATCHDOG_MS = const(8000)


def lamp_pwm(freq_hz=1000):
    """Dimming input of the lamp's driver: GP15."""
    return Pwm(15, freq_hz)


def lamp_relay():
    """Relay whose coil, while active, cuts the lamp off: GP14."""
    return Output(14)


def light_sensor():
    """Photoresistor to 3V3, 10 kOhm to ground, on GP26: brighter is higher."""
    return AnalogIn(26)


def status_led():
    """The green LED: GP25."""
    return Output(25)


def retained():
    """Numbers that outlive a reset: scratch registers of the watchdog."""
    return Retained(Scratch())


def station():
    """There is none: a config with an uplink is told so."""
    raise OSError("this board has no Wi-Fi")
