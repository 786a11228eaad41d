"""LilyGO T-Beam V1.0 to V1.2: ESP32 and SX1276. Wiring is in README.md beside this."""

from kerb.hal.adc import AnalogIn
from kerb.hal.digital import Input, Output
from kerb.hal.pwm import Pwm
from kerb.hal.retained import Retained, RtcMemory
from kerb.hal.wifi import Station
from micropython import const

NAME = "lilygo_tbeam"
WATCHDOG_MS = const(8000)
# Of the rangers at bays 0 and 1: trigger and echo; UART, tx and rx.
_RANGERS = ((13, 14), (25, 39))
_RANGER_LINES = ((1, 13, 14), (2, 25, 39))


def lamp_pwm(freq_hz=1000):
    """Dimming input of the lamp's driver: GPIO 25."""
    return Pwm(25, freq_hz)


def lamp_relay():
    """Relay whose coil, while active, cuts the lamp off: GPIO 14."""
    return Output(14)


def dali_bus(tick_ns, ticks, window_us):
    """DALI through two optocouplers that both invert: sends on GPIO 2, hears on GPIO 15."""
    from kerb.hal.edges import Edges
    from kerb.hal.pattern import Pattern

    sender = Pattern(2, tick_ns, ticks, idle=True, inverted=True)
    return sender, Edges(15, window_us, inverted=True, pull="up")


def light_sensor():
    """Photoresistor to 3V3, 10 kOhm to ground, on GPIO 36: brighter is higher."""
    return AnalogIn(36)


def meter_serial():
    """There is no pin left for one."""
    raise ValueError("this board has no pin for a meter")


def lamp_temperature():
    """NTC thermistor of 10 kOhm to ground, 10 kOhm to 3V3, on GPIO 39."""
    return AnalogIn(39)


def presence_input():
    """Output of a PIR or radar sensor, active high: GPIO 13. Open it says nobody."""
    return Input(13, pull="down")


def ranger_echo(index):
    """A ranger with an echo pulse: trigger GPIO 13, echo GPIO 14; the second GPIO 25 and 39."""
    from kerb.hal.echo import Echo

    trigger, echo = _pins_of(_RANGERS, index)
    return Echo(trigger, echo, unit=2 + index)


def ranger_serial(index, baud, rx_bytes):
    """A ranger on UART1: sends on GPIO 13, hears on GPIO 14; the second UART2, 25 and 39."""
    from kerb.hal.serial import Serial

    uart, tx, rx = _pins_of(_RANGER_LINES, index)
    return Serial(uart, baud, tx=tx, rx=rx, rx_bytes=rx_bytes)


def ranger_power():
    """Switch in the supply of the rangers, active high: GPIO 2."""
    return Output(2)


def thermometer_bus():
    """A DS18B20 for the air on GPIO 15, 4.7 kOhm to 3V3."""
    from kerb.hal.onewire import OneWire

    return OneWire(15)


def core_temperature():
    """There is none that is any good: the ESP32's is off by tens of degrees."""
    raise ValueError("this board has no thermometer")


def _pins_of(rangers, index):
    if not 0 <= index < len(rangers):
        raise ValueError("this board has no pins for ranger %d" % index)
    return rangers[index]


def battery():
    """The battery itself, through 100 and 22 kOhm: GPIO 36."""
    return AnalogIn(36, 18300)


def status_led():
    """The LED: GPIO 4, low is on; a V1.0 has none."""
    return Output(4, active_low=True)


def retained():
    """Numbers that outlive a reset: the memory of the RTC."""
    return Retained(RtcMemory())


def station():
    """The Wi-Fi station."""
    return Station()


def radio():
    """The SX1276 on SPI1; its supply is the power chip's."""
    from kerb.uplink.lorawan.radio import Radio

    return Radio(_lora)


def _lora():
    from kerb.hal.pmu import Pmu
    from kerb.hal.sx127x import make

    Pmu(22, 21).feed_lora()
    return make(1, 5, 27, 19, select=18, dio0=26, dio1=33, reset=23)
