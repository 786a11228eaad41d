import time

import world
from kerb.hal.digital import Input, Output
from support.raised import raised


def test_an_output_is_off_from_the_start_whatever_its_active_level():
    w = world.World()
    levels = []
    w.watch(1, lambda level, us: levels.append(level))
    w.pull(2, "up")
    w.watch(2, lambda level, us: levels.append(level))
    high, low = Output(1), Output(2, active_low=True)
    assert levels == []
    assert (w.level(1), w.level(2)) == (0, 1)
    assert not w.is_floating(1) and not w.is_floating(2)
    assert not high.get() and not low.get()


def test_on_off_and_set_mean_active_whatever_the_level():
    w = world.World()
    for active_low in (False, True):
        led = Output(3, active_low)
        led.on()
        assert led.get() and w.level(3) == (0 if active_low else 1)
        led.off()
        assert not led.get() and w.level(3) == (1 if active_low else 0)
        led.set(5)
        assert led.get()
        led.set(0)
        assert not led.get()


def test_an_input_reads_active_and_does_not_float_with_its_pull():
    w = world.World()
    button = Input(4, pull="up", active_low=True)
    loop = Input(5, pull="down")
    assert not button.get() and not loop.get()
    w.drive(4, 0)
    w.drive(5, 1)
    assert button.get() and loop.get()
    assert w.floating_reads == 0
    bare = Input(6)
    bare.get()
    assert w.floating_reads == 1


def test_an_input_refuses_a_pull_that_there_is_not():
    world.World()
    raised(ValueError, Input, 4, "sideways")


def test_on_change_calls_at_both_edges_with_active_until_told_not_to():
    w = world.World()
    button = Input(4, pull="up", active_low=True)
    seen = []
    button.on_change(lambda active: seen.append((w.now_ms(), active)))
    w.at_ms(10, w.drive, 4, 0)
    w.at_ms(30, w.drive, 4, None)
    time.sleep_ms(50)
    button.on_change(None)
    w.drive(4, 0)
    assert seen == [(10, True), (30, False)]
