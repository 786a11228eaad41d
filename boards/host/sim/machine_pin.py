"""machine.Pin and machine.Signal."""

from sim import chip, net

_READ = object()


def resolve(pin):
    """The number of a pin that is given as a Pin or a number."""
    return pin.id if isinstance(pin, Pin) else chip.current().pin(pin).id


class _Irq:
    def __init__(self, state):
        self._state = state

    def __call__(self):
        self._state.handler(self._state.obj)

    def flags(self):
        """The edges that led to the latest call."""
        return self._state.flags

    def trigger(self):
        return self._state.trigger


class Pin:
    """One pin of the board; all Pins of a number are the same pin."""

    IN = net.IN
    OUT = net.OUT
    OPEN_DRAIN = net.OPEN_DRAIN
    ALT = net.ALT
    PULL_UP = net.PULL_UP
    PULL_DOWN = net.PULL_DOWN
    IRQ_FALLING = net.IRQ_FALLING
    IRQ_RISING = net.IRQ_RISING

    def __init__(self, id, mode=None, pull=None, *, value=None):
        self._world = chip.current()
        self.id = resolve(id)
        self._state = self._world.pin(self.id)
        if mode is not None or pull is not None or value is not None:
            self.init(mode, pull, value=value)

    def init(self, mode=None, pull=None, *, value=None):
        """Sets mode, pull (None: no pull) and, before the mode, the output value."""
        if mode not in (None, net.IN, net.OUT, net.OPEN_DRAIN):
            raise ValueError("invalid pin mode")
        state = self._state
        if value is not None:
            state.out = int(bool(value))
        elif mode == net.OPEN_DRAIN:
            state.out = 1
        if mode is not None:
            state.mode = mode
            state.pwm = state.rmt = None
        state.pull = 0 if pull is None else pull & 3
        self._apply()

    def value(self, level=_READ):
        """The level at the pin, or sets the output latch."""
        if not self._world.clock.hard_irqs:
            return self._value(level)
        irq = self._world.irq
        depth = irq.heap_on()
        try:
            return self._value(level)
        finally:
            irq.heap_off(depth)

    __call__ = value

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)

    high = on
    low = off

    def toggle(self):
        self.value(1 - self._state.out)

    def irq(self, handler=None, trigger=net.IRQ_FALLING | net.IRQ_RISING, *, hard=False):
        """Calls handler(pin) on these edges; hard: in the interrupt itself, heap locked."""
        if handler is not None and not callable(handler):
            raise TypeError("handler must be callable")
        if trigger & ~(net.IRQ_FALLING | net.IRQ_RISING) or not trigger:
            raise ValueError("invalid trigger")
        state = self._state
        state.obj = self
        state.handler = handler
        state.trigger = 0 if handler is None else trigger
        state.hard = bool(hard)
        state.flags = 0
        state.net.update()
        return _Irq(state)

    def __repr__(self):
        modes = ("IN", "OUT", "OPEN_DRAIN", "ALT")
        return "Pin(%d, mode=%s)" % (self.id, modes[self._state.mode])

    def _value(self, level):
        state = self._state
        if level is _READ:
            return state.net.read()
        state.out = int(bool(level))
        if state.mode == net.OUT or state.mode == net.OPEN_DRAIN:
            self._apply()

    def _apply(self):
        state = self._state
        level = None
        if state.mode == net.OUT or (state.mode == net.OPEN_DRAIN and not state.out):
            level = state.out
        if level != state.told:
            state.told = level
            self._world.tell("pin", self.id, level)
        state.net.update()


class Signal:
    """A pin, perhaps inverted: on() is active, whatever its level."""

    def __init__(self, pin, *args, invert=False, **kwargs):
        self._pin = (
            pin if isinstance(pin, Pin) and not args and not kwargs else Pin(pin, *args, **kwargs)
        )
        self._invert = bool(invert)

    def value(self, active=_READ):
        """1 while active, or makes it so."""
        if active is _READ:
            return self._pin.value() ^ self._invert
        self._pin.value(bool(active) != self._invert)

    __call__ = value

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)
