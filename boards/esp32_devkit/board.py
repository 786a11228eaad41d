"""ESP32-DevKitC and its many copies (ESP32-WROOM-32). Wiring is in README.md beside this."""

from kerb.hal.adc import AnalogIn
from kerb.hal.digital import Input, Output
from kerb.hal.pwm import Pwm
from kerb.hal.retained import Retained, RtcMemory
from kerb.hal.wifi import Station
from micropython import const

NAME = "esp32_devkit"
WATCHDOG_MS = const(8000)
# Of the rangers at bays 0 and 1: trigger and echo; UART, tx and rx.
_RANGERS = ((27, 33), (13, 14))
_RANGER_LINES = ((1, 23, 22), (2, 17, 16))


def lamp_pwm(freq_hz=1000):
    """Dimming input of the lamp's driver: GPIO 18."""
    return Pwm(18, freq_hz)


def lamp_relay():
    """Relay whose coil, while active, cuts the lamp off: GPIO 19."""
    return Output(19)


def dali_bus(tick_ns, ticks, window_us):
    """DALI through two optocouplers that both invert: sends on GPIO 25, hears on GPIO 26."""
    from kerb.hal.edges import Edges
    from kerb.hal.pattern import Pattern

    sender = Pattern(25, tick_ns, ticks, idle=True, inverted=True)
    return sender, Edges(26, window_us, inverted=True, pull="up")


def light_sensor():
    """Photoresistor to 3V3, 10 kOhm to ground, on GPIO 34: brighter is higher.

    GPIO 34 belongs to ADC1. ADC2 stops working while Wi-Fi is on.
    """
    return AnalogIn(34)


def meter_serial():
    """The power meter, on UART2: hears on GPIO 16 (17 would send)."""
    from kerb.hal.serial import EVEN, Serial

    return Serial(2, 4800, tx=17, rx=16, rx_bytes=512, parity=EVEN)


def lamp_temperature():
    """NTC thermistor of 10 kOhm to ground, 10 kOhm to 3V3, on GPIO 35, ADC1."""
    return AnalogIn(35)


def presence_input():
    """Output of a PIR or radar sensor, active high: GPIO 27. Open it says nobody."""
    return Input(27, pull="down")


def ranger_echo(index):
    """A ranger with an echo pulse: trigger GPIO 27, echo GPIO 33; the second GPIO 13 and 14."""
    from kerb.hal.echo import Echo

    trigger, echo = _pins_of(_RANGERS, index)
    return Echo(trigger, echo, unit=2 + index)


def ranger_serial(index, baud, rx_bytes):
    """A ranger on UART1: sends on GPIO 23, hears on GPIO 22; the second UART2, 17 and 16."""
    from kerb.hal.serial import Serial

    uart, tx, rx = _pins_of(_RANGER_LINES, index)
    return Serial(uart, baud, tx=tx, rx=rx, rx_bytes=rx_bytes)


def ranger_power():
    """Switch in the supply of the rangers, active high: GPIO 4."""
    return Output(4)


def thermometer_bus():
    """A DS18B20 for the air on GPIO 21, 4.7 kOhm to 3V3."""
    from kerb.hal.onewire import OneWire

    return OneWire(21)


def core_temperature():
    """There is none that is any good: the ESP32's is off by tens of degrees."""
    raise ValueError("this board has no thermometer")


def _pins_of(rangers, index):
    if not 0 <= index < len(rangers):
        raise ValueError("this board has no pins for ranger %d" % index)
    return rangers[index]


def beacon_pattern(tick_ns, ticks):
    """Enable inputs of the drivers of the beacon's lamps: left GPIO 25, right GPIO 26."""
    from kerb.hal.twin import Twin

    return Twin(25, 26, tick_ns, ticks)


def beacon_dim(freq_hz=1000):
    """Dimming input of both: GPIO 18."""
    return Pwm(18, freq_hz)


def beacon_current():
    """Current of both lamps, through a shunt and its amplifier: GPIO 35."""
    return AnalogIn(35)


def battery():
    """The battery itself, through 100 and 22 kOhm: GPIO 32."""
    return AnalogIn(32, 18300)


def charging_input():
    """The charger's "charging" output, open drain: GPIO 33."""
    return Input(33, pull="up", active_low=True)


def push_button():
    """The pedestrians' button, to ground: GPIO 27."""
    from kerb.hal.watched import Watched

    return Watched(27, pull="up", active_low=True)


def pedestrian_lamp():
    """The small lamp at the button: GPIO 19."""
    return Output(19)


def sounder(freq_hz=2000):
    """A sounder without a tone of its own: GPIO 21."""
    return Pwm(21, freq_hz)


def radar_serial(baud):
    """The radar that sees pedestrians, on UART2: sends on GPIO 17, hears on GPIO 16."""
    from kerb.hal.serial import Serial

    return Serial(2, baud, tx=17, rx=16, rx_bytes=512)


def car_radar_serial(baud):
    """The radar that sees cars, on UART1: sends on GPIO 23, hears on GPIO 22."""
    from kerb.hal.serial import Serial

    return Serial(1, baud, tx=23, rx=22, rx_bytes=512)


def status_led():
    """The blue LED of most of these boards: GPIO 2."""
    return Output(2)


def retained():
    """Numbers that outlive a reset: the memory of the RTC."""
    return Retained(RtcMemory())


def station():
    """The Wi-Fi station."""
    return Station()
