"""Energy and burning time: metered or estimated, added up without loss, kept over a power cut."""

import random

from kerb.apps.energy import SCHEMA, Energy, check
from kerb.drivers.meter import Reading
from kerb.system import schema
from kerb.system.counters import Counters
from kerb.system.store import Store
from kerb.uplink import codec

CFG = schema.validate(SCHEMA, {})[0]


def energy(cfg=CFG, store=None):
    return Energy(cfg, Counters(store or Store(), "energy", 3))


def points(*pairs):
    return [{"level_permille": level, "power_mw": power} for level, power in pairs]


def test_the_estimate_is_standby_and_a_share_of_the_rated_power():
    lamp = energy()
    for level, power_mw in ((0, 500), (1, 560), (500, 30500), (1000, 60500)):
        lamp.step(0, level, None)
        assert lamp.power_mw == power_mw
        assert lamp.estimated


def test_the_estimate_goes_through_every_calibration_point_and_never_falls_between():
    cfg, errors = schema.validate(
        SCHEMA, {"power_points": points((100, 9000), (500, 28000), (800, 45000))}
    )
    assert not errors and not check(cfg)
    expected = energy(cfg).expected
    for level, power_mw in ((0, 500), (100, 9000), (500, 28000), (800, 45000), (1000, 60500)):
        assert expected.power_mw(level) == power_mw
    curve = [expected.power_mw(level) for level in range(1001)]
    assert curve == sorted(curve)
    assert expected.power_mw(300) == (9000 + 28000) // 2


def test_calibration_points_that_do_not_rise_are_named():
    doc = {"power_points": points((500, 21000), (500, 22000), (400, 23000))}
    cfg, _ = schema.validate(SCHEMA, doc)
    assert check(cfg) == [
        "light.power_points[1].level_permille: found 500, allowed: 501 to 999, rising",
        "light.power_points[2].level_permille: found 400, allowed: 501 to 999, rising",
    ]


def test_powers_that_fall_or_are_none_that_the_lamp_can_draw_are_named():
    may_be = "rising up to standby and rated power"
    for found, errors in (
        ((28000, 27999), ("[1].power_mw: found 27999, allowed: 28000 to 60500, ",)),
        ((28000, 28000), ()),
        ((500, 60500), ()),
        ((499, 60501), ("[0].power_mw: found 499, allowed: 500", "[1].power_mw: found 60501")),
        ((0, 800000), ("[0].power_mw: found 0, allowed: 500", "[1].power_mw: found 800000")),
    ):
        doc = {"power_points": points(*zip((100, 500), found))}
        cfg, _ = schema.validate(SCHEMA, doc)
        said = check(cfg)
        assert len(said) == len(errors), said
        for text, error in zip(said, errors):
            assert text.startswith("light.power_points" + error) and may_be in text, said


def test_a_lamp_that_would_draw_more_in_standby_than_for_its_light_is_named():
    cfg, _ = schema.validate(SCHEMA, {"rated_power_mw": 5000, "standby_power_mw": 5001})
    assert check(cfg) == [
        "light.standby_power_mw: found 5001, allowed: 0 to 5000, the rated_power_mw"
    ]
    cfg, _ = schema.validate(SCHEMA, {"rated_power_mw": 5000, "standby_power_mw": 5000})
    assert check(cfg) == []


def test_a_lamp_on_a_relay_draws_all_or_nothing():
    expected = energy(dict(CFG, output="relay")).expected
    assert [expected.power_mw(level) for level in (0, 1, 300, 1000)] == [500, 60500, 60500, 60500]


def test_an_estimated_year_adds_up_to_the_watt_hour():
    random.seed(1)
    lamp = Energy(CFG, Counters(Store(), "energy", 3, every_s=86400 * 30))
    exact_mws, burnt_s, now_s, level = 0, 0, 0, 0
    lamp.step(0, 0, None)
    while now_s < 365 * 86400:
        spent_s = random.choice((60, 600, 3600, 20000))
        now_s += spent_s
        exact_mws += (500 + 60 * level) * spent_s
        burnt_s += spent_s if level else 0
        level = random.choice((0, 0, 300, 1000))
        lamp.step(now_s, level, None)
    assert lamp.energy_wh == exact_mws // 3600000
    assert lamp.burn_s == burnt_s


