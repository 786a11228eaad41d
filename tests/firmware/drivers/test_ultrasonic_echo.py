"""Rangers with an echo pulse, on the virtual board's pins."""

import asyncio
import random

import board
import vtime
import world
from kerb.drivers import rangers
from support.ultrasonic import EchoPart, echo_us


def ranger(kind="hc_sr04", index=0):
    return rangers.make(board, {"ranger": kind}, index)


def measure(w, part, every_ms=5):
    """One measurement; gives how long it took."""
    begun_ms = w.now_ms()
    part.begin()
    while not part.poll(w.now_ms()):
        w.advance_ms(every_ms)
        assert w.now_ms() - begun_ms < 700
    return w.now_ms() - begun_ms


def found(part):
    return part.distance_mm, part.fault, part.alive


def test_distances_over_the_range_and_all_weather_are_right_to_2_mm():
    for kind, near, far in (("hc_sr04", 20, 4000), ("jsn_sr04t", 200, 6000)):
        w = world.World()
        sim = EchoPart(w)
        part = ranger(kind)
        for celsius in (-20, 0, 20, 40, 60):
            part.temperature_cdeg = celsius * 100
            for mm in (near + 1, 250, 1000, 2500, far - 2):
                sim.us = echo_us(mm, celsius)
                measure(w, part)
                assert part.fault is None and part.alive
                assert abs(part.distance_mm - mm) <= 2, (kind, celsius, mm)


def test_a_measurement_is_done_soon_after_the_echo_and_by_ready_ms_within_the_range():
    w = world.World()
    sim = EchoPart(w)
    part = ranger()
    for mm in (20, 1000, 4000):
        sim.us = echo_us(mm, -20)
        part.temperature_cdeg = -2000
        assert measure(w, part, every_ms=1) <= sim.us // 1000 + 2
        part.begin()
        w.advance_ms(part.ready_ms)
        assert part.poll(w.now_ms())


def test_no_echo_is_a_fault_and_never_a_distance():
    # The pulses of parts that gave up: HC-SR04, two copies, JSN-SR04T.
    for us in (38000, 100000, 200000, 60000):
        w = world.World()
        part = ranger()
        sim = EchoPart(w, us=us)
        for _ in range(3):
            measure(w, part)
            assert found(part) == (None, "no_answer", True)
            w.advance_ms(5)
        sim.us = 10000
        measure(w, part)
        assert part.distance_mm is not None


def test_nearer_than_the_part_can_is_out_of_range_and_farther_no_answer():
    w = world.World()
    part = ranger("jsn_sr04t")
    sim = EchoPart(w, us=echo_us(150, 15))
    measure(w, part)
    assert found(part) == (None, "out_of_range", True)
    sim.us = echo_us(6050, 15)
    measure(w, part)
    assert found(part) == (None, "no_answer", True)
    sim.us = 20
    measure(w, part)
    assert found(part) == (None, "garbled", True)


def test_a_dead_part_is_told_from_a_place_where_nothing_is_within_a_tenth_of_a_second():
    w = world.World()
    sim = EchoPart(w, us=None)
    part = ranger()
    assert 100 <= measure(w, part) <= 110
    assert found(part) == (None, "no_answer", False)
    sim.us = 5000
    measure(w, part)
    assert part.alive and part.distance_mm is not None
    sim.us = None
    measure(w, part)
    assert found(part) == (None, "no_answer", False)


def test_an_echo_that_does_not_come_down_is_stuck_and_forgotten_when_it_does():
    w = world.World()
    sim = EchoPart(w)
    part = ranger()
    w.drive(3, 1)
    assert 500 <= measure(w, part) <= 510
    assert found(part) == (None, "stuck", False)
    assert sim.triggers == []
    w.drive(3, 0)
    measure(w, part)
    assert part.fault is None and part.alive


def test_a_pulse_of_before_delays_the_measurement_and_no_more():
    for ms in range(1, 300, 23):
        w = world.World()
        sim = EchoPart(w, us=echo_us(3000, 15))
        part = ranger()
        w.drive(3, 1)
        w.after_ms(ms, w.drive, 3, 0)
        measure(w, part, every_ms=3)
        assert part.distance_mm in (2999, 3000, 3001), ms
        assert len(sim.triggers) == 1


def test_a_measurement_that_is_begun_anew_gives_what_is_there_then():
    w = world.World()
    sim = EchoPart(w, us=echo_us(3500, 15))
    part = ranger()
    part.begin()
    w.advance_ms(8)
    sim.us = echo_us(500, 15)
    measure(w, part)
    assert part.distance_mm in (499, 500, 501)
    # Asked again it says the same, and measures nothing.
    count = len(sim.triggers)
    assert part.poll(w.now_ms()) and part.distance_mm in (499, 500, 501)
    w.advance_ms(500)
    assert part.poll(w.now_ms()) and len(sim.triggers) == count


def test_each_bay_has_its_own_pins():
    w = world.World()
    first, second = EchoPart(w, 2, 3, echo_us(1000, 15)), EchoPart(w, 4, 5, echo_us(2000, 15))
    here, there = ranger(), ranger(index=1)
    here.begin()
    there.begin()
    w.advance_ms(50)
    assert here.poll(w.now_ms()) and there.poll(w.now_ms())
    assert (here.distance_mm, there.distance_mm) == (1000, 2000)
    assert len(first.triggers) == len(second.triggers) == 1
    for index in (-1, 2):
        try:
            ranger(index=index)
        except ValueError as e:
            assert str(index) in str(e)
        else:
            raise AssertionError("no pins, and no error")


def test_nothing_that_the_wire_does_raises_or_makes_a_distance_of_too_short_a_pulse():
    for seed in range(20):
        rng = random.Random(seed) if hasattr(random, "Random") else random
        random.seed(seed)
        w = world.World()
        sim = EchoPart(w)
        part = ranger()
        for _ in range(20):
            sim.us = rng.choice((None, 1, 30, 59, 200, 1000, 23000, 39000, 210000, 700000))
            at_ms = rng.randrange(1, 30)
            if rng.randrange(3) == 0:  # noise on top
                w.after_ms(at_ms, w.drive, 3, 1)
                w.after_ms(at_ms + rng.randrange(3), w.drive, 3, 0)
            assert measure(w, part, rng.choice((1, 5, 40))) <= 640
            assert (part.distance_mm is None) == (part.fault is not None)
            assert part.distance_mm is None or 20 <= part.distance_mm <= 4000
            w.advance_ms(rng.choice((0, 60, 800)))


def test_the_loop_goes_on_while_an_echo_is_on_its_way():
    w = world.World()
    EchoPart(w, us=echo_us(4000, 15))
    part = ranger()
    turns = [0]

    async def other():
        while True:
            turns[0] += 1
            await asyncio.sleep_ms(1)

    async def main():
        busy = asyncio.create_task(other())
        part.begin()
        while not part.poll(w.now_ms()):
            await asyncio.sleep_ms(5)
        busy.cancel()

    vtime.run(main(), w)
    assert part.distance_mm is not None and turns[0] >= 20
