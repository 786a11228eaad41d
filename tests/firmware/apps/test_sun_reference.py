import os
from math import cos, radians, sqrt

from kerb.apps import sun
from support import float32, noaa

# The reference needs double precision and `ast`: CPython alone has both.
RUNTIMES = ("cpython",)

single = float32.load(os.path.join(os.path.dirname(sun.__file__), "sun.py"))

BUSAN, BONN, TROMSO = (35.18, 129.08), (50.73, 7.1), (69.65, 18.96)
TEMPERATE = (BUSAN, BONN, (0.0, -78.5), (-33.87, 151.21), (65.0, 25.5), (-65.0, -64.0))
ARCTIC = (TROMSO, (66.6, 14.1), (-68.6, 78.0), (78.2, 15.6))
CENTURY = range(36525)
_2020, _2040 = 7305, 14610
_NEAR_DAYS = 3


def _found(module, place, day, zenith_cdeg):
    return module.events(day, round(place[0] * 1e7), round(place[1] * 1e7), zenith_cdeg)


def _errors(place, days, zenith_cdeg=sun.SUNSET, module=single):
    """Seconds between ours and the reference, for each event; the same events are in both."""
    reference = noaa.Sun(*place)
    errors = []
    for day in days:
        expected = reference.events(day, zenith_cdeg / 100)
        found = _found(module, place, day, zenith_cdeg)
        if type(expected) is str:
            assert found == expected, (place, day, found)
            continue
        for a, b in zip(expected, found):
            assert (a is None) == (b is None), (place, day, expected, found)
            if a is not None:
                errors.append(b - a)
    return errors


def _rms(errors):
    return sqrt(sum(error * error for error in errors) / len(errors))


def _days_near_polar_seasons(place, zenith_cdeg, days):
    """The days within three days of one on which the sun begins or ceases to cross."""
    reference = noaa.Sun(*place)
    height = cos(radians(zenith_cdeg / 100))
    near = set()
    before = None
    for day in days:
        # By mean solar time, which may be wrong about the day: hence one more.
        midnight = day - place[1] / 360
        crosses = [reference.height(midnight + part) > height for part in (0, 0.5)]
        if before is not None and crosses != before:
            near.update(range(day - _NEAR_DAYS - 1, day + _NEAR_DAYS + 1))
        before = crosses
    return sorted(near)


def test_sunset_in_single_precision_is_within_thirty_seconds_on_every_day_of_twenty_years():
    for place in TEMPERATE:
        worst = max(abs(error) for error in _errors(place, range(_2020, _2040)))
        assert worst < 30
        # What it really is: most of it is the cut series of NOAA's own equation of time.
        assert worst < 4, (place, worst)


def test_civil_dusk_in_single_precision_is_within_thirty_seconds():
    for place in TEMPERATE:
        errors = _errors(place, range(_2020, _2040, 5), sun.CIVIL)
        assert max(abs(error) for error in errors) < 30, place


def test_rms_error_is_below_three_seconds_from_busan_to_the_arctic():
    for place in (BUSAN, BONN, TROMSO):
        for zenith_cdeg in (sun.SUNSET, sun.CIVIL):
            errors = _errors(place, range(_2020, _2040, 3), zenith_cdeg)
            assert _rms(errors) < 3, (place, zenith_cdeg, _rms(errors))


def test_no_grazing_sun_of_a_century_is_missed_and_near_polar_seasons_rms_is_below_ten_seconds():
    for place in ARCTIC:
        for zenith_cdeg in (sun.SUNSET, sun.CIVIL):
            near = _days_near_polar_seasons(place, zenith_cdeg, CENTURY)
            assert len(near) > 400
            errors = _errors(place, near, zenith_cdeg)
            assert _rms(errors) < 10, (place, zenith_cdeg, _rms(errors))


def test_polar_seasons_are_whole():
    for place in ARCTIC:
        _errors(place, range(_2020, _2040, 7))


def test_rounding_to_single_precision_moves_an_event_by_a_second_at_most():
    for place in TEMPERATE:
        for day in range(0, 36525, 97):
            exact = _found(sun, place, day, sun.SUNSET)
            for a, b in zip(exact, _found(single, place, day, sun.SUNSET)):
                assert abs(a - b) <= 1, (place, day, a, b)
