"""When a bay's sensor is not to be believed: dead, silent, covered, stuck, or talking nonsense."""

from micropython import const

_TENTHS = const(10)
# What ails a sensor is said after so long, well within a minute.
_DOUBT = const(40 * _TENTHS)
_SAME = const(60)  # readings that are all alike
_SAME_S = const(30 * _TENTHS)


class Doubt:
    """Takes each burst; least_mm: nothing of a bay is nearer than this.

    odd: this burst is none to go by.
    """

    def __init__(self, least_mm):
        self._least_mm = least_mm
        self.odd = False
        self._now = 0
        self._began = {}
        self._last_mm = None
        self._same = 0
        self._same_since = 0

    def look(self, now, burst, fault):
        """Why the state is unknown, or None; `now` in 0.1 s."""
        heard = burst.count - burst.none - burst.wild
        near = burst.within(0, self._least_mm - 1)
        nonsense = burst.wild * 2 > burst.count
        covered = heard > 0 and near * 2 > heard
        self.odd = bool(fault) or nonsense or covered
        why = None
        for reason, wrong in (
            ("no_answer", fault == "no_answer"),
            ("failed", bool(fault) and fault != "no_answer"),
            ("no_echo", not (fault or heard or nonsense)),
            ("garbled", nonsense or (heard > 2 and burst.size < 2)),
            ("blocked", covered),
        ):
            if not wrong:
                self._began.pop(reason, None)
            elif now - self._began.setdefault(reason, now) >= _DOUBT:
                why = why or reason
        if self._stuck(now, burst, heard):
            self.odd = True
            why = why or "stuck"
        return why

    def _stuck(self, now, burst, heard):
        if not heard:
            return self._same >= _SAME and now - self._same_since >= _SAME_S
        if burst.lo_mm != burst.hi_mm or burst.lo_mm != self._last_mm:
            self._last_mm = burst.hi_mm
            self._same = heard if burst.lo_mm == burst.hi_mm else 0
            self._same_since = now
        else:
            self._same += heard
        return self._same >= _SAME and now - self._same_since >= _SAME_S
