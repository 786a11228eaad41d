import random

from kerb.apps import sun, warning
from kerb.apps.warning import SCHEMA, Dimmer, period_ms
from kerb.system import schema

BUSAN = {"lat_e7": 351800000, "lon_e7": 1290800000}
JUNE = 9497 + 171
NOON, MIDNIGHT = (JUNE, 10800), (JUNE, 54000)
DARK, BRIGHT = 50, 2000


def cfg(**given):
    given.setdefault("length_mm", 7000)
    clean, errors = schema.validate(SCHEMA, given)
    assert errors == []
    return clean


def crossing(depth_mm=2000, **given):
    """A config as the device has it, with the waiting area's depth."""
    it = cfg(**given)
    it["waiting_depth_mm"] = depth_mm
    return it


def test_the_period_is_long_enough_for_everybody_it_has_to_be():
    random.seed(5)
    for _ in range(3000):
        it = crossing(
            random.randrange(500, 4000),
            length_mm=random.randrange(2000, 40000),
            walking_mm_s=random.randrange(300, 915),
            least_s=random.randrange(5, 60),
        )
        round_ms = random.choice((800, 1500))
        period = period_ms(it, round_ms)
        assert period % round_ms == 0
        assert period >= it["least_s"] * 1000
        # Across at 3.5 ft/s, however fast the config says.
        assert period * 1067 >= it["length_mm"] * 1000
        # From the waiting place at 0.914 m/s, or as slowly as the config says.
        slow = it["walking_mm_s"]
        assert period * slow >= (it["length_mm"] + it["waiting_depth_mm"]) * 1000
        # And not longer than that by more than a round and the whole seconds.
        ways = max((it["length_mm"] + it["waiting_depth_mm"]) / slow, it["least_s"])
        assert period < ways * 1000 + 1000 + round_ms


def test_periods_of_known_crossings():
    # 14 m: 13.1 s at 3.5 ft/s, and 17.5 s from two metres behind the kerb at 3.0 ft/s.
    assert period_ms(crossing(length_mm=14000), 800) == 18400
    # Without a waiting area 15.3 s.
    assert period_ms(cfg(length_mm=14000)) == 16000
    # A narrow one has the floor: 10 s.
    assert period_ms(crossing(length_mm=3000), 800) == 10400
    # A wheelchair's 0.5 m/s.
    assert period_ms(crossing(length_mm=7000, walking_mm_s=500)) == 18000


def test_no_period_is_longer_than_a_message_can_tell():
    longest = crossing(4000, length_mm=40000, walking_mm_s=300, least_s=60)
    assert period_ms(longest, 1500) <= 255000


def test_lengths_and_speeds_that_cannot_be_are_refused_by_name():
    for key, value in (
        ("length_mm", 0),
        ("walking_mm_s", 0),
        ("walking_mm_s", 915),  # it would change nothing
        ("least_s", 0),
    ):
        given = {"length_mm": 7000}
        given[key] = value
        clean, errors = schema.validate(SCHEMA, given)
        assert clean is None and key in errors[0]


def run(dimmer, seconds, mv, wall=None, start_s=0):
    """The brightness at each second."""
    return [dimmer.step((start_s + s) * 1000 & (1 << 30) - 1, mv, wall) for s in range(seconds)]


def dusk(dimmer, start_s, wall=None):
    """Ten minutes of it, from bright to dark, and the minute after that."""
    for s in range(600):
        mv = DARK + (BRIGHT - DARK) * (600 - s) // 600
        dimmer.step((start_s + s) * 1000 & (1 << 30) - 1, mv, wall)
    return run(dimmer, 61, DARK, wall, start_s + 600)


def test_full_when_nobody_knows_whether_it_is_night():
    dimmer = Dimmer(cfg(), BUSAN)
    assert set(run(dimmer, 3600, None)) == {1000}
    # A sensor that has never seen light may be an open wire.
    assert set(run(dimmer, 3600, 0, start_s=3600)) == {1000}
    without = Dimmer(cfg(light_sensor=False), BUSAN)
    assert set(run(without, 3600, 0)) == {1000}


def test_by_the_sensor_alone_dark_counts_after_a_minute_and_bright_after_ten_seconds():
    dimmer = Dimmer(cfg(), BUSAN)
    assert set(run(dimmer, 100, BRIGHT)) == {1000}
    for s in range(100, 400):
        assert dimmer.step(s * 1000, 450, None) == 1000
    dark = run(dimmer, 100, DARK, start_s=400)
    assert dark.index(300) == 60 and set(dark[60:]) == {300}
    bright = run(dimmer, 100, BRIGHT, start_s=500)
    assert bright.index(1000) == 10 and set(bright[10:]) == {1000}


