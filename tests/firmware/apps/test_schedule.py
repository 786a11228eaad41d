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


def test_the_check_year_of_busan_burns_4312_hours_and_saves_38_percent_and_45_by_twilight():
    full, dimmed = make({}), make(DIMMED)
    twilight = make(dict(DIMMED, civil_twilight=True))
    burnt = [0, 0, 0]
    hours = 0
    for minute in range(0, 365 * 1440, 2):
        wall = (_2026 + minute // 1440, minute % 1440 * 60)
        for i, lamp in enumerate((full, dimmed, twilight)):
            burnt[i] += lamp.at(wall) or 0
        hours += full.at(wall) is not None
    assert abs(hours / 30 - 4312) < 2, hours / 30
    assert abs(1 - burnt[1] / burnt[0] - 0.381) < 0.001, burnt
    assert abs(1 - burnt[2] / burnt[0] - 0.455) < 0.001, burnt


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


def test_through_a_polar_year_the_lamp_switches_as_often_as_the_sun_does():
    for lat_e7 in (650000000, 665000000, 696500000, 780000000, -700000000, 899990000, -900000000):
        place = (lat_e7, 189600000)
        lamp = make({}, place, "UTC0")
        is_on = None
        switched = 0
        for minute in range(0, 365 * 1440, 10):
            now = lamp.at((_2026 + minute // 1440, minute % 1440 * 60)) is not None
            switched += is_on is not None and now != is_on
            is_on = now
        expected = 0
        for day in range(_2026, _2026 + 365):
            found = sun.events(day, place[0], place[1])
            if type(found) is tuple:
                expected += (found[0] is not None) + (found[1] is not None)
        assert abs(switched - expected) <= 4, (lat_e7, switched, expected)


# The clocks change.

ZONES = (
    ("CET-1CEST,M3.5.0,M10.5.0/3", (507300000, 71000000)),
    ("GMT0BST,M3.5.0/1,M10.5.0", (515000000, 0)),
    ("EST5EDT,M3.2.0,M11.1.0", (407000000, -740000000)),
    ("AEST-10AEDT,M10.1.0,M4.1.0/3", (-338700000, 1512000000)),
    ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", (-315500000, 1590800000)),
    ("<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45", (-439500000, -1765500000)),
    ("IST-1GMT0,M10.5.0,M3.5.0/1", (533500000, -62600000)),
    ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", (641800000, -517200000)),
    ("IST-2IDT,M3.4.4/26,M10.5.0", (317700000, 352100000)),
    ("<+00>0<+02>-2,M3.5.0/1,M10.5.0/3", (-720100000, 25300000)),
)
OFTEN = [[hour * 60 + minute, 10 * hour + minute] for hour in range(24) for minute in (0, 30)]


def by_a_clock_that_is_watched(given, zone, night_s):
    """Levels of each minute of a night by somebody who looks at a clock and never goes back."""
    noon_day = zone.to_local(*calendar.shift(0, 0, night_s[0]))[0]
    furthest = -1
    found = []
    for second in night_s:
        day, of_day, _ = zone.to_local(*calendar.shift(0, 0, second))
        furthest = max(furthest, (day - noon_day) * 1440 + of_day // 60)
        level = 1000
        for minute, step_level in given:
            if minute + (0 if minute >= 720 else 1440) <= furthest:
                level = step_level
        found.append(level)
    return found


def test_on_both_change_days_every_level_comes_when_the_clock_first_shows_its_time():
    random.seed(4)
    for tz, place in ZONES:
        zone = Zone(tz)
        cfg, _ = schema.validate(schedule.SCHEMA, {})
        lamp = schedule.Schedule(cfg, place[0], place[1], zone)
        changed = [
            day
            for day in range(_2026, _2026 + 365)
            if zone.to_local(day, 0)[2] != zone.to_local(day + 1, 0)[2]
        ]
        assert len(changed) == 2, tz
        noon_s = DAY // 2 - sun.solar_offset_s(place[1])
        for day in changed:
            for night in (day - 1, day, day + 1):
                minutes = [step[0] for step in OFTEN]
                count = 1 + random.getrandbits(4)
                chosen = {minutes[random.getrandbits(16) % len(minutes)] for _ in range(count)}
                given = sorted(
                    [[m, 100 + m // 30] for m in chosen if not 600 < m < 840],
                    key=lambda step: (step[0] - 720) % 1440,
                )
                lamp.set_steps([["clock", minute, level] for minute, level in given])
                start_s = night * DAY + noon_s
                night_s = range(start_s - start_s % 60 + 3600, start_s + DAY - 3600, 60)
                expected = by_a_clock_that_is_watched(given, zone, night_s)
                for second, level in zip(night_s, expected):
                    found = lamp.at(calendar.shift(0, 0, second))
                    assert found in (None, level), (tz, night, second % DAY, given)


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
    for _ in range(400):
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


def test_without_a_clock_the_lamp_is_never_darker_than_any_date_would_have_it():
    for doc, found in (
        (
            {"schedule": steps(("22:00", 500), ("01:00", 100), ("05:00", 900))},
            {1000, 500, 100, 900},
        ),
        # By Christmas and the summer's Sundays alone nobody can say that it may dim.
        (PARTS, {1000}),
    ):
        lamp = make(doc, BONN, CET)
        shown = set()
        for minute in range(0, 365 * 1440, 20):
            wall = (_2026 + minute // 1440, minute % 1440 * 60)
            level = lamp.at(wall)
            if level is not None:
                # By mean solar time, as a lamp without a date has to take it.
                noon = sun.solar_day(wall[0], wall[1], sun.solar_offset_s(BONN[1]) - DAY // 2)
                offset_s = (wall[0] - noon) * DAY + wall[1] + sun.solar_offset_s(BONN[1]) - DAY
                best = lamp.from_midnight(offset_s, 12 * 3600)
                assert best >= level, wall
                shown.add(best)
        assert shown == found
    lamp.set_steps([["clock", 1320, 500], ["clock", 60, 100], ["clock", 300, 900]])
    assert lamp.from_midnight(2 * 3600, 12 * 3600) == 100, "a command stands above the calendar"
