"""Whole years of the schedule, minute by minute."""

import random

from kerb.apps import schedule, sun
from kerb.apps.midnight import Midnight
from kerb.system import calendar, schema
from kerb.system.timezone import Zone

# On an emulated chip these take many minutes; test_schedule.py holds the same rules there.
RUNTIMES = ("cpython", "micropython")

DAY = 86400
BUSAN = (351800000, 1290800000)
BONN = (507300000, 71000000)
CET = "CET-1CEST,M3.5.0,M10.5.0/3"
_2026 = calendar.days(2026, 1, 1)


def steps(*pairs):
    return [{"at": at, "level_permille": level} for at, level in pairs]


DIMMED = {"schedule": steps(("22:00", 500), ("00:00", 300), ("05:00", 1000))}
HOLIDAYS = {
    "schedule": steps(("22:00", 500)),
    "calendar": [
        {"from": "12-24", "to": "01-06", "schedule": steps(("22:00", 900))},
        {"weekdays": "sun", "from": "06-01", "to": "08-31", "schedule": []},
    ],
}


def make(doc, place=BUSAN, tz="KST-9"):
    cfg, errors = schema.validate(schedule.SCHEMA, doc)
    assert errors == [] and schedule.check(cfg) == []
    return schedule.Schedule(cfg, place[0], place[1], Zone(tz))


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


def test_without_a_clock_the_lamp_is_never_darker_than_any_date_would_have_it():
    for doc, found in (
        (
            {"schedule": steps(("22:00", 500), ("01:00", 100), ("05:00", 900))},
            {1000, 500, 100, 900},
        ),
        # By Christmas and the summer's Sundays alone nobody can say that it may dim.
        (HOLIDAYS, {1000}),
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


def test_a_year_without_a_clock_saves_nearly_as_much_and_is_darker_by_minutes_only():
    # Busan, Bonn: what is saved of full power, in per mille, with a clock and without. In Bonn
    # the lamp does not know whether it is summer time, and takes the brighter hour.
    for place, tz, with_clock, without in ((BUSAN, "KST-9", 381, 378), (BONN, CET, 383, 320)):
        lamp, midnight = make(DIMMED, place, tz), Midnight()
        full = clocked = learned = darker = 0
        for minute in range(0, 365 * 1440, 2):
            level = lamp.at((_2026 + minute // 1440, minute % 1440 * 60))
            midnight.look(minute * 60, level is not None)
            if level is None:
                continue
            offset_s = midnight.offset_s(minute * 60)
            other = 1000
            if offset_s is not None:
                other = lamp.from_midnight(offset_s, midnight.night_s)
            full += 1000
            clocked += level
            learned += other
            darker += 2 * (other < level)
        assert abs(1000 - 1000 * clocked // full - with_clock) <= 2
        assert abs(1000 - 1000 * learned // full - without) <= 4
        # The sun's midnight is up to 16 minutes off the mean one, three times a night.
        assert darker / 365 < 15, darker / 365


# Against the rules in their plainest words.


def by_the_rules(doc, place, zone_s, wall):
    """The level at a moment, worked out without a table, in a zone whose clocks never change."""
    noon_s = DAY // 2 - sun.solar_offset_s(place[1])
    day = wall[0] + (wall[1] - noon_s) // DAY
    now = (wall[0] - day) * DAY + wall[1]
    noon_day, noon_of_day = divmod(day * DAY + noon_s + zone_s, DAY)
    given = doc["schedule"]
    _, month, of_month = calendar.date(noon_day)
    for entry in doc["calendar"]:
        first, last = entry.get("from", "01-01"), entry.get("to", "12-31")
        date = "%02d-%02d" % (month, of_month)
        dated = first <= date <= last if first <= last else date >= first or date <= last
        if dated and DAYS[calendar.weekday(noon_day)] in entry.get("weekdays", ",".join(DAYS)):
            given = entry["schedule"]
            break
    moments = {}
    for names, zenith in ((("sunset", "sunrise"), sun.SUNSET), (("dusk", "dawn"), sun.CIVIL)):
        moments[names[0]] = sun.events(day, place[0], place[1], zenith)[1]
        moments[names[1]] = sun.events(day + 1, place[0], place[1], zenith)[0] + DAY
    on, off = ("dusk", "dawn") if doc["civil_twilight"] else ("sunset", "sunrise")
    moments["midnight"] = (moments[on] + moments[off]) // 2
    if (
        not moments[on] + 60 * doc["on_offset_min"]
        <= now
        < moments[off] + 60 * doc["off_offset_min"]
    ):
        return None
    level = doc["on_level_permille"]
    for step in given:
        at = step["at"]
        if ":" in at:
            of_day = int(at[:2]) * 3600 + int(at[3:]) * 60
            moment = noon_s + (of_day - noon_of_day) % DAY
        else:
            name = at.replace("-", "+").split("+")[0]
            moment = moments[name] + 60 * int(at[len(name) :] or 0)
        if moment <= now:
            level = step["level_permille"]
    return level


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONES_WITHOUT_DST = (("KST-9", BUSAN, 32400), ("<-03>3", (-345000000, -585000000), -10800))
ZONES_WITHOUT_DST += (("CST-8", (439000000, 876000000), 28800), ("UTC0", (600000000, 0), 0))


def any_steps(below):
    found = []
    for _ in range(below(6)):
        name = ("sunset", "dusk", "midnight", "dawn", "sunrise", "clock", "clock")[below(7)]
        if name == "clock":
            at = "%02d:%02d" % (below(24), below(60))
        else:
            at = name + ("", "+%d" % below(300), "-%d" % below(300))[below(3)]
        found.append((at, below(1001)))
    return steps(*found)


def test_any_schedule_anywhere_does_what_its_rules_say():
    random.seed(11)

    def below(n):
        return random.getrandbits(24) % n

    taken = 0
    for _ in range(700):
        tz, place, zone_s = ZONES_WITHOUT_DST[below(4)]
        doc = {
            "schedule": any_steps(below),
            "calendar": [],
            "on_level_permille": 1 + below(1000),
            "civil_twilight": below(2) == 0,
            "on_offset_min": below(241) - 120,
            "off_offset_min": below(241) - 120,
        }
        for _ in range(below(3)):
            entry = {"schedule": any_steps(below)}
            if below(2):
                entry["weekdays"] = ",".join([day for day in DAYS if below(2)] or ["sat"])
            for key in ("from", "to"):
                if below(2):
                    entry[key] = "%02d-%02d" % (1 + below(12), 1 + below(28))
            doc["calendar"].append(entry)
        cfg, errors = schema.validate(schedule.SCHEMA, doc)
        assert errors == []
        if schedule.check(cfg):
            continue
        taken += 1
        lamp = schedule.Schedule(cfg, place[0], place[1], Zone(tz))
        day = 9497 + below(27000)
        for _ in range(40):
            wall = (day + below(3), below(DAY))
            expected = by_the_rules(doc, place, zone_s, wall)
            assert lamp.at(wall) == expected, (doc, place, wall)
    assert taken > 200, taken
