"""machine.Timer, machine.WDT and machine.RTC."""

import errno

from sim import chip

_WDT_MAX_MS = 8388  # 24 bits at two counts a microsecond


class Timer:
    """Calls back after a period, once or again and again."""

    ONE_SHOT = 0
    PERIODIC = 1

    def __init__(self, id=-1, **settings):
        if id not in (-1, 0, 1, 2, 3):
            raise ValueError("Timer doesn't exist")
        self._world = chip.current()
        self._event = None
        if settings:
            self.init(**settings)

    def init(self, *, mode=PERIODIC, freq=-1, period=-1, callback=None, hard=False):
        """period: milliseconds; freq: per second; hard: in the interrupt, not by the scheduler."""
        self.deinit()
        if freq == -1 and period == -1:
            raise ValueError("period or freq is needed")
        us = period * 1000 if freq == -1 else int(1_000_000 / freq)
        self._period_us = max(1, us)
        self._periodic = mode == Timer.PERIODIC
        self._callback = callback
        self._hard = hard
        self._due_us = self._world.clock.us() + self._period_us
        self._event = self._world.clock.at(self._due_us, self._fire)
        self._world.timers.append(self)

    def deinit(self):
        """Stops it."""
        self._world.clock.cancel(self._event)
        self._event = None
        if self in self._world.timers:
            self._world.timers.remove(self)

    def _fire(self):
        if self._periodic:
            self._due_us += self._period_us
            self._event = self._world.clock.at(self._due_us, self._fire)
        else:
            self.deinit()
        if self._callback is not None:
            self._world.irq.call(self._callback, self, self._hard)


class WDT:
    """The watchdog: once made it bites timeout ms after the last feed()."""

    def __init__(self, id=0, timeout=5000):
        if id != 0:
            raise ValueError("WDT(%d) doesn't exist" % id)
        if not 0 < timeout <= _WDT_MAX_MS:
            raise ValueError("timeout exceeds %d" % _WDT_MAX_MS)
        self._world = chip.current()
        old = self._world.watchdog
        if old is not None:
            old.stop()
        self._world.watchdog = self
        self._timeout_us = timeout * 1000
        self._event = None
        self._world.tell("wdt", "start", timeout)
        self._restart()
        if self._world.enforce_watchdog:
            self._look()

    def feed(self):
        """Begins the time anew."""
        self._restart()
        self._world.tell("wdt", "feed", 0)

    def stop(self):
        """For the world only: a reset stops it, the firmware can't."""
        self._world.clock.cancel(self._event)
        self._world.watchdog = None

    def _restart(self):
        self._deadline_us = self._world.clock.us() + self._timeout_us

    def _look(self):
        clock = self._world.clock
        if clock.us() >= self._deadline_us:
            self._world.reset("watchdog")
        self._event = clock.at(self._deadline_us, self._look)


class RTC:
    """The calendar clock, in whole seconds as on rp2."""

    def __init__(self, id=0):
        if id != 0:
            raise ValueError("RTC(%d) doesn't exist" % id)
        self._world = chip.current()

    def datetime(self, *when):
        """(year, month, day, weekday, hour, minute, second, 0), or sets it; weekday is ignored."""
        rtc = self._world.rtc
        if not when:
            return rtc.get()[:7] + (0,)
        if len(when[0]) != 8:
            raise ValueError("requested length 8 but object has length %d" % len(when[0]))
        year, month, day, _, hour, minute, second, _ = when[0]
        try:
            rtc.set(year, month, day, hour, minute, second)
        except ValueError:
            raise OSError(errno.EINVAL)
        self._world.tell("rtc", *rtc.day_second())
