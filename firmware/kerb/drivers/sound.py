"""How far sound goes: the speed of sound in air by its temperature, in integers.

331.3 m/s * sqrt(1 + T / 273.15 K), the ideal gas. The air's humidity, which nobody measures here,
adds 0.5 % to that at a dew point of 25 degrees, and 0.9 % at 35, the wettest there is outdoors.
"""

from micropython import const

# (331.3 m/s / 2 in mm/us * 2^17)^2 / 27315: what the root below is of.
_SQUARE = const(17258)
_ZERO_CDEG = const(27315)
_COLDEST_CDEG = const(-5500)
_HOTTEST_CDEG = const(8500)
# Of air that nobody measures: -30 to 60 degrees are then within 9 % of it.
UNKNOWN_CDEG = const(1500)


def scale(temperature_cdeg):
    """Millimetres that an echo's way gains in a us, there and back, times 2^17.

    Within 0.01 % of the formula from -55 to 85 degrees; beyond it is as there. None: 15 degrees.
    """
    if temperature_cdeg is None:
        temperature_cdeg = UNKNOWN_CDEG
    square = min(_HOTTEST_CDEG, max(_COLDEST_CDEG, temperature_cdeg)) + _ZERO_CDEG
    square *= _SQUARE
    root = 22000  # by Newton; each round doubles the digits that are right
    for _ in range(2):
        root = (root + square // root) >> 1
    return root


def distance_mm(us, by_scale):
    """How far away it is whose echo comes after `us`; up to 43 ms in small integers."""
    return us * by_scale + (1 << 16) >> 17
