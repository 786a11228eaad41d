"""The middle of the night, learned: right to minutes, or it says that it does not know."""

import random

from kerb.apps import sun
from kerb.apps.midnight import Midnight

HOUR = 3600
DAY = 24 * HOUR
BUSAN = (351800000, 1290800000)
_2026 = 9497


def nights(midnight, lengths_s, start_s=12 * HOUR, step_s=60):
    """Lets nights of these lengths pass, with their middle every 24 h from start_s + 12 h on.

    Starts at noon, in bright light; gives the uptime of the noon after the last.
    """
    for length_s in lengths_s:
        for second in range(0, DAY, step_s):
            midnight.look(start_s + second, abs(second - DAY // 2) < length_s // 2)
        start_s += DAY
    return start_s


def begin_night(midnight, noon_s, length_s, until_s, step_s=60):
    """From noon to until_s after the middle of the night."""
    for second in range(0, DAY // 2 + until_s, step_s):
        midnight.look(noon_s + second, second > DAY // 2 - length_s // 2)
    return noon_s + DAY // 2


def test_it_says_nothing_before_three_nights_are_seen():
    midnight = Midnight()
    noon_s = 0
    for seen in range(3):
        middle_s = begin_night(midnight, noon_s, 12 * HOUR, HOUR)
        assert midnight.offset_s(middle_s) is None, seen
        midnight = Midnight()
        noon_s = nights(midnight, [12 * HOUR] * (seen + 1))
    middle_s = begin_night(midnight, noon_s, 12 * HOUR, HOUR)
    assert abs(midnight.offset_s(middle_s)) <= 60


def test_the_offset_runs_through_the_night():
    midnight = Midnight()
    noon_s = nights(midnight, [11 * HOUR] * 4)
    middle_s = begin_night(midnight, noon_s, 11 * HOUR, 0)
    for offset_s in range(-5 * HOUR, 5 * HOUR, 1800):
        assert abs(midnight.offset_s(middle_s + offset_s) - offset_s) <= 60


def test_a_device_that_starts_in_the_night_does_not_know_until_the_next_one():
    learned = Midnight()
    nights(learned, [12 * HOUR] * 3)
    midnight = Midnight(learned.keep())
    assert abs(midnight.night_s - 12 * HOUR) <= 120
    for second in range(0, 4 * HOUR, 60):
        midnight.look(second, True)
        assert midnight.offset_s(second) is None
    # It ends; the next one is known at once, by the length that was kept.
    for second in range(4 * HOUR, 16 * HOUR, 60):
        midnight.look(second, False)
    for second in range(16 * HOUR, 18 * HOUR, 60):
        midnight.look(second, True)
    assert abs(midnight.offset_s(22 * HOUR)) <= 120


def test_what_is_kept_is_damaged_or_nothing_and_it_learns_anew():
    for kept in (None, b"", b"\x00", b"\x00\x00", b"\xff\xff", b"\x01\x02\x03"):
        midnight = Midnight(kept)
        assert midnight.night_s is None, kept
        assert midnight.keep() is None


def test_headlights_storms_and_a_lamp_that_sees_itself_do_not_end_or_begin_a_night():
    midnight = Midnight()
    noon_s = nights(midnight, [12 * HOUR] * 3)
    night_s = midnight.night_s
    for second in range(0, DAY, 60):
        dark = abs(second - DAY // 2) < 6 * HOUR
        storm = 2 * HOUR <= second < 2 * HOUR + 1500
        lorry = 10 * HOUR <= second < 10 * HOUR + 1500 or 14 * HOUR <= second < 14 * HOUR + 300
        midnight.look(noon_s + second, (dark or storm) and not lorry)
        if 8 * HOUR < second < 17 * HOUR:
            offset_s = midnight.offset_s(noon_s + second)
            assert abs(offset_s - (second - DAY // 2)) <= 120, second
    assert abs(midnight.night_s - night_s) <= 60


def test_a_storm_of_two_hours_is_no_night_and_does_not_hide_the_next_one():
    midnight = Midnight()
    noon_s = nights(midnight, [12 * HOUR] * 3)
    for second in range(0, 13 * HOUR, 60):
        storm = HOUR <= second < 3 * HOUR
        midnight.look(noon_s + second, storm or second >= 6 * HOUR)
    assert abs(midnight.offset_s(noon_s + 12 * HOUR)) <= 120


def test_a_sensor_that_dies_at_noon_makes_no_night():
    midnight = Midnight()
    noon_s = nights(midnight, [12 * HOUR] * 3)
    for second in range(0, 20 * HOUR, 60):
        midnight.look(noon_s + second, None if second > 2 * HOUR else False)
        assert midnight.offset_s(noon_s + second) is None


def test_a_sensor_that_fails_in_the_night_and_comes_back_has_missed_nothing_only_if_it_was_short():
    for silence_s, known in ((540, True), (900, False)):
        midnight = Midnight()
        noon_s = nights(midnight, [12 * HOUR] * 3)
        middle_s = begin_night(midnight, noon_s, 12 * HOUR, 0)
        for second in range(0, silence_s, 60):
            midnight.look(middle_s + second, None)
        midnight.look(middle_s + silence_s, True)
        assert (midnight.offset_s(middle_s + silence_s) is not None) is known


def test_nights_that_are_too_short_too_long_or_hours_apart_give_no_midnight():
    for lengths in (
        [2 * HOUR] * 5,
        [22 * HOUR] * 5,
        [9 * HOUR, 12 * HOUR, 12 * HOUR],
        [12 * HOUR, 12 * HOUR, 14 * HOUR],
    ):
        midnight = Midnight()
        nights(midnight, lengths)
        assert midnight.night_s is None, lengths
        assert midnight.keep() is None


def test_after_months_in_storage_three_new_nights_are_needed():
    old = Midnight()
    nights(old, [14 * HOUR] * 3)
    midnight = Midnight(old.keep())
    noon_s = 0
    for known in (True, False, False, True):
        begin_night(midnight, noon_s, 10 * HOUR, 0)
        assert (midnight.night_s is not None) is known
        noon_s = nights(midnight, [10 * HOUR], noon_s)


def test_a_night_that_does_not_end_is_no_night():
    midnight = Midnight()
    noon_s = nights(midnight, [12 * HOUR] * 3)
    for second in range(0, 60 * HOUR, 60):
        midnight.look(noon_s + second, second > 6 * HOUR)
    assert midnight.offset_s(noon_s + 26 * HOUR) is not None
    assert midnight.offset_s(noon_s + 28 * HOUR) is None


def year(lat_e7, lon_e7, jitter_s):
    """A year of nights by the sun: (flash writes, worst error in s, nights known)."""
    random.seed(lat_e7)
    midnight = Midnight()
    offset_s = sun.solar_offset_s(lon_e7)
    writes = worst_s = known = 0
    for day in range(365):
        noon_s = day * DAY + DAY // 2 - offset_s
        set_s = sun.events(_2026 + day, lat_e7, lon_e7)[1] + day * DAY
        rise_s = sun.events(_2026 + day + 1, lat_e7, lon_e7)[0] + (day + 1) * DAY
        dusk_s = set_s + random.getrandbits(16) % jitter_s
        dawn_s = rise_s - random.getrandbits(16) % jitter_s
        for uptime_s, dark in (
            (noon_s, False),
            (dusk_s - 60, False),
            (dusk_s, True),
            (dawn_s - 60, True),
            (dawn_s, False),
            (dawn_s + 1800, False),
        ):
            midnight.look(uptime_s + DAY, dark)
            if uptime_s == dusk_s:
                middle_s = (set_s + rise_s) // 2 + DAY
                found_s = midnight.offset_s(middle_s)
                if found_s is not None:
                    known += 1
                    worst_s = max(worst_s, abs(found_s))
        writes += midnight.keep() is not None
    return writes, worst_s, known


def test_through_a_year_it_is_right_to_minutes_and_flash_is_written_seldom():
    # Clouds make dusk and dawn earlier and later by up to 20 minutes, apart from each other.
    for place, most_writes in ((BUSAN, 80), ((600000000, 250000000), 140)):
        writes, worst_s, known = year(place[0], place[1], 1200)
        assert known >= 360, known
        assert worst_s < 1800, worst_s
        assert writes <= most_writes, writes
    writes, worst_s, _ = year(BUSAN[0], BUSAN[1], 60)
    assert worst_s < 300 and writes <= 60, (worst_s, writes)
