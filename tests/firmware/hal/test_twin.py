import time

import world
from kerb.hal.twin import Twin
from support.beacon_lamps import LEFT_PIN, RIGHT_PIN, RRFB, STEADY, Lamps, wanted

HEAP = "4m"  # for all those edges
RAPID = b"\x01\x00\x02\x00\x01\x00\x02\x00\x03\x00\x03\x00\x00\x00\x00\x00"
SLOW = b"\x03\x03\x03\x03\x03\x03\x00\x00\x00\x00\x00\x00"
PATTERNS = ((RAPID, 50, RRFB), (SLOW, 125, STEADY))


def made(tick_ms=50, ticks=16, start_ticks_ms=0):
    w = world.World(start_ticks_ms=start_ticks_ms)
    lamps = Lamps(w)
    return w, lamps, Twin(LEFT_PIN, RIGHT_PIN, tick_ms * 1000000, ticks)


def test_both_pins_are_low_from_the_start():
    w, lamps, _ = made()
    assert lamps.lit() == "" and lamps.edges == []
    assert not w.is_floating(LEFT_PIN) and not w.is_floating(RIGHT_PIN)


def test_every_edge_of_a_hundred_rounds_is_in_its_place():
    for levels, tick_ms, steps in PATTERNS:
        w, lamps, twin = made(tick_ms, len(levels))
        twin.repeat(levels, time.ticks_ms())
        rounds_ms = 100 * steps[-1][1]
        w.advance_ms(rounds_ms)
        errors = lamps.errors_us(steps, 0, 0, rounds_ms * 1000 - 50000)
        assert len(errors) >= 100 * (16 if steps is RRFB else 4) - 2
        assert max(errors) <= 50 and min(errors) >= -50


def test_wherever_it_is_joined_it_shows_at_once_what_belongs_there():
    for levels, tick_ms, steps in PATTERNS:
        round_ms = steps[-1][1]
        for back_ms in list(range(0, round_ms, 37)) + [1, 49, 51, 549, 551, 799, 60000, 59977]:
            w, lamps, twin = made(tick_ms, len(levels), start_ticks_ms=(1 << 30) - 300)
            w.advance_ms(100)
            twin.repeat(levels, time.ticks_add(time.ticks_ms(), -back_ms))
            for _ in range(2 * round_ms):
                place_ms = w.now_ms() - 100 + back_ms
                # Within a ms of an edge either is right.
                near = {wanted(steps, place_ms + d) for d in (-1, 0)}
                assert lamps.lit() in near, (back_ms, place_ms % round_ms)
                w.advance_ms(1)


def test_rounds_that_are_still_to_come_are_waited_for():
    w, lamps, twin = made()
    twin.repeat(RAPID, time.ticks_add(time.ticks_ms(), 130))
    w.advance_ms(129)
    assert lamps.edges == []
    w.advance_ms(1000)
    assert max(abs(us) for us in lamps.errors_us(RRFB, 130000, 130000, 1000000)) <= 50


def test_a_stop_lets_the_round_end_and_no_flash_is_cut():
    for levels, tick_ms, steps in PATTERNS:
        round_ms = steps[-1][1]
        for stop_ms in range(0, round_ms, 31):
            w, lamps, twin = made(tick_ms, len(levels))
            twin.repeat(levels, time.ticks_ms())
            w.advance_ms(round_ms + stop_ms)
            twin.stop()
            w.advance_ms(4 * round_ms)
            rounds = 2 if round_ms - stop_ms > 60 else 3
            flashes = 8 if steps is RRFB else 2
            ups = sum(level for _, _, level in lamps.edges)
            assert ups == rounds * flashes, stop_ms
            end_us = max(us for us, _, _ in lamps.edges)
            assert end_us <= rounds * round_ms * 1000
            lamps.errors_us(steps, 0, 0, (rounds - 1) * round_ms * 1000 + 10)
            assert lamps.lit() == ""


def test_a_stop_before_it_begins_leaves_it_dark():
    for ahead_ms, stop_ms in ((100, 10), (100, 39), (240, 100), (61, 0)):
        w, lamps, twin = made()
        twin.repeat(RAPID, ahead_ms)
        w.advance_ms(stop_ms)
        twin.stop()
        w.advance_ms(3000)
        assert lamps.edges == [], (ahead_ms, stop_ms)


