"""The limits on air time: duty cycles of the region's sub-bands and of the network.

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
