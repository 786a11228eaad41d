"""The street's place, time, sky and lamp."""

from datetime import UTC, datetime, timedelta

import pytest

from host_tools.street import world

_NIGHT = datetime(2026, 11, 22, 13, tzinfo=UTC)  # 22:00 in Busan
_NOON = datetime(2026, 11, 22, 3, tzinfo=UTC)


def _sky(utc, tz="KST-9"):
    site = world.Site(35.18, 129.08, tz)
    return world.Sky(site, world.StreetClock(utc))


def test_a_posix_rule_gives_local_time_in_summer_and_in_winter():
    site = world.Site(50.1, 8.7, "CET-1CEST,M3.5.0,M10.5.0/3")
    assert site.local(datetime(2026, 1, 1, 12, tzinfo=UTC)).hour == 13
    assert site.local(datetime(2026, 7, 1, 12, tzinfo=UTC)).hour == 14
    before = site.local(datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC))
    after = site.local(datetime(2026, 3, 29, 1, tzinfo=UTC))
    assert (before.hour, after.hour) == (1, 3)


@pytest.mark.parametrize("rule", ["", "Asia/Seoul", "KST", "KST-9\n", "KST-9,", "KST\u22129"])
def test_what_is_no_posix_rule_is_refused_by_name(rule):
    with pytest.raises(ValueError, match="time zone"):
        world.posix_zone(rule)


def test_the_clock_runs_with_real_time_from_where_it_was_set():
    now_s = [100.0]
    clock = world.StreetClock(_NIGHT, monotonic=lambda: now_s[0])
    now_s[0] += 90
    assert clock.now() == _NIGHT + timedelta(seconds=90)
    clock.set(_NOON)
    now_s[0] += 1
    assert clock.now() == _NOON + timedelta(seconds=1)


def test_the_sensor_tells_night_from_day_round_the_firmwares_threshold():
    assert _sky(_NIGHT).sensor_mv() < 400 < _sky(_NOON).sensor_mv() < 3300


def test_the_sky_is_called_by_its_light():
    assert _sky(_NOON).words() == "daylight"
    assert _sky(_NIGHT).words() == "dark"
    sunset = _sky(_NOON).site.sunrise_and_sunset(_NOON)[1]
    assert _sky(sunset + timedelta(minutes=10)).words() == "twilight"


def test_sunrise_and_sunset_are_those_of_the_local_day():
    site = world.Site(35.18, 129.08, "KST-9")
    late = datetime(2026, 11, 22, 14, 59, tzinfo=UTC)  # 23:59 on the 22nd in Busan
    early = datetime(2026, 11, 21, 15, 1, tzinfo=UTC)  # 00:01 on the same day
    assert site.sunrise_and_sunset(late) == site.sunrise_and_sunset(early)
    assert [site.local(at).day for at in site.sunrise_and_sunset(late)] == [22, 22]
