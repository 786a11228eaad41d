"""When a bay's sensor is not to be believed: dead, silent, covered, stuck, or talking nonsense."""

from micropython import const

AILMENTS = ("no_answer", "no_echo", "garbled", "blocked", "stuck", "failed")

_SILENCE = const(1)  # in AILMENTS
_TENTHS = const(10)
# What ails a sensor is said after so long, well within a minute also when some bursts look well.
_DOUBT = const(38 * _TENTHS)
_FULL = const(45 * _TENTHS)
_MOST_SPENT = const(15 * _TENTHS)
# So many readings in a row that are all alike, for so long: no echo is that steady.
_SAME = const(60)
_SAME_FOR = const(30 * _TENTHS)
# A part that smooths what it hears says the same for long above a floor where nothing moves.
_SAME_SMOOTHED = const(3600 * _TENTHS)
_SUSPECT = const(10)


class Doubt:
    """Takes each burst; least_mm: nothing of a bay is nearer than this.

    odd: this burst is none to go by. suspicious: look again soon. silent: it had no echo at all.
    """

    def __init__(self, least_mm):
        self._least_mm = least_mm
        self.odd = self.suspicious = self.silent = False
        self._last = 0
        # By the order of AILMENTS, for how long in 0.1 s.
        self._spent = [0] * len(AILMENTS)
        self._why = None
        self._last_mm = None
        self._same = 0
        self._same_since = 0
        self._same_for = _SAME_FOR

    def smoothed(self):
        """The part smooths what it says: only an hour of the same is odd."""
        self._same_for = _SAME_SMOOTHED

    def look(self, now, burst, fault):
        """Why the state is unknown, or None; `now` in 0.1 s.

        fault: why there are no readings at all, None when the part answered.
        """
        heard = burst.count - burst.none - burst.wild
        near = burst.within(0, self._least_mm - 1)
        # What one thing sends back lies together; a part in order has no burst of chance.
        nonsense = burst.wild > heard or (heard > 2 and burst.size * 2 < heard)
        covered = near * 2 > heard
        self.silent = not (fault or heard or nonsense)
        spent = min(_MOST_SPENT, now - self._last)
        self._last = now
        ailing = 0
        if fault:
            ailing = 1 if fault == "no_answer" else 16 if fault == "stuck" else 32
            if fault == "garbled":
                ailing = 4
        elif self.silent:
            ailing = 2
        elif nonsense:
            ailing = 4
        elif covered:
            ailing = 8
        elif self._is_stuck(now, burst, heard):
            ailing = 16
        self.odd = ailing != 0
        # Once it is known there is no hurry.
        self.suspicious = self._why is None
        if not ailing:
            self.suspicious = self._same >= _SUSPECT and self._same_for == _SAME_FOR
        levels = self._spent
        worst = 0
        for at in range(len(levels)):
            if ailing >> at & 1:
                levels[at] = min(_FULL, levels[at] + spent)
            else:
                levels[at] = max(0, levels[at] - 2 * spent)
                if at == _SILENCE and not ailing:
                    # One weak echo keeps what is known, but brings nothing back.
                    if self._why is None or heard * 2 > burst.count:
                        levels[at] = 0
                    else:
                        levels[at] = _FULL
            if levels[at] > levels[worst]:
                worst = at
        if ailing == 16 and not fault:  # it has been for long already
            self._why = "stuck"
        elif levels[worst] >= _DOUBT:
            self._why = AILMENTS[worst]
        elif not (ailing or levels[_SILENCE]):
            self._why = None
        return self._why

    def _is_stuck(self, now, burst, heard):
        if burst.lo_mm != burst.hi_mm or burst.lo_mm != self._last_mm:
            self._last_mm = burst.hi_mm
            self._same = heard if burst.lo_mm == burst.hi_mm else 0
            self._same_since = now
        else:
            self._same += heard
        return self._same >= _SAME and now - self._same_since >= self._same_for
