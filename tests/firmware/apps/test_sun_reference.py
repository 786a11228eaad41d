import os

from kerb.apps import sun
from support import float32, noaa

# The reference needs double precision and `ast`: CPython alone has both.
RUNTIMES = ("cpython",)

single = float32.load(os.path.join(os.path.dirname(sun.__file__), "sun.py"))

PLACES = (
    (35.18, 129.08),
    (50.73, 7.1),
    (0.0, -78.5),
    (-33.87, 151.21),
    (65.0, 25.5),
    (-65.0, -64.0),
)
_2020, _2040 = 7305, 14610


def _worst(module, zenith_cdeg, step_days=7):
    worst = 0
    for latitude, longitude in PLACES:
        for day in range(_2020, _2040, step_days):
            reference = noaa.events(day, latitude, longitude, zenith_cdeg / 100)
            found = module.events(day, round(latitude * 1e7), round(longitude * 1e7), zenith_cdeg)
            if reference is None:
                assert found in (sun.POLAR_DAY, sun.POLAR_NIGHT)
                continue
            for a, b in zip(reference, found):
                worst = max(worst, abs(a - b))
    return worst


def test_single_precision_sunset_is_within_ten_seconds_of_noaa_over_twenty_years():
    assert _worst(single, sun.SUNSET) < 10


def test_rounding_to_single_precision_moves_an_event_by_a_second_at_most():
    for latitude, longitude in PLACES:
        for day in range(0, 36525, 97):
            args = (day, round(latitude * 1e7), round(longitude * 1e7))
            for a, b in zip(sun.events(*args), single.events(*args)):
                assert abs(a - b) <= 1, (args, a, b)
