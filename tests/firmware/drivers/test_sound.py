"""The speed of sound: in integers as by the formula, and what the chain's error comes to."""

from math import sqrt

from kerb.drivers import sound
from support.ultrasonic import echo_us, speed_m_s


def test_the_speed_is_within_a_ten_thousandth_of_the_formula_at_any_temperature():
    for cdeg in range(-5500, 8501, 25):
        speed = 331.3 * sqrt(1 + cdeg / 27315)
        found = sound.scale(cdeg) * 2000 / (1 << 17)
        assert abs(found / speed - 1) < 1e-4, cdeg


def test_beyond_any_weather_it_is_that_of_the_limit_and_unknown_is_15_degrees():
    assert sound.scale(-30000) == sound.scale(-5500)
    assert sound.scale(99999) == sound.scale(8500)
    assert sound.scale(None) == sound.scale(1500)


def test_from_250_to_4000_mm_and_from_minus_20_to_40_degrees_it_is_right_to_a_millimetre():
    for celsius in range(-20, 41, 4):
        by = sound.scale(celsius * 100)
        for mm in range(250, 4001, 125):
            assert abs(sound.distance_mm(echo_us(mm, celsius), by) - mm) <= 1, (mm, celsius)


def _thermometer_cdeg(celsius):
    """How far a DS18B20 may be off, by its data sheet from -30 to 85 degrees."""
    return 50 if celsius >= -10 else 100


def test_with_the_worst_thermometer_within_its_data_sheet_it_is_right_to_9_mm():
    for celsius in range(-20, 41, 4):
        off_cdeg = _thermometer_cdeg(celsius)
        for sign in (-1, 1):
            by = sound.scale(celsius * 100 + sign * off_cdeg)
            for mm in range(250, 4001, 250):
                error = sound.distance_mm(echo_us(mm, celsius), by) - mm
                assert abs(error) <= 9, (mm, celsius, error)


def test_the_chain_is_within_1_percent_from_minus_20_to_60_degrees_in_any_weather():
    for celsius in range(-20, 61, 4):
        off_cdeg = _thermometer_cdeg(celsius)
        for dew_point in (None, min(celsius, 35)):
            for cdeg in (celsius * 100 - off_cdeg, celsius * 100 + off_cdeg):
                for mm in (250, 1000, 2500, 4000):
                    us = echo_us(mm, celsius, dew_point)
                    error = sound.distance_mm(us, sound.scale(cdeg)) - mm
                    assert abs(error) <= mm * 0.01 + 0.5, (mm, celsius, dew_point, error)


def test_one_speed_for_all_weather_would_be_far_off():
    # What the compensation is for: 343 m/s at -20 and 40 degrees.
    assert round(2500 * 343 / speed_m_s(-20)) - 2500 in range(185, 190)
    assert 2500 - round(2500 * 343 / speed_m_s(40)) in range(80, 90)
