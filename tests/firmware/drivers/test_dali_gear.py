import random

from kerb.drivers.dali import Gear as Told
from kerb.drivers.lamp import arc_level
from support.dali_bus import Gear, polls, street


def test_gear_that_answers_is_known():
    gear = Gear(7)
    w, bus, lamp = street(gear, address=7)
    lamp.set_permille(400)
    assert lamp.gear.lamp_failure is None and lamp.gear.fault is None
    polls(w, lamp, 4)
    assert lamp.gear.lamp_failure is False and lamp.gear.failure is False
    assert lamp.gear.fault is None
    assert abs(lamp.gear.level_permille - 400) < 6
    gear.lamp_failure = True
    polls(w, lamp, 11)
    assert lamp.gear.lamp_failure is True and lamp.gear.fault is None
    assert lamp.gear.level_permille is None
    gear.lamp_failure = False
    gear.failure = True
    polls(w, lamp, 11)
    assert lamp.gear.lamp_failure is False and lamp.gear.failure is True
    assert bus.faults == []


def test_a_level_that_the_gear_missed_is_sent_again():
    gear = Gear()
    w, bus, lamp = street(gear)
    lamp.set_permille(300)
    w.advance_ms(100)
    gear.light = 254  # as after a loss of its mains
    polls(w, lamp, 4)
    assert gear.light == arc_level(300)
    gear.light = 0
    polls(w, lamp, 10)
    assert gear.light == arc_level(300)


def test_the_level_is_not_known_until_the_gear_has_said_it_of_the_last_one():
    gear = Gear()
    w, bus, lamp = street(gear)
    for level in (300, 0, 1000, 500, 0):
        lamp.set_permille(level)
        assert lamp.gear.level_permille is None
        known = 0
        for _ in range(14):
            polls(w, lamp, 1)
            if lamp.gear.level_permille is not None:
                known += 1
                assert abs(lamp.gear.level_permille - level) < 6, level
        assert known > 1


def test_the_answer_to_a_question_of_before_is_not_taken_for_the_new_level():
    gear = Gear()
    w, bus, lamp = street(gear)
    lamp.set_permille(1000)
    while lamp._asked & 0xFF != 0xA0:
        w.advance_ms(500)
        lamp.poll()
    lamp.set_permille(0)
    polls(w, lamp, 2)
    assert lamp.gear.level_permille is None and gear.light == 0


def test_gear_that_fades_by_itself_is_left_to_it():
    gear = Gear()
    w, bus, lamp = street(gear)
    lamp.set_permille(300)
    w.advance_ms(30)
    gear.fading, gear.light = True, 250
    polls(w, lamp, 20)
    assert gear.light == 250
    gear.fading = False
    polls(w, lamp, 12)
    assert gear.light == arc_level(300)


def test_gear_that_says_nothing_is_a_fault_and_not_fine():
    gear = Gear()
    w, bus, lamp = street(gear)
    lamp.set_permille(300)
    polls(w, lamp, 4)
    gear.dead = True
    polls(w, lamp, 20)
    assert lamp.gear.fault == "no_answer"
    assert lamp.gear.lamp_failure is None and lamp.gear.level_permille is None
    gear.dead = False
    gear.light = 254
    polls(w, lamp, 10)
    assert lamp.gear.fault is None and lamp.gear.lamp_failure is False
    assert gear.light == arc_level(300)


def test_one_lost_answer_changes_nothing():
    gear = Gear()
    w, bus, lamp = street(gear)
    lamp.set_permille(300)
    polls(w, lamp, 4)
    for _ in range(5):
        gear.dead = True
        while lamp._asked == 0:
            polls(w, lamp, 1)
        gear.dead = False
        polls(w, lamp, 1)
        assert lamp.gear.fault is None and lamp.gear.lamp_failure is False
        polls(w, lamp, 6)


def test_a_bus_held_low_is_a_fault_of_its_own():
    w, bus, lamp = street(Gear())
    lamp.set_permille(300)
    polls(w, lamp, 4)
    bus.hold_low()
    polls(w, lamp, 20)
    assert lamp.gear.fault == "bus_low" and lamp.gear.lamp_failure is None
    bus.hold_low(False)
    polls(w, lamp, 10)
    assert lamp.gear.fault is None and lamp.gear.lamp_failure is False


