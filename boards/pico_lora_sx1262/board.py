"""Raspberry Pi Pico with an SX1262 module for LoRaWAN. Wiring is in README.md beside this."""

from kerb.hal.adc import AnalogIn
from kerb.hal.digital import Input, Output
from kerb.hal.pwm import Pwm
from kerb.hal.retained import Retained, Scratch
from micropython import const

NAME = "pico_lora_sx1262"
# The RP2040's dog reaches 8388 ms and no further.
WATCHDOG_MS = const(8000)
# Of the rangers at bays 0 and 1: trigger and echo; UART, tx and rx.
_RANGERS = ((21, 22), (4, 5))
_RANGER_LINES = ((0, 0, 1), (1, 4, 5))


def lamp_pwm(freq_hz=1000):
    """Dimming input of the lamp's driver: GP13."""
    return Pwm(13, freq_hz)


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
    """Photoresistor to 3V3, 10 kOhm to ground, on GP28: brighter is higher."""
    return AnalogIn(28)


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


def ranger_echo(index):
    """A ranger with an echo pulse: trigger GP21, echo GP22; the second GP4 and GP5."""
    from kerb.hal.echo import Echo

    trigger, echo = _pins_of(_RANGERS, index)
    return Echo(trigger, echo, unit=2 + index)


def ranger_serial(index, baud, rx_bytes):
    """A ranger on UART0: sends on GP0, hears on GP1; the second UART1, GP4 and GP5."""
    from kerb.hal.serial import Serial

    uart, tx, rx = _pins_of(_RANGER_LINES, index)
    return Serial(uart, baud, tx=tx, rx=rx, rx_bytes=rx_bytes)


def ranger_power():
    """Switch in the supply of the rangers, active high: GP7."""
    return Output(7)


def thermometer_bus():
    """A DS18B20 for the air on GP6, 4.7 kOhm to 3V3."""
    from kerb.hal.onewire import OneWire

    return OneWire(6)


def core_temperature():
    """The chip's own thermometer."""
    from kerb.hal.core_temp import CoreTemperature

    return CoreTemperature()


def _pins_of(rangers, index):
    if not 0 <= index < len(rangers):
        raise ValueError("this board has no pins for ranger %d" % index)
    return rangers[index]


def battery():
    """The battery itself, through 100 and 22 kOhm: GP28."""
    return AnalogIn(28, 18300)


def status_led():
    """The green LED: GP25."""
    return Output(25)


def retained():
    """Numbers that outlive a reset: scratch registers of the watchdog."""
    return Retained(Scratch())


def station():
    """There is none."""
    raise OSError("this board has no Wi-Fi")


def radio():
    """The SX1262, as Waveshare's Pico-LoRa-SX1262 has it: SPI1, a TCXO at DIO3."""
    from kerb.uplink.lorawan.radio import Radio

    return Radio(_lora)


def _lora():
    from kerb.hal.sx126x import make

    return make(1, 10, 11, 12, select=3, busy=2, dio1=20, reset=15, tcxo_mv=1700)
