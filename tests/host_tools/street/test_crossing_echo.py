"""What the simulated radar hears of who is where: levels, angles, and what hides or merges."""

import math
import random

import pytest
from support.street_bodies import AHEAD, body

from host_tools.street import crossing_echo as echo
from host_tools.street.crossing_site import Site


def _heard(site, places, frames=400, seed=1, bodies=None):
    """All echoes of bodies that stay at `places` [(x, y, vx, vy)] for so many frames."""
    chance = random.Random(seed)
    hearing = echo.Hearing(site, "dry", chance)
    bodies = bodies or [body(chance) for _ in places]
    return [
        hearing.echoes(at / 10, list(zip(bodies, places, strict=True))) for at in range(frames)
    ]


def test_an_angle_beyond_the_limit_shows_on_the_other_side_as_users_saw_it():
    for degrees, shown in ((30, 30), (60, 60), (65, -59), (80, -51), (-65, 59)):
        u = echo.wrapped(math.sin(math.radians(degrees)))
        assert math.degrees(math.asin(u)) == pytest.approx(shown, abs=1)


def test_twice_the_way_costs_12_db_and_60_degrees_10():
    assert echo.level_db(2, 1) - echo.level_db(4, 1) == pytest.approx(12, abs=0.1)
    assert echo.level_db(3, 1) - echo.level_db(3, 0.5) == pytest.approx(9.6, abs=0.1)


def test_an_adult_at_6_m_is_heard_in_most_frames_and_farther_away_less():
    site = Site(1, **AHEAD)
    shares = []
    for far in (3, 5.9, 6.2):
        frames = _heard(site, [(0.0, far, 0.0, -1.4)])
        shares.append(sum(bool(it) for it in frames) / len(frames))
    assert shares[0] > 0.9
    assert 0.5 < shares[1] < 0.85
    assert shares == sorted(shares, reverse=True)


def test_an_angle_is_the_less_certain_the_farther_away_and_the_more_to_the_side():
    site = Site(1, **AHEAD)

    def spread_deg(far, degrees):
        turned = math.radians(degrees)
        place = (-far * math.sin(turned), far * math.cos(turned), 0.3, -1.3)
        found = [math.degrees(math.asin(it.u)) for all_ in _heard(site, [place]) for it in all_]
        found = sorted(abs(it - degrees) for it in found)
        return found[len(found) // 2]

    near, far, aside = spread_deg(2, 0), spread_deg(5, 0), spread_deg(5, 45)
    assert near < 6
    assert far < aside < 12


def test_two_side_by_side_are_one_and_two_behind_each_other_are_two():
    site = Site(1, **AHEAD)
    beside = _heard(site, [(-0.4, 3, 0, -1.2), (0.4, 3, 0, -1.2)])
    behind = _heard(site, [(-0.8, 2, 0, -1.2), (0.6, 3.5, 0, -1.2)])
    assert sum(len(it) > 1 for it in beside) < 0.3 * len(beside)  # their limbs differ at times
    assert sum(len(it) > 1 for it in behind) > 0.8 * len(behind)
    us = [it.u for all_ in beside for it in all_]
    assert min(us) < -0.15 < 0.15 < max(us)  # now here, now there: one angle for both


def test_the_angle_of_two_at_once_lies_between_them_and_at_times_beside():
    site = Site(1, **AHEAD)
    one = [it[0].u for it in _heard(site, [(-0.6, 3, 0, -1.2), (0.6, 3, 0, -1.2)]) if len(it) == 1]
    assert sum(abs(u) < 0.1 for u in one) > 0.2 * len(one)
    assert any(abs(u) > 0.29 for u in one)


def test_who_stands_far_to_the_side_is_heard_on_the_other_one():
    site = Site(1, **AHEAD)
    turned = math.radians(70)
    right = [(-2 * math.sin(turned), 2 * math.cos(turned), 0.5, -1)]
    us = [it.u for all_ in _heard(site, right) for it in all_]
    assert len(us) > 200
    assert sum(u < -0.6 for u in us) > 0.8 * len(us)


def test_who_is_hidden_behind_somebody_is_heard_less():
    site = Site(1, **AHEAD)
    hidden, free = (_heard(site, [(0, 2, 0, -1.2), (x, 5, 0, -1.2)], seed=5) for x in (0.0, 3.0))
    counts = [sum(any(it.range_m > 4 for it in all_) for all_ in one) for one in (hidden, free)]
    assert counts[0] < 0.5 * counts[1]


def test_who_stands_is_heard_now_and_then_and_farther_away_hardly():
    site = Site(1, **AHEAD)
    near, far = (_heard(site, [(0, y, 0, 0)]) for y in (1.5, 5))
    counts = [sum(bool(it) for it in one) / len(one) for one in (near, far)]
    assert counts[0] > 0.8
    assert 0.05 < counts[1] < 0.4


def test_coming_closer_is_a_negative_speed():
    site = Site(1, **AHEAD)
    for speed in (-1.3, 1.3):
        found = [it.speed_mps for all_ in _heard(site, [(0, 3, 0, speed)]) for it in all_]
        assert sum(found) / len(found) == pytest.approx(speed, abs=0.1)


def test_what_moves_behind_a_radar_without_a_plate_shows_in_front():
    counts = []
    for shielded in (True, False):
        site = Site(1, shielded=shielded, **AHEAD)
        chance = random.Random(3)
        car = body(chance)
        car.rcs_dbsm = 10
        frames = _heard(site, [(0.5, -2, 4, -1)], bodies=[car])
        counts.append(sum(bool(it) for it in frames))
    assert counts[0] < 0.2 * counts[1]