def test_a_bus_that_goes_low_in_the_middle_of_anything_is_never_an_answer():
    gear = Gear()
    w, bus, lamp = street(gear)
    lamp.set_permille(300)
    polls(w, lamp, 4)
    for at_us in range(200, 41000, 977):
        w.advance_ms(10000)
        w.after_us(at_us, bus.hold_low)
        w.after_us(60000, bus.hold_low, False)
        lamp.poll()
        w.advance_ms(100)
        lamp.poll()
        assert lamp.gear.lamp_failure is False, at_us
        lamp.gear.good()


def test_a_sender_that_does_not_reach_the_bus_is_a_fault():
    w, bus, lamp = street(Gear())
    bus.deaf = True
    polls(w, lamp, 20)
    assert lamp.gear.fault == "failed"


def test_answers_are_taken_at_every_speed_and_delay_that_the_standard_allows_gear():
    for after_us in (5500, 8000, 10500):
        for half_us in (367, 385, 417, 450, 466):
            gear = Gear()
            w, bus, lamp = street(gear)
            bus.after_us, bus.half_us = after_us, half_us
            lamp.set_permille(300)
            polls(w, lamp, 4)
            assert lamp.gear.lamp_failure is False, (after_us, half_us)
            assert abs(lamp.gear.level_permille - 300) < 5


def test_an_answer_too_early_or_too_late_or_of_another_speed_is_none():
    for after_us, half_us in ((8000, 200), (8000, 640), (20000, 417), (8000, 1300)):
        w, bus, lamp = street(Gear(3), address=3)
        bus.after_us, bus.half_us = after_us, half_us
        lamp.set_permille(300)
        polls(w, lamp, 20)
        assert lamp.gear.lamp_failure is None, (after_us, half_us)
        assert lamp.gear.fault in ("garbled", "no_answer", "bus_low")


def test_a_mangled_answer_is_no_value():
    rng = random.getrandbits
    taken = 0
    for trial in range(60):
        gear = Gear(3)
        w, bus, lamp = street(gear, address=3)
        lamp.set_permille(300)
        place = rng(8) % 18

        def flip(halves):
            halves[place] ^= 1
            return halves

        bus.mangle = flip
        polls(w, lamp, 4)
        # One half bit turned over is never Manchester code; in the start bit it is no frame.
        taken += lamp.gear.lamp_failure is not None
    assert taken == 0


def test_several_gears_on_broadcast_are_asked_whether_one_of_them_fails():
    one, two = Gear(), Gear()
    w, bus, lamp = street(one, two)
    lamp.set_permille(300)
    two.light = 200
    two.failure = True  # so that their answers differ
    polls(w, lamp, 10)
    assert lamp.gear.lamp_failure is False and lamp.gear.fault is None
    two.lamp_failure = True
    polls(w, lamp, 40)
    assert lamp.gear.lamp_failure is True
    one.lamp_failure = True
    polls(w, lamp, 20)
    assert lamp.gear.lamp_failure is True
    one.lamp_failure = two.lamp_failure = False
    polls(w, lamp, 20)
    assert lamp.gear.lamp_failure is False


def test_gear_that_hears_but_is_not_heard_gets_its_level_again():
    gear = Gear()
    w, bus, lamp = street(gear)
    lamp.set_permille(300)
    w.advance_ms(100)
    bus.deaf = True
    gear.light = 254
    polls(w, lamp, 10)
    assert gear.light == arc_level(300)


def test_a_failure_that_somebody_says_is_believed_the_third_time_in_a_row():
    told = Told()
    for says in (True, True, False, True, True, False):
        told.somebody_says_failure(says)
        assert not told.lamp_failure
    for _ in range(3):
        told.somebody_says_failure(True)
    assert told.lamp_failure is True


def test_noise_on_the_bus_never_makes_up_a_lamp_failure():
    rng = random.getrandbits
    gear = Gear(1)
    w, bus, lamp = street(gear, address=1)
    lamp.set_permille(300)
    for _ in range(300):
        lamp.poll()
        for _ in range(rng(3)):
            at_us = rng(16)
            w.after_us(at_us, bus.hold_low)
            w.after_us(at_us + rng(11), bus.hold_low, False)
        w.advance_ms(1000)
        bus.hold_low(False)
        assert lamp.gear.lamp_failure in (False, None)
