"""What turns readings into alarms that are raised once and cleared once."""

from micropython import const

_FULL = const(1000)

# Power in percent of what it should be: dark below, lit above.
DARK_PERCENT = const(15)
LIT_PERCENT = const(50)

_CYCLES = const(3)
_CYCLES_IN_S = const(3600)
_STEADY_S = const(1800)
_OUT_S = const(3)  # what is dark for less was a dip of the mains


class Alarm:
    """One thing that can be wrong: raised when it has been for `raise_s`, and back likewise."""

    def __init__(self, part, reason, raise_s, clear_s):
        self.part = part
        self.reason = reason
        self.active = False
        self._raise_s = raise_s
        self._clear_s = clear_s
        self._since_s = None

    def look(self, uptime_s, wrong, events):
        """Takes whether it is wrong now, None where that can't be told; may add its event."""
        if wrong is None or wrong == self.active:
            self._since_s = None
            return
        if self._since_s is None:
            self._since_s = uptime_s
        if uptime_s - self._since_s >= (self._raise_s if wrong else self._clear_s):
            self.active = wrong
            self._since_s = None
            events.append((self.part, self.reason, wrong))


class PartAlarm(Alarm):
    """A part that answers or not; it keeps its first reason until it is well again."""

    def __init__(self, part, hold_s):
        super().__init__(part, None, hold_s, hold_s)

    def look(self, uptime_s, reason, events):
        """Takes the reason why it does not work, None when it does."""
        if reason and not self.active:
            self.reason = reason
        super().look(uptime_s, reason is not None, events)


class Envelope:
    """The lowest and highest level that a lamp was given in the last settle_s to 2 settle_s.

    A lamp that is still following its level, or a ramp, is in order anywhere between.
    """

    def __init__(self, settle_s):
        self._settle_s = settle_s
        self._began_s = None
        # What the lamp did before the start is not known.
        self._now = self._before = (0, _FULL)
        self.lo = 0
        self.hi = _FULL

    def look(self, uptime_s, level_permille):
        """Takes the level of now; `lo` and `hi` have it in them."""
        now = self._now
        if self._began_s is None:
            self._began_s = uptime_s
        if uptime_s - self._began_s >= self._settle_s:
            self._began_s = uptime_s
            self._before = now
            self._now = (level_permille, level_permille)
        elif not now[0] <= level_permille <= now[1]:
            self._now = (min(level_permille, now[0]), max(level_permille, now[1]))
        self.lo = min(self._now[0], self._before[0])
        self.hi = max(self._now[1], self._before[1])


class Cycling:
    """A lamp that should be lit, goes out and comes back by itself, three times in an hour."""

    def __init__(self):
        self._was_lit = False
        self._dark_since_s = None
        self._outs_s = []
        self._moved_s = 0

    def look(self, uptime_s, percent):
        """Takes the power in percent of what it should be, None where that can't be told.

        True: it cycles; False: it has not gone out for half an hour; None: can't be told.
        """
        outs_s = self._outs_s
        if percent is None or percent >= DARK_PERCENT:
            self._dark_since_s = None
        if percent is None:
            self._was_lit = False
            # Dark by day is no sign of health: the half hour begins again in the evening.
            self._moved_s = uptime_s
            return None
        if percent > LIT_PERCENT:
            self._was_lit = True
        elif percent < DARK_PERCENT and self._was_lit:
            if self._dark_since_s is None:
                self._dark_since_s = uptime_s
            if uptime_s - self._dark_since_s >= _OUT_S:
                self._was_lit = False
                self._moved_s = uptime_s
                outs_s.append(uptime_s)
        while outs_s and (uptime_s - outs_s[0] > _CYCLES_IN_S or len(outs_s) > _CYCLES):
            outs_s.pop(0)
        if uptime_s - self._moved_s >= _STEADY_S:
            outs_s.clear()
            return False
        return True if len(outs_s) == _CYCLES else None
