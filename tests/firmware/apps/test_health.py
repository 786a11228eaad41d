"""Every fault is told once, and nothing else is ever told."""

import random

from kerb.apps.health import Health, check
from kerb.drivers.meter import Reading
from support.ailing_lamp import Gear, Lamp, config

HOUR = 3600
DAY = 86400
CFG = config()


def level_of(now_s):
    """Full in the evening, dimmed by night, off by day, a walker now and then, soft ramps."""
    of_day = now_s % DAY
    if of_day >= 12 * HOUR:
        return 0
    if of_day < 4 * HOUR:
        return 1000
    if 9 * HOUR <= of_day:
        return min(1000, 300 + (of_day - 9 * HOUR) * 2)
    return 1000 if of_day // 90 % 11 == 3 else 300


def lived(health, lamp, start_s, end_s, step_s, gear=None, level=level_of):
    """What health says between two moments, and the lamp does."""
    said = []
    for now_s in range(start_s, end_s, step_s):
        permille = min(level(now_s), health.derating_permille)
        reading, cdeg = lamp.step(now_s, permille)
        for event in health.step(now_s, permille, reading, gear, cdeg, "garbled"):
            said.append((now_s,) + event)
    return said


def events(said):
    return [event[1:] for event in said]


def test_lamp_in_order_is_never_spoken_of():
    for seed in range(4):
        random.seed(seed)
        step_s = (1, 7, 20, 60)[seed]
        hours = (12, 50, 150, 700)[seed]
        lamp = Lamp(warm_up_s=(1, 10, 30, 40)[seed])
        assert lived(Health(CFG), lamp, 0, hours * HOUR, step_s) == [], seed


def test_every_fault_is_told_once_when_it_comes_and_once_when_it_goes():
    for n, wrong in enumerate(sorted(Lamp.WRONG)):
        for step_s in (10, 60):
            random.seed(n)
            health, lamp = Health(CFG), Lamp(cycle_s=480)
            at_s = DAY + random.randrange(30 * 60, 2 * HOUR)
            if wrong == "stuck_on":
                at_s = 13 * HOUR
            assert lived(health, lamp, 0, at_s, step_s) == []
            lamp.wrong = wrong
            # Into the next night: what is wrong is not said again in the evening.
            said = lived(health, lamp, at_s, at_s + DAY, step_s)
            assert len(said) == 1, (wrong, step_s, said)
            assert said[0][1:3] == Lamp.WRONG[wrong], (wrong, said)
            assert said[0][3] is True
            assert said[0][0] - at_s <= HOUR, (wrong, said)
            lamp.wrong = None
            said = lived(health, lamp, at_s + DAY, at_s + 2 * DAY, step_s)
            assert events(said) == [Lamp.WRONG[wrong] + (False,)], (wrong, step_s, said)


def test_a_quick_cycle_and_a_slow_one_are_cycling_and_not_a_failure():
    for cycle_s in (20, 60, 200, 540):
        random.seed(cycle_s)
        health, lamp = Health(CFG), Lamp(warm_up_s=5, cycle_s=cycle_s)
        lived(health, lamp, 0, HOUR, 5)
        lamp.wrong = "cycling"
        said = lived(health, lamp, HOUR, 4 * HOUR, 5)
        assert events(said) == [("lamp", "cycling", True)], (cycle_s, said)


def test_a_cycling_lamp_that_stays_out_becomes_a_failed_one():
    random.seed(3)
    health, lamp = Health(CFG), Lamp()
    lamp.wrong = "cycling"
    lived(health, lamp, 0, HOUR, 10)
    lamp.wrong = "out"
    said = lived(health, lamp, HOUR, 4 * HOUR, 10)
    assert events(said) == [("lamp", "cycling", False), ("lamp", "lamp_failure", True)]


def test_lamp_that_fails_by_day_is_told_in_the_evening():
    random.seed(5)
    health, lamp = Health(CFG), Lamp()
    assert lived(health, lamp, 0, 15 * HOUR, 20) == []
    lamp.wrong = "out"
    assert lived(health, lamp, 15 * HOUR, DAY, 20) == []
    said = lived(health, lamp, DAY, DAY + HOUR, 20)
    assert events(said) == [("lamp", "lamp_failure", True)]
    assert said[0][0] - DAY <= 15 * 60


def test_lamp_repaired_by_day_is_cleared_in_the_evening_and_not_before():
    random.seed(6)
    health, lamp = Health(CFG), Lamp()
    lamp.wrong = "out"
    lived(health, lamp, 0, 12 * HOUR, 20)
    lamp.wrong = None
    assert lived(health, lamp, 12 * HOUR, DAY, 20) == []
    said = lived(health, lamp, DAY, DAY + HOUR, 20)
    assert events(said) == [("lamp", "lamp_failure", False)]


