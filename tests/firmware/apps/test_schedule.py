"""The level of the night: by the clock, the sun, virtual midnight and the calendar."""

import random

import micropython
from kerb.apps import schedule, sun
from kerb.system import calendar, schema
from kerb.system.timezone import Zone

DAY = 86400
BUSAN = (351800000, 1290800000)
BONN = (507300000, 71000000)
TROMSO = (696500000, 189600000)
CET = "CET-1CEST,M3.5.0,M10.5.0/3"
_2026 = calendar.days(2026, 1, 1)


def steps(*pairs):
    return [{"at": at, "level_permille": level} for at, level in pairs]


DIMMED = {"schedule": steps(("22:00", 500), ("00:00", 300), ("05:00", 1000))}


def make(doc, place=BUSAN, tz="KST-9"):
    cfg, errors = schema.validate(schedule.SCHEMA, doc)
    assert errors == [], errors
    assert schedule.check(cfg) == [], schedule.check(cfg)
    return schedule.Schedule(cfg, place[0], place[1], Zone(tz))


def utc(year, month, day, hour, minute=0, tz="KST-9"):
    """(day, second) UTC of a local time."""
    return Zone(tz).to_utc(calendar.days(year, month, day), hour * 3600 + minute * 60)


def levels(made, start, count, step_s=60):
    """The level every step_s from a moment on."""
    return [made.at(calendar.shift(start[0], start[1], i * step_s)) for i in range(count)]


def test_it_is_night_from_sunset_to_sunrise():
    lamp = make({})
    # On 11 April the sun sets in Busan at 18:53 and rises at 5:56.
    for hour, minute, level in ((12, 0, None), (18, 40, None), (19, 0, 1000), (3, 0, 1000)):
        assert lamp.at(utc(2026, 4, 11, hour, minute)) == level, hour
    assert lamp.at(utc(2026, 4, 11, 5, 50)) == 1000
    assert lamp.at(utc(2026, 4, 11, 6, 5)) is None


def test_the_night_turns_at_the_second_that_the_sun_gives():
    for place in (BUSAN, BONN):
        lamp = make({}, place, "UTC0")
        for day in range(_2026, _2026 + 365, 13):
            rise_s, set_s = sun.events(day, place[0], place[1])
            for moment_s, before, after in ((rise_s, 1000, None), (set_s, None, 1000)):
                assert lamp.at(calendar.shift(day, 0, moment_s - 1)) == before
                assert lamp.at(calendar.shift(day, 0, moment_s)) == after


def test_a_lamp_may_switch_before_and_after_the_sun_does():
    plain = make({})
    shifted = make({"on_offset_min": 30, "off_offset_min": -20})
    early = make({"on_offset_min": -15, "off_offset_min": 15})
    noon = utc(2026, 4, 11, 12)
    nights = [levels(lamp, noon, 1440).count(1000) for lamp in (plain, shifted, early)]
    assert nights[1] == nights[0] - 50
    assert nights[2] == nights[0] + 30


def test_offsets_that_leave_nothing_of_a_short_night_leave_the_lamp_off():
    lamp = make({"on_offset_min": 120, "off_offset_min": -120}, (600000000, 250000000), "EET-2")
    # Near Helsinki the night of midsummer is 5 h long, that by civil twilight has none.
    assert max(levels(lamp, utc(2026, 6, 21, 12, tz="EET-2"), 1440) + [0], key=bool) == 1000
    doc = {"on_offset_min": 120, "off_offset_min": -120}
    lamp = make(doc, (640000000, 250000000), "EET-2")
    assert set(levels(lamp, utc(2026, 6, 21, 12, tz="EET-2"), 1440)) == {None}


def test_the_schedule_dims_through_the_night_and_over_midnight():
    lamp = make(DIMMED)
    for hour, minute, level in (
        (19, 30, 1000),
        (21, 59, 1000),
        (22, 0, 500),
        (23, 59, 500),
        (0, 0, 300),
        (4, 59, 300),
        (5, 0, 1000),
    ):
        assert lamp.at(utc(2026, 4, 11, hour, minute)) == level, (hour, minute)


def test_a_step_that_is_due_before_sunset_holds_from_sunset_on():
    lamp = make({"on_level_permille": 900, "schedule": steps(("17:00", 600), ("23:00", 200))})
    assert lamp.at(utc(2026, 6, 21, 18)) is None
    assert lamp.at(utc(2026, 6, 21, 20)) == 600
    assert lamp.at(utc(2026, 12, 21, 18)) == 600
    assert make({"on_level_permille": 900}).at(utc(2026, 6, 21, 23)) == 900


