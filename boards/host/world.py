"""The world around a virtual board: what is wired to its pins, and the hand on its power switch.

Used by tests in the same process, and by link.py across processes. Times are of the world's clock:
virtual unless real=True. See README.md beside this file.
"""

from sim import clock as _clock
from sim.ap import AccessPoint
from sim.irq import Interrupts
from sim.net import PULL_DOWN, PULL_UP, Net, PinState
from sim.pwm import Slice
from sim.rtc import Rtc
from sim.uart import Line

PINS = 49  # numbered 0 to 48, as many as an ESP32-S3 has
SUPPLY_MV = 3300
CAUSES = ("power_on", "watchdog", "soft", "hard", "deep_sleep", "brown_out")
_current = None


class Reset(BaseException):
    """The board is reset; cause: one of CAUSES; sleep_ms: how long a deep sleep lasts, or None."""

    def __init__(self, cause, sleep_ms=None):
        super().__init__(cause)
        self.cause = cause
        self.sleep_ms = sleep_ms


def current():
    """The world that machine and network work on; a real-time one if none was made."""
    return _current if _current is not None else World(real=True)


def exists():
    """True when there is a current world."""
    return _current is not None


def clear():
    """Forgets the current world: time is real again."""
    global _current
    _current = None
    _clock.use(None)


