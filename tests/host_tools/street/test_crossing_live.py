"""The crossing that a person plays with: words, lamps, people, and who was warned."""

import random

import pytest

from host_tools.street import crossing_commands
from host_tools.street.crossing_lamps import Lamp
from host_tools.street.crossing_live import PEOPLE, LiveCrossing

_GOOD = [
    ("walk", "person", {"who": "walk", "number": 1}),
    ("CHILD 2", "person", {"who": "child", "number": 2}),
    ("car", "car", {"number": 1}),
    ("people off", "people", {"to": "off"}),
    ("button", "button", {"number": 1, "for_s": 1}),
    ("button 2 for 20s", "button", {"number": 2, "for_s": 20}),
    ("button for 1m", "button", {"number": 1, "for_s": 60}),
    ("rain on", "rain", {"to": "on"}),
    ("rain heavy", "rain", {"to": "heavy"}),
    ("radar dead", "radar", {"to": "dead", "number": 1}),
    ("radar garbage 2", "radar", {"to": "garbage", "number": 2}),
    ("cars dead", "cars", {"to": "dead", "number": 1}),
    ("lamp out", "lamp", {"to": "out", "number": 1}),
    ("battery low", "battery", {"to": "low", "number": 1}),
    ("activate", "activate", {"number": 1}),
    ("net off", "net", {"to": "off"}),
    ("exit", "quit", {}),
]
_BAD = [
    ("walk 3", "1 to 2"),
    ("walk fast", "expected: walk"),
    ("button for 25h", "1s to 24h"),
    ("button twice", "expected: button"),
    ("rain", "rain on or off"),
    ("radar broken", "radar ok or dead"),
    ("lamp", "lamp ok or out"),
    ("level 40", "unknown command 'level'"),
]


@pytest.mark.parametrize(("line", "name", "values"), _GOOD)
def test_a_line_becomes_a_command(line, name, values):
    assert crossing_commands.parse(line) == crossing_commands.Command(name, values)


@pytest.mark.parametrize(("line", "said"), _BAD)
def test_a_line_that_is_none_says_what_was_expected(line, said):
    with pytest.raises(ValueError, match=said):
        crossing_commands.parse(line)


def test_the_help_is_made_of_lines_that_fit_a_small_terminal():
    for words, meaning in crossing_commands.HELP:
        assert len(words) <= 26
        assert len(meaning) <= 32


_ROUND_US = [50_000] * 11 + [250_000]  # of an RRFB, both lamps taken together


def test_a_lamp_flashes_while_its_rounds_come_and_is_dark_soon_after():
    lamp = Lamp()
    assert not lamp.flashing(0)
    for n in range(10):
        lamp.play(5 + 0.8 * n, 1, _ROUND_US[:-1])
    assert not lamp.flashing(4.9)
    assert all(lamp.flashing(5.01 + 0.05 * n) for n in range(155))
    assert not lamp.flashing(14.2)


def test_a_pattern_that_is_cut_short_does_not_go_on():
    lamp = Lamp()
    lamp.play(1, 1, [10_000_000])
    lamp.drive(2, 0)
    assert lamp.flashing(2.5)
    assert not lamp.flashing(3.1)


def test_it_flashes_exactly_when_it_was_high_within_the_last_second():
    chance = random.Random(3)
    for _ in range(100):
        lamp, spans, at_s = Lamp(), [], 1.0
        for _ in range(20):
            at_s += chance.uniform(0, 2)
            high_s = chance.uniform(0.01, 0.5)
            lamp.play(at_s, 1, [round(high_s * 1e6)])
            spans.append((at_s, at_s + round(high_s * 1e6) / 1e6))
            at_s = spans[-1][1]
        for _ in range(50):
            now_s = chance.uniform(0, at_s + 2)
            high = any(begin <= now_s and end > now_s - 1 for begin, end in spans)
            assert lamp.flashing(now_s) == high, (now_s, spans)


def _run(live, ms, flashing=lambda now_ms: False, watching=True):
    radar = cars = b""
    happened = []
    for now_ms in range(live.now_ms + 50, live.now_ms + ms + 1, 50):
        more, lines, what = live.go_on(now_ms, flashing(now_ms), watching)
        radar, cars = radar + more, cars + lines
        happened += [what] if what else []
    return radar, cars, happened


def test_nobody_comes_while_people_are_off_and_the_radar_still_talks():
    live = LiveCrossing(1)
    live.busy = False
    radar, _, happened = _run(live, 30_000)
    assert happened == []
    assert live.people == []
    assert 290 <= radar.count(b"\xaa\xff\x03\x00") <= 310


def test_people_come_by_themselves_while_they_are_on():
    live = LiveCrossing(1)
    _, _, happened = _run(live, 120_000)
    assert 4 <= len(happened) <= 25


@pytest.mark.parametrize("word", PEOPLE)
def test_whoever_is_sent_is_somewhere_and_gone_in_time(word):
    live = LiveCrossing(2)
    live.busy = False
    left_s = live.send(word)
    _run(live, 1000)
    assert live.places_mm() != [] or word == "group"
    _run(live, round(1000 * left_s))
    assert live.people == []


def test_who_steps_onto_the_road_is_warned_when_it_flashes_then_and_only_then():
    for lit, warned in ((True, 5), (False, 0)):
        live = LiveCrossing(3)
        live.busy = False
        for _ in range(5):
            left_s = live.send("walk")
            _run(live, round(1000 * left_s), lambda now_ms, lit=lit: lit)
        assert (live.crossed, live.warned, live.missed) == (5, warned, 5 - warned)
        assert all(lead > 0 for lead in live.leads_s)


def test_who_cannot_be_seen_is_not_counted():
    live = LiveCrossing(3)
    live.busy = False
    _run(live, round(1000 * live.send("walk")), watching=False)
    assert live.crossed == 0


def test_a_dead_radar_is_silent_and_a_garbled_one_is_no_frame():
    live = LiveCrossing(4)
    live.radar_fault = "dead"
    assert _run(live, 2000)[0] == b""
    live.radar_fault = "garbage"
    babble = _run(live, 2000)[0]
    assert len(babble) > 100
    live.radar_fault = None
    assert b"\xaa\xff\x03\x00" in _run(live, 500)[0]


def test_the_car_radar_says_that_nothing_comes_only_once_it_was_told_to():
    live = LiveCrossing(5)
    live.busy = False
    live.traffic.cars.clear()
    live.traffic._next_s = 1e9
    assert _run(live, 2000)[1] == b""
    assert live.write_car(b"BZ") == b""
    assert b"m-per-sec" in live.write_car(b"U?")
    lines = _run(live, 2000)[1].split()
    assert 12 <= len(lines) <= 20
    live.car_radar_dead = True
    assert _run(live, 2000)[1] == b""
    assert live.write_car(b"U?") == b""


def test_a_machine_that_stood_still_for_long_has_lost_that_time():
    live = LiveCrossing(6)
    _run(live, 1000)
    live.go_on(60_000, False, True)
    assert live.now_ms == 1500
    live.go_on(60_050, False, True)
    assert live.now_ms == 1550
