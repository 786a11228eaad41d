"""Who walks and drives at the simulated crossing, and the truth about them."""

import itertools
import json
import math
import random

import cpython  # noqa: F401  what CPython lacks
import pytest
from support.street_bodies import AHEAD, SQUARE, body

from host_tools.street.crossing_cars import REPORT_S, Car, Ops243, Traffic
from host_tools.street.crossing_site import Site
from host_tools.street.crossing_truth import Truth
from host_tools.street.crossing_walk import STEP_S, Gait, Walk


def test_a_radars_place_is_the_firmwares_and_back():
    from kerb.apps.crossing import Crossing

    for seed in range(40):
        site = Site(seed, exact=True)
        cfg = {"waiting_depth_mm": 2000, **site.config()}
        firmware = Crossing(cfg)
        chance = random.Random(seed)
        for _ in range(20):
            x, y = chance.uniform(-5, 5), chance.uniform(-1, 6)
            right, ahead = site.to_radar(x, y)
            assert site.to_street(right, ahead) == pytest.approx((x, y), abs=1e-9)
            hand = -1 if site.upside_down else 1
            found = firmware.to_street(round(1000 * hand * right), round(1000 * ahead))
            assert found == pytest.approx((1000 * x, 1000 * y), abs=5)


def test_who_walks_has_his_speed_and_who_stops_stands():
    walk = Walk(0, [(0, 9, 1.4, 0), (0, 1, 1.4, 5), (0, -8, 1.4, 0)])
    speeds = [math.hypot(vx, vy) for vx, vy in zip(walk.vx, walk.vy, strict=True)]
    assert speeds[40] == pytest.approx(1.4, abs=0.01)
    standing = [it for it, y in zip(speeds, walk.y, strict=True) if 0.85 < y < 1.15]
    assert min(standing) < 0.02
    assert sum(it < 0.2 for it in speeds) * STEP_S >= 4.5
    steps = [abs(b - a) / STEP_S for a, b in itertools.pairwise(speeds)]
    assert max(steps) < 3.5  # nobody is shot from a gun


def test_gait_stays_within_some_centimetres_of_the_path():
    walk = Walk(0, [(0, 9, 1.4, 0), (0, -8, 1.4, 0)])
    gait = Gait(random.Random(1))
    for at in range(100):
        x, y, vx, vy = walk.state(at / 20)
        moved = gait.moved(at / 20, x, y, vx, vy)
        assert math.hypot(moved[0] - x, moved[1] - y) < 0.03
        assert math.hypot(moved[2], moved[3]) == pytest.approx(1.4, abs=0.25)


def _truth(points, **site):
    site = Site(1, **{**AHEAD, **site})
    return Truth(site, body(random.Random(1), Walk(0, points))), site


def test_intent_is_known_as_soon_as_who_goes_straight_comes_into_view():
    truth, _ = _truth([(0, 9, 1.5, 0), (0, -12, 1.5, 0)])
    assert truth.crosses
    assert truth.known_ms == truth.enters_ms == pytest.approx(2000, abs=60)
    assert truth.kerb_ms == pytest.approx(6000, abs=60)


def test_intent_of_who_turns_off_the_pavement_is_known_at_the_corner_only():
    truth, _ = _truth([(-8, 2, 1.4, 0), (0, 2, 1.4, 0), (0, -12, 1.4, 0)])
    assert 800 < truth.kerb_ms - truth.known_ms < 2200
    assert truth.known_ms - truth.enters_ms > 1500


def test_intent_of_who_waits_at_the_kerb_is_known_before_he_goes():
    truth, _ = _truth([(-8, 0.7, 1.4, 0), (0, 0.7, 1.4, 6), (0, -12, 1.4, 0)], depth_m=9.0)
    assert truth.kerb_ms - truth.known_ms == pytest.approx(6000, abs=1600)


