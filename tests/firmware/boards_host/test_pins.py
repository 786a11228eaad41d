import time

import machine
import micropython
import vtime
import world
from machine import Pin, Signal
from support.raised import raised


def test_an_input_follows_its_driver_then_its_pull_then_floats():
    w = world.World()
    pin = Pin(3, Pin.IN, Pin.PULL_UP)
    assert pin.value() == 1
    w.drive(3, 0)
    assert pin.value() == 0
    w.drive(3, None)
    assert pin() == 1
    pin.init(Pin.IN, Pin.PULL_DOWN)
    assert pin.value() == 0
    assert w.floating_reads == 0
    pin.init(Pin.IN)
    assert w.is_floating(3)
    assert pin.value() == 0
    assert w.floating_reads == 1
    w.pull(3, "up")
    assert pin.value() == 1
    assert w.floating_reads == 1


def test_an_output_drives_what_it_is_wired_to():
    w = world.World()
    out = Pin(1, Pin.OUT, value=1)
    inp = Pin(2, Pin.IN)
    w.connect(1, 2)
    assert inp.value() == 1
    out.off()
    assert inp.value() == 0
    out.toggle()
    assert inp.value() == out.value() == 1
    assert w.floating_reads == 0


def test_the_output_latch_of_an_input_waits_until_it_becomes_an_output():
    w = world.World()
    pin = Pin(1, Pin.IN, Pin.PULL_DOWN)
    pin.value(1)
    assert w.level(1) == 0
    pin.init(Pin.OUT)
    assert w.level(1) == 1


def test_open_drain_pins_pull_low_and_let_go():
    w = world.World()
    w.pull(1, "up")
    w.connect(1, 2)
    a = Pin(1, Pin.OPEN_DRAIN)
    b = Pin(2, Pin.OPEN_DRAIN)
    assert w.level(1) == 1
    a.off()
    assert b.value() == 0
    b.off()
    a.on()
    assert a.value() == 0
    b.on()
    assert a.value() == 1
    assert w.shorts == []


def test_two_drivers_against_each_other_are_a_short_circuit_with_its_time():
    w = world.World()
    Pin(5, Pin.OUT, value=1)
    w.advance_ms(7)
    w.drive(5, 0)
    assert w.shorts == [(7000, 5)]


def test_interrupts_come_on_the_edges_asked_for_at_their_times():
    w = world.World()
    pin = Pin(4, Pin.IN, Pin.PULL_UP)
    seen = []
    for trigger in (Pin.IRQ_FALLING, Pin.IRQ_RISING, Pin.IRQ_FALLING | Pin.IRQ_RISING):
        pin.irq(lambda p: seen.append((w.now_ms(), p.value())), trigger)
        start = w.now_ms()
        w.after_ms(10, w.drive, 4, 0)
        w.after_ms(20, w.drive, 4, 0)
        w.after_ms(30, w.drive, 4, 1)
        time.sleep_ms(40)
        seen.append(start)
    pin.irq(None)
    w.drive(4, 0)
    assert seen == [(10, 0), 0, (70, 1), 40, (90, 0), (110, 1), 80]


def test_the_irq_object_tells_which_edge_it_was():
    w = world.World()
    pin = Pin(4, Pin.IN, Pin.PULL_DOWN)
    flags = []
    irq = pin.irq(lambda p: flags.append(irq.flags()), Pin.IRQ_RISING)
    w.drive(4, 1)
    assert flags == [Pin.IRQ_RISING]
    assert irq.trigger() == Pin.IRQ_RISING


def test_an_output_that_changes_by_itself_interrupts_too():
    world.World()
    pin = Pin(4, Pin.OUT, value=0)
    seen = []
    pin.irq(lambda p: seen.append(1), Pin.IRQ_RISING)
    pin.on()
    assert seen == [1]


def test_a_soft_interrupt_waits_for_the_end_of_the_event_and_a_hard_one_does_not():
    w = world.World()
    seen = []
    Pin(1, Pin.IN, Pin.PULL_UP).irq(lambda p: seen.append("soft"), Pin.IRQ_FALLING)
    hard = Pin(2, Pin.IN, Pin.PULL_UP)
    hard.irq(Appender(seen, "hard").call, Pin.IRQ_FALLING, hard=True)

    def fall():
        w.drive(1, 0)
        w.drive(2, 0)
        seen.append("event over")

    w.after_ms(1, fall)
    time.sleep_ms(2)
    assert seen == ["hard", "event over", "soft"]


