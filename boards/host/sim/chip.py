"""The chip of the virtual board: what machine and network work on, and how its run ends.

All that a board in a process of its own needs, in little memory: the parts load when they are
first used. Tests have world.World, which adds the hand on the wires, the time and the power.
"""

from sim import clock as _clock

PINS = 49  # numbered 0 to 48, as many as an ESP32-S3 has
SUPPLY_MV = 3300
_current = None


class Reset(BaseException):
    """The board is reset; cause: see README.md; sleep_ms: how long a deep sleep lasts, or None."""

    def __init__(self, cause, sleep_ms=None):
        super().__init__(cause)
        self.cause = cause
        self.sleep_ms = sleep_ms


class Gone(BaseException):
    """The power was switched off, or the world is gone: nothing runs on this board any more."""


def current():
    """The chip that machine and network work on; one in real time if none was made."""
    return _current if _current is not None else make_default()


def make_default():
    """The chip that is there if none was made; world.py puts a World in its place."""
    return Chip(_clock.Clock())


def exists():
    """True when there is a current chip."""
    return _current is not None


def clear():
    """Forgets the current chip: time is real again."""
    global _current
    _current = None
    _clock.use(None)


class Chip:
    """One chip. Making one makes it the current one.

    floating_reads: reads of an input that neither a driver nor a pull holds.
    shorts: [(time_us, pin)] of each moment when two drivers disagreed.
    scratch: the values of the scratch registers that were written, by their number.
    irq (sim.irq.Interrupts), network (sim.ap.AccessPoint), rtc (sim.rtc.Rtc), radio
    (sim.radio.Radio): its parts.
    """

    def __init__(self, clock, cause="power_on", unique_id=b"kerbhost"):
        self.clock = clock
        self.cause = cause
        self.unique_id = unique_id
        self.floating_reads = 0
        self.shorts = []
        self.enforce_watchdog = True
        self.watchdog = None
        self.timers = []
        self._pins = {}
        self._uarts = {}
        self._buses = {}
        self._slices = {}
        self._analog = {}
        self.scratch = {}
        self._observers = []
        self.make_current()

    def __getattr__(self, name):
        if name == "rtc":
            from sim.rtc import Rtc

            part = Rtc(self.clock)
        elif name == "network":
            from sim.ap import AccessPoint

            part = AccessPoint(self)
        elif name == "irq":
            from sim.irq import Interrupts

            part = Interrupts(self.clock)
        elif name == "radio":
            from sim.radio import Radio

            part = Radio(self)
        else:
            raise AttributeError(name)
        setattr(self, name, part)
        return part

    def make_current(self):
        """machine, network and time work on this chip from now on."""
        global _current
        _current = self
        _clock.use(self.clock)

    def pin(self, pin_id):
        """The pin's registers (sim.net.PinState); ValueError outside 0 to PINS - 1."""
        state = self._pins.get(pin_id)
        if state is None:
            if not isinstance(pin_id, int) or not 0 <= pin_id < PINS:
                raise ValueError("invalid pin")
            from sim.net import Net, PinState

            state = self._pins[pin_id] = PinState(pin_id, Net(self))
        return state

    def drive(self, pin_id, level):
        """Drives the pin from outside to 0 or 1; None lets go of it."""
        net = self.pin(pin_id).net
        net.drive = None if level is None else int(bool(level))
        net.update()

    def play(self, pin_id, level, times_us, after_us=0):
        """Drives the pin from outside, after_us from now, to levels that alternate from `level`
        on and last times_us each, and lets go of it."""
        us = self.clock.us() + after_us
        for time_us in times_us:
            self.clock.at(us, self.drive, pin_id, level)
            us += time_us
            level = 1 - level
        self.clock.at(us, self.drive, pin_id, None)

    def pull(self, pin_id, direction):
        """A resistor on the board: "up", "down" or None."""
        net = self.pin(pin_id).net
        net.pull = {None: 0, "up": 1, "down": 2}[direction]  # PULL_UP, PULL_DOWN of sim.net
        net.update()

    def note_short(self, pin_id):
        """Two drivers disagree; noted once for each moment."""
        entry = (self.now_us(), pin_id)
        if not self.shorts or self.shorts[-1] != entry:
            self.shorts.append(entry)

    def pwm_slice(self, pin_id):
        """The PWM slice (sim.pwm.Slice) that the pin shares with its neighbour, as on rp2."""
        number = pin_id >> 1
        slice_ = self._slices.get(number)
        if slice_ is None:
            from sim.pwm import Slice

            slice_ = self._slices[number] = Slice()
        return slice_

    def set_adc_mv(self, pin_id, mv):
        """The voltage at an analogue input: millivolts, or a function that gives them."""
        self.pin(pin_id)
        self._analog[pin_id] = mv

    def adc_mv(self, pin_id):
        """The voltage there now, 0 to SUPPLY_MV."""
        mv = self._analog.get(pin_id, 0)
        if callable(mv):
            mv = mv()
        return max(0, min(SUPPLY_MV, mv))

    def uart(self, uart_id):
        """The other end (sim.uart.Line) of a UART: send(data), on_bytes, lost."""
        line = self._uarts.get(uart_id)
        if line is None:
            from sim.uart import Line

            line = self._uarts[uart_id] = Line(self, uart_id)
        return line

    def spi(self, bus_id):
        """What hangs on an SPI bus (sim.spi.Bus): attach(select_pin, part), call_us."""
        bus = self._buses.get(bus_id)
        if bus is None:
            from sim.spi import Bus

            bus = self._buses[bus_id] = Bus(self, bus_id)
        return bus

    def observe(self, fn):
        """Calls fn(kind, *values) for all that the board does; kinds are in the README."""
        self._observers.append(fn)

    def tell(self, kind, *values):
        """Tells the observers."""
        for fn in self._observers:
            fn(kind, *values)

    def reset(self, cause, sleep_ms=None):
        """Ends the board's run: raises Reset, again and again until the board is started again."""
        self.tell("reset", cause, sleep_ms)
        self.clock.die(Reset(cause, sleep_ms))
