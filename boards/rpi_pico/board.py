"""Raspberry Pi Pico: RP2040, no radio. Wiring is in README.md beside this."""

from kerb.hal.adc import AnalogIn
from kerb.hal.digital import Input, Output
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


def dali_bus(tick_ns, ticks, window_us):
    """DALI through two optocouplers that both invert: sends on GP16, hears on GP17."""
    from kerb.hal.edges import Edges
    from kerb.hal.pattern import Pattern

    sender = Pattern(16, tick_ns, ticks, idle=True, inverted=True)
    return sender, Edges(17, window_us, inverted=True, pull="up")


def light_sensor():
    """Photoresistor to 3V3, 10 kOhm to ground, on GP26: brighter is higher."""
    return AnalogIn(26)


def meter_serial():
    """The power meter, on UART1: hears on GP9 (GP8 would send)."""
    from kerb.hal.serial import EVEN, Serial

    return Serial(1, 4800, tx=8, rx=9, rx_bytes=512, parity=EVEN)


def lamp_temperature():
    """NTC thermistor of 10 kOhm to ground, 10 kOhm to 3V3, on GP27."""
    return AnalogIn(27)


def presence_input():
    """Output of a PIR or radar sensor, active high: GP18. Open it says nobody."""
    return Input(18, pull="down")


def status_led():
    """The green LED: GP25."""
    return Output(25)


def retained():
    """Numbers that outlive a reset: scratch registers of the watchdog."""
    return Retained(Scratch())


def station():
    """There is none: a config with an uplink is told so."""
    raise OSError("this board has no Wi-Fi")