def test_by_the_sun_alone_it_is_dimmed_in_the_deep_of_the_night_and_never_by_day():
    dimmer = Dimmer(cfg(light_sensor=False, night_permille=250), BUSAN)
    for day in range(9497, 9497 + 365, 13):
        rise_s, set_s = sun.events(day, BUSAN["lat_e7"], BUSAN["lon_e7"])
        for second in range(rise_s, set_s, 600):
            wall = (day + second // 86400, second % 86400)
            assert dimmer.step(0, None, wall) == 1000
        midnight_s = (rise_s + set_s) // 2 + 43200
        wall = (day + midnight_s // 86400, midnight_s % 86400)
        assert dimmer.step(0, None, wall) == 250


def test_a_covered_sensor_dims_nothing_by_day_when_the_clock_is_right():
    dimmer = Dimmer(cfg(), BUSAN)
    run(dimmer, 10, BRIGHT, NOON)
    assert set(run(dimmer, 7200, DARK, NOON, 10)) == {1000}
    assert set(run(dimmer, 100, DARK, MIDNIGHT, 7210)) == {300}


def test_a_sensor_that_says_day_keeps_it_full_whatever_the_clock_says():
    dimmer = Dimmer(cfg(), BUSAN)
    assert set(run(dimmer, 1000, BRIGHT, MIDNIGHT)) == {1000}


def test_a_covered_sensor_without_a_clock_is_not_believed_for_more_than_20_hours():
    dimmer = Dimmer(cfg(), BUSAN)
    dusk(dimmer, 0)
    dimmed = []
    for ten in range(6 * 24 * 15):
        if dimmer.step((700000 + ten * 600000) & (1 << 30) - 1, DARK, None) != 1000:
            dimmed.append(ten)
    assert 19 * 6 < len(dimmed) < 21 * 6 and dimmed[-1] < 21 * 6
    assert dimmer.fault == "out_of_range"
    run(dimmer, 11, BRIGHT, start_s=200000)
    assert dimmer.fault is None


def test_a_sensor_that_goes_dark_faster_than_the_sky_says_nothing_until_it_sees_light_again():
    for slope in ((), (300,), (450, 300, 150, 60)):  # what filters the reading
        dimmer = Dimmer(cfg(), BUSAN)
        run(dimmer, 3600, BRIGHT)
        for s, mv in enumerate(slope):
            dimmer.step((3600 + s) * 1000, mv, None)
        start_s = 3600 + len(slope)
        for hour in range(24):
            assert set(run(dimmer, 3600, 0, None, start_s + 3600 * hour)) == {1000}, slope
            assert dimmer.fault == "out_of_range"
        # The clock can say.
        assert run(dimmer, 1, 0, MIDNIGHT, 90011) == [300]
        assert run(dimmer, 1, 0, NOON, 90012) == [1000]
        # A loose contact, again and again.
        for n in range(20):
            run(dimmer, 20, BRIGHT, None, 91000 + 1000 * n)
            assert dimmer.fault is None
            assert set(run(dimmer, 900, 0, None, 91021 + 1000 * n)) == {1000}
            assert dimmer.fault == "out_of_range"
        run(dimmer, 20, BRIGHT, None, 120000)
        assert dusk(dimmer, 120020)[-1] == 300 and dimmer.fault is None


def test_a_hand_before_the_sensor_and_headlights_by_night_are_no_faults():
    dimmer = Dimmer(cfg(), BUSAN)
    run(dimmer, 100, BRIGHT)
    for n in range(20):
        start_s = 100 + 60 * n
        assert set(run(dimmer, 50, 0, None, start_s)) == {1000} and dimmer.fault is None
        run(dimmer, 10, BRIGHT, None, start_s + 50)
    assert dusk(dimmer, 2000)[-1] == 300
    # A car stops before it for half a minute, or for ten.
    for start_s, lasts_s in ((3000, 30), (4000, 600)):
        assert run(dimmer, lasts_s, BRIGHT, None, start_s)[-1] == 1000
        assert run(dimmer, 62, DARK, None, start_s + lasts_s)[-1] == 300
        assert dimmer.fault is None


def test_a_dead_sensor_is_as_none_and_has_to_see_light_again():
    dimmer = Dimmer(cfg(), BUSAN)
    assert dusk(dimmer, 10)[-1] == 300
    assert run(dimmer, 1, None, start_s=700) == [1000]
    assert set(run(dimmer, 1000, DARK, start_s=701)) == {1000}
    assert run(dimmer, 100, DARK, MIDNIGHT, start_s=1701)[-1] == 300


def test_its_own_flashes_and_passing_cars_do_not_make_day_of_the_night():
    dimmer = Dimmer(cfg(), BUSAN)
    dusk(dimmer, 0)
    random.seed(2)
    # Six of sixteen parts of a round are lit, and a look every half second sees other ones.
    lit = (1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0)
    for half in range(2 * 3600):
        at_ms = 661000 + half * 500 + random.randrange(40)
        mv = BRIGHT if lit[at_ms % 800 // 50] else DARK
        assert dimmer.step(at_ms, mv, None) == 300


def test_dusk_that_wavers_changes_the_brightness_once():
    dimmer = Dimmer(cfg(), BUSAN)
    random.seed(4)
    levels = []
    for second in range(7200):
        mv = 700 - second * 600 // 7200 + random.randrange(-45, 46)
        levels.append(dimmer.step(second * 1000, mv, None))
    changes = sum(levels[i] != levels[i - 1] for i in range(1, len(levels)))
    assert changes == 1 and levels[-1] == 300


def test_who_wants_no_dimming_gets_none():
    dimmer = Dimmer(cfg(night_permille=warning.FULL), BUSAN)
    run(dimmer, 10, BRIGHT, MIDNIGHT)
    assert set(run(dimmer, 100, DARK, MIDNIGHT, 10)) == {1000}
