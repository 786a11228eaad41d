"""An HLK-LD2410: the same echoes, of which it tells a state and two distances, ten times a second.

One receiver, so no angle: whoever is within its 60 degrees and beyond, at some distance, in gates
of 0.75 m, eight of them. It looks longer than an LD2450 at what stands, and keeps a state for some
seconds after the last that it heard, 5 from the works (user manual V1.09, "no-one duration").
"""

import struct

from host_tools.street.crossing_hilink import HiLinkPart

_GATE_M, _GATES = 0.75, 8
_MOVES_MPS = 0.2
_HOLDS_S = 5.0
_HEAD, _TAIL = b"\xf4\xf3\xf2\xf1", b"\xf8\xf7\xf6\xf5"


class Part(HiLinkPart):
    """One LD2410. `frame` makes the next report; shows: [], for it tells no places."""

    version = bytes.fromhex("0001070122091615")

    def __init__(self, chance, weather="dry"):
        super().__init__()
        self._chance = chance
        self._moving = self._still = None  # (cm, energy, when)
        self._frames_heard = 0
        self.shows = []
        self.rains(weather)

    def rains(self, weather):
        """Set how often a drop near the part counts as somebody: figures of ours."""
        self._drops = {"dry": 0.0, "rain": 0.004, "downpour": 0.02}[weather]

    def frame(self, now_s, echoes):
        """Give the report of now, b"" while it is being configured or starts."""
        chance = self._chance
        near = [it for it in echoes if it.range_m < _GATE_M * _GATES]
        moving = [it for it in near if abs(it.speed_mps) >= _MOVES_MPS]
        still = [it for it in near if abs(it.speed_mps) < _MOVES_MPS]
        if moving or still:
            # One frame of noise is nobody.
            self._frames_heard += 1
        else:
            self._frames_heard = 0
        if self._frames_heard > 1:
            self._moving = self._strongest(moving, now_s) or self._moving
            self._still = self._strongest(still, now_s) or self._still
        if self._drops and chance.random() < self._drops:
            self._moving = (round(chance.uniform(30, 250)), 40, now_s)
        told = [
            it if it and now_s - it[2] <= _HOLDS_S else None for it in (self._moving, self._still)
        ]
        if not self.reports(now_s):
            return b""
        state = bool(told[0]) + 2 * bool(told[1])
        far = [it[0] if it else 0 for it in told]
        loud = [it[1] if it else 0 for it in told]
        data = struct.pack(
            "<BBBHBHBHBB", 2, 0xAA, state, far[0], loud[0], far[1], loud[1], max(far), 0x55, 0
        )
        return _HEAD + struct.pack("<H", len(data)) + data + _TAIL

    def _strongest(self, echoes, now_s):
        if not echoes:
            return None
        best = max(echoes, key=lambda it: it.power)
        return round(100 * best.range_m), min(100, round(best.power / 10) + 20), now_s

    def restarted(self):
        self._moving = self._still = None
