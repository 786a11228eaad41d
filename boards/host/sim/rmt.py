"""esp32.RMT: pulses that the hardware puts out by itself, to its own clock."""

from sim import chip, net
from sim.machine_pin import resolve

_SOURCE_HZ = 80_000_000
_CHANNELS = 8


class RMT:
    """One channel: a list of pulses, and the idle level before and after them."""

    PULSE_MAX = 32767

    def __init__(self, channel, *, pin=None, clock_div=8, idle_level=False, tx_carrier=None):
        if not 0 <= channel < _CHANNELS:
            raise ValueError("invalid channel")
        if not 1 <= clock_div <= 255:
            raise ValueError("clock_div must be between 1 and 255")
        if tx_carrier is not None:
            raise ValueError("the virtual board has no carrier")
        self._world = chip.current()
        self._state = self._world.pin(resolve(pin))
        self._clock_div = clock_div
        self._idle = int(bool(idle_level))
        self._event = None
        self._pulses = ()
        self._state.mode = net.OUT
        self._state.pwm = None
        self._state.rmt = self
        self._state.out = self._state.told = self._idle
        self._world.timers.append(self)  # a reset ends it as it ends those
        self._world.tell("pin", self._state.id, self._idle)
        self._state.net.update()

    @staticmethod
    def source_freq():
        """80 MHz."""
        return _SOURCE_HZ

    def clock_div(self):
        """The divider of it."""
        return self._clock_div

    def deinit(self):
        """The pin lets go."""
        self._world.clock.cancel(self._event)
        self._event = None
        if self in self._world.timers:
            self._world.timers.remove(self)
        if self._state.rmt is self:
            self._state.rmt = None
            self._state.mode = net.IN
            self._state.net.update()

    def wait_done(self, *, timeout=0):
        """True when nothing is going out; waits up to timeout ms for that."""
        clock = self._world.clock
        end = clock.us() + timeout * 1000
        while self._event is not None and clock.us() < end:
            clock.wait(end)
        return self._event is None

    def write_pulses(self, duration, data=True):
        """Starts: (times, first level), (time of all, levels) or (times, levels), in clocks.

        Waits for what still goes out.
        """
        if isinstance(duration, int):
            duration = [duration] * len(data)
        elif isinstance(data, (bool, int)):
            data = [bool(data) ^ (i & 1) for i in range(len(duration))]
        if len(duration) != len(data) or not duration:
            raise ValueError("duration and data must have same length")
        if not all(0 < clocks <= self.PULSE_MAX for clocks in duration):
            raise ValueError("duration out of range")
        while not self.wait_done(timeout=1000):
            pass
        self._pulses = [(n, int(bool(level))) for n, level in zip(duration, data)]
        self._start_us = self._world.clock.us()
        self._clocks = 0
        us = [self._us(n) for n in duration]
        self._world.tell("pulses", self._state.id, self._pulses[0][1], us)
        self._next(0)

    def _us(self, clocks):
        return clocks * self._clock_div // (_SOURCE_HZ // 1_000_000)

    def _next(self, at):
        if at == len(self._pulses):
            self._event = None
            self._put(self._idle)
            return
        clocks, level = self._pulses[at]
        self._put(level)
        # From the start of all, so that rounding to the world's microseconds does not add up.
        self._clocks += clocks
        until = self._start_us + self._us(self._clocks)
        self._event = self._world.clock.at(until, self._next, at + 1)

    def _put(self, level):
        # A pin that was made something else meanwhile is not the channel's any more.
        if level != self._state.out and self._state.rmt is self:
            self._state.out = level
            self._state.net.update()
