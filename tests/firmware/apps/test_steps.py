"""Steps as people write them: what is meant is taken, what can't be meant is named."""

import random

from kerb.apps import schedule, steps
from kerb.system import schema

ANCHOR = {name: i for i, name in enumerate(steps.ANCHORS)}


def at(*moments):
    return [{"at": moment, "level_permille": 500} for moment in moments]


def errors(doc):
    cfg, found = schema.validate(schedule.SCHEMA, doc)
    return found if found else schedule.check(cfg)


def entry(**filters):
    return {"calendar": [dict(filters, schedule=[])]}


def test_a_time_is_a_local_time_or_an_anchor_with_minutes():
    for text, anchor, minute in (
        ("00:00", "clock", 0),
        ("23:59", "clock", 1439),
        ("07:05", "clock", 425),
        ("sunset", "sunset", 0),
        ("sunset+30", "sunset", 30),
        ("sunrise-720", "sunrise", -720),
        ("dusk+0", "dusk", 0),
        ("dawn-5", "dawn", -5),
        ("midnight-120", "midnight", -120),
    ):
        assert steps.when(text) == (ANCHOR[anchor], minute), text


def test_what_is_no_time_is_named_with_what_is_allowed():
    for text in (
        "24:00",
        "7:005",
        "12-30",
        "-1:30",
        "1:30+",
        "12:60",
        "12:3x",
        "noon",
        "sunset+",
        "sunset+721",
        "sunset+-5",
        "sunset 30",
        "sunset+3.5",
        "sunsets",
        "midnight*2",
        "Dusk",
        "moonrise+10",
    ):
        found = errors({"schedule": at("21:00", text)})
        assert len(found) == 1, text
        assert found[0].startswith("light.schedule[1].at: found '%s', allowed: HH:MM" % text)


def test_any_text_is_taken_or_named_and_nothing_is_raised():
    random.seed(1)
    letters = "0123456789:+-sunetridkawmgh ,é"
    for _ in range(3000):
        text = ""
        for _ in range(random.getrandbits(4) % 14):
            text += letters[random.getrandbits(8) % len(letters)]
        if random.getrandbits(1):
            text = steps.ANCHORS[random.getrandbits(8) % 6] + text
        moment = steps.when(text)
        if moment is not None:
            anchor, minute = moment
            assert 0 <= minute < 1440 if anchor == 0 else -720 <= minute <= 720, text
        steps.weekdays(text)
        steps.of_year(text)


def test_steps_in_the_order_of_the_night_are_taken():
    for moments in (
        (),
        ("12:00", "18:00", "00:00", "11:59"),
        ("sunset", "dusk", "midnight", "dawn", "sunrise"),
        ("sunset+30", "sunset+90", "22:00", "midnight-60", "midnight+60", "dawn-30"),
        ("23:00", "sunset+10", "01:00"),  # in winter the sun sets first
        ("midnight+300", "sunrise-30"),
        ("dusk", "sunset+30"),
    ):
        assert errors({"schedule": at(*moments)}) == [], moments


def test_steps_that_run_backwards_on_every_night_are_named():
    for moments, place in (
        (("22:00", "20:00"), 1),
        (("00:00", "22:00"), 1),
        (("22:00", "05:00", "sunset", "02:00"), 3),
        (("sunset+60", "sunset+30"), 1),
        (("midnight", "dusk"), 1),
        (("sunrise-30", "dawn-30"), 1),
        (("dusk+60", "23:00", "sunset+30"), 2),
    ):
        found = errors({"schedule": at(*moments)})
        assert len(found) == 1, moments
        text = "light.schedule[%d].at: found '%s' behind a later one, allowed: the order"
        assert found[0].startswith(text % (place, moments[place])), found


def test_a_moment_that_is_there_twice_is_named():
    for moments in (("22:00", "22:00"), ("sunset", "sunset+0"), ("dusk", "01:00", "dusk")):
        found = errors({"schedule": at(*moments)})
        assert len(found) == 1, moments
        assert "light.schedule[%d].at" % (len(moments) - 1) in found[0]
        assert "a second time" in found[0]


def test_steps_and_calendars_without_end_are_refused():
    assert errors({"schedule": at(*["dusk+%d" % i for i in range(32)])}) == []
    assert "0 to 32 items" in errors({"schedule": at(*["dusk+%d" % i for i in range(33)])})[0]
    days = ["01-%02d" % (i + 1) for i in range(17)]
    days = [{"from": day, "to": day, "schedule": []} for day in days]
    assert errors({"calendar": days[:16]}) == []
    assert "0 to 16 items" in errors({"calendar": days})[0]


def test_a_level_of_300_percent_is_named():
    found = errors({"schedule": [{"at": "22:00", "level_permille": 3000}]})
    assert found == ["schedule[0].level_permille: found 3000, allowed: 0 to 1000"]


def test_offsets_of_more_than_two_hours_are_named():
    for key in ("on_offset_min", "off_offset_min"):
        assert errors({key: -120}) == errors({key: 120}) == []
        assert errors({key: 121}) == ["%s: found 121, allowed: -120 to 120" % key]


def test_an_impossible_date_is_named_and_the_leap_day_is_none():
    for text in ("02-30", "13-01", "00-10", "04-31", "05-00", "5-123", "ab-cd", "12/24"):
        for key in ("from", "to"):
            found = errors(entry(**{key: text}))
            allowed = "allowed: a date MM-DD that there is"
            assert found == ["light.calendar[0].%s: found '%s', %s" % (key, text, allowed)]
    assert errors(entry(**{"from": "02-29", "to": "02-29"})) == []


