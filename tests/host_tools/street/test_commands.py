"""What a typed line means."""

import pytest

from host_tools.street import commands

_GOOD = [
    ("level 40", "level", {"level_permille": 400, "for_s": 3600}),
    ("LEVEL 40% for 10m", "level", {"level_permille": 400, "for_s": 600}),
    ("level 12.5 for 90", "level", {"level_permille": 125, "for_s": 90}),
    ("level 100 for 24h", "level", {"level_permille": 1000, "for_s": 86400}),
    ("auto", "auto", {}),
    (
        "schedule 18:00=100 0:30=30",
        "schedule",
        {"steps": [("clock", 1080, 1000), ("clock", 30, 300)]},
    ),
    (
        "schedule Sunset+30=50 midnight-120=30 dawn=100",
        "schedule",
        {"steps": [("sunset", 30, 500), ("midnight", -120, 300), ("dawn", 0, 1000)]},
    ),
    ("schedule config", "schedule", {"steps": None}),
    ("time 22:00", "time", {"day": None, "clock": (22, 0, 0)}),
    ("time 2026-06-21 4:30:15", "time", {"day": (2026, 6, 21), "clock": (4, 30, 15)}),
    ("net off", "net", {"to": "off"}),
    ("power ON", "power", {"to": "on"}),
    ("lamp out", "lamp", {"to": "out"}),
    ("lamp cycling", "lamp", {"to": "cycling"}),
    ("meter GARBAGE", "meter", {"to": "garbage"}),
    ("heat 95", "heat", {"cdeg": 9500}),
    ("heat -20", "heat", {"cdeg": -2000}),
    ("heat off", "heat", {"cdeg": None}),
    ("walker", "walker", {}),
    ("presence", "presence", {}),
    (
        "group north level 40",
        "group",
        {"to": "group/north", "command": commands.parse("level 40")},
    ),
    ("all auto", "group", {"to": "all", "command": commands.parse("auto")}),
    ("sync", "sync", {}),
    ("  status  ", "status", {}),
    ("help", "help", {}),
    ("exit", "quit", {}),
]

_BAD = [
    ("lvel 40", "unknown command 'lvel'"),
    ("level", "expected: level PERCENT"),
    ("level 101", "0 to 100"),
    ("level -1", "0 to 100"),
    ("level 4e1", "0 to 100"),
    ("level 40 for", "expected: level PERCENT"),
    ("level 40 for 25h", "1s to 24h"),
    ("level 40 for 0", "1s to 24h"),
    ("time", "expected: time HH:MM"),
    ("time 24:00", "00:00 to 23:59"),
    ("time 12:60", "00:00 to 23:59"),
    ("time tomorrow 12:00", "YYYY-MM-DD"),
    ("schedule", "1 to 16 steps"),
    ("schedule 18:00", "HH:MM=PERCENT"),
    ("schedule" + " 18:00=1" * 17, "1 to 16 steps"),
    ("schedule noon=10", "expected HH:MM, or sunset"),
    ("schedule sunset+721=10", "at most .720"),
    ("schedule sunset+=10", "expected HH:MM"),
    ("lamp broken", "lamp ok or out or partial"),
    ("meter", "meter ok or dead"),
    ("heat", "heat DEGREES"),
    ("heat 400", "-50 to 150"),
    ("heat warm", "heat DEGREES"),
    ("group north", "group NAME and one of level"),
    ("group level 40", "group NAME and one of level"),
    ("group a/b level 40", "letters, digits"),
    ("all net off", "all and one of level"),
    ("all level 140", "0 to 100"),
    ("net", "net on or off"),
    ("net maybe", "net on or off"),
    ("auto now", "takes nothing more"),
]


@pytest.mark.parametrize(("line", "name", "values"), _GOOD)
def test_a_line_becomes_a_command(line, name, values):
    assert commands.parse(line) == commands.Command(name, values)


@pytest.mark.parametrize(("line", "said"), _BAD)
def test_a_line_that_is_none_says_what_was_expected(line, said):
    with pytest.raises(ValueError, match=said):
        commands.parse(line)


def test_an_empty_line_is_nothing():
    assert commands.parse("  ") is None


def test_the_help_is_made_of_lines_that_fit_a_small_terminal():
    for words, meaning in commands.HELP:
        assert len(words) <= 26
        assert len(meaning) <= 32