class World:
    """One virtual board and what is around it. Making one makes it the current one.

    floating_reads: reads of an input that neither a driver nor a pull holds.
    shorts: [(time_us, pin)] of each moment when two drivers disagreed.
    irq.lost: soft interrupts for which the scheduler had no room.
    """

    def __init__(self, real=False, start_ticks_ms=0, cause="power_on", unique_id=b"kerbhost"):
        self.clock = _clock.Clock(real, start_ticks_ms)
        self.cause = cause
        self.unique_id = unique_id
        self.floating_reads = 0
        self.shorts = []
        self.irq = Interrupts(self.clock)
        self.network = AccessPoint(self)
        self.rtc = Rtc(self.clock)
        self.enforce_watchdog = True
        self.watchdog = None
        self.timers = []
        self._pins = {}
        self._uarts = {}
        self._slices = {}
        self._analog = {}
        self._observers = []
        self.make_current()

    def make_current(self):
        """machine, network and time work on this world from now on."""
        global _current
        _current = self
        _clock.use(self.clock)

    # time

    def now_us(self):
        """Microseconds since the world was made."""
        return self.clock.us()

    def now_ms(self):
        """Milliseconds since the world was made."""
        return self.clock.us() // 1000

    def at_ms(self, ms, fn, *args):
        """Calls fn(*args) at that time; gives a handle for cancel()."""
        return self.clock.at(ms * 1000, fn, *args)

    def after_ms(self, ms, fn, *args):
        """Calls fn(*args) that much later; gives a handle for cancel()."""
        return self.clock.after(ms * 1000, fn, *args)

    def after_us(self, us, fn, *args):
        """Calls fn(*args) that much later; gives a handle for cancel()."""
        return self.clock.after(us, fn, *args)

    def cancel(self, handle):
        """The event won't happen; None and past events are ignored."""
        self.clock.cancel(handle)

    def advance_ms(self, ms):
        """Lets time pass outside any task; events fire."""
        self.clock.sleep_us(ms * 1000)

    # pins

    def pin(self, pin_id):
        """The pin's registers (sim.net.PinState); ValueError outside 0 to PINS - 1."""
        state = self._pins.get(pin_id)
        if state is None:
            if not isinstance(pin_id, int) or not 0 <= pin_id < PINS:
                raise ValueError("invalid pin")
            state = self._pins[pin_id] = PinState(pin_id, Net(self))
        return state

    def drive(self, pin_id, level):
        """Drives the pin from outside to 0 or 1; None lets go of it."""
        net = self.pin(pin_id).net
        net.drive = None if level is None else int(bool(level))
        net.update()

    def pull(self, pin_id, direction):
        """A resistor on the board: "up", "down" or None."""
        net = self.pin(pin_id).net
        net.pull = {"up": PULL_UP, "down": PULL_DOWN, None: 0}[direction]
        net.update()

    def connect(self, pin_id, other_id):
        """Wires two pins together."""
        net, gone = self.pin(pin_id).net, self.pin(other_id).net
        if net is gone:
            return
        for state in gone.pins:
            state.net = net
            net.pins.append(state)
        net.watchers += gone.watchers
        net.edge_watchers += gone.edge_watchers
        net.pull |= gone.pull
        net.drive = gone.drive if net.drive is None else net.drive
        net.update()

    def level(self, pin_id):
        """0 or 1 as a voltmeter would decide it now; a floating net gives 0."""
        return self.pin(pin_id).net.resolve()[0]

    def is_floating(self, pin_id):
        """True when neither a driver nor a pull holds the pin."""
        return self.pin(pin_id).net.resolve()[1]

    def watch(self, pin_id, fn, pwm_edges=False):
        """Calls fn(level, time_us) at each edge; those of a PWM too, at its cost, if asked for."""
        net = self.pin(pin_id).net
        net.watchers.append(fn)
        net.edge_watchers += pwm_edges
        net.update()

    def note_short(self, pin_id):
        """Two drivers disagree; noted once for each moment."""
        entry = (self.now_us(), pin_id)
        if not self.shorts or self.shorts[-1] != entry:
            self.shorts.append(entry)

    # PWM and analogue

    def pwm_slice(self, pin_id):
        """The PWM slice (sim.pwm.Slice) that the pin shares with its neighbour, as on rp2."""
        number = pin_id >> 1
        slice_ = self._slices.get(number)
        if slice_ is None:
            slice_ = self._slices[number] = Slice()
        return slice_

    def pwm(self, pin_id):
        """(freq_hz, high part of the period as 0 to 65535), or None when it is no PWM output."""
        state = self.pin(pin_id)
        if state.pwm is None:
            return None
        return state.pwm.slice.freq_hz(), state.pwm.high_u16()

    def average_mv(self, pin_id):
        """What a filter behind the pin would hold: level or PWM duty, as millivolts."""
        pwm = self.pwm(pin_id)
        if pwm is None:
            return self.level(pin_id) * SUPPLY_MV
        return pwm[1] * SUPPLY_MV // 65535

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

    # serial

    def uart(self, uart_id):
        """The other end (sim.uart.Line) of a UART: send(data), on_bytes, lost."""
        line = self._uarts.get(uart_id)
        if line is None:
            line = self._uarts[uart_id] = Line(self, uart_id)
        return line

    # what the board does

    def observe(self, fn):
        """Calls fn(kind, *values) for all that the board does; kinds are in the README."""
        self._observers.append(fn)

    def tell(self, kind, *values):
        """Tells the observers."""
        for fn in self._observers:
            fn(kind, *values)

    # the power switch

    def reset(self, cause, sleep_ms=None):
        """Ends the board's run: raises Reset, again and again until reboot()."""
        self.tell("reset", cause, sleep_ms)
        self.clock.die(Reset(cause, sleep_ms))

    def reboot(self, cause="power_on", start_ticks_ms=0):
        """The board starts again: parts as after a reset, RTC kept unless the power was off."""
        if cause not in CAUSES:
            raise ValueError("unknown reset cause " + cause)
        self.cause = cause
        for timer in list(self.timers):
            timer.deinit()
        if self.watchdog is not None:
            self.watchdog.stop()
        for line in self._uarts.values():
            line.close()
        for state in self._pins.values():
            state.clear()
            state.net.update()
        self.irq.forget()
        self.network.board_reset()
        if cause == "power_on":
            self.rtc.power_on()
        self.clock.restart(start_ticks_ms)