def test_weekdays_are_days_and_ranges_of_days():
    for text, bits in (
        (None, 0b1111111),
        ("mon", 0b0000001),
        ("mon-fri", 0b0011111),
        ("sat,sun", 0b1100000),
        ("fri-mon", 0b1110001),
        ("mon-sun", 0b1111111),
        ("tue,thu-fri,sun", 0b1011010),
        ("wed-wed", 0b0000100),
    ):
        assert steps.weekdays(text) == bits, text
    for text in ("Monday", "mon-", "mon,", "mon--tue", "mon-tue-wed", "sunday", "1-5", "mon fri"):
        assert errors(entry(weekdays=text)) == [
            "light.calendar[0].weekdays: found '%s', allowed: days like mon-fri or sat,sun" % text
        ]


def test_a_calendar_entry_that_can_never_apply_is_named():
    new_year = {"from": "12-20", "to": "01-05"}
    for first, second, never in (
        ({"weekdays": "mon-sun"}, {"weekdays": "sat"}, True),
        ({"weekdays": "mon-fri"}, {"weekdays": "tue"}, True),
        ({"weekdays": "mon-fri"}, {"weekdays": "fri,sat"}, False),
        (new_year, {"from": "12-24", "to": "12-26"}, True),
        (new_year, {"from": "12-24", "to": "01-01"}, True),
        (new_year, {"from": "01-01", "to": "01-05"}, True),
        (new_year, {"from": "01-01", "to": "12-31"}, False),
        (new_year, {"from": "12-19", "to": "01-05"}, False),
        (new_year, {"from": "01-03", "to": "12-25"}, False),
        ({"from": "06-01"}, {"from": "07-01", "to": "07-31"}, True),
        ({"from": "06-01", "weekdays": "sat"}, {"from": "07-01", "to": "07-31"}, False),
    ):
        doc = {"calendar": [dict(first, schedule=[]), dict(second, schedule=[])]}
        found = errors(doc)
        assert (len(found) == 1) is never, (first, second, found)
        if never:
            assert found[0].startswith(
                "light.calendar[1]: found nights that are all in calendar[0]"
            )


def test_a_calendar_entry_that_says_no_nights_would_hide_the_schedule_and_is_named():
    for entries, found in (([{}], 0), ([{"weekdays": "sat"}, {}], 1), ([{}, {"to": "05-01"}], 0)):
        doc = {"calendar": [dict(filters, schedule=at("22:00")) for filters in entries]}
        said = errors(dict(doc, schedule=at("23:00")))
        assert len(said) == 1, said
        assert said[0].startswith(
            "light.calendar[%d]: found none of weekdays, from and to, allowed: one or more" % found
        )


def test_mistakes_in_a_calendars_schedule_are_named_by_their_place():
    later = {"from": "03-01", "schedule": at("22:00", "lunch")}
    doc = {"calendar": [{"weekdays": "sat", "schedule": []}, later]}
    assert errors(doc)[0].startswith("light.calendar[1].schedule[1].at: found 'lunch', allowed:")


# Steps by command.


def test_a_command_may_bring_every_anchor():
    given = [["sunset", 30, 900], ["clock", 1320, 500], ["midnight", -60, 300], ["dawn", -30, 0]]
    assert steps.steps_error(given) is None
    assert list(steps.pack_command(given)) == [1, 30, 900, 0, 1320, 500, 3, -60, 300, 4, -30, 0]
    assert steps.steps_error([]) is None


def test_what_a_command_can_not_mean_is_refused_with_its_reason():
    for given, reason in (
        (None, "bad_payload"),
        ({}, "bad_payload"),
        ("22:00", "bad_payload"),
        ([[1320, 500]], "bad_payload"),
        ([["clock", 1440, 500]], "bad_payload"),
        ([["clock", -1, 500]], "bad_payload"),
        ([["sunset", 721, 500]], "bad_payload"),
        ([["sunset", -721, 500]], "bad_payload"),
        ([["moon", 0, 500]], "bad_payload"),
        ([["clock", 0, 1001]], "bad_payload"),
        ([["clock", 0, -1]], "bad_payload"),
        ([["clock", True, 500]], "bad_payload"),
        ([["clock", 1.0, 500]], "bad_payload"),
        ([["clock", 0, 500, 1]], "bad_payload"),
        ([["dusk", i, 500] for i in range(33)], "bad_payload"),
        ([["clock", 1320, 500], ["clock", 1320, 200]], "duplicate_step"),
        ([["sunset", 5, 500], ["clock", 0, 200], ["sunset", 5, 200]], "duplicate_step"),
        ([["clock", 0, 500], ["clock", 1320, 200]], "wrong_order"),
        ([["dawn", 0, 500], ["dusk", 0, 200]], "wrong_order"),
    ):
        assert steps.steps_error(given) == reason, given


def test_the_config_and_a_command_mean_the_same():
    moments = ("sunset-5", "20:30", "dusk+10", "midnight-3", "01:00", "dawn-720", "sunrise")
    packed = steps.pack(at(*moments))
    given = []
    for i in range(0, len(packed), steps.STEP):
        given.append([steps.ANCHORS[packed[i]], packed[i + 1], packed[i + 2]])
    assert list(steps.pack_command(given)) == list(packed)
