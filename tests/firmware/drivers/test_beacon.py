import random
import time

import board
import world
from kerb.drivers.beacon import BOTH, LEFT, RIGHT, SCHEMA, Beacon
from kerb.system import schema
from support.beacon_lamps import DIM_PIN, RRFB, STEADY, Lamps, wanted

HEAP = "2m"


def made(pattern="rrfb", feedback=False, start_ticks_ms=0):
    w = world.World(start_ticks_ms=start_ticks_ms)
    cfg, errors = schema.validate(SCHEMA, {"pattern": pattern, "feedback": feedback})
    assert errors == []
    return w, Lamps(w), Beacon(board, cfg)


def live(w, beacon, ms, step_ms=20):
    """Lets time pass with a loop that samples as the app does."""
    for _ in range(ms // step_ms):
        beacon.sample(time.ticks_ms())
        w.advance_ms(step_ms)


def test_it_is_dark_until_it_is_started_and_full_bright_then():
    w, lamps, beacon = made()
    live(w, beacon, 1000)
    assert lamps.edges == [] and not beacon.running
    assert w.pwm(DIM_PIN)[1] == 65535
    beacon.start(time.ticks_ms())
    assert beacon.running and lamps.lit() == "L"


def test_the_rapid_pattern_is_that_of_ia_21_to_the_millisecond_75_times_a_minute():
    w, lamps, beacon = made()
    beacon.start(time.ticks_ms())
    live(w, beacon, 60000)
    errors = lamps.errors_us(RRFB, 0, 0, 59990000)
    assert max(abs(us) for us in errors) <= 1000
    # Left comes on four times a round.
    assert sum(1 for _, lamp, level in lamps.edges if lamp == "L" and level) in (300, 301)


def test_the_steady_pattern_has_both_lamps_750_ms_on_and_750_ms_off():
    w, lamps, beacon = made("steady")
    assert beacon.round_ms == 1500
    beacon.start(time.ticks_ms())
    live(w, beacon, 30000)
    assert max(abs(us) for us in lamps.errors_us(STEADY, 0, 0, 29990000)) <= 1000


def test_two_poles_that_learn_of_it_at_different_moments_flash_in_step():
    for late_ms in (0, 3, 9, 40, 77, 150, 333, 520, 790, 1234, 59999):
        w, lamps, beacon = made()
        began = time.ticks_ms()
        w.advance_ms(late_ms)
        beacon.start(began)
        live(w, beacon, 100)
        for _ in range(1600):
            place_ms = w.now_ms()
            near = {wanted(RRFB, place_ms + d) for d in (-1, 0)}
            assert lamps.lit() in near, (late_ms, place_ms)
            w.advance_ms(1)


def test_one_that_is_a_little_ahead_of_its_start_waits_for_it_and_one_far_ahead_too():
    for ahead_ms in (1, 40, 130, 249, 251, 600, 2000):
        w, lamps, beacon = made()
        beacon.start(time.ticks_add(time.ticks_ms(), ahead_ms))
        assert beacon.running
        live(w, beacon, ahead_ms + 2000)
        assert lamps.edges[0][0] == ahead_ms * 1000, ahead_ms
        lamps.errors_us(RRFB, ahead_ms * 1000, ahead_ms * 1000, 1900000)


def test_starting_again_in_step_changes_nothing():
    w, lamps, beacon = made()
    beacon.start(0)
    random.seed(7)
    for _ in range(1500):
        beacon.start(random.choice((0, 800, 1600)) + random.randrange(-20, 21))
        beacon.sample(time.ticks_ms())
        w.advance_ms(20)
    assert max(abs(us) for us in lamps.errors_us(RRFB, 0, 0, 29900000)) <= 1000


def test_out_of_step_it_goes_over_in_the_dark_between_two_rounds():
    for off_ms in range(30, 800, 70):
        w, lamps, beacon = made()
        beacon.start(0)
        live(w, beacon, 2000)
        beacon.start(2000 - off_ms)
        live(w, beacon, 4000)
        began_us = (2000 - off_ms) * 1000
        lamps.errors_us(RRFB, began_us, 4000000, 5900000)
        # No flash is shorter than it should be or in two places at once.
        for lamp in "LR":
            times = [(us, level) for us, name, level in lamps.edges if name == lamp]
            for i in range(len(times) - 1):
                up, level = times[i]
                down = times[i + 1][0]
                if level:
                    assert 49900 <= down - up <= 50100, (off_ms, up)


def test_a_stop_ends_it_with_its_round_and_leaves_it_dark():
    random.seed(3)
    for _ in range(25):
        w, lamps, beacon = made()
        beacon.start(0)
        stop_ms = random.randrange(800, 2400)
        live(w, beacon, stop_ms - stop_ms % 20)
        beacon.stop()
        beacon.stop()
        live(w, beacon, 3000)
        assert not beacon.running and lamps.lit() == ""
        last_us = lamps.edges[-1][0]
        assert last_us % 800000 == 550000
        assert last_us <= (stop_ms // 800 + 2) * 800000


def test_a_start_right_after_a_stop_goes_on_without_a_gap_or_begins_anew():
    for wait_ms in range(0, 900, 60):
        w, lamps, beacon = made()
        beacon.start(0)
        live(w, beacon, 1020)
        beacon.stop()
        live(w, beacon, wait_ms)
        beacon.start(0)
        live(w, beacon, 3000)
        lamps.errors_us(RRFB, 0, 2400000, 3900000)
        if wait_ms <= 480:
            lamps.errors_us(RRFB, 0, 0, 3900000)


def test_a_start_with_other_rounds_while_it_ends_comes_on_soon():
    for wait_ms in range(0, 900, 60):
        w, lamps, beacon = made()
        beacon.start(0)
        live(w, beacon, 1020)
        beacon.stop()
        live(w, beacon, wait_ms)
        began = time.ticks_ms()
        beacon.start(began)
        live(w, beacon, 3000)
        lamps.errors_us(RRFB, began * 1000, (began + 1000) * 1000, (began + 2900) * 1000)


def test_safe_is_dark_at_once_and_it_can_be_started_again():
    w, lamps, beacon = made()
    beacon.safe()
    for _ in range(30):
        beacon.start(time.ticks_ms())
        live(w, beacon, 440)
        beacon.safe()
        assert not beacon.running and lamps.lit() == ""
        count = len(lamps.edges)
        live(w, beacon, 1000)
        assert len(lamps.edges) == count
    began = time.ticks_ms()
    beacon.start(began)
    live(w, beacon, 2000)
    lamps.errors_us(RRFB, began * 1000, began * 1000, (began + 1900) * 1000)


class NoPins:
    """A board whose pattern is only told what to do: weeks of flashes take too long."""

    steps = 1000

    def beacon_pattern(self, tick_ns, ticks):
        return self

    def beacon_dim(self):
        return self

    def set_steps(self, high):
        pass

    def repeat(self, levels, began_ms):
        self.began_ms = began_ms

    def stop(self):
        pass


def test_it_goes_on_for_a_month_and_knows_its_place_though_ticks_wrap():
    w = world.World(start_ticks_ms=(1 << 30) - 100000)
    pins = NoPins()
    beacon = Beacon(pins, schema.validate(SCHEMA, {})[0])
    beacon.start(time.ticks_ms())
    for hour in range(24 * 31):
        beacon.sample(time.ticks_ms())
        assert beacon.running
        assert 0 <= time.ticks_diff(time.ticks_ms(), pins.began_ms) <= 60800
        w.advance_ms(3600000)  # 4500 rounds
        assert beacon.showing(time.ticks_ms()) == LEFT, hour
        assert beacon.showing(time.ticks_add(time.ticks_ms(), 120)) == RIGHT, hour
    beacon.stop()
    w.advance_ms(1000)
    for _ in range(24 * 31):
        assert not beacon.running
        assert beacon.showing(time.ticks_ms()) == 0
        beacon.sample(time.ticks_ms())
        w.advance_ms(3600000)


def test_while_anything_flashes_it_says_that_it_runs():
    for stop_ms in range(700, 2400, 3):
        w, lamps, beacon = made()
        beacon.start(0)
        w.advance_ms(stop_ms)
        beacon.stop()
        for _ in range(180):
            w.advance_ms(10)
            assert beacon.running or lamps.lit() == "", stop_ms
        assert not beacon.running


def test_dimming_is_a_duty_of_the_full_current():
    w, _, beacon = made()
    for permille in (1000, 300, 100, 0, 777):
        beacon.dim(permille)
        assert abs(w.pwm(DIM_PIN)[1] - permille * 65535 // 1000) <= 70


def test_what_it_shows_is_what_the_lamps_do():
    w, lamps, beacon = made()
    names = {0: "", LEFT: "L", RIGHT: "R", BOTH: "LR"}
    assert beacon.showing(time.ticks_ms()) == 0
    beacon.start(0)
    for ms in range(4000):
        if ms == 2100:
            beacon.stop()
        if ms % 50 > 1:
            assert names[beacon.showing(time.ticks_ms())] == lamps.lit(), ms
        w.advance_ms(1)
