"""The air between a ranger and what it ranges: how quickly sound goes, and how much is lost.

Speed: 331.3 * sqrt(1 + T / 273.15) m/s, dry air. Absorption: ISO 9613-1, at one atmosphere. Rain
and fog add nothing here (below 0.1 dB/m at 40 kHz): rain is heard on the lid, see bay_weather.py.
"""

import math

FREQUENCY_HZ = 40_000
_ZERO_K = 273.15
_REFERENCE_K = 293.15
_TRIPLE_K = 273.16


def sound_mps(celsius):
    """Give the speed of sound in m/s at an air temperature in degrees Celsius."""
    return 331.3 * math.sqrt(1 + celsius / _ZERO_K)


def absorption_db_m(celsius, humidity_percent, hz=FREQUENCY_HZ):
    """Give what a plane wave loses in dB a metre (ISO 9613-1, equations 3 to 5 and B.2, B.3)."""
    kelvin = celsius + _ZERO_K
    saturation = 10 ** (-6.8346 * (_TRIPLE_K / kelvin) ** 1.261 + 4.6151)
    water = humidity_percent * saturation
    relative = kelvin / _REFERENCE_K
    oxygen_hz = 24 + 4.04e4 * water * (0.02 + water) / (0.391 + water)
    nitrogen_hz = relative**-0.5 * (9 + 280 * water * math.exp(-4.17 * (relative ** (-1 / 3) - 1)))
    relaxing = 0.01275 * math.exp(-2239.1 / kelvin) / (oxygen_hz + hz * hz / oxygen_hz)
    relaxing += 0.1068 * math.exp(-3352 / kelvin) / (nitrogen_hz + hz * hz / nitrogen_hz)
    classical = 1.84e-11 * math.sqrt(relative)
    return 8.686 * hz * hz * (classical + relative**-2.5 * relaxing)


def echo_us(range_m, near_celsius, far_celsius):
    """Give the round trip in microseconds through air whose temperature changes evenly from the
    part to the target (the speed at the mean is right to 0.01 % for 40 K of difference).
    """
    return 2e6 * range_m / sound_mps((near_celsius + far_celsius) / 2)
