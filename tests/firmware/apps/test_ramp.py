import random

from kerb.apps.ramp import SCHEMA, Ramp
from kerb.system.schema import validate


def test_a_ramp_takes_its_time_from_off_to_full_whatever_the_steps():
    for step_ms in (20, 100, 333, 1000):
        ramp = Ramp(10, 0)
        spent_ms = 0
        while ramp.step(step_ms, 1000) != 1000:
            spent_ms += step_ms
            assert ramp.moving
        assert not ramp.moving
        assert 10000 - step_ms <= spent_ms + step_ms <= 10000 + step_ms


def test_a_ramp_is_monotonic_never_past_its_target_and_ends_on_it():
    for start in range(0, 1001, 37):
        for target in range(0, 1001, 41):
            ramp = Ramp(4, start)
            before = start
            for _ in range(100):
                level = ramp.step(50, target)
                if target >= start:
                    assert before <= level <= target
                else:
                    assert target <= level <= before
                before = level
            assert before == target and not ramp.moving


def test_no_step_is_a_jump_for_the_eye():
    ramp = Ramp(5, 0)
    before = 0
    for _ in range(251):
        level = ramp.step(20, 1000)
        # Four thousandths of the way from dark to bright, which is the root of the light.
        even = (before**0.5 + 1000**0.5 * 0.004) ** 2 - before
        assert level - before <= even + 1, (before, level)
        before = level
    assert before == 1000


def test_a_step_of_a_minute_is_there_at_once_and_the_first_target_too():
    ramp = Ramp(30, 1000)
    assert ramp.step(60000, 300) == 300
    ramp = Ramp(30)
    assert ramp.step(0, 700) == 700 and not ramp.moving
    ramp = Ramp(0, 200)
    assert ramp.step(0, 900) == 900


def test_after_a_reset_the_light_goes_on_from_where_it_was():
    ramp = Ramp(10, 300)
    assert ramp.step(0, 300) == 300 and not ramp.moving
    assert 300 < ramp.step(100, 1000) < 340


def test_a_target_that_changes_on_the_way_never_makes_the_light_jump():
    rng = random.getrandbits
    ramp = Ramp(6, 500)
    before, target = 500, 500
    for _ in range(5000):
        if not rng(4):
            target = rng(10) * 1000 // 1023
        step_ms = 20 + rng(6)
        level = ramp.step(step_ms, target)
        # 83 ms of 6 s are 14 thousandths of the root's way, and both levels are rounded, which is
        # the more of a root the less light there is.
        rounded = 1 / max(1, min(level, before)) ** 0.5
        assert abs(level**0.5 - before**0.5) < 31.63 * 0.016 + rounded / 2
        assert min(before, target) <= level <= max(before, target)
        before = level


def test_a_jump_ends_a_ramp():
    ramp = Ramp(10, 0)
    ramp.step(500, 800)
    ramp.jump(1000)
    assert ramp.level == 1000 and not ramp.moving
    assert ramp.step(20, 1000) == 1000
    assert 950 < ramp.step(100, 500) < 1000


def test_rounding_never_moves_the_light_the_other_way():
    for level in range(1, 1000):
        assert Ramp(600, level).step(1, 1000) >= level
        assert Ramp(600, level).step(1, 0) <= level


def test_the_longest_ramp_keeps_to_small_integers():
    ramp = Ramp(600, 0)
    assert validate(SCHEMA, {"ramp_s": 600})[0]
    assert ramp.step(599999, 1000) < 1000
    # 1000 times the ramp's milliseconds is the largest number in it.
    assert 600 * 1000 * 1000 < 1 << 30
    assert ramp.step(1, 1000) == 1000
