"""The bay that a person plays with, and the words for it."""

import itertools

import pytest

from host_tools.street import bay_commands, bay_live
from host_tools.street.bay_session import GRACE_S, Verdict

_GOOD = [
    ("car in", "car", {"to": "in", "number": 1}),
    ("CAR Out 3", "car", {"to": "out", "number": 3}),
    ("person", "person", {"number": 1, "for_s": 5}),
    ("person 2 for 20s", "person", {"number": 2, "for_s": 20}),
    ("person for 1m", "person", {"number": 1, "for_s": 60}),
    ("traffic on", "traffic", {"to": "on"}),
    ("snow", "snow", {"cm": 8}),
    ("snow 20", "snow", {"cm": 20}),
    ("snow off", "snow", {"cm": 0}),
    ("air -20", "air", {"celsius": -20}),
    ("air off", "air", {"celsius": None}),
    ("sensor dead 2", "sensor", {"how": "dead", "number": 2}),
    ("calibrate free", "calibrate", {"state": "free", "number": 1}),
    ("net off", "net", {"to": "off"}),
    ("exit", "quit", {}),
]
_BAD = [
    ("car", "car in or out"),
    ("car in 9", "1 to 8"),
    ("car in now", "car in or out"),
    ("person x", "expected: person"),
    ("person for 25h", "1s to 24h"),
    ("snow 61", "1 to 60"),
    ("snow deep", "1 to 60"),
    ("air 61", "-40 to 60"),
    ("sensor broken", "sensor ok or dead"),
    ("calibrate", "calibrate free or occupied"),
    ("level 40", "unknown command 'level'"),
]


@pytest.mark.parametrize(("line", "name", "values"), _GOOD)
def test_a_line_becomes_a_command(line, name, values):
    assert bay_commands.parse(line) == bay_commands.Command(name, values)


@pytest.mark.parametrize(("line", "said"), _BAD)
def test_a_line_that_is_none_says_what_was_expected(line, said):
    with pytest.raises(ValueError, match=said):
        bay_commands.parse(line)


def test_the_help_is_made_of_lines_that_fit_a_small_terminal():
    for words, meaning in bay_commands.HELP:
        assert len(words) <= 26
        assert len(meaning) <= 32


def _bay(mount="ceiling", occupied=False, part="a02yyuw"):
    return bay_live.LiveBay(1, mount, part, occupied)


def _heard_mm(bay, now_s):
    """The middle of what 15 measurements of an A02YYUW say, None for no echo."""
    values = []
    for n in range(15):
        frame = bay.sent(now_s + n / 10)
        assert len(frame) == 4
        assert sum(frame[:3]) & 0xFF == frame[3]
        values.append(frame[1] << 8 | frame[2])
    return sorted(values)[7] or None


@pytest.mark.parametrize("mount", ["ceiling", "post", "kerb"])
def test_a_car_that_comes_stands_and_leaves_is_so_for_the_echoes_too(mount):
    bay = _bay(mount)
    floor_mm = bay.floor_mm()
    assert not bay.is_taken(0)
    # The tape knows nothing of the temperature, the part nothing but 343 m/s.
    assert abs(_heard_mm(bay, 0) - floor_mm) < floor_mm * 0.05
    stands_s = 10 + bay.car_in(10)
    with pytest.raises(ValueError, match="already"):
        bay.car_in(11)
    assert bay.what_is_there(12) == "car moves"
    assert not bay.is_clear(12)
    assert bay.is_taken(stands_s + 1)
    assert bay.is_clear(stands_s + 1)
    near_mm = _heard_mm(bay, stands_s + 5)
    assert near_mm is None or near_mm < floor_mm - 150
    out_s = stands_s + 60 + bay.car_out(stands_s + 60)
    with pytest.raises(ValueError, match="no car"):
        bay.car_out(stands_s + 61)
    assert bay.is_taken(out_s - 0.5)
    assert not bay.is_taken(out_s + 0.5)
    assert abs(_heard_mm(bay, out_s + 20) - floor_mm) < floor_mm * 0.05


