"""Which of the virtual board's pins the street is wired to."""


class Pins:
    """Pin numbers: the lamp's PWM output and the light sensor's analogue input."""

    def __init__(self, lamp, light_sensor):
        self.lamp = lamp
        self.light_sensor = light_sensor


def of_host_board():
    """Give the pins that boards/host/board.py names for its lamp and its sensor."""
    return Pins(lamp=15, light_sensor=26)
