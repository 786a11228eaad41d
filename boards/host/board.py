"""The virtual board: the pins of `rpi_pico_w`, on this machine."""

from kerb.hal.adc import AnalogIn
from kerb.hal.digital import Input, Output
from kerb.hal.pwm import Pwm
from kerb.hal.retained import Retained, Scratch
from kerb.hal.wifi import Station
from micropython import const

NAME = "host"
WATCHDOG_MS = const(8000)
# Of the rangers at bays 0 and 1: trigger and echo; UART, tx and rx.
_RANGERS = ((2, 3), (4, 5))
_RANGER_LINES = ((0, 0, 1), (1, 4, 5))


def lamp_pwm(freq_hz=1000):
    """Dimming input of the lamp's driver: pin 15."""
    return Pwm(15, freq_hz)


def lamp_relay():
    """Relay whose coil, while active, cuts the lamp off: pin 14."""
    return Output(14)


def dali_bus(tick_ns, ticks, window_us):
    """DALI through two optocouplers that both invert: sends on pin 16, hears on pin 17."""
    from kerb.hal.edges import Edges
    from kerb.hal.pattern import Pattern

    sender = Pattern(16, tick_ns, ticks, idle=True, inverted=True)
    return sender, Edges(17, window_us, inverted=True, pull="up")


def light_sensor():
    """Photoresistor to 3V3 on pin 26: brighter is higher."""
    return AnalogIn(26)


def meter_serial():
    """The power meter, on UART1: hears on pin 9 (8 would send)."""
    from kerb.hal.serial import EVEN, Serial

    return Serial(1, 4800, tx=8, rx=9, rx_bytes=512, parity=EVEN)


def lamp_temperature():
    """NTC thermistor of 10 kOhm to ground, 10 kOhm to 3V3, on pin 27."""
    return AnalogIn(27)


def presence_input():
    """Output of a PIR or radar sensor, active high: pin 18. Open it says nobody."""
    return Input(18, pull="down")


def ranger_echo(index):
    """A ranger with an echo pulse: trigger pin 2, echo pin 3; the second pin 4 and pin 5."""
    from kerb.hal.echo import Echo

    trigger, echo = _pins_of(_RANGERS, index)
    return Echo(trigger, echo, unit=2 + index)


def ranger_serial(index, baud, rx_bytes):
    """A ranger on UART0: sends on pin 0, hears on pin 1; the second UART1, pin 4 and pin 5."""
    from kerb.hal.serial import Serial

    uart, tx, rx = _pins_of(_RANGER_LINES, index)
    return Serial(uart, baud, tx=tx, rx=rx, rx_bytes=rx_bytes)


def ranger_power():
    """Switch in the supply of the rangers, active high: pin 7."""
    return Output(7)


def thermometer_bus():
    """A DS18B20 for the air on pin 6, 4.7 kOhm to 3V3."""
    from kerb.hal.onewire import OneWire

    return OneWire(6)


def core_temperature():
    """The chip's own thermometer: the voltage on pin 29."""
    from kerb.hal.core_temp import CoreTemperature

    return CoreTemperature(29)


def _pins_of(rangers, index):
    if not 0 <= index < len(rangers):
        raise ValueError("this board has no pins for ranger %d" % index)
    return rangers[index]


def beacon_pattern(tick_ns, ticks):
    """Enable inputs of the drivers of the beacon's lamps: left pin 20, right pin 21."""
    from kerb.hal.twin import Twin

    return Twin(20, 21, tick_ns, ticks)


def beacon_dim(freq_hz=1000):
    """Dimming input of both: pin 15."""
    return Pwm(15, freq_hz)


def beacon_current():
    """Current of both lamps, through a shunt and its amplifier: pin 27."""
    return AnalogIn(27)


def battery():
    """The battery itself, through 100 and 22 kOhm: pin 28."""
    return AnalogIn(28, 18300)


def charging_input():
    """The charger's "charging" output, open drain: pin 22."""
    return Input(22, pull="up", active_low=True)


def push_button():
    """The pedestrians' button, to ground: pin 19."""
    from kerb.hal.watched import Watched

    return Watched(19, pull="up", active_low=True)


def pedestrian_lamp():
    """The small lamp at the button: pin 12."""
    return Output(12)


def sounder(freq_hz=2000):
    """A sounder without a tone of its own: pin 13."""
    return Pwm(13, freq_hz)


def radar_serial(baud):
    """The radar that sees pedestrians, on UART1: sends on pin 8, hears on pin 9."""
    from kerb.hal.serial import Serial

    return Serial(1, baud, tx=8, rx=9, rx_bytes=512)


def car_radar_serial(baud):
    """The radar that sees cars, on UART0: sends on pin 0, hears on pin 1."""
    from kerb.hal.serial import Serial

    return Serial(0, baud, tx=0, rx=1, rx_bytes=512)


def status_led():
    """An LED on pin 25."""
    return Output(25)


def retained():
    """Numbers that outlive a reset: scratch registers of the watchdog."""
    return Retained(Scratch())


def station():
    """The Wi-Fi station."""
    return Station()


def radio():
    """The LoRa radio: of the world, or what a test has put in its place."""
    from sim.chip import current

    return current().radio