def test_steps_count_from_sunset_dusk_midnight_dawn_and_sunrise():
    at = (("sunset+30", 800), ("dusk+45", 600), ("midnight-120", 400), ("midnight+90", 200))
    at += (("dawn-60", 700), ("sunrise-10", 900))
    lamp = make({"schedule": steps(*at)}, BONN, "UTC0")
    for day in range(_2026, _2026 + 365, 30):
        set_s = sun.events(day, BONN[0], BONN[1])[1]
        dusk_s = sun.events(day, BONN[0], BONN[1], sun.CIVIL)[1]
        rise_s = sun.events(day + 1, BONN[0], BONN[1])[0] + DAY
        dawn_s = sun.events(day + 1, BONN[0], BONN[1], sun.CIVIL)[0] + DAY
        middle_s = (set_s + rise_s) // 2
        moments = [set_s + 1800, dusk_s + 2700, middle_s - 7200, middle_s + 5400]
        moments += [dawn_s - 3600, rise_s - 600]
        before = 1000
        for moment_s, (_, level) in zip(moments, at):
            if moments == sorted(moments):
                assert lamp.at(calendar.shift(day, 0, moment_s - 1)) == before, (day, level)
            assert lamp.at(calendar.shift(day, 0, moment_s)) is not None
            before = level
        assert lamp.at(calendar.shift(day, 0, rise_s - 1)) == 900


def test_a_step_that_the_next_one_overtakes_is_left_out_that_night():
    lamp = make({"schedule": steps(("sunset+30", 500), ("22:00", 300))}, BONN, CET)
    # In winter the sun sets at 16:30 there, in summer at 21:50.
    assert lamp.at(utc(2026, 12, 21, 21, 0, CET)) == 500
    assert lamp.at(utc(2026, 12, 21, 23, 0, CET)) == 300
    assert lamp.at(utc(2026, 6, 21, 21, 55, CET)) == 1000
    night = levels(lamp, utc(2026, 6, 21, 22, 0, CET), 7 * 60)
    assert set(night) == {300}


# What is by weekday and date.

PARTS = {
    "schedule": steps(("22:00", 500)),
    "calendar": [
        {"from": "12-24", "to": "01-06", "schedule": steps(("22:00", 900))},
        {"weekdays": "fri,sat", "schedule": steps(("23:00", 800))},
        {"weekdays": "sun", "from": "06-01", "to": "08-31", "schedule": []},
        {"weekdays": "mon-wed", "to": "01-31", "schedule": steps(("22:00", 100))},
    ],
}


def test_the_first_calendar_entry_that_matches_the_evening_decides_the_whole_night():
    lamp = make(PARTS)
    for month, day, hour, level in (
        (4, 16, 23, 500),  # a Thursday
        (4, 17, 22, 1000),  # a Friday
        (4, 17, 23, 800),
        (4, 18, 3, 800),
        (4, 18, 22, 1000),
        (4, 19, 4, 800),  # Sunday morning still is Saturday's night
        (4, 19, 22, 500),
        (4, 20, 2, 500),
        (7, 5, 23, 1000),  # a Sunday in summer
        (7, 6, 3, 1000),
        (7, 6, 23, 500),
        (12, 23, 23, 500),
        (12, 24, 23, 900),
        (12, 25, 23, 900),  # a Friday: the first entry that matches
        (1, 6, 23, 900),
        (1, 7, 5, 900),
        (1, 7, 23, 100),  # a Wednesday
        (1, 8, 23, 500),
        (2, 2, 23, 500),
    ):
        assert lamp.at(utc(2026, month, day, hour)) == level, (month, day, hour)


def test_a_range_of_weekdays_may_go_over_the_weekend():
    lamp = make({"calendar": [{"weekdays": "sat-mon,wed", "schedule": steps(("20:00", 1))}]})
    found = [lamp.at(utc(2026, 4, 13 + i, 23)) for i in range(7)]  # from a Monday on
    assert found == [1, 1000, 1, 1000, 1000, 1, 1]


def test_a_command_replaces_the_steps_of_every_night_until_it_is_taken_back():
    lamp = make(PARTS)
    lamp.set_steps([["clock", 1320, 50], ["midnight", 60, 70], ["sunrise", -90, 60]])
    for day in range(13, 20):
        assert lamp.at(utc(2026, 4, day, 23)) == 50
        assert lamp.at(utc(2026, 4, day, 3)) == 70
        assert lamp.at(utc(2026, 4, day, 5)) == 60
    lamp.set_steps([])
    assert lamp.at(utc(2026, 4, 14, 23)) == 1000
    lamp.set_steps(None)
    assert lamp.at(utc(2026, 4, 14, 23)) == 500


