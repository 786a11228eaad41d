"""The physics and the habits behind the simulated crossing, each by itself."""

import itertools
import math
import random
import struct

import cpython  # noqa: F401  what CPython lacks
import pytest

from host_tools.street import crossing_echo as echo
from host_tools.street.crossing_cars import REPORT_S, Car, Ops243, Traffic
from host_tools.street.crossing_ld2410 import Part as PresencePart
from host_tools.street.crossing_ld2450 import Manner, Part, _word
from host_tools.street.crossing_people import Body
from host_tools.street.crossing_site import Site
from host_tools.street.crossing_truth import Truth
from host_tools.street.crossing_walk import STEP_S, Gait, Walk

_SQUARE = {"exact": True, "upside_down": False, "open_": True, "glass": False, "width_m": 3.0}
_AHEAD = {**_SQUARE, "radar_at": (0.0, 0.0, 0)}


def _body(chance, walk=None, **more):
    body = Body(chance, "cross", walk, gait=0, **more)
    body.rcs_dbsm = -5
    return body


def _heard(site, places, frames=400, seed=1, bodies=None):
    """All echoes of bodies that stay at `places` [(x, y, vx, vy)] for so many frames."""
    chance = random.Random(seed)
    hearing = echo.Hearing(site, "dry", chance)
    bodies = bodies or [_body(chance) for _ in places]
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
    site = Site(1, **_AHEAD)
    shares = []
    for far in (3, 5.9, 6.2):
        frames = _heard(site, [(0.0, far, 0.0, -1.4)])
        shares.append(sum(bool(it) for it in frames) / len(frames))
    assert shares[0] > 0.9
    assert 0.5 < shares[1] < 0.85
    assert shares == sorted(shares, reverse=True)


def test_an_angle_is_the_less_certain_the_farther_away_and_the_more_to_the_side():
    site = Site(1, **_AHEAD)

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
    site = Site(1, **_AHEAD)
    beside = _heard(site, [(-0.4, 3, 0, -1.2), (0.4, 3, 0, -1.2)])
    behind = _heard(site, [(-0.8, 2, 0, -1.2), (0.6, 3.5, 0, -1.2)])
    assert sum(len(it) > 1 for it in beside) < 0.3 * len(beside)  # their limbs differ at times
    assert sum(len(it) > 1 for it in behind) > 0.8 * len(behind)
    us = [it.u for all_ in beside for it in all_]
    assert min(us) < -0.15 < 0.15 < max(us)  # now here, now there: one angle for both


def test_the_angle_of_two_at_once_lies_between_them_and_at_times_beside():
    site = Site(1, **_AHEAD)
    one = [it[0].u for it in _heard(site, [(-0.6, 3, 0, -1.2), (0.6, 3, 0, -1.2)]) if len(it) == 1]
    assert sum(abs(u) < 0.1 for u in one) > 0.2 * len(one)
    assert any(abs(u) > 0.29 for u in one)


def test_who_stands_far_to_the_side_is_heard_on_the_other_one():
    site = Site(1, **_AHEAD)
    turned = math.radians(70)
    right = [(-2 * math.sin(turned), 2 * math.cos(turned), 0.5, -1)]
    us = [it.u for all_ in _heard(site, right) for it in all_]
    assert len(us) > 200
    assert sum(u < -0.6 for u in us) > 0.8 * len(us)


def test_who_is_hidden_behind_somebody_is_heard_less():
    site = Site(1, **_AHEAD)
    hidden, free = (_heard(site, [(0, 2, 0, -1.2), (x, 5, 0, -1.2)], seed=5) for x in (0.0, 3.0))
    counts = [sum(any(it.range_m > 4 for it in all_) for all_ in one) for one in (hidden, free)]
    assert counts[0] < 0.5 * counts[1]


def test_who_stands_is_heard_now_and_then_and_farther_away_hardly():
    site = Site(1, **_AHEAD)
    near, far = (_heard(site, [(0, y, 0, 0)]) for y in (1.5, 5))
    counts = [sum(bool(it) for it in one) / len(one) for one in (near, far)]
    assert counts[0] > 0.8
    assert 0.05 < counts[1] < 0.4


def test_coming_closer_is_a_negative_speed():
    site = Site(1, **_AHEAD)
    for speed in (-1.3, 1.3):
        found = [it.speed_mps for all_ in _heard(site, [(0, 3, 0, speed)]) for it in all_]
        assert sum(found) / len(found) == pytest.approx(speed, abs=0.1)


def test_what_moves_behind_a_radar_without_a_plate_shows_in_front():
    counts = []
    for shielded in (True, False):
        site = Site(1, shielded=shielded, **_AHEAD)
        chance = random.Random(3)
        car = _body(chance)
        car.rcs_dbsm = 10
        frames = _heard(site, [(0.5, -2, 4, -1)], bodies=[car])
        counts.append(sum(bool(it) for it in frames))
    assert counts[0] < 0.2 * counts[1]


def test_words_are_those_of_the_makers_example():
    words = [_word(it) for it in (-782, 1713, -16)]
    assert struct.pack("<HHHH", *words, 320) == bytes.fromhex("0E03B18610004001")
    assert _word(0) == 0


