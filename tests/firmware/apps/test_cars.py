"""Cars out of a radar's reports: counted once each, with their speed, and whether they stopped."""

import random

from kerb.apps import cars as module
from kerb.apps.cars import Cars
from kerb.drivers.radars import SCHEMA
from kerb.system import schema

KEYS = dict(SCHEMA)
KEYS.update(module.SCHEMA)


class Radar:
    speed_cm_s = 0
    range_mm = None


class Road:
    """Cars and the radar that sees them, in steps of 0.1 s."""

    def __init__(self):
        self.cars = Cars()
        self.radar = Radar()
        self.now_ms = 1000
        self.approaching = False

    def see(self, speeds, ranges=None, flashing=False):
        for n, speed in enumerate(speeds):
            self.radar.speed_cm_s = speed
            self.radar.range_mm = ranges[n] if ranges else None
            # The app looks more often than the radar reports.
            for _ in range(5):
                self.approaching = self.cars.step(self.now_ms, self.radar, flashing)
                self.now_ms += 20

    def nothing(self, ms, flashing=False):
        self.see([0] * (ms // 100), flashing=flashing)

    def told(self):
        return self.cars.count, self.cars.flashing_count


def test_the_config_is_checked():
    cfg, errors = schema.validate(KEYS, {}, module.check)
    assert errors == [] and cfg["wait_for_car"] is False
    given = {"wait_for_car": True, "car_radar": "ops243"}
    wrong, errors = schema.validate(KEYS, given, module.check)
    # Who comes on the other lane would be seen by nobody.
    assert len(errors) == 1 and "one_way" in errors[0]
    given["one_way"] = True
    cfg, errors = schema.validate(KEYS, given, module.check)
    assert errors == []
    cfg["one_way"] = False
    cfg["crossing"] = "main"  # with a pole, and its radar, on the other side
    assert module.check(cfg) == []
    wrong, errors = schema.validate(KEYS, {"wait_for_car": True}, module.check)
    assert errors == ["crosswalk.wait_for_car: found true, allowed: false without a car_radar"]


def test_each_car_is_counted_once_with_its_highest_speed():
    for seed in range(30):
        random.seed(seed)
        road = Road()
        total = 0
        for n in range(1, 20):
            speed = random.randrange(400, 2000)
            total += speed
            noisy = [speed - random.randrange(0, 40) for _ in range(random.randrange(4, 60))]
            noisy[1] = speed
            # One report in five is missing.
            road.see([0 if i > 3 and random.random() < 0.2 else v for i, v in enumerate(noisy)])
            road.nothing(random.randrange(1500, 6000))
            assert road.told() == (n, 0), seed
        assert road.cars.mean_speed_cm_s() == total // 19
        assert road.cars.mean_speed_cm_s() is None


def test_whoever_goes_away_stands_or_walks_is_no_car():
    road = Road()
    for speed in (-1400, -300, 0, 140, 199):
        road.see([speed] * 50)
        assert road.approaching is False
    road.see([250] * 50)  # a bicycle: nobody waits for light because of it, and it is no car
    assert road.approaching is True
    road.nothing(3000)
    road.see([1400])  # one report is none
    road.nothing(3000)
    assert road.told() == (0, 0)
    assert road.cars.mean_speed_cm_s() is None


def test_who_waits_for_a_car_hears_of_it_with_its_first_report_and_for_two_seconds():
    road = Road()
    road.nothing(1000)
    assert road.approaching is False
    road.see([1400])
    assert road.approaching is True
    road.nothing(1900)
    assert road.approaching is True
    road.nothing(200)
    assert road.approaching is False
    road.radar.speed_cm_s = None
    assert road.cars.step(road.now_ms, road.radar) is None
    road.nothing(100)
    assert road.approaching is False


def test_a_car_that_passes_while_it_flashes_is_told_from_one_that_stops():
    brakes = [1400 - 34 * n for n in range(41)]
    for flashing in (False, True):
        road = Road()
        road.see([1400] * 30, flashing=flashing)
        road.nothing(2000)
        assert road.told() == (1, int(flashing))
        road = Road()
        road.see([1400] * 10 + brakes, flashing=flashing)
        road.nothing(3000)
        assert road.told() == (1, 0)
    # It flashes only once the car has passed.
    road = Road()
    road.see([1400] * 30)
    road.nothing(2000, flashing=True)
    assert road.told() == (1, 0)


def test_a_car_behind_another_is_another_when_it_is_faster_or_farther():
    road = Road()
    road.see([800] * 20 + [1500] * 20)
    road.nothing(2000)
    assert road.told() == (2, 0)
    road = Road()
    far = [60000 - 1400 * n for n in range(30)]
    road.see([1400] * 60, far + [it + 500 for it in far])
    road.nothing(2000)
    assert road.told() == (2, 0)
    # The limit: at one speed, without a range, two within a second are one.
    road = Road()
    road.see([1400] * 20 + [0] * 8 + [1400] * 20)
    road.nothing(2000)
    assert road.told() == (1, 0)


def test_a_dead_radar_makes_no_car_and_loses_none_that_was_counted():
    road = Road()
    road.see([1400] * 10)
    road.see([None] * 10)
    road.see([1400] * 10)
    road.nothing(2000)
    assert road.told() == (2, 0)


def test_counts_and_ticks_begin_anew():
    import time

    road = Road()
    road.cars.count = road.cars.flashing_count = 65535
    road.now_ms = time.ticks_add(0, -3000)
    before_ms = road.now_ms
    for _ in range(60):
        road.radar.speed_cm_s = 1400
        road.cars.step(road.now_ms, road.radar, True)
        road.now_ms = time.ticks_add(road.now_ms, 100)
    road.radar.speed_cm_s = 0
    for _ in range(60):
        road.cars.step(road.now_ms, road.radar, True)
        road.now_ms = time.ticks_add(road.now_ms, 100)
    assert time.ticks_diff(road.now_ms, before_ms) == 12000
    assert road.told() == (0, 0)