# Polar seasons.


def test_polar_day_and_polar_night_are_all_light_and_all_dark():
    lamp = make({}, TROMSO, CET)
    assert set(levels(lamp, (_2026 + 171, 0), 24, 3600)) == {None}
    assert set(levels(lamp, (_2026 + 355, 0), 24, 3600)) == {1000}


def test_in_the_polar_night_every_noon_begins_a_new_night():
    lamp = make({"schedule": steps(("22:00", 500), ("05:00", 900))}, TROMSO, CET)
    for day in range(_2026 + 350, _2026 + 355):
        for hour, level in ((13, 1000), (20, 1000), (21, 500), (27, 500), (28, 900), (34, 900)):
            assert lamp.at(calendar.shift(day, hour * 3600, 0)) == level, (day, hour)


def test_a_step_without_its_anchor_is_left_out_that_night():
    doc = {"schedule": steps(("sunset+60", 500), ("midnight", 300), ("sunrise-60", 900))}
    lamp = make(doc, TROMSO, CET)
    night = levels(lamp, (_2026 + 355, 10 * 3600 + 45 * 60), 1440)
    assert set(night) == {1000, 300}
    assert night.index(300) == 720
    # Where dusk does not come, the lamps of midsummer keep their first level.
    lamp = make({"schedule": steps(("dusk+1", 500))}, (620000000, 250000000), "EET-2")
    night = levels(lamp, (_2026 + 171, 10 * 3600), 1440)
    assert set(night) == {None, 1000}


# The clocks change.


def test_the_hour_that_comes_twice_is_lit_by_its_first_time_and_the_one_that_is_skipped_at_once():
    doc = {"schedule": steps(("01:30", 800), ("02:30", 300), ("03:00", 900))}
    lamp = make(doc, BONN, CET)
    # 2026-03-29: at 01:00 UTC 02:00 becomes 03:00. 2026-10-25: at 01:00 UTC 03:00 becomes 02:00.
    spring, autumn = calendar.days(2026, 3, 29), calendar.days(2026, 10, 25)
    for day, second, level in (
        (spring, 1800, 800),
        (spring, 3599, 800),
        (spring, 3600, 900),
        (autumn - 1, 86399, 800),
        (autumn, 1799, 800),
        (autumn, 1800, 300),
        (autumn, 3600, 300),  # clocks show 02:00 for the second time
        (autumn, 7199, 300),
        (autumn, 7200, 900),
    ):
        assert lamp.at((day, second)) == level, (day, second)
    lamp = make({"schedule": steps(("02:30", 300))}, BONN, CET)
    assert lamp.at((spring, 3599)) == 1000
    assert lamp.at((spring, 3600)) == 300


# Moments in any order, and what it costs.


def test_moments_may_come_in_any_order_and_years_apart():
    random.seed(9)
    one = make(PARTS)
    for _ in range(120):
        wall = (9497 + random.getrandbits(20) % 27000, random.getrandbits(20) % DAY)
        assert one.at(wall) == make(PARTS).at(wall), wall


def test_within_a_night_nothing_is_allocated():
    lamp = make(DIMMED)
    moments = [utc(2026, 4, 11, 23, 0), utc(2026, 4, 11, 23, 30)]
    assert lamp.at(moments[0]) == 500
    micropython.heap_lock()
    try:
        level = lamp.at(moments[0])
        other = lamp.at(moments[1])
    finally:
        micropython.heap_unlock()
    assert level == other == 500


# Without a clock.


def test_the_middle_of_the_night_stands_for_the_clock():
    lamp = make(DIMMED)
    # In Busan the sun's midnight is at 00:24 by the clock, the year's swing of it left out.
    for minutes, level in (
        (-300, 1000),
        (-146, 1000),
        (-142, 500),
        (-26, 500),
        (-22, 300),
        (274, 300),
        (278, 1000),
        (400, 1000),
    ):
        assert lamp.from_midnight(minutes * 60, 12 * 3600) == level, minutes


def test_steps_by_sun_and_midnight_hold_without_a_clock_by_the_length_of_the_night():
    doc = {"schedule": steps(("sunset+60", 500), ("midnight-30", 300), ("sunrise-60", 800))}
    lamp = make(doc)
    for night_s in (8 * 3600, 14 * 3600):
        edge_s = night_s // 2
        for offset_s, level in (
            (-edge_s, 1000),
            (3600 - edge_s, 500),
            (-1801, 500),
            (-1800, 300),
            (edge_s - 3601, 300),
            (edge_s - 3600, 800),
            (edge_s, 800),
        ):
            assert lamp.from_midnight(offset_s, night_s) == level, (night_s, offset_s)