def test_the_largest_lamp_for_a_week_between_two_steps_is_no_trouble():
    lamp = energy(dict(CFG, rated_power_mw=1000000, standby_power_mw=10000))
    lamp.step(0, 1000, None)
    lamp.step(7 * 86400, 0, None)
    assert lamp.energy_wh == 1010 * 7 * 24


def test_a_meter_goes_before_the_estimate_and_both_say_which_they_are():
    lamp = energy()
    lamp.step(0, 1000, Reading(48000, 231000, 210, 990, 5))
    assert (lamp.power_mw, lamp.estimated) == (48000, False)
    values = lamp.values(2150)
    assert values["voltage_mv"] == 231000
    assert values["temperature_cdeg"] == 2150
    back = codec.decode(codec.encode("light_power", values))[1]
    assert back == values
    lamp.step(1, 1000, None)
    assert (lamp.power_mw, lamp.estimated) == (60500, True)
    values = lamp.values()
    assert values["voltage_mv"] is None and values["power_factor_permille"] is None
    assert codec.decode(codec.encode("light_power", values))[1] == values
    # A meter that has no power yet: an estimate, and what it does know.
    lamp.step(2, 1000, Reading(None, 231000))
    assert lamp.estimated
    assert lamp.values()["voltage_mv"] == 231000


def test_metered_energy_is_the_meters_own_over_its_wrap_and_gaps_are_bridged_once():
    lamp = energy()
    wrap = 1 << 30
    metered = wrap - 20000 * 60
    now_s = 0
    for minute in range(600):
        # 50 W, whatever the moment's reading says.
        lamp.step(now_s, 1000, Reading(44000, energy_mws=metered % wrap))
        now_s += 60
        metered += 50000 * 60
    before_wh = lamp.energy_wh
    assert before_wh == 50 * 599 // 60
    # Ten minutes without the meter, which went on counting: once estimated, not twice counted.
    for minute in range(10):
        lamp.step(now_s, 1000, None)
        now_s += 60
    metered += 50000 * 540
    lamp.step(now_s, 1000, Reading(50000, energy_mws=metered % wrap))
    assert 9 <= lamp.energy_wh - before_wh <= 11


def test_burning_is_what_gives_light_not_what_was_asked_for():
    cases = (
        (1000, None, True),
        (0, None, False),
        (1000, 60500, True),
        (300, 18000, True),
        (1000, 600, False),  # it is broken
        (0, 500, False),
        (0, 45000, True),  # it burns by day
    )
    for level, power_mw, burns in cases:
        # Each starts from nothing.
        lamp = Energy(CFG, Counters(Store("data_%d_%d" % (level, power_mw or 1)), "energy", 3))
        reading = None if power_mw is None else Reading(power_mw)
        lamp.step(0, level, reading)
        lamp.step(100, level, reading)
        assert lamp.burn_s == (100 if burns else 0), (level, power_mw)


def test_totals_go_on_after_a_restart_from_at_most_five_minutes_before():
    random.seed(2)
    store = Store()
    total_wh, total_s = 0, 0
    for _ in range(20):
        lamp = energy(store=Store())
        assert total_wh - 6 <= lamp.energy_wh <= total_wh
        assert total_s - 320 <= lamp.burn_s <= total_s
        for second in range(0, random.randrange(3000), 20):
            lamp.step(second, 1000, None)
        total_wh, total_s = lamp.energy_wh, lamp.burn_s
    assert total_s > 10000
    assert store.corrupt == 0


def test_totals_that_no_event_can_carry_begin_anew_and_full_ones_stand_still():
    counters = Counters(Store(), "energy", 3)
    counters.values[:] = [4000000000, 0, 17]
    counters.save()
    assert energy().energy_wh == 0
    counters.values[:] = [(1 << 27) - 3, 3599999, (1 << 30) - 3]
    counters.save()
    lamp = energy()
    for hour in range(100):
        lamp.step(hour * 3600, 1000, None)
    assert lamp.energy_wh == (1 << 27) - 2
    codec.encode("light_power", lamp.values())