def _manner(**more):
    manner = Manner(random.Random(1))
    manner.confirm, manner.alpha, manner.beta = 2, 0.6, 0.2
    manner.keeps, manner.keeps_still, manner.freezes = 5, 20, True
    manner.empty, manner.clears_s, manner.resolution_mm = "zero", 5.0, 360
    for key, value in more.items():
        setattr(manner, key, value)
    return manner


def _part(**more):
    return Part(random.Random(2), "dry", _manner(**more))


def _at(x, y, speed=0.5):
    far = math.hypot(x, y)
    return echo.Echo(far, x / far, speed, 100.0, None)


def _targets(frame):
    found = []
    for at in range(4, 28, 8):
        x, y, speed, gate = struct.unpack_from("<HHHH", frame, at)
        words = [(it & 0x7FFF) * (1 if it & 0x8000 else -1) for it in (x, y, speed)]
        found.append((*words, gate))
    return found


def test_a_part_shows_somebody_from_the_second_echo_on_and_drops_him_some_frames_after_the_last():
    part = _part()
    shown = [
        _targets(part.frame(at / 10, [_at(0, 3)] if 5 <= at < 20 else []))[0][1] > 0
        for at in range(40)
    ]
    assert shown.index(True) == 6
    assert shown[6:25] == [True] * 19
    assert not any(shown[25:])


def test_what_was_heard_once_is_not_shown_and_a_slow_part_wants_three_echoes():
    part = _part()
    frames = [part.frame(at / 10, [_at(0, 3)] if at == 5 else []) for at in range(15)]
    assert not any(_targets(it)[0][3] for it in frames)
    slow = _part(confirm=3)
    shown = [_targets(slow.frame(at / 10, [_at(0, 3)]))[0][3] > 0 for at in range(6)]
    assert shown == [False, False, True, True, True, True]


def test_the_others_move_up_when_a_target_goes():
    part = _part()
    for at in range(10):
        frame = part.frame(at / 10, [_at(1, 2), _at(-2, 4)])
    first, second, _ = _targets(frame)
    assert first[0] > 0 > second[0]
    for at in range(10, 20):
        frame = part.frame(at / 10, [_at(-2, 4)])
    assert _targets(frame)[0][0] < 0
    assert _targets(frame)[1] == (0, 0, 0, 0)


@pytest.mark.parametrize(("empty", "gate"), [("stale", 360), ("bare", 0)])
def test_an_emptied_slot_may_keep_the_last_place_for_some_seconds(empty, gate):
    part = _part(empty=empty, clears_s=3.0)
    for at in range(10):
        last = _targets(part.frame(at / 10, [_at(1, 2)]))[0]
    for at in range(10, 20):
        frame = part.frame(at / 10, [])
    assert _targets(frame)[0] == (*last[:2], 0, gate)
    for at in range(20, 60):
        frame = part.frame(at / 10, [])
    assert _targets(frame)[0] == (0, 0, 0, 0)


def test_no_more_than_three_are_told_of_and_one_in_single_mode():
    part = _part()
    crowd = [_at(-2, 2), _at(0, 2), _at(2, 2), _at(0, 5)]
    for at in range(10):
        frame = part.frame(at / 10, crowd)
    assert sum(it[3] > 0 for it in _targets(frame)) == 3
    assert len(part.shows) == 3
    assert part.write(bytes.fromhex("FDFCFBFA0400FF00010004030201"))
    assert part.write(bytes.fromhex("FDFCFBFA0200800004030201"))
    assert part.write(bytes.fromhex("FDFCFBFA0200FE0004030201"))
    assert sum(it[3] > 0 for it in _targets(part.frame(1.1, crowd))) == 1


def test_it_is_configured_only_in_between_and_silent_meanwhile():
    part = _part()
    multi = bytes.fromhex("FDFCFBFA0200900004030201")
    assert part.write(multi) == b""
    enable = bytes.fromhex("FDFCFBFA0400FF00010004030201")
    answer = b"".join(part.write(enable[at : at + 1]) for at in range(len(enable)))
    assert answer == bytes.fromhex("FDFCFBFA0800FF010000010040000403 0201")
    assert part.frame(0.1, []) == b""
    assert part.write(multi) == bytes.fromhex("FDFCFBFA04009001000004030201")
    assert part.write(b"\x00\xfd\xfc" + bytes.fromhex("FDFCFBFA0200FE0004030201"))
    assert len(part.frame(0.2, [])) == 30


def test_speeds_are_whole_lines_of_doppler():
    part = _part()
    for at in range(5):
        frame = part.frame(at / 10, [_at(0, 3, -1.0)])
    assert _targets(frame)[0][2] == -98


def test_an_ld2410_tells_how_far_and_keeps_it_for_five_seconds():
    from kerb.drivers.ld2410 import Ld2410
    from support.radar_frames import Port

    part, port = PresencePart(random.Random(1)), Port()
    driver = Ld2410(port)
    told = []
    for at in range(120):
        port.put(part.frame(at / 10, [_at(0.5, 2, -1.2)] if 10 <= at < 30 else []))
        assert driver.poll(100 * at)
        told.append((driver.present, driver.moving_mm))
    assert set(told[:11]) == {("none", None)}
    assert set(told[11:80]) == {("moving", 2060)}
    assert told[29 + 52] == ("none", None)


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
    site = Site(1, **{**_AHEAD, **site})
    return Truth(site, _body(random.Random(1), Walk(0, points))), site


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
    site = Site(1, **_SQUARE)
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
    import json

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
