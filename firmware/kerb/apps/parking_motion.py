"""Whether what is before the ground of a bay has come like a car, or only stands there.

A car glides in and stands still. Somebody who walks through is under the sensor or is not; who
waits there sways; and a trolley is left there, but has not come gliding. Only what comes gliding
counts at once.
"""

from micropython import const

_TENTHS = const(10)
# What stands still keeps its distance within this.
_STILL_MM = const(20)
# What glides moves by so much from burst to burst, more than once in a row and the same way; who
# stands there shifts now and then.
_STEP_MM = const(8)
_STEPS = const(2)
_GONE = const(4 * _TENTHS)
# People who go leave the ground to be heard.
_SILENT = const(20 * _TENTHS)
# No car was ever so unsteady; people and rain are.
_TOO_LONG = const(300 * _TENTHS)


class Motion:
    """Times are in 0.1 s. come_mm: what comes has come at least so far, in all.

    settle_s: so long stands still what has come. dwell_s: so long what has not. A thing that
    never stands still counts after five minutes.
    """

    def __init__(self, come_mm, settle_s, dwell_s):
        self._come_mm = come_mm
        self._step_mm = max(_STEP_MM, come_mm // 12)
        self._settle = settle_s * _TENTHS
        self._dwell = dwell_s * _TENTHS
        self.since = None  # when something began to speak against the ground
        self._still_since = None
        self._still_mm = self._last_mm = 0
        self._start_mm = 0
        self._steps = self._seen = 0  # steps: below 0 towards the sensor
        self.glided = False  # what is there has come gliding

    def look(self, now, mm):
        """Takes how far away something is that is nearer than the ground."""
        if self._still_since is None or now - self._seen > _GONE:
            self._last_mm = self._start_mm = mm
            self._steps = 0
            self.glided = False
            self._still_since = None
        self._seen = now
        moved_mm = mm - self._last_mm
        if abs(moved_mm) < self._step_mm:
            self._steps = 0
        elif moved_mm > 0:
            self._steps = max(0, self._steps) + 1
        else:
            self._steps = min(0, self._steps) - 1
        if -1 <= self._steps <= 1:
            self._start_mm = self._last_mm
        elif abs(mm - self._start_mm) >= self._come_mm:
            self.glided = True
        self._last_mm = mm
        if self._still_since is None or abs(mm - self._still_mm) > _STILL_MM:
            self._still_mm = mm
            self._still_since = now

    def gone(self):
        """The ground is seen."""
        self._still_since = None
        self.glided = False

    def stands(self, now, at_start):
        """Whether it counts. at_start: for all that is known it has been there before."""
        if self.since is None:
            return False
        if self._still_since is not None:
            still = now - self._still_since
            if still >= self._dwell or (still >= _SILENT and now - self._seen > _GONE):
                return True
            if at_start or self.glided:
                return still >= self._settle
        return now - self.since >= _TOO_LONG
