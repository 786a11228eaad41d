"""A beacon's lamps as the board drives them, edge for edge, and how they may be broken."""

import collections

_KEPT_EDGES = 200
# An RRFB is never dark for longer than 300 ms while it flashes, a Belisha beacon for 750 ms.
_DARK_S = 1.0
_NEVER_S = float("inf")
FAULTS = ("ok", "out", "stuck")


class Lamp:
    """One lamp: what its pin did and will do. Times are in seconds, `fault` is one of FAULTS."""

    def __init__(self):
        self.fault = "ok"
        self._edges = collections.deque([(-_NEVER_S, 0)], maxlen=_KEPT_EDGES)

    def drive(self, now_s, level):
        """The pin changes now; what was to come does not."""
        self._forget(now_s)
        self._edges.append((now_s, 1 if level else 0))

    def play(self, now_s, level, times_us):
        """The pin begins a pattern: alternating levels for these times, and low after it."""
        self._forget(now_s)
        at_s = now_s
        for us in times_us:
            self._edges.append((at_s, level))
            at_s += us / 1e6
            level = 1 - level
        self._edges.append((at_s, 0))

    def flashing(self, now_s):
        """Whether its pin was high within the longest time that a flashing one is dark."""
        began_s = None
        for at_s, level in (*self._edges, (_NEVER_S, 0)):
            if began_s is not None and at_s > now_s - _DARK_S:
                return True
            if at_s > now_s:
                return False
            began_s = at_s if level else None
        return False

    def _forget(self, now_s):
        while self._edges and self._edges[-1][0] > now_s:
            self._edges.pop()
        if not self._edges:
            self._edges.append((-_NEVER_S, 0))
