"""Which of the virtual board's pins the street is wired to."""


class Pins:
    """Pin numbers: the lamp's PWM output, the analogue inputs of light and temperature sensor, the
    motion sensor's input; and the number of the meter's UART. Of bay rangers `rangers` (trigger,
    echo), and `ranger_uarts`.
    """

    def __init__(
        self, lamp, light_sensor, thermistor, presence, meter_uart, rangers, ranger_uarts
    ):
        self.lamp = lamp
        self.light_sensor = light_sensor
        self.thermistor = thermistor
        self.presence = presence
        self.meter_uart = meter_uart
        self.rangers = rangers
        self.ranger_uarts = ranger_uarts


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
    )
