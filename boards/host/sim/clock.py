"""The virtual board's time: the machine's own clock, and a list of events to come.

Events fire when somebody looks. Virtual time is in vclock.py, which a board in real time doesn't
load.
"""

import heapq
import sys

_ON_MICROPYTHON = sys.implementation.name == "micropython"
_PERIOD = 1 << 30  # of ticks on a 32-bit board: ticks_ms wraps after 12.4 days
_MASK = _PERIOD - 1
_HALF = _PERIOD >> 1
_DEFER_DEPTH = 8  # MICROPY_SCHEDULER_DEPTH of the rp2 port
_SLICE_US = 5_000  # longest real sleep while something has to be polled

if _ON_MICROPYTHON:
    import utime

    _real_us = utime.ticks_us
    _real_sleep_us = utime.sleep_us
else:
    import time as _time

    def _real_us():
        return _time.monotonic_ns() // 1000

    def _real_sleep_us(us):
        _time.sleep(us / 1_000_000)


class Clock:
    """Microseconds since it was made, and the events to come.

    start_ticks_ms: what time.ticks_ms() says at the start.
    dead: the exception (a reset, a power cut) that ended the board's run, or None.
    on_death: called with it before it is raised, if not None.
    irq_off: the board has switched interrupts off. hard_irqs: how many run, one inside the other.
    """

    real = True

    def __init__(self, start_ticks_ms=0):
        self.dead = None
        self.on_death = None
        self.pollers = []  # called in real sleeps: whoever waits for the outside
        self.hard_irqs = 0
        self._zero = _real_us()
        self._due_us = None  # of the event that fires
        self._events = []
        self._seq = 0
        self._busy = 0
        self._deferred = []
        self.irq_off = False
        self.restart(start_ticks_ms)

    def restart(self, start_ticks_ms=0):
        """The board boots: ticks begin again at start_ticks_ms, nothing is deferred."""
        self.dead = None
        self._deferred = []
        self.irq_off = False
        self.ticks_zero_us = start_ticks_ms * 1000 - self.us()

    def us(self):
        """Microseconds since the clock was made."""
        return _real_us() - self._zero

    def look(self):
        """us() as the board sees it: an interrupt that is late here was in time there."""
        return self.us() if self._due_us is None else self._due_us

    def at(self, us, fn, *args):
        """Calls fn(*args) at `us` of this clock; returns what cancel() takes."""
        self._seq += 1
        event = [us, self._seq, fn, args]
        heapq.heappush(self._events, event)
        return event

    def after(self, us, fn, *args):
        """Calls fn(*args) `us` microseconds from now."""
        return self.at(self.us() + us, fn, *args)

    def cancel(self, event):
        """The event won't fire; one that has fired, or None, is left alone."""
        if event is not None:
            event[2] = None

    def next_us(self):
        """When the next event fires, or None."""
        events = self._events
        while events and events[0][2] is None:
            heapq.heappop(events)
        return events[0][0] if events else None

    def die(self, exc):
        """Ends the board's run: raises exc now and at every later wait, until restart()."""
        self.dead = exc
        if self.on_death is not None:
            self.on_death(exc)
        raise exc

    def run_due(self):
        """Fires every event whose time has come, in order."""
        if self.dead is not None:
            raise self.dead
        events = self._events
        while events and events[0][0] <= self.us():
            event = heapq.heappop(events)
            if event[2] is not None:
                before, self._due_us = self._due_us, event[0]
                try:
                    self._fire(event)
                    if self._deferred:
                        self.run_deferred()
                finally:
                    self._due_us = before
        if self._deferred:
            self.run_deferred()

    def _fire(self, event):
        fn = event[2]
        event[2] = None
        self._busy += 1
        try:
            fn(*event[3])
        finally:
            self._busy -= 1

    def defer(self, fn, arg):
        """Runs fn(arg) as the scheduler would: soon, in no interrupt. False: queue full."""
        if len(self._deferred) >= _DEFER_DEPTH:
            return False
        self._deferred.append((fn, arg))
        self.run_deferred()
        return True

    def run_deferred(self):
        """Runs what is deferred by now; what that defers waits for the next time."""
        if self._busy or self.irq_off:
            return
        self._busy += 1
        try:
            for _ in range(len(self._deferred)):
                fn, arg = self._deferred.pop(0)
                fn(arg)
        finally:
            self._busy -= 1

    def sleep_us(self, us):
        """Blocks the board for `us`; events fire meanwhile, as interrupts do."""
        self._sleep_until(self.us() + (us if us > 0 else 0))

    def wait(self, limit_us):
        """Blocks until something happens, at the latest until limit_us."""
        self._sleep_until(min(limit_us, self.us() + 1000))

    def poll(self):
        """Fires what is due and asks the pollers."""
        self.run_due()
        for poller in self.pollers:
            poller()

    def _sleep_until(self, end):
        self.poll()
        while True:
            now = self.us()
            if now >= end:
                return
            until = end
            event = self.next_us()
            if event is not None and event < until:
                until = event
            wait = until - now
            if self.pollers and wait > _SLICE_US:
                wait = _SLICE_US
            if wait > 0:
                _real_sleep_us(wait)
            self.poll()


_current = Clock()


def current():
    """The clock that time.ticks_ms() and time.sleep_ms() go by."""
    return _current


def use(clock):
    """Makes `clock` the one that the time module goes by; None: a new real one."""
    global _current
    _current = Clock() if clock is None else clock


def ticks_ms():
    """Milliseconds, wrapping at 2**30 as on a 32-bit board."""
    return (_current.look() + _current.ticks_zero_us) // 1000 & _MASK


def ticks_us():
    """Microseconds, wrapping at 2**30."""
    return _current.look() + _current.ticks_zero_us & _MASK


def ticks_add(ticks, delta):
    """ticks + delta inside the period; OverflowError from half a period on."""
    if not -_HALF < delta < _HALF:
        raise OverflowError("ticks interval overflow")
    return ticks + delta & _MASK


def ticks_diff(end, start):
    """end - start, right while they are less than half a period apart."""
    return ((end - start + _HALF) & _MASK) - _HALF


def sleep_us(us):
    """Blocks for us microseconds (an integer)."""
    _current.sleep_us(_integer(us))


def sleep_ms(ms):
    """Blocks for ms milliseconds (an integer)."""
    _current.sleep_us(_integer(ms) * 1000)


def sleep(seconds):
    """Blocks for seconds."""
    _current.sleep_us(int(seconds * 1_000_000))


def _integer(value):
    if not isinstance(value, int):
        raise TypeError("can't convert %s to int" % type(value).__name__)
    return value
