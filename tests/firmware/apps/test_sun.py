from kerb.apps import sun

BUSAN = (351800000, 1290800000)
_2026 = 9497  # days from 2000-01-01 to 2026-01-01


def _near(found, hour, minute, tolerance_s=60):
    return abs(found - (hour * 3600 + minute * 60)) <= tolerance_s


def test_sun_rises_and_sets_in_busan_to_the_minute():
    # In KST (UTC+9), from the double-precision reference in tests/support/noaa.py; the days are
    # 2026-03-20, 2026-06-21 and 2026-12-22.
    for day, rise, set_ in (
        (_2026 + 78, (6, 28), (18, 35)),
        (_2026 + 171, (5, 10), (19, 41)),
        (_2026 + 355, (7, 28), (17, 16)),
    ):
        rise_s, set_s = sun.events(day, *BUSAN)
        assert _near(rise_s + 9 * 3600, *rise, tolerance_s=31), rise_s
        assert _near(set_s + 9 * 3600, *set_, tolerance_s=31), set_s


def test_sun_that_never_sets_and_sun_that_never_rises_are_told_apart():
    tromso = (696500000, 189600000)
    assert sun.events(_2026 + 171, *tromso) == sun.POLAR_DAY
    assert sun.events(_2026 + 355, *tromso) == sun.POLAR_NIGHT
    assert sun.events(_2026 + 171, -900000000, 0) == sun.POLAR_NIGHT
    assert sun.events(_2026 + 171, 900000000, 0) == sun.POLAR_DAY


def test_dusk_is_later_than_sunset_and_dawn_earlier_than_sunrise():
    for day in range(_2026, _2026 + 365, 30):
        rise, set_ = sun.events(day, *BUSAN)
        dawn, dusk = sun.events(day, *BUSAN, zenith_cdeg=sun.CIVIL)
        assert 1200 < rise - dawn < 2100
        assert 1200 < dusk - set_ < 2100


def test_solar_day_turns_at_the_midnight_of_the_place():
    # Midnight in Busan is 15:24 UTC of the day before, in New York (74 W) 4:56 UTC.
    busan, new_york = sun.solar_offset_s(1290800000), sun.solar_offset_s(-740000000)
    assert sun.solar_day(100, 15 * 3600 + 23 * 60, busan) == 100
    assert sun.solar_day(100, 15 * 3600 + 24 * 60, busan) == 101
    assert sun.solar_day(100, 4 * 3600 + 55 * 60, new_york) == 99
    assert sun.solar_day(100, 4 * 3600 + 57 * 60, new_york) == 100


def test_neighbouring_days_differ_by_minutes_across_a_whole_century():
    previous = None
    for day in range(0, 36525, 1):
        if day % 100 > 1:
            continue
        rise, set_ = sun.events(day, 507300000, 71000000)
        assert rise < 43200 < set_
        if day % 100 == 1:
            assert abs(rise - previous[0]) < 180
            assert abs(set_ - previous[1]) < 180
        previous = (rise, set_)