def test_a_car_may_leave_before_it_stands():
    bay = _bay()
    bay.car_in(5)
    out_s = 6 + bay.car_out(6)
    assert out_s > 6
    assert not bay.is_taken(out_s + 1)


def test_a_bay_that_begins_with_a_car_has_it_at_once():
    bay = _bay(occupied=True)
    assert bay.is_taken(0)
    assert bay.is_clear(0)
    assert _heard_mm(bay, 0) < bay.floor_mm() - 400


def test_a_person_is_there_for_as_long_as_said_and_is_no_car():
    bay = _bay()
    bay.person(3, 6)
    assert bay.what_is_there(5) == "person"
    assert not bay.is_taken(5)
    assert bay.what_is_there(9.5) == ""


def test_snow_raises_the_ground_and_takes_of_the_echo():
    bay = _bay()
    before_mm = _heard_mm(bay, 0)
    bay.snow(0.3)
    after_mm = _heard_mm(bay, 10)
    assert after_mm is None or before_mm - 380 < after_mm < before_mm - 220
    bay.snow(0)
    assert abs(_heard_mm(bay, 20) - before_mm) < 50


def test_a_broken_part_does_what_it_is_called():
    bay = _bay()
    bay.break_part("dead")
    assert bay.sent(1) == b""
    assert bay.echo_us(1) is None
    assert not bay.is_clear(1)
    bay.break_part("stuck")
    assert len({bay.sent(2 + n) for n in range(20)}) == 1
    bay.break_part("garbage")
    assert len({bay.sent(30 + n) for n in range(20)}) > 15
    bay.break_part("ok")
    assert abs(_heard_mm(bay, 60) - bay.floor_mm()) < 100


def test_an_echo_part_with_no_echo_holds_its_pin_for_as_long_as_its_sheet_says():
    bay = _bay(part="hc_sr04")
    us = sorted(bay.echo_us(n) for n in range(15))[7]
    assert abs(us * 343 / 2000 - bay.floor_mm()) < 120
    bay.break_part("blocked")
    times = {bay.echo_us(100 + n) for n in range(30)}
    assert all(us == bay.part.silent_us or us < 500 for us in times)


def test_busy_bays_have_cars_come_and_go_by_themselves():
    bay = _bay()
    assert all(bay.step(n) is None for n in range(600))
    bay.is_busy = True
    happened = [it for it in (bay.step(600 + n) for n in range(3600)) if it]
    assert len(happened) > 20
    assert set(happened) == {"a car comes", "a car leaves"}
    assert all(one != other for one, other in itertools.pairwise(happened))


def test_a_wrong_state_counts_from_when_nothing_excuses_it():
    verdict = Verdict()
    verdict.observe(0, "unknown", True, True)
    assert not verdict.compared
    verdict.observe(1, "free", True, False)
    assert not verdict.compared
    for now_s in range(2, 12):
        verdict.observe(now_s, "free", True, True)
    verdict.observe(12, "occupied", True, True)
    assert verdict.longest_s == 9
    assert not verdict.broken
    for now_s in (20, 20 + GRACE_S + 1):
        verdict.observe(now_s, "occupied", False, True)
    assert verdict.broken


def test_who_gets_out_of_a_car_is_before_it_for_a_while_and_it_stays_a_car():
    heard = 0
    for number in range(1, 9):
        bay = bay_live.LiveBay(number, "kerb", "a02yyuw")
        stands_s = 10 + bay.car_in(10)
        people = 0
        for second in range(240):
            now_s = stands_s + 1 + second
            assert bay.what_is_there(now_s) == "car" and bay.is_clear(now_s)
            people += bool(bay.traffic.people(bay.at(now_s)))
        heard += people > 0
        assert people < 200
        bay.car_out(stands_s + 240)
    assert heard >= 6