def test_long_ramps_and_restless_levels_alarm_nobody_and_hide_no_failure():
    for seed in range(6):
        random.seed(seed)
        steps = [random.choice((200, 400, 700, 1000)) for _ in range(4000)]

        def level(now_s, steps=steps):
            at, part = divmod(now_s, 50)
            return steps[at] + (steps[at + 1] - steps[at]) * part // 50

        health, lamp = Health(CFG), Lamp(warm_up_s=15)
        assert lived(health, lamp, 0, 8 * HOUR, 3, level=level) == [], seed
        lamp.wrong = "out"
        said = lived(health, lamp, 8 * HOUR, 9 * HOUR, 3, level=level)
        assert events(said) == [("lamp", "lamp_failure", True)], seed


def test_a_restless_level_clears_no_alarm_that_a_steady_one_raised():
    for wrong, mostly, shortly in (("partial", 1000, 200), ("greedy", 200, 1000)):
        random.seed(7)
        health, lamp = Health(config(settle_s=200)), Lamp(warm_up_s=5)
        lamp.wrong = wrong
        said = lived(health, lamp, 0, HOUR, 5, level=lambda now_s: 600)
        assert events(said) == [Lamp.WRONG[wrong] + (True,)]

        def level(now_s, mostly=mostly, shortly=shortly):
            return shortly if now_s % 160 < 15 else mostly

        assert lived(health, lamp, HOUR, 5 * HOUR, 5, level=level) == [], wrong


def test_one_more_outage_after_cycling_was_cleared_is_no_cycling():
    random.seed(8)
    health, lamp = Health(CFG), Lamp(warm_up_s=5, cycle_s=60)
    lamp.wrong = "cycling"
    said = lived(health, lamp, 0, 600, 5, level=lambda now_s: 1000)
    lamp.wrong = None
    said += lived(health, lamp, 600, 600 + 45 * 60, 5, level=lambda now_s: 1000)
    assert events(said) == [("lamp", "cycling", True), ("lamp", "cycling", False)]
    lamp.wrong = "out"
    said = lived(health, lamp, 600 + 45 * 60, HOUR, 5, level=lambda now_s: 1000)
    lamp.wrong = None
    said += lived(health, lamp, HOUR, 2 * HOUR, 5, level=lambda now_s: 1000)
    assert said == []


def test_lamps_that_take_minutes_to_warm_up_need_only_a_setting():
    random.seed(1)
    cfg = config(settle_s=600)
    lamp = Lamp(warm_up_s=240)
    assert lived(Health(cfg), lamp, 0, 2 * DAY, 10) == []


def test_a_slow_ramp_of_the_firmware_is_waited_for():
    random.seed(1)
    health = Health(dict(CFG, ramp_s=600))
    now_s, drawn, said = 0, 0, []
    for level in (1000, 300, 700, 0, 1000, 0, 400) * 3:
        for _ in range(1500):
            now_s += 1
            drawn += max(-2, min(2, level - drawn))
            noise = random.randrange(-300, 301)
            reading = Reading(500 + 60 * drawn + noise * (drawn > 0), 230000)
            said += health.step(now_s, level, reading, None, 2000)
    assert said == []


def test_dimmed_too_deep_to_judge_is_not_judged():
    random.seed(1)
    health, lamp = Health(CFG), Lamp()
    lamp.wrong = "out"
    assert lived(health, lamp, 0, DAY, 30, level=lambda now_s: 60) == []
    said = lived(health, lamp, DAY, DAY + HOUR, 30, level=lambda now_s: 200)
    assert events(said) == [("lamp", "lamp_failure", True)]


def test_readings_that_can_not_be_in_between_change_nothing():
    random.seed(2)
    health = Health(CFG)
    lamp = Lamp()
    said = []
    for now_s in range(0, DAY, 3):
        reading, cdeg = lamp.step(now_s, 1000)
        # Once in 100 s wild, as noise with a right sum is, or none, and no temperature or a wild.
        if now_s // 3 % 33 == 0:
            wild = Reading(random.randrange(900000), random.randrange(400000), 10, 100)
            reading = random.choice((wild, None, Reading(None)))
            cdeg = random.choice((None, -4000, 15000))
        said += health.step(now_s, 1000, reading, None, cdeg)
        assert health.derating_permille == 1000
    assert said == []


