import random
import time

import board
import world
from kerb.drivers.button import Button

PIN = 19


def made(start_ticks_ms=0):
    w = world.World(start_ticks_ms=start_ticks_ms)
    return w, Button(board.push_button())


def push(w, after_ms, for_us, bounces=0):
    """Pushes, with contacts that bounce at both ends; bounces: how often, for up to a ms each."""
    us = after_ms * 1000
    for end in (0, 1):
        for _ in range(bounces):
            w.after_us(us, w.drive, PIN, None if end else 0)
            us += random.randrange(10, 1000)
            w.after_us(us, w.drive, PIN, 0 if end else None)
            us += random.randrange(10, 1000)
        w.after_us(us, w.drive, PIN, None if end else 0)
        us += for_us
    return us // 1000


def test_a_push_is_told_once_while_it_is_still_held():
    w, button = made()
    assert not button.pressed()
    w.drive(PIN, 0)
    w.advance_ms(20)
    assert button.pressed() and not button.pressed()
    w.advance_ms(5000)
    assert not button.pressed()
    w.drive(PIN, None)
    w.advance_ms(100)
    assert not button.pressed()


def test_a_push_of_20_ms_is_not_lost_however_long_the_loop_does_not_look():
    for gap_ms in (25, 100, 1000, 60000):
        w, button = made()
        push(w, 3, 20000)
        w.advance_ms(gap_ms)
        assert button.pressed(), gap_ms
        assert not button.pressed()


def test_a_push_while_interrupts_are_off_is_not_lost_however_short():
    for for_us in (50, 1000, 20000, 300000):
        w, button = made()
        w.clock.irq_off = True
        push(w, 10, for_us)
        w.advance_ms(400)
        w.irq.on()
        assert button.pressed() and not button.pressed(), for_us


def test_a_push_that_began_or_ended_while_interrupts_were_off_is_one_push():
    for begins_ms, ends_ms in ((5, 50), (30, 90)):
        w, button = made()
        told = 0
        w.after_ms(begins_ms, w.drive, PIN, 0)
        w.after_ms(ends_ms, w.drive, PIN, None)
        for ms in range(200):
            if ms == 20:
                w.clock.irq_off = True
            elif ms == 70:
                w.irq.on()
            told += button.pressed()
            w.advance_ms(1)
        assert told == 1, begins_ms


def test_a_push_that_bounces_while_interrupts_come_on_again_is_one_push():
    for seed in range(40):
        random.seed(seed)
        for on_us in range(0, 36000, 700):
            w, button = made()
            w.clock.irq_off = True
            push(w, 3, 20000, 3)
            w.after_us(on_us, w.irq.on)
            w.advance_ms(120)
            assert button.pressed() and not button.pressed(), (seed, on_us)


def test_bouncing_contacts_make_one_push_of_one():
    for seed in range(60):
        random.seed(seed)
        w, button = made()
        told = pushes = 0
        for _ in range(8):
            took_ms = push(w, 10, random.randrange(20000, 400000), random.randrange(6))
            pushes += 1
            until_ms = w.now_ms() + took_ms + random.randrange(70, 400)
            while w.now_ms() < until_ms:
                told += button.pressed()
                w.advance_ms(random.choice((1, 5, 20, 20, 60)))
            told += button.pressed()
            assert told == pushes, seed


def test_a_contact_that_only_chatters_is_a_push_all_the_same():
    w, button = made()
    for ms in range(0, 30, 4):
        w.after_ms(ms, w.drive, PIN, 0)
        w.after_ms(ms + 2, w.drive, PIN, None)
    w.advance_ms(100)
    assert button.pressed() and not button.pressed()


def test_a_spark_that_could_be_timed_is_no_push():
    w, button = made()
    for ms in range(0, 5000, 250):
        w.after_ms(ms, w.drive, PIN, 0)
        w.after_us(ms * 1000 + 3000, w.drive, PIN, None)
    for _ in range(5200):
        assert not button.pressed()
        w.advance_ms(1)


def test_a_push_before_a_spark_is_told_though_nobody_looked_in_between():
    w, button = made()
    push(w, 10, 30000)
    push(w, 200, 2000)
    w.advance_ms(201)
    assert button.pressed() and not button.pressed()
    w.advance_ms(100)
    assert not button.pressed()


def test_it_says_for_how_long_it_has_been_held():
    w, button = made(start_ticks_ms=(1 << 30) - 1500)
    assert button.held_ms(time.ticks_ms()) == 0
    w.drive(PIN, 0)
    for ms in (0, 10, 1000, 2000, 3600000):
        w.advance_ms(ms)
        held_ms = button.held_ms(time.ticks_ms())
        assert held_ms >= ms
    assert held_ms == 3603010
    w.drive(PIN, None)
    w.advance_ms(1)
    assert button.held_ms(time.ticks_ms()) == 0


def test_one_that_is_stuck_for_a_month_is_told_once_and_never_looks_free():
    w, button = made()
    w.drive(PIN, 0)
    w.advance_ms(10)
    assert button.pressed()
    for _ in range(30 * 8):
        w.advance_ms(3 * 3600000)
        assert not button.pressed()
        assert button.held_ms(time.ticks_ms()) > 3600000
    assert button.held_ms(time.ticks_ms()) <= 3 * 86400000


def test_a_push_counts_after_any_time_of_rest_also_when_ticks_have_wrapped():
    for hours in (1, 24, 148, 150, 200, 298, 299, 300, 1000):
        w, button = made()
        push(w, 10, 50000)
        w.advance_ms(100)
        assert button.pressed()
        w.advance_ms(hours * 3600000)
        push(w, 10, 20000)
        w.advance_ms(100)
        assert button.pressed(), hours


def test_one_that_is_held_at_the_start_is_a_push():
    w = world.World()
    w.drive(PIN, 0)
    button = Button(board.push_button())
    w.advance_ms(10)
    assert button.pressed() and button.held_ms(time.ticks_ms()) == 10
