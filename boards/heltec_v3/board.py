"""Heltec WiFi LoRa 32 V3: ESP32-S3 and SX1262. Wiring is in README.md beside this."""

from kerb.hal.adc import AnalogIn
from kerb.hal.digital import Input, Output
from kerb.hal.pwm import Pwm
from kerb.hal.retained import Retained, RtcMemory
from kerb.hal.wifi import Station
from micropython import const

NAME = "heltec_v3"
WATCHDOG_MS = const(8000)
# Of the rangers at bays 0 and 1: trigger and echo; UART, tx and rx.
_RANGERS = ((39, 40), (41, 42))
_RANGER_LINES = ((1, 39, 40), (2, 41, 42))


def lamp_pwm(freq_hz=1000):
    """Dimming input of the lamp's driver: GPIO 7."""
    return Pwm(7, freq_hz)


def lamp_relay():
    """Relay whose coil, while active, cuts the lamp off: GPIO 6."""
    return Output(6)


def dali_bus(tick_ns, ticks, window_us):
    """DALI through two optocouplers that both invert: sends on GPIO 41, hears on GPIO 42."""
    from kerb.hal.edges import Edges
    from kerb.hal.pattern import Pattern

    sender = Pattern(41, tick_ns, ticks, idle=True, inverted=True)
    return sender, Edges(42, window_us, inverted=True, pull="up")


def light_sensor():
    """Photoresistor to 3V3, 10 kOhm to ground, on GPIO 2: brighter is higher."""
    return AnalogIn(2)


def meter_serial():
    """The power meter, on UART1: hears on GPIO 48 (47 would send)."""
    from kerb.hal.serial import EVEN, Serial

    return Serial(1, 4800, tx=47, rx=48, rx_bytes=512, parity=EVEN)


def lamp_temperature():
    """NTC thermistor of 10 kOhm to ground, 10 kOhm to 3V3, on GPIO 5."""
    return AnalogIn(5)


def presence_input():
    """Output of a PIR or radar sensor, active high: GPIO 38. Open it says nobody."""
    return Input(38, pull="down")


def ranger_echo(index):
    """A ranger with an echo pulse: trigger GPIO 39, echo GPIO 40; the second GPIO 41 and 42."""
    from kerb.hal.echo import Echo

    trigger, echo = _pins_of(_RANGERS, index)
    return Echo(trigger, echo, unit=2 + index)


def ranger_serial(index, baud, rx_bytes):
    """A ranger on UART1: sends on GPIO 39, hears on GPIO 40; the second UART2, 41 and 42."""
    from kerb.hal.serial import Serial

    uart, tx, rx = _pins_of(_RANGER_LINES, index)
    return Serial(uart, baud, tx=tx, rx=rx, rx_bytes=rx_bytes)


def ranger_power():
    """Switch in the supply of the rangers, active high: GPIO 33."""
    return Output(33)


def thermometer_bus():
    """A DS18B20 for the air on GPIO 34, 4.7 kOhm to 3V3."""
    from kerb.hal.onewire import OneWire

    return OneWire(34)


def core_temperature():
    """There is none that knows the air: the chip's own knows itself."""
    raise ValueError("this board has no thermometer")


def _pins_of(rangers, index):
    if not 0 <= index < len(rangers):
        raise ValueError("this board has no pins for ranger %d" % index)
    return rangers[index]


def battery():
    """The battery itself, through 100 and 22 kOhm: GPIO 4."""
    return AnalogIn(4, 18300)


def status_led():
    """The white LED: GPIO 35."""
    return Output(35)


def retained():
    """Numbers that outlive a reset: the memory of the RTC."""
    return Retained(RtcMemory())


def station():
    """The Wi-Fi station."""
    return Station()


def radio():
    """The SX1262 on SPI1, a TCXO of 1.8 V at DIO3."""
    from kerb.uplink.lorawan.radio import Radio

    return Radio(_lora)


def _lora():
    from kerb.hal.sx126x import make

    return make(1, 9, 10, 11, select=8, busy=13, dio1=14, reset=12, tcxo_mv=1800)