def test_who_goes_astray_in_between_is_known_from_the_last_turn_on_only():
    truth, _ = _truth(
        [(0, 9, 1.4, 0), (0, 4.5, 1.4, 0), (2.5, 3, 1.4, 0), (0, -1, 1.4, 0), (0, -12, 1.4, 0)]
    )
    straight, _ = _truth([(0, 9, 1.4, 0), (0, -12, 1.4, 0)])
    assert truth.known_ms > straight.known_ms + 2000
    assert truth.kerb_ms - truth.known_ms < 3000


def test_who_steps_on_the_road_beside_the_crossing_does_not_cross_there():
    truth, _ = _truth([(4, 9, 1.4, 0), (4, -12, 1.4, 0)])
    assert not truth.crosses
    assert not truth.headed


def test_going_straight_on_meets_the_crossing_between_its_ends_only():
    site = Site(1, **SQUARE)
    assert site.meets_crossing(0, 3, 0, -1)
    assert site.meets_crossing(3, 3, -0.6, -1)
    assert not site.meets_crossing(3, 3, 0, -1)
    assert not site.meets_crossing(3, 3, -1.6, -1)
    assert not site.meets_crossing(0, 3, 0, 1)
    assert not site.meets_crossing(0, 3, 0, 0)


def test_who_passes_or_turns_back_or_is_out_of_view_has_no_intent():
    passing, _ = _truth([(-8, 1.5, 1.4, 0), (8, 1.5, 1.4, 0)])
    assert (passing.crosses, passing.known_ms, passing.headed) == (False, None, False)
    turning, _ = _truth([(0, 8, 1.4, 0), (0, 1.5, 1.4, 1), (8, 3, 1.4, 0)])
    assert (turning.crosses, turning.known_ms, turning.headed) == (False, None, True)
    behind, _ = _truth([(0, 8, 1.4, 0), (0, -12, 1.4, 0)], radar_at=(0.0, 0.0, 180))
    assert (behind.crosses, behind.known_ms, behind.enters_ms) == (True, None, None)


def test_who_comes_over_the_road_does_not_cross_from_here():
    truth, site = _truth([(0, -10, 1.4, 0), (0, 8, 1.4, 0)])
    assert not truth.crosses
    assert truth.on_road_ms[0] == 0
    assert truth.on_road_ms[1] == pytest.approx(10 / 1.4 * 1000, abs=100)
    assert site.length_m


def _drive(car, somebody, seconds=30, lit=False):
    for at in range(10 * seconds):
        car.move(at / 10, 0.1, somebody(at / 10), lit, 1.5)
    return car


def test_who_yields_stops_before_the_crossing_and_goes_on_when_it_is_free():
    for speed in (8.3, 13.9):
        car = Car(random.Random(1), speed, 1)
        car.yields = car.yields_lit = True
        _drive(car, lambda now_s: now_s < 20, 19)
        assert car.stopped
        assert -6 < car.along_m + 1.5 < 0
        _drive(car, lambda now_s: False)
        assert car.passed_ms is not None
        rude = Car(random.Random(1), speed, 1)
        rude.yields = False
        assert not _drive(rude, lambda now_s: True).stopped


def test_nobody_stops_who_is_too_near_to():
    car = Car(random.Random(1), 13.9, 1)
    car.yields = True
    car.along_m = -30
    assert not _drive(car, lambda now_s: True).stopped


def test_more_drivers_stop_for_a_flashing_beacon():
    chance = random.Random(1)
    cars = [Car(chance, 10, 1) for _ in range(500)]
    assert 0.2 < sum(it.yields for it in cars) / 500 < 0.4
    assert 0.65 < sum(it.yields_lit for it in cars) / 500 < 0.85


def test_the_car_radar_tells_the_speed_of_what_comes_as_positive():
    for seed in range(12):
        chance = random.Random(seed)
        site = Site(seed)
        radar = Ops243(chance, site)
        traffic = Traffic(chance, site, 0)
        car = traffic.add(1, 12.0)
        found = []
        for at in range(150):
            traffic.move(at * REPORT_S, REPORT_S, False)
            line = radar.report(traffic.cars)
            if line and -50 < car.along_m < -15:
                found.append(float(json.loads(line)["speed"]))
        assert len(found) > 20
        assert all(11 < it < 12.4 for it in found)
