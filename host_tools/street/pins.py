"""Which of the virtual board's pins the street is wired to."""

from typing import NamedTuple


class CrosswalkPins(NamedTuple):
    """Of a crosswalk's pole: the beacon's two lamps and what their current is measured at, the
    button, battery and charger, the pedestrian's lamp, and the numbers of the radars' UARTs.
    """

    left: int
    right: int
    current: int
    button: int
    battery: int
    charger: int
    feedback: int
    radar_uart: int
    car_uart: int


class Pins:
    """Pin numbers: the lamp's PWM output, the analogue inputs of light and temperature sensor, the
    motion sensor's input; and the number of the meter's UART. Of bay rangers `rangers` (trigger,
    echo), and `ranger_uarts`; `crosswalk` has a crosswalk's.
    """

    def __init__(
        self,
        lamp,
        light_sensor,
        thermistor,
        presence,
        meter_uart,
        rangers,
        ranger_uarts,
        crosswalk,
    ):
        self.lamp = lamp
        self.light_sensor = light_sensor
        self.thermistor = thermistor
        self.presence = presence
        self.meter_uart = meter_uart
        self.rangers = rangers
        self.ranger_uarts = ranger_uarts
        self.crosswalk = crosswalk


def of_host_board():
    """Give the pins that boards/host/board.py names."""
    return Pins(
        lamp=15,
        light_sensor=26,
        thermistor=27,
        presence=18,
        meter_uart=1,
        rangers=((2, 3), (4, 5)),
        ranger_uarts=(0, 1),
        crosswalk=CrosswalkPins(
            left=20,
            right=21,
            current=27,
            button=19,
            battery=28,
            charger=22,
            feedback=12,
            radar_uart=1,
            car_uart=0,
        ),
    )
