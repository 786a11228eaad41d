"""A DALI gear answers what the standard says, and its bus what several of them make of it."""

import random

import pytest

from host_tools.street import gear
from host_tools.street.gear import Bus, Gear

BROADCAST_ARC, BROADCAST = 0xFE00, 0xFF00


def _twice(it, frame, now_ms=0):
    it.forward(frame, now_ms)
    return it.forward(frame, now_ms + 50)


@pytest.mark.parametrize(
    ("level", "percent"), [(0, 0), (1, 0.1), (170, 10.09), (229, 50.5), (254, 100)]
)
def test_the_curve_is_the_standards(level, percent):
    assert gear.percent(level) == pytest.approx(percent, rel=0.001)


def test_a_direct_level_is_taken_and_told():
    it = Gear(address=5)
    assert it.forward(BROADCAST_ARC | 170, 0) is None
    assert it.forward(5 << 9 | 0x1A0, 0) == 170
    assert it.light_permille(0) == pytest.approx(100.9, abs=0.1)
    it.forward(5 << 9 | 229, 10)
    assert it.forward(BROADCAST | 0xA0, 10) == 229


def test_a_frame_for_another_address_or_group_is_not_answered():
    it = Gear(address=5)
    for address in (0x09, 0x0D, 0x81, 0xA1, 0xFD):
        assert it.forward(address << 8 | 0x91, 0) is None
    assert it.forward(0x0B91, 0) == gear.YES
    assert Gear().forward(0x0B91, 0) is None
    assert Gear().forward(BROADCAST | 0x91, 0) == gear.YES


def test_mask_as_a_level_changes_nothing_and_zero_is_off():
    it = Gear()
    it.forward(BROADCAST_ARC | 100, 0)
    it.forward(BROADCAST_ARC | 255, 0)
    assert it.level(0) == 100
    it.forward(BROADCAST_ARC, 0)
    assert it.level(0) == 0
    assert it.light_permille(0) == 0


def test_after_power_came_back_it_is_full_and_says_that_power_was_gone_until_told_a_level():
    it = Gear(address=0)
    assert it.level(0) == 254
    assert it.status(0) & 0x80
    it.forward(BROADCAST_ARC | 10, 0)
    assert not it.status(0) & 0x80
    it.power_up(5)
    assert it.level(5) == 254
    assert it.status(5) & 0x80


def test_an_open_lamp_is_told_in_the_query_and_in_the_status():
    it = Gear(address=0)
    it.forward(BROADCAST_ARC | 200, 0)
    assert it.forward(BROADCAST | 0x92, 0) is None
    assert it.forward(BROADCAST | 0x90, 0) == 0b100
    it.lamp_failure = True
    assert it.forward(BROADCAST | 0x92, 0) == gear.YES
    assert it.forward(BROADCAST | 0x93, 0) is None
    assert it.forward(BROADCAST | 0x90, 0) == 0b010
    assert it.forward(BROADCAST | 0xA0, 0) == gear.MASK
    assert it.light_permille(0) == 0


def test_configuration_counts_when_it_comes_twice_within_a_tenth_of_a_second():
    it = Gear()
    it.forward(0xA300 | 100, 0)
    it.forward(BROADCAST | 0x2A, 0)
    it.forward(BROADCAST | 0x2A, 200)
    assert it.max_level == 254
    it.forward(BROADCAST | 0x2A, 250)
    assert it.max_level == 100
    it.forward(BROADCAST_ARC | 200, 0)
    assert it.level(0) == 100
    assert it.status(0) & 0b1000


def test_a_fade_runs_evenly_in_levels_for_its_time():
    it = Gear()
    it.forward(BROADCAST_ARC | 54, 0)
    it.forward(0xA300 | 4, 0)
    _twice(it, BROADCAST | 0x2E)
    assert gear.fade_time_s(4) == pytest.approx(2.0)
    assert gear.fade_time_s(1) == pytest.approx(0.707, abs=0.001)
    it.forward(BROADCAST_ARC | 254, 1000)
    assert [it.level(1000 + ms) for ms in (0, 500, 1000, 1999, 2000)] == [54, 104, 154, 254, 254]
    assert it.status(2000) & 0b10000
    assert not it.status(3000) & 0b10000
    it.forward(BROADCAST | 0x00, 3000)
    assert it.level(3000) == 0


def test_a_bus_that_fails_gives_the_failure_level_full_unless_told_otherwise():
    it = Gear()
    it.forward(BROADCAST_ARC | 10, 0)
    it.bus_failed(1)
    assert it.level(1) == 254
    it.forward(BROADCAST_ARC | 10, 2)
    it.failure_level = gear.MASK
    it.bus_failed(3)
    assert it.level(3) == 10


def test_steps_stay_within_the_levels_and_step_down_never_ends_in_off():
    it = Gear()
    it.forward(BROADCAST | 0x05, 0)
    it.forward(BROADCAST | 0x03, 0)
    assert it.level(0) == 254
    it.forward(BROADCAST | 0x06, 0)
    it.forward(BROADCAST | 0x04, 0)
    assert it.level(0) == 1
    it.forward(BROADCAST | 0x00, 0)
    it.forward(BROADCAST | 0x03, 0)
    assert it.level(0) == 0
    it.forward(BROADCAST | 0x08, 0)
    assert it.level(0) == 1


def test_no_frame_makes_it_fail():
    chance = random.Random(1)
    it = Gear(address=9)
    for now_ms in range(20000):
        answer = it.forward(chance.randrange(65536), now_ms)
        assert answer is None or 0 <= answer <= 255
        assert 0 <= it.level(now_ms) <= 254


def test_answers_that_differ_are_garbled_and_a_bus_held_low_says_nothing():
    one, two = Gear(address=1), Gear(address=2)
    bus = Bus(one, two)
    assert bus.forward(BROADCAST | 0x91, 0) == gear.YES
    one.forward(0x0200 | 100, 0)
    assert bus.forward(BROADCAST | 0xA0, 0) == Bus.GARBLED
    assert bus.forward(0x03A0, 0) == 100
    two.dead = True
    assert bus.forward(BROADCAST | 0xA0, 0) == 100
    bus.held_low = True
    assert bus.forward(0x03A0, 0) is None
