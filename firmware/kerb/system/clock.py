"""Wall time in UTC: what it is, where it came from, how old that is. Nobody else keeps it.

Time is (day, second): whole days since 2000-01-01 and second of the day. Between two settings it
runs on the board's crystal, by the ticks; the RTC is read once, at the start. Where the RTC does
not outlive a reset, as on an RP2040, the time goes on from the last second of before: late by as
long as the reset took, and never ahead.
"""

import struct
import time

from micropython import const

from kerb.system import calendar

# In the order in which the payload numbers them.
SOURCES = ("unset", "rtc", "network", "gnss", "lorawan", "technician")

# No device is older than 2026-01-01 and none will see 2100: other dates are a part's mistake.
FIRST_DAY = const(9497)
LAST_DAY = const(36524)

_RECORD = "clock"
_FORMAT = "<HI"
_RECORD_BYTES = const(6)

# kerb.hal.retained's TIME: second + source << 17, day + resets << 16, minutes of age.
_SLOT = (0, 3)
_SECOND_BITS = const(17)
_DAY_BITS = const(16)
_NO_AGE = const(0xFFFFFF)
_MAX_RESETS = const(255)
# The watchdog bites up to 8.4 s after the last second that was kept, and a start takes up to 6 s.
# A crystal of 50 ppm is as much off after so long, so each reset counts as such an age.
_RESET_AGE_S = const(300000)


class Clock:
    """The wall clock of the device, and its uptime.

    wallclock: the RTC, kerb.hal.wallclock or alike: read() and write(day, second).
    store: keeps when the time was last set, by a source other than the RTC, so that its age is
    known after a restart too. Written once for each date that is set, so that age is up to a day
    too high.
    max_age_s: up to which age trusted() is true. The default, 30 days, is where a crystal of
    50 ppm is 130 s off at most. Each reset that the time outlived takes 83 hours off it.
    retained: kerb.hal.retained.Retained, or None: a reset costs the time if the RTC forgets it.
    Whoever puts the chip to deep sleep calls doubt() before: how long that was, it can't know.

    The ticks wrap: now() or another method must be called at least every 6 days.
    jump_s is how many seconds the last set() moved the clock, None if there was no time before.
    resets is how many resets the time outlived since it was set without the RTC's help.
    """

    def __init__(self, wallclock, store=None, max_age_s=30 * calendar.DAY_S, retained=None):
        self._ticks = time.ticks_ms()
        self._up_s = self._up_ms = 0
        self._rtc = wallclock
        self._store = store
        self._max_age_s = max_age_s
        self.source = "unset"
        self.jump_s = None
        self._day = None
        self._second = self._ms = 0
        # The uptime at the last setting by a source, None if unknown.
        self._set_up_s = None
        self.resets = 0
        self._retained = retained
        self._words = [0, 0, 0]
        self._kept = self._recall()
        self._take_rtc()
        self._take_retained()

    def now(self):
        """(day, second) in UTC, or None while the time is unknown."""
        self._run()
        return None if self._day is None else (self._day, self._second)

    def set(self, day, second, source):
        """Set clock and RTC; False, and nothing changed, for a date before 2026 or after 2099.

        source is one of SOURCES that is neither "unset" nor "rtc"; ValueError for others.
        """
        if source not in SOURCES[2:]:
            raise ValueError("clock: found source %r, allowed: %s" % (source, SOURCES[2:]))
        if not _plausible(day, second):
            return False
        before = self.now()
        self.jump_s = None if before is None else calendar.between(before, (day, second))
        self._day = day
        self._second = second
        self._ms = 0
        self._set_up_s = self._up_s
        self.source = source
        self.resets = 0
        self._rtc.write(day, second)
        self._keep(day, second)
        self._retain()
        return True

    def doubt(self):
        """Trust the time no longer, until a source sets it: somebody may have moved the RTC."""
        self._set_up_s = None
        self._retain()

    def age_s(self):
        """Seconds since a source, other than the RTC, set the time; None if that is unknown."""
        self._run()
        return None if self._set_up_s is None else self._up_s - self._set_up_s

    def trusted(self):
        """Whether the time is known and was set at most max_age_s ago, less for each reset."""
        age_s = self.age_s()
        return age_s is not None and age_s + self.resets * _RESET_AGE_S <= self._max_age_s

    def uptime_s(self):
        """Seconds since the clock was made; settings do not change it."""
        self._run()
        return self._up_s

    def _run(self):
        ticks = time.ticks_ms()
        passed_ms = time.ticks_diff(ticks, self._ticks)
        self._ticks = ticks
        if passed_ms <= 0:
            return
        self._up_ms += passed_ms
        self._up_s += self._up_ms // 1000
        self._up_ms %= 1000
        if self._day is not None:
            self._ms += passed_ms
            if self._ms >= 1000:
                self._day, self._second = calendar.shift(self._day, self._second, self._ms // 1000)
                self._ms %= 1000
                self._retain()

    def _recall(self):
        record = self._store.get(_RECORD) if self._store else None
        if record is None or len(record) != _RECORD_BYTES:
            return None
        kept = struct.unpack(_FORMAT, record)
        return kept if _plausible(*kept) else None

    def _keep(self, day, second):
        if self._store and (self._kept is None or self._kept[0] != day):
            if self._store.put(_RECORD, struct.pack(_FORMAT, day, second)):
                self._kept = day, second

    def _take_rtc(self):
        rtc = self._rtc.read()
        # An RTC that shows a moment before the last setting has lost its time since.
        if rtc is None or not _plausible(*rtc) or (self._kept and rtc < self._kept):
            return
        self._day, self._second = rtc
        self.source = "rtc"
        if self._kept:
            self._set_up_s = -calendar.between(self._kept, rtc)

    def _retain(self):
        """Leaves this second to the boot after the next reset."""
        if self._retained is None or self._day is None:
            return
        age_min = _NO_AGE
        if self._set_up_s is not None:
            age_min = min((self._up_s - self._set_up_s + 59) // 60, _NO_AGE - 1)
        words = self._words
        words[0] = self._second | SOURCES.index(self.source) << _SECOND_BITS
        words[1] = self._day | self.resets << _DAY_BITS
        words[2] = age_min
        self._retained.put(_SLOT, words)

    def _take_retained(self):
        words = self._retained and self._retained.get(_SLOT)
        if not words:
            return
        second, source = words[0] & ((1 << _SECOND_BITS) - 1), words[0] >> _SECOND_BITS
        day, age_min = words[1] & ((1 << _DAY_BITS) - 1), words[2]
        if not _plausible(day, second) or not 1 <= source < len(SOURCES):
            return
        self.resets = words[1] >> _DAY_BITS
        age_s = 60 * age_min
        # An RTC that went on knows how long the reset took; one that is behind lost its time.
        if self._day is not None and (self._day, self._second) >= (day, second):
            age_s += calendar.between((day, second), (self._day, self._second))
        else:
            self._day = day
            self._second = second
            self.source = SOURCES[source]
            self.resets = min(self.resets + 1, _MAX_RESETS)
            self._rtc.write(day, second)
        self._set_up_s = None if age_min == _NO_AGE else -age_s
        self._retain()


def _plausible(day, second):
    return FIRST_DAY <= day <= LAST_DAY and 0 <= second < calendar.DAY_S
