"""Ultrasonic rangers for tests: one with an echo pulse on the virtual board's pins, and frames."""

from math import exp, sqrt


def speed_m_s(celsius, dew_point=None):
    """Of sound, in dry air or in air of that dew point; an ideal mixture of ideal gases at 1 atm.

    Molar masses 28.96 and 18.02, heat capacities 7/2 R and 4 R; Magnus' formula for the vapour.
    """
    dry = 331.3 * sqrt(1 + celsius / 273.15)
    if dew_point is None:
        return dry
    vapour = 6.112 * exp(17.62 * dew_point / (243.12 + dew_point)) / 1013.25
    mass = 28.96 * (1 - vapour) + 18.02 * vapour
    heat = 3.5 * (1 - vapour) + 4 * vapour
    return dry * sqrt(28.96 / mass * (heat / (heat - 1)) / 1.4)


def echo_us(mm, celsius, dew_point=None):
    """How long an echo takes, as the part's counter gives it."""
    return round(2000 * mm / speed_m_s(celsius, dew_point))


class EchoPart:
    """HC-SR04 on the pins of world `w`: answers a trigger of 10 us with a pulse of `us`.

    us: None for no answer at all. after_us: from the trigger to the pulse. triggers: their times
    and lengths in us. A trigger while the pulse lasts does nothing.
    """

    def __init__(self, w, trigger=2, echo=3, us=14577, after_us=460):
        self.w = w
        self.echo = echo
        self.us = us
        self.after_us = after_us
        self.triggers = []
        self._rose_us = None
        self._busy_until_us = 0
        w.drive(echo, 0)
        w.watch(trigger, self._trigger)

    def _trigger(self, level, us):
        if level:
            self._rose_us = us
        elif self._rose_us is not None:
            lasted_us = us - self._rose_us
            self.triggers.append((self._rose_us, lasted_us))
            if lasted_us < 10 or self.us is None or us < self._busy_until_us:
                return
            self._busy_until_us = us + self.after_us + self.us
            self.w.after_us(self.after_us, self.w.drive, self.echo, 1)
            self.w.after_us(self.after_us + self.us, self.w.drive, self.echo, 0)


def frame(mm):
    """Of the A02YYUW and the JSN-SR04T."""
    high, low = mm >> 8, mm & 255
    return bytes((255, high, low, 255 + high + low & 255))


def text(mm):
    """Of the MB7389."""
    return b"R%04d\r" % mm
