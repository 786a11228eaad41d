"""The limits on air time: duty cycles of sub-bands and of the network, and of joins.

now_ms is time.ticks_ms(). What a reset has lost of the time counts as no time.
"""

from array import array
from time import ticks_add, ticks_diff

from micropython import const

_BANDS = const(19)  # of a region's table
_BAND = const(5)  # bytes of one
_PERMILLE = const(360)  # of an hour, in the 10 ms that are counted here
_SLOT_MS = const(300000)
_SLOTS = const(13)  # an hour, and the slot that is under way
_SHARES = const(18)  # of a sub-band's hour: they divide each
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
        self._used = array("H", bytes(len(self._bands) // _BAND * 2 * _SLOTS))
        self._slot = self._silence_ms = 0
        self._since_ms = None

    def wait_ms(self, now_ms, hz, airtime_us):
        """0 if a frame may be sent at that frequency now, else when to ask again."""
        first, most = self._turn(now_ms, hz)
        wait_ms = 0
        if self._silence_ms:
            wait_ms = self._silence_ms - ticks_diff(now_ms, self._silent_ms)
        used = sum(self._used[first : first + _SLOTS]) + (airtime_us + 9999) // 10000
        if used > most > 0:
            wait_ms = max(wait_ms, _SLOT_MS - ticks_diff(now_ms, self._since_ms))
        return wait_ms

    def spent(self, now_ms, hz, airtime_us):
        """A frame is sent. Call it before, and store pack() if it has changed, and then send."""
        i = self._turn(now_ms, hz)[0] + self._slot
        self._used[i] = min(self._used[i] + (airtime_us + 9999) // 10000, 0xFFFF)
        if self._plan.max_duty:
            # From the beginning of the frame, so that it is as much longer.
            self._silent_ms = now_ms
            self._silence_ms = (airtime_us // 1000 + 1) << self._plan.max_duty

    def _turn(self, now_ms, hz):
        """Forget what was more than an hour ago; (first slot, most in an hour) of a sub-band."""
        if self._since_ms is None:
            self._since_ms = self._silent_ms = now_ms
        if not 0 <= ticks_diff(now_ms, self._silent_ms) < self._silence_ms:
            self._silence_ms = 0
        slots = ticks_diff(now_ms, self._since_ms) // _SLOT_MS
        self._since_ms = ticks_add(self._since_ms, slots * _SLOT_MS)
        # Less than 0: days, after which the ticks have come around.
        for _ in range(min(slots, _SLOTS) if slots >= 0 else _SLOTS):
            self._slot = (self._slot + 1) % _SLOTS
            for i in range(self._slot, len(self._used), _SLOTS):
                self._used[i] = 0
        band = self._plan.band(hz)
        return band // _BAND * _SLOTS, self._bands[band + 4] * _PERMILLE

    def pack(self):
        """What has been spent as bytes, rounded up so far that it seldom changes."""
        data = bytearray()
        for i in range(0, len(self._used), _SLOTS):
            share = self._bands[i // _SLOTS * _BAND + 4] * _PERMILLE // _SHARES
            used = sum(self._used[i : i + _SLOTS])
            data.append(min((used + share - 1) // share, _SHARES) if share else 0)
        data.append(len(bin(self._silence_ms // 1000)) - 2 if self._silence_ms else 0)
        return bytes(data)

    def unpack(self, data):
        """Take all of pack() for spent right now; False if it is nothing that pack() has given."""
        if len(data) * _BAND != len(self._bands) + _BAND or max(data) > 20:
            return False
        for i in range(len(data) - 1):
            share = self._bands[i * _BAND + 4] * _PERMILLE // _SHARES
            self._used[i * _SLOTS + self._slot] = min(data[i], _SHARES) * share
        self._silence_ms = (1000 << data[-1]) - 1 if data[-1] else 0
        return True


class JoinBudget:
    """Air time of join-requests: TS001-1.0.4 chapter 7, also across resets and power cuts.

    36 s in the first hour, 36 s in the next ten, then 8.7 s a day. Its clock is the time that the
    device was on. Store pack() once in an hour as well, for a device that is never on for a day.
    """

    def __init__(self):
        self._on_s = self._spent_ms = 0
        self._since_ms = None

    def wait_ms(self, now_ms, airtime_us):
        """0 if a join-request may be sent now, else in how many ms at the earliest."""
        if self._since_ms is None:
            self._since_ms = now_ms
        passed_s = ticks_diff(now_ms, self._since_ms) // 1000
        self._since_ms = ticks_add(self._since_ms, passed_s * 1000)
        until_s = self._until_s()
        # Less than 0: days, after which the ticks have come around, and which don't count.
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
        return _ELEVEN_HOURS_S + (_DAY_S if self._on_s >= _ELEVEN_HOURS_S else 0)

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
