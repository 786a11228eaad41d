"""The limits on air time: duty cycles of sub-bands and of the network, and of joins.

Sums of air time are kept in steps of 10 ms, rounded up, and time goes by time.ticks_ms().
"""

from array import array
from time import ticks_add, ticks_diff, ticks_ms

from micropython import const

_BANDS = const(19)  # of a region's table
_BAND = const(5)  # bytes of one
_STEPS_PERMILLE = const(360)  # 10 ms in an hour for each per mille
_SLOT_MS = const(300000)
_SLOTS = const(13)  # an hour, and the one that is under way
_SHARES = const(18)  # that divide each band's hour
_HOUR_S = const(3600)
_ELEVEN_HOURS_S = const(39600)
_DAY_S = const(86400)
_FIRST_MS = const(36000)
_DAILY_MS = const(8700)


class Duty:
    """Air time of uplinks: that of a sub-band within any hour, and DutyCycleReq's silence.

    No hour, wherever it begins, has more than the sub-band's share of it; within it, frames may
    come one after the other. The silence after a frame is TS001-1.0.4's section 5.3.
    """

    def __init__(self, table, plan):
        self._plan = plan
        self._bands = table[_BANDS]
        self._used = array("H", bytes(2 * _SLOTS * len(self._bands) // _BAND))
        self._now = 0
        self._since_ms = self._silent_ms = ticks_ms()
        self._silence_ms = 0

    def wait_ms(self, now_ms, hz, airtime_us):
        """0 if a frame may be sent at that frequency now, else in how many ms at the earliest."""
        wait_ms = 0
        if self._silence_ms:
            passed_ms = ticks_diff(now_ms, self._silent_ms)
            if 0 <= passed_ms < self._silence_ms:
                wait_ms = self._silence_ms - passed_ms
            else:
                self._silence_ms = 0
        self._turn(now_ms)
        band = self._plan.band(hz)
        free = self._bands[band + 4] * _STEPS_PERMILLE
        if free:
            free -= (airtime_us + 9999) // 10000
            first = band // _BAND * _SLOTS
            for i in range(first, first + _SLOTS):
                free -= self._used[i]
            until_ms = _SLOT_MS - ticks_diff(now_ms, self._since_ms)
            oldest = self._now
            for _ in range(_SLOTS):
                if free >= 0:
                    break
                oldest = (oldest + 1) % _SLOTS
                free += self._used[first + oldest]
                wait_ms = max(wait_ms, until_ms)
                until_ms += _SLOT_MS
        return wait_ms

    def spent(self, now_ms, hz, airtime_us):
        """A frame is sent. Call it before, and store pack() if it has changed, and then send."""
        self._turn(now_ms)
        i = self._plan.band(hz) // _BAND * _SLOTS + self._now
        self._used[i] = min(self._used[i] + (airtime_us + 9999) // 10000, 0xFFFF)
        # From the frame's beginning, so that it is as much longer.
        self._silent_ms = now_ms
        limit = self._plan.max_duty
        self._silence_ms = (airtime_us // 1000 + 1) << limit if limit else 0

    def _turn(self, now_ms):
        """Forget what is more than an hour ago."""
        passed_ms = ticks_diff(now_ms, self._since_ms)
        if passed_ms < 0:  # days: the ticks have come around
            passed_ms = _SLOTS * _SLOT_MS
            self._since_ms = ticks_add(now_ms, -passed_ms)
        slots = passed_ms // _SLOT_MS
        self._since_ms = ticks_add(self._since_ms, slots * _SLOT_MS)
        for _ in range(min(slots, _SLOTS)):
            self._now = (self._now + 1) % _SLOTS
            for i in range(self._now, len(self._used), _SLOTS):
                self._used[i] = 0

    def pack(self):
        """What has been spent as bytes, rounded up so far that it seldom changes."""
        data = bytearray()
        for band in range(0, len(self._bands), _BAND):
            first = band // _BAND * _SLOTS
            share = self._bands[band + 4] * _STEPS_PERMILLE // _SHARES
            used = sum(self._used[first : first + _SLOTS])
            data.append(min((used + share - 1) // share, _SHARES) if share else 0)
        data.append(len(bin(self._silence_ms // 1000)) - 2 if self._silence_ms else 0)
        return bytes(data)

    def unpack(self, data):
        """Take all of pack() for spent right now: nobody knows how long there was no power.

        False if it is nothing that pack() has given.
        """
        if len(data) * _BAND != len(self._bands) + _BAND or max(data) > 20:
            return False
        self._turn(ticks_ms())
        for band in range(0, len(self._bands), _BAND):
            share = self._bands[band + 4] * _STEPS_PERMILLE // _SHARES
            used = min(data[band // _BAND], _SHARES) * share
            self._used[band // _BAND * _SLOTS + self._now] = used
        self._silent_ms = ticks_ms()
        self._silence_ms = (1000 << data[-1]) - 1 if data[-1] else 0
        return True


class JoinBudget:
    """Air time of join-requests: TS001-1.0.4 chapter 7, also across resets and power cuts.

    36 s in the first hour, 36 s in the next ten, then 8.7 s a day. The clock is the time that the
    device was on, and what it has been on since pack() was stored is lost: store it each hour too.
    """

    def __init__(self):
        self._on_s = self._spent_ms = 0
        self._since_ms = ticks_ms()

    def wait_ms(self, now_ms, airtime_us):
        """0 if a join-request may be sent now, else in how many ms at the earliest."""
        until_s = self._until_s()
        passed_s = ticks_diff(now_ms, self._since_ms) // 1000
        self._since_ms = ticks_add(self._since_ms, passed_s * 1000)
        # Less than 0: the ticks have come around, and those days don't count.
        self._on_s += max(passed_s, 0)
        while self._on_s >= until_s:
            self._spent_ms = 0
            if until_s > _ELEVEN_HOURS_S:
                self._on_s -= _DAY_S
            until_s = self._until_s()
        most_ms = _DAILY_MS if until_s > _ELEVEN_HOURS_S else _FIRST_MS
        if self._spent_ms + airtime_us // 1000 < most_ms:
            return 0
        return (until_s - self._on_s) * 1000

    def _until_s(self):
        if self._on_s < _HOUR_S:
            return _HOUR_S
        if self._on_s < _ELEVEN_HOURS_S:
            return _ELEVEN_HOURS_S
        return _ELEVEN_HOURS_S + _DAY_S

    def spent(self, now_ms, airtime_us):
        """A join-request is sent. Call it before, store pack(), and then send."""
        self.wait_ms(now_ms, airtime_us)
        self._spent_ms = min(self._spent_ms + airtime_us // 1000 + 1, 0xFFFF)

    def pack(self):
        """All of it as bytes."""
        return self._on_s.to_bytes(3, "little") + self._spent_ms.to_bytes(2, "little")

    def unpack(self, data):
        """Go on from pack(); False if it is nothing that pack() has given."""
        on_s = int.from_bytes(data[:3], "little")
        if len(data) != 5 or on_s >= _ELEVEN_HOURS_S + _DAY_S:
            return False
        self._on_s = on_s
        self._spent_ms = int.from_bytes(data[3:], "little")
        return True
