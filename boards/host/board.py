"""The virtual board: the pins of `rpi_pico_w`, on this machine."""

from kerb.hal.adc import AnalogIn
from kerb.hal.digital import Output
from kerb.hal.pwm import Pwm
from kerb.hal.retained import Retained, Scratch
from kerb.hal.wifi import Station
from micropython import const

NAME = "host"
WATCHDOG_MS = const(8000)


def lamp_pwm(freq_hz=1000):
    """Dimming input of the lamp's driver: pin 15."""
    return Pwm(15, freq_hz)


def lamp_relay():
    """Relay whose coil, while active, cuts the lamp off: pin 14."""
    return Output(14)


def light_sensor():
    """Photoresistor to 3V3 on pin 26: brighter is higher."""
    return AnalogIn(26)


def status_led():
    """An LED on pin 25."""
    return Output(25)


def retained():
    """Numbers that outlive a reset: scratch registers of the watchdog."""
    return Retained(Scratch())


def station():
    """The Wi-Fi station."""
    return Station()