def test_a_supply_that_is_out_of_order_is_all_that_is_told_of_it():
    random.seed(4)
    health, lamp = Health(CFG), Lamp()
    lived(health, lamp, 0, HOUR, 5)
    lamp.wrong = "undervoltage"
    said = lived(health, lamp, HOUR, 3 * HOUR, 5)
    assert events(said) == [("supply", "supply_loss", True)]
    assert said[0][0] - HOUR <= 60


def test_heat_takes_light_in_a_straight_line_and_never_all():
    health = Health(CFG)
    now_s = 0
    seen = []
    for cdeg in list(range(6000, 10500, 25)) + list(range(10500, 6000, -25)):
        now_s += 10
        health.step(now_s, 1000, None, None, cdeg)
        if 7500 <= cdeg <= 9500:
            straight = 1000 - 700 * (cdeg - 7500) // 2000
            assert abs(health.derating_permille - straight) <= 30, cdeg
        seen.append(health.derating_permille)
    assert min(seen) == 300
    assert seen[0] == seen[-1] == 1000


def test_noise_of_the_thermometer_does_not_make_the_light_flicker():
    random.seed(1)
    health = Health(CFG)
    changes = 0
    before = None
    for now_s in range(0, 4 * HOUR, 2):
        cdeg = 8500 + random.randrange(-25, 26)
        health.step(now_s, 1000, None, None, cdeg)
        if now_s > 600 and before != health.derating_permille:
            changes += before is not None
            before = health.derating_permille
    assert changes == 0


def test_a_hot_lamp_settles_at_less_light_and_is_told_once():
    random.seed(9)
    health, lamp = Health(CFG), Lamp()
    lamp.ambient_cdeg = 5800
    said = lived(health, lamp, 0, 6 * HOUR, 5, level=lambda now_s: 1000)
    assert events(said) == [("lamp", "over_temperature", True)]
    assert 600 <= health.derating_permille <= 950


def test_without_a_temperature_the_light_is_full():
    health = Health(CFG)
    for now_s in range(600):
        health.step(now_s, 1000, None, None, 9500)
    assert health.derating_permille < 1000
    said = []
    for now_s in range(600, 700):
        said += health.step(now_s, 1000, None, None, None)
    assert health.derating_permille == 1000
    assert ("temperature", "lost", True) in said


def test_gear_on_a_bus_tells_of_its_lamp_and_its_bus():
    cfg = config(meter="none", thermistor=False)
    health, gear = Health(cfg), Gear()

    def step(seconds, level, start=[0]):
        said = []
        for _ in range(0, seconds, 10):
            start[0] += 10
            said += health.step(start[0], level, None, gear)
        return said

    gear.lamp_failure = False
    assert step(HOUR, 1000) == []
    gear.lamp_failure = True
    assert step(HOUR, 1000) == [("lamp", "lamp_failure", True)]
    # By day gear says nothing of a lamp that it does not light.
    gear.lamp_failure = False
    assert step(HOUR, 0) == []
    gear.fault = "bus_low"
    gear.lamp_failure = None
    assert step(HOUR, 1000) == [("dali", "bus_low", True)]
    gear.fault = "no_answer"
    assert step(HOUR, 1000) == []
    gear.fault = None
    assert step(HOUR, 1000) == [("dali", "bus_low", False)]
    gear.lamp_failure = False
    assert step(HOUR, 1000) == [("lamp", "lamp_failure", False)]
    gear.failure = True
    assert step(HOUR, 1000) == [("dali", "failed", True)]
    gear.failure = False
    assert step(HOUR, 1000) == [("dali", "failed", False)]
    gear.level_permille = 300
    assert step(HOUR, 0) == [("lamp", "unexpectedly_on", True)]


def test_a_start_after_a_brown_out_is_told_and_cleared_by_itself():
    health = Health(CFG, reset_cause="brown_out")
    said = []
    for now_s in range(0, HOUR, 10):
        said += health.step(now_s, 0, Reading(500, 230000), None, 2000)
    assert said == [("supply", "brown_out", True), ("supply", "brown_out", False)]
    for cause in ("power_on", "watchdog", "unknown"):
        assert Health(CFG, cause).step(0, 0, Reading(500, 230000), None, 2000) == []


def test_a_device_without_meter_and_thermometer_says_nothing():
    health = Health(config(meter="none", thermistor=False))
    for now_s in range(0, DAY, 60):
        assert health.step(now_s, level_of(now_s), None) == []
    assert health.derating_permille == 1000


def test_a_derating_that_runs_backwards_is_refused():
    cfg = dict(CFG, derate_from_cdeg=9000, derate_to_cdeg=8000)
    assert check(cfg) == ["light.derate_to_cdeg: found 8000, allowed: 9001 to 13000"]