class Appender:
    def __init__(self, to, what):
        self.to = to
        self.what = what
        to.extend([None] * 8)  # room, so that append() needs no heap
        del to[:]

    def call(self, pin):
        self.to.append(self.what)


def test_a_hard_interrupt_may_use_pins_and_ticks():
    w = world.World()
    lamp = Pin(7, Pin.OUT, value=0)
    button = Pin(4, Pin.IN, Pin.PULL_UP)
    when = [0]

    def pressed(pin):
        lamp.on()
        when[0] = time.ticks_us() if pin.value() == 0 else -1

    button.irq(pressed, Pin.IRQ_FALLING, hard=True)
    w.after_us(1234, w.drive, 4, 0)
    time.sleep_ms(5)
    assert when[0] == 1234
    assert w.level(7) == 1


def test_more_soft_interrupts_than_the_scheduler_holds_are_lost_and_counted():
    w = world.World()
    seen = []
    for number in range(10):
        Pin(number, Pin.IN, Pin.PULL_UP).irq(lambda p: seen.append(p.id), Pin.IRQ_FALLING)

    def all_fall():
        for number in range(10):
            w.drive(number, 0)

    w.after_ms(1, all_fall)
    time.sleep_ms(2)
    assert seen == [0, 1, 2, 3, 4, 5, 6, 7]
    assert w.irq.lost == 2


def test_interrupts_wait_while_they_are_off_one_for_each_pin():
    w = world.World()
    seen = []
    Pin(1, Pin.IN, Pin.PULL_UP).irq(lambda p: seen.append(1))
    state = machine.disable_irq()
    for level in (0, 1, 0):
        w.drive(1, level)
    assert seen == []
    machine.enable_irq(state)
    assert seen == [1]
    w.drive(1, 1)
    assert seen == [1, 1]


def test_schedule_runs_after_the_interrupt():
    w = world.World()
    seen = []
    pin = Pin(1, Pin.IN, Pin.PULL_UP)

    def later(arg):
        seen.append(arg)

    pin.irq(lambda p: micropython.schedule(later, 5), Pin.IRQ_FALLING)
    w.drive(1, 0)
    time.sleep_ms(1)
    assert seen == [5]


def test_a_watcher_sees_each_edge_with_its_time():
    w = world.World()
    edges = []
    w.watch(9, lambda level, us: edges.append((level, us)))
    pin = Pin(9, Pin.OUT, value=0)
    for _ in range(2):
        time.sleep_us(150)
        pin.toggle()
        pin.value(pin.value())
    assert edges == [(1, 150), (0, 300)]


def test_pulses_are_measured_to_the_microsecond_with_both_time_outs():
    w = world.World()
    pin = Pin(6, Pin.IN, Pin.PULL_DOWN)
    w.after_us(500, w.drive, 6, 1)
    w.after_us(500 + 1460, w.drive, 6, 0)
    assert machine.time_pulse_us(pin, 1, 30_000) == 1460
    assert machine.time_pulse_us(pin, 1, 30_000) == -2
    w.drive(6, 1)
    start = w.now_us()
    assert machine.time_pulse_us(pin, 1, 2_000) == -1
    assert w.now_us() - start == 2_000


def test_a_signal_may_be_inverted():
    w = world.World()
    lamp = Signal(Pin(2, Pin.OUT), invert=True)
    lamp.on()
    assert (w.level(2), lamp.value()) == (0, 1)
    lamp.off()
    assert (w.level(2), lamp()) == (1, 0)


def test_two_pins_of_a_number_are_one_pin():
    world.World()
    a = Pin(2, Pin.OUT, value=1)
    assert Pin(2).value() == 1
    assert Pin(a).value() == 1
    Pin(2).off()
    assert a.value() == 0


def test_wrong_arguments_are_refused_as_on_a_board():
    world.World()
    for pin_id in (-1, 49, "x", None):
        raised(ValueError, Pin, pin_id)
    raised(ValueError, Pin, 1, 77)
    raised(TypeError, Pin(1).irq, 5)
    raised(ValueError, Pin(1).irq, print, 0)


def test_observers_hear_what_the_board_drives_and_when_it_lets_go():
    w = world.World()
    heard = []
    w.observe(lambda *what: heard.append(what))
    pin = Pin(1, Pin.OUT, value=1)
    pin.on()
    pin.off()
    pin.init(Pin.IN, Pin.PULL_UP)
    assert heard == [("pin", 1, 1), ("pin", 1, 0), ("pin", 1, None)]


async def test_an_async_test_has_a_world_of_its_own():
    assert world.current().now_us() == 0
    assert not world.current().clock.real
    assert vtime.Stuck is not None
