import random
import time

import board
import world
from kerb.drivers.beacon import SCHEMA, Beacon
from kerb.system import schema
from support.beacon_lamps import Lamps

HEAP = "2m"


def made(pattern="rrfb"):
    w = world.World()
    cfg = schema.validate(SCHEMA, {"pattern": pattern, "feedback": True})[0]
    return w, Lamps(w), Beacon(board, cfg)


def live(w, beacon, ms, late=False):
    """A loop that samples some fifty times a second, and is late now and then."""
    until_ms = w.now_ms() + ms
    while w.now_ms() < until_ms:
        beacon.sample(time.ticks_ms())
        nap_ms = 20
        if late:
            nap_ms += random.choice((0, 0, 1, 3, 7, 15, 60))
        w.advance_ms(nap_ms)


def until_fault(w, beacon, most_ms=3000):
    """Samples until a fault is told; how long that took."""
    began_ms = w.now_ms()
    while beacon.fault is None:
        live(w, beacon, 20)
        assert w.now_ms() - began_ms < most_ms
    return w.now_ms() - began_ms


def test_lamps_that_work_raise_nothing_at_any_brightness_however_late_the_loop_is():
    for pattern in ("rrfb", "steady"):
        for seed in range(6):
            random.seed(seed)
            w, lamps, beacon = made(pattern)
            for _ in range(12):
                beacon.dim(random.choice((1000, 1000, 700, 300, 150, 100)))
                beacon.start(time.ticks_add(time.ticks_ms(), -random.randrange(3000)))
                live(w, beacon, random.randrange(500, 4000), late=True)
                assert beacon.fault is None, (pattern, seed)
                if random.random() < 0.8:
                    beacon.stop()
                live(w, beacon, random.randrange(0, 3000), late=True)
                assert beacon.fault is None, (pattern, seed)


def test_a_lamp_that_stays_dark_is_told_by_its_side_within_two_seconds():
    for out, which in (("L", "left"), ("R", "right"), ("LR", "both")):
        for dim in (1000, 300):
            for wait_ms in (0, 77, 260, 430, 600):
                w, lamps, beacon = made()
                beacon.dim(dim)
                beacon.start(0)
                live(w, beacon, 2000 + wait_ms)
                lamps.out = out
                assert until_fault(w, beacon) <= 2000
                assert beacon.fault == "lamp_failure"
                live(w, beacon, 1000)
                assert (beacon.fault, beacon.which) == ("lamp_failure", which)


def test_a_lamp_that_works_again_is_no_fault_any_more():
    w, lamps, beacon = made()
    lamps.out = "R"
    beacon.start(0)
    live(w, beacon, 2000)
    assert beacon.which == "right"
    beacon.stop()
    live(w, beacon, 5000)
    assert beacon.which == "right"  # in the dark nobody knows better
    lamps.out = ""
    beacon.start(time.ticks_ms())
    live(w, beacon, 2000)
    assert beacon.fault is None and beacon.which is None


def test_one_dark_flash_alone_is_no_fault():
    w, lamps, beacon = made()
    beacon.start(0)
    live(w, beacon, 1600)
    lamps.out = "L"
    for step in range(150):
        live(w, beacon, 20)
        assert beacon.fault is None
        if step == 4:
            lamps.out = ""


def test_a_lamp_that_is_lit_while_nothing_flashes_is_told_within_two_seconds():
    for stuck, which in (("L", None), ("R", None), ("LR", "both")):
        w, lamps, beacon = made()
        live(w, beacon, 3000)
        lamps.stuck = stuck
        assert until_fault(w, beacon) <= 2000
        assert (beacon.fault, beacon.which) == ("unexpectedly_on", which)
        lamps.stuck = ""
        live(w, beacon, 1000)
        assert beacon.fault is None


def test_a_lamp_that_does_not_go_out_is_told_by_its_side_once_the_other_has_flashed():
    for stuck, which in (("L", "left"), ("R", "right"), ("LR", "both")):
        w, lamps, beacon = made()
        beacon.start(0)
        live(w, beacon, 2000)
        lamps.stuck = stuck
        assert until_fault(w, beacon) <= 2000
        live(w, beacon, 2000)
        assert (beacon.fault, beacon.which) == ("unexpectedly_on", which)
        beacon.stop()
        live(w, beacon, 3000)
        assert (beacon.fault, beacon.which) == ("unexpectedly_on", which)


def test_the_steady_beacon_tells_a_dark_lamp_but_not_which():
    for out in ("L", "R", "LR"):
        w, lamps, beacon = made("steady")
        beacon.start(0)
        live(w, beacon, 3000)
        lamps.out = out
        assert until_fault(w, beacon) <= 3000
        assert (beacon.fault, beacon.which) == ("lamp_failure", "both")


def test_a_beacon_that_is_stopped_in_whatever_moment_has_no_broken_lamps():
    for stop_ms in range(790, 1610, 3):
        w, _, beacon = made()
        beacon.start(0)
        live(w, beacon, 700)
        w.advance_ms(stop_ms - w.now_ms())
        beacon.stop()
        for _ in range(100):
            live(w, beacon, 20)
            assert beacon.fault is None, stop_ms


def test_without_feedback_nothing_is_measured_and_nothing_told():
    w = world.World()
    lamps = Lamps(w)
    lamps.out, lamps.stuck = "L", "R"
    beacon = Beacon(board, schema.validate(SCHEMA, {})[0])
    w.set_adc_mv(27, lambda: 1 // 0)
    beacon.start(0)
    live(w, beacon, 3000)
    assert beacon.fault is None


def test_lamps_too_dim_to_be_told_from_noise_are_not_judged():
    w, lamps, beacon = made()
    lamps.out = "LR"
    beacon.dim(50)
    beacon.start(0)
    live(w, beacon, 3000)
    assert beacon.fault is None
    beacon.dim(100)
    assert until_fault(w, beacon) <= 2000
