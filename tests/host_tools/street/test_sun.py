"""The street's sun against values that others published."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from host_tools.street import sun

# NREL/TP-560-34302 (Reda, Andreas: Solar Position Algorithm), the worked example of table A5.1.
_GOLDEN = (39.742476, -105.1786)
_MST = timezone(timedelta(hours=-7))
_BUSAN = (35.18, 129.08)
_TROMSO = (69.65, 18.96)


def test_elevation_is_that_of_the_worked_example_of_nrel():
    at = datetime(2003, 10, 17, 12, 30, 30, tzinfo=_MST).astimezone(UTC)
    assert 90 - sun.elevation_deg(at, *_GOLDEN) == pytest.approx(50.11162, abs=0.01)


def test_sunrise_is_that_of_the_worked_example_of_nrel():
    noon = datetime(2003, 10, 17, 12, tzinfo=_MST).astimezone(UTC)
    rise = sun.crossing(noon, *_GOLDEN, rising=True)
    assert abs(rise - datetime(2003, 10, 17, 6, 12, 43, tzinfo=_MST)) < timedelta(seconds=30)


def test_the_nights_of_a_year_in_busan_are_4312_hours():
    dark = timedelta()
    noon = datetime(2026, 1, 1, 3, tzinfo=UTC)
    for day in range(365):
        today = noon + timedelta(days=day)
        fall = sun.crossing(today, *_BUSAN, rising=False)
        dark += sun.crossing(today + timedelta(days=1), *_BUSAN, rising=True) - fall
    assert dark / timedelta(hours=1) == pytest.approx(4312, abs=1)


@pytest.mark.parametrize("longitude", [-179.9, -105.2, 0, 129.08, 179.9])
@pytest.mark.parametrize("hours_off_noon", [-11, 0, 11])
def test_sunset_is_the_one_of_the_solar_day_that_was_asked_for(longitude, hours_off_noon):
    noon = datetime(2026, 3, 20, 12, tzinfo=UTC) - timedelta(hours=longitude / 15)
    asked = noon + timedelta(hours=hours_off_noon)
    rise = sun.crossing(asked, 20, longitude, rising=True)
    fall = sun.crossing(asked, 20, longitude, rising=False)
    assert noon - timedelta(hours=7) < rise < noon < fall < noon + timedelta(hours=7)


def test_at_sunset_the_sun_is_as_low_as_sunset_is_defined():
    noon = datetime(2026, 11, 22, 3, tzinfo=UTC)
    fall = sun.crossing(noon, *_BUSAN, rising=False)
    low = sun.elevation_deg(fall, *_BUSAN, refracted=False)
    assert low == pytest.approx(90 - sun.SUNSET_ZENITH_DEG, abs=0.01)


def test_there_is_no_sunset_in_the_polar_summer_and_no_sunrise_in_the_polar_winter():
    assert sun.crossing(datetime(2026, 6, 21, 11, tzinfo=UTC), *_TROMSO, rising=False) is None
    assert sun.crossing(datetime(2026, 12, 21, 11, tzinfo=UTC), *_TROMSO, rising=True) is None


def test_the_sky_gets_darker_all_the_way_down():
    lux = [sun.sky_lux(elevation) for elevation in range(90, -30, -1)]
    assert lux == sorted(lux, reverse=True)
    assert lux[0] > 100_000
    assert lux[-1] == pytest.approx(0.001)


def test_the_sky_at_sunset_and_at_the_end_of_civil_twilight_is_as_the_ams_glossary_says():
    assert 410 < sun.sky_lux(90 - sun.SUNSET_ZENITH_DEG) < 585
    assert sun.sky_lux(-6) == pytest.approx(2.75, abs=0.75)