def test_what_was_stopped_goes_on_when_it_is_wanted_again_in_the_same_round():
    for again_ms in (20, 120, 430, 560, 700):
        w, lamps, twin = made()
        twin.repeat(RAPID, 0)
        w.advance_ms(again_ms)
        twin.stop()
        twin.repeat(RAPID, 0)
        w.advance_ms(4000 - again_ms)
        assert max(abs(us) for us in lamps.errors_us(RRFB, 0, 0, 3900000)) <= 50


def test_off_is_dark_at_once_and_for_good_and_it_can_begin_again():
    for off_ms in range(0, 800, 23):
        w, lamps, twin = made()
        twin.repeat(RAPID, 0)
        w.advance_ms(800 + off_ms)
        twin.off()
        assert lamps.lit() == ""
        lamps.edges.clear()
        w.advance_ms(100)
        assert lamps.edges == []
        began = time.ticks_ms()
        twin.repeat(RAPID, began)
        w.advance_ms(3000)
        began_us = began * 1000
        # A round that was cut off has to have ended before another begins.
        whole = lamps.errors_us(RRFB, began_us, began_us + 800000, began_us + 2900000)
        assert max(abs(us) for us in whole) <= 50
        assert not w.is_floating(LEFT_PIN) and w.shorts == []


def test_nothing_that_the_loop_does_moves_an_edge_or_leaves_one_out():
    w, lamps, twin = made()
    twin.repeat(RAPID, 0)
    for _ in range(60):
        time.sleep_ms(997)  # blocked: of the firmware only interrupts run
    errors = lamps.errors_us(RRFB, 0, 0, 59000000)
    assert len(errors) > 1100 and max(abs(us) for us in errors) <= 50


def test_an_interpreter_that_stands_still_makes_nothing_flash_out_of_its_place():
    for still_ms in (40, 70, 200, 700, 1900):
        w, lamps, twin = made()
        twin.repeat(RAPID, 0)
        for begins_ms in range(1000, 9000, 2310):
            w.advance_ms(begins_ms - w.now_ms())
            w.clock.irq_off = True
            w.advance_ms(still_ms)
            w.irq.on()
        w.advance_ms(2000)
        for us, lamp, level in lamps.edges:
            place_ms = us // 1000 % 800
            if level:
                assert lamp in wanted(RRFB, place_ms + 1), (still_ms, us)
            else:
                assert lamp not in wanted(RRFB, place_ms + 1), (still_ms, us)
        if still_ms <= 40:
            assert max(abs(us) for us in lamps.errors_us(RRFB, 0, 0, 9000000)) <= 50


def test_a_timer_that_is_not_served_once_costs_no_round():
    w, lamps, twin = made()
    twin.repeat(RAPID, 0)
    for ms in range(0, 8000, 10):
        w.advance_ms(10)
        # Now and then the scheduler's queue is full, and a call is lost.
        if ms % 70 == 0:
            for timer in w.timers:
                if hasattr(timer, "_callback"):
                    timer._callback, kept = None, timer._callback
                    w.advance_ms(20)
                    timer._callback = kept
    errors = lamps.errors_us(RRFB, 0, 0, 8000000)
    assert max(abs(us) for us in errors) <= 50


def test_a_reset_ends_it():
    w, lamps, twin = made()
    twin.repeat(RAPID, 0)
    w.advance_ms(420)
    w.reboot("watchdog")
    lamps.edges.clear()
    w.advance_ms(3000)
    assert lamps.edges == []


def test_a_timer_that_comes_in_the_middle_of_a_start_spoils_nothing():
    w, lamps, twin = made()
    fill = twin._fill

    def interrupted(after):
        fill(after)
        twin._go()

    twin._fill = interrupted
    twin.repeat(RAPID, time.ticks_ms())
    w.advance_ms(8000)
    errors = lamps.errors_us(RRFB, 0, 0, 7950000)
    assert max(errors) <= 50 and min(errors) >= -50
