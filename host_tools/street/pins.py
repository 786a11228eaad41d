"""Which of the virtual board's pins the street is wired to."""


class Pins:
    """Pin numbers: the lamp's PWM output and the light sensor's analogue input."""

    def __init__(self, lamp, light_sensor):
        self.lamp = lamp
        self.light_sensor = light_sensor
