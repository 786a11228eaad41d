"""How the last boots went, in one small record: their count, early crashes, the last reason."""

import struct

from micropython import const

_RECORD = "boots"
# Boots so far, early crashes in a row, state; then the reason as text.
_FORMAT = "<IBB"
_HEAD_BYTES = const(6)
_MAX_REASON = const(60)
_SAFE_AFTER = const(3)

_STARTED = const(0)
_HEALTHY = const(1)
_EXPECTED = const(2)

# What starts a board that did not crash.
_POWER = ("power_on", "brown_out", "deep_sleep")


class Boots:
    """The record of boots, with this one counted in; `reset_cause` as kerb.hal.chip gives it.

    count: boots so far. last_end: the reason that the last one stored for its end, or "".
    safe_mode: the last three boots, or more, crashed before they were healthy. One that the power
    or a deliberate reset ended did not crash.
    Written at the start, when healthy and at an end that is known before.
    """

    def __init__(self, store, reset_cause):
        count, early, state, self.last_end = _unpack(store.get(_RECORD))
        crashed = state == _STARTED and count and reset_cause not in _POWER
        self.count = count + 1
        self._early = min(early + 1, 255) if crashed else 0
        self.safe_mode = self._early >= _SAFE_AFTER
        self._store = store
        self._state = _STARTED
        self._write("")

    def healthy(self):
        """This boot has run long enough: whatever comes now, it was no early crash."""
        self._state = _HEALTHY
        self._write("")

    def end(self, reason, expected):
        """Store why this boot is about to end; a deliberate reset is `expected`."""
        if expected:
            self._state = _EXPECTED
        self._write(reason)

    def _write(self, reason):
        head = struct.pack(_FORMAT, self.count, self._early, self._state)
        plain = "".join([c if " " <= c <= "~" else "?" for c in reason[:_MAX_REASON]])
        self._store.put(_RECORD, head + plain.encode())


def _unpack(record):
    if record is None or len(record) < _HEAD_BYTES:
        return 0, 0, _STARTED, ""
    count, early, state = struct.unpack(_FORMAT, record[:_HEAD_BYTES])
    return count, early, state, record[_HEAD_BYTES:].decode()
