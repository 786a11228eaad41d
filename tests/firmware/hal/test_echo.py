"""The time of an echo, on the virtual board: by interrupts."""

import machine
import world
from kerb.hal.echo import Echo
from support.ultrasonic import EchoPart


def measured(w, echo, ms=50):
    """What comes of one measurement, None for nothing within that time."""
    echo.start(12)
    for _ in range(ms):
        if echo.ready():
            return echo.take()
        w.advance_ms(1)
    return None


def test_a_pulse_is_measured_to_the_microsecond_however_late_one_asks():
    w = world.World(start_ticks_ms=(1 << 30) // 1000 - 40)  # ticks_us wraps soon
    part = EchoPart(w)
    echo = Echo(2, 3)
    for us in (60, 116, 5831, 23323, 38000):
        part.us = us
        assert measured(w, echo) == us
        echo.start(12)
        w.advance_ms(300)
        assert echo.ready() and echo.take() == us
        assert not echo.ready()


def test_the_trigger_is_as_long_as_asked_for_and_low_else():
    w = world.World()
    part = EchoPart(w)
    echo = Echo(2, 3)
    assert w.level(2) == 0 and not w.is_floating(2)
    echo.start(20)
    assert [us for _, us in part.triggers] == [20]
    assert w.level(2) == 0


def test_a_pulse_that_is_still_on_is_waited_for_before_the_trigger():
    w = world.World()
    part = EchoPart(w)
    echo = Echo(2, 3)
    w.drive(3, 1)
    w.after_ms(10, w.drive, 3, 0)
    assert measured(w, echo) == part.us
    assert part.triggers[0][0] >= 10000


def test_what_was_given_up_does_not_come_with_the_next():
    w = world.World()
    part = EchoPart(w, us=30000)
    echo = Echo(2, 3)
    echo.start(12)
    w.advance_ms(5)
    echo.stop()
    w.advance_ms(50)
    assert not echo.ready()
    part.us = 1000
    assert measured(w, echo) == 1000


def test_a_silent_part_and_an_open_wire_give_nothing():
    w = world.World()
    EchoPart(w, us=None)
    echo = Echo(2, 3)
    assert measured(w, echo) is None
    assert echo.level() == 0
    w.drive(3, None)
    assert echo.level() == 0 and w.floating_reads == 0


def test_a_pulse_whose_edges_were_served_together_has_no_length():
    w = world.World()
    EchoPart(w, us=3000)
    echo = Echo(2, 3)
    echo.start(12)
    state = machine.disable_irq()
    w.advance_ms(20)
    machine.enable_irq(state)
    w.advance_ms(1)
    assert echo.ready() and echo.take() == 0


def test_in_real_time_too_an_echo_is_as_long_as_it_was_played_however_late_it_is_seen():
    w = world.World(real=True)
    echo = Echo(2, 3)
    for us in (1000, 14577):
        echo.start(12)
        w.play(3, 1, (us,), -20000)  # over before anybody looks
        w.advance_ms(0)
        assert echo.ready() and echo.take() == us
