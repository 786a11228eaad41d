"""Wires: who drives a pin, what pulls it, what level comes of it, and who is told.

A net is one or more pins that are connected. Its level is what the drivers say; without drivers,
what the pulls say; without either it floats: it reads 0, and that is counted.
"""

IN, OUT, OPEN_DRAIN, ALT = 0, 1, 2, 3
PULL_UP, PULL_DOWN = 1, 2
IRQ_FALLING, IRQ_RISING = 4, 8


class Channel:
    """One PWM output: cc of the slice's top + 1 counts are high."""

    def __init__(self, slice_):
        self.slice = slice_
        self.cc = 0
        self.inverted = False

    def level_at(self, us):
        """Level at that time of the clock."""
        if not self.slice.freq_set:
            return int(self.inverted)
        stopped = self.slice.stopped_us
        if stopped is not None:
            us = stopped
        period_ns, high_ns = self.times_ns()
        high = (us - self.slice.start_us) * 1000 % period_ns < high_ns
        return int(high != self.inverted)

    def times_ns(self):
        """(period, time at the level that it begins with) in nanoseconds."""
        return self.slice.period_ns(), self.cc * self.slice.div16 // 2

    def steady(self):
        """The level of an output that doesn't switch, or None."""
        if self.slice.stopped_us is not None or not self.slice.freq_set:
            return self.level_at(0)
        period_ns, high_ns = self.times_ns()
        if 0 < high_ns < period_ns:
            return None
        return int((high_ns > 0) != self.inverted)

    def high_u16(self):
        """Part of the period at high level, 0 to 65535."""
        level = self.steady()
        if level is not None:
            return level * 65535
        duty = self.slice.duty_u16(self)
        return 65535 - duty if self.inverted else duty

    def next_edge_us(self, us):
        """The first time after us at which the level changes."""
        period_ns, high_ns = self.times_ns()
        start_ns = self.slice.start_us * 1000
        cycle = ((us - self.slice.start_us) * 1000) // period_ns
        while True:
            for edge_ns in (cycle * period_ns + high_ns, (cycle + 1) * period_ns):
                edge_us = -(-(start_ns + edge_ns) // 1000)
                if edge_us > us:
                    return edge_us
            cycle += 1


class PinState:
    """One pin of the chip, as its registers have it."""

    def __init__(self, pin_id, net):
        self.id = pin_id
        self.net = net
        self.obj = None  # the machine.Pin that set the interrupt
        net.pins.append(self)
        self.clear()

    def clear(self):
        """As after a reset: an input without pull or interrupt."""
        self.mode = IN
        self.out = 0
        self.pull = 0
        self.pwm = None
        self.rmt = None  # the channel that has the pin
        self.told = None  # what the observers know
        self.handler = None
        self.trigger = 0
        self.hard = False
        self.flags = 0
        self.pending = False

    def driven(self, us):
        """The level that the pin puts on its net, or None."""
        if self.mode == ALT:
            return None if self.pwm is None else self.pwm.level_at(us)
        if self.mode == OUT:
            return self.out
        if self.mode == OPEN_DRAIN and not self.out:
            return 0
        return None


class Net:
    """What hangs together electrically."""

    def __init__(self, world):
        self.world = world
        self.pins = []
        self.drive = None  # from outside: 0, 1 or None
        self.pull = 0  # resistors on the board
        self.watchers = []
        self.edge_watchers = 0  # how many want the edges of a PWM too
        self.last = 0
        self.floating = True
        self._edge = None

    def resolve(self):
        """(level, floating) now; a short circuit reads 0 and is noted."""
        us = self.world.clock.us()
        low = self.drive == 0
        high = self.drive == 1
        pull = self.pull
        for pin in self.pins:
            level = pin.driven(us)
            if level == 0:
                low = True
            elif level == 1:
                high = True
            pull |= pin.pull
        if low and high:
            self.world.note_short(self.pins[0].id)
            return 0, False
        if low or high:
            return int(high), False
        if pull == PULL_UP or pull == PULL_DOWN:
            return int(pull == PULL_UP), False
        return 0, True

    def read(self):
        """The level that an input sees."""
        level, floating = self.resolve()
        if floating:
            self.world.floating_reads += 1
        return level

    def update(self):
        """Something changed: tells watchers and interrupts of an edge."""
        level, self.floating = self.resolve()
        self._follow_pwm()
        if level != self.last:
            self.last = level
            us = self.world.clock.us()
            for watcher in list(self.watchers):
                watcher(level, us)
            trigger = IRQ_RISING if level else IRQ_FALLING
            for pin in self.pins:
                if pin.trigger & trigger:
                    # Of all edges that are still to be served, as the chip's registers have it.
                    pin.flags = pin.flags | trigger if pin.pending else trigger
                    self.world.irq.of_pin(pin)

    def _switching(self):
        for pin in self.pins:
            if pin.mode == ALT and pin.pwm is not None and pin.pwm.steady() is None:
                return pin.pwm
        return None

    def _follow_pwm(self):
        clock = self.world.clock
        clock.cancel(self._edge)
        self._edge = None
        wanted = self.edge_watchers
        for pin in self.pins:
            wanted |= pin.trigger
        pwm = self._switching() if wanted else None
        if pwm is not None:
            self._edge = clock.at(pwm.next_edge_us(clock.us()), self.update)
