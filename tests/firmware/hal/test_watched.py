import world
from kerb.hal.watched import Watched
from machine import Pin


def made(active_low=True):
    w = world.World()
    pin = Watched(4, pull="up" if active_low else "down", active_low=active_low)
    told = []
    pin.watch(lambda active, both: note(w, told, active, both))
    return w, told


def note(w, told, active, both):
    # A list grows on the heap, which is locked in an interrupt.
    depth = w.irq.heap_on()
    told.append((w.now_ms(), active, both))
    w.irq.heap_off(depth)


def test_each_edge_is_told_in_the_interrupt_with_what_it_means():
    for active_low in (True, False):
        w, told = made(active_low)
        w.at_ms(10, w.drive, 4, 0 if active_low else 1)
        w.at_ms(30, w.drive, 4, None)
        w.advance_ms(50)
        assert told == [(10, True, False), (30, False, False)]


def test_what_was_over_before_anybody_could_look_is_told_as_that():
    for ends, active in (((10, 12), False), ((10, 12, 14), True), ((10,), True)):
        w, told = made()
        w.clock.irq_off = True
        for i, ms in enumerate(ends):
            w.at_ms(ms, w.drive, 4, None if i % 2 else 0)
        w.advance_ms(50)
        assert told == []
        w.irq.on()
        assert told == [(50, active, len(ends) > 1)]


class NoHardPin:
    """A port whose interrupts are all soft and tell no edges, as the ESP32's."""

    def __init__(self, level):
        self.level = level

    def irq(self, handler, trigger):
        self.handler = handler
        assert trigger == Pin.IRQ_RISING | Pin.IRQ_FALLING
        return object()

    def value(self):
        return self.level


def test_a_port_without_hard_interrupts_tells_the_level_from_soft_ones():
    world.World()
    watched = Watched(4, pull="up", active_low=True)
    watched._pin = pin = NoHardPin(0)
    told = []
    watched.watch(lambda *what: told.append(what))
    pin.handler(pin)
    pin.level = 1
    pin.handler(pin)
    assert told == [(True, False), (False, False)]
