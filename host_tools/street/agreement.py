"""Whether a lamp does what its device says: the reported level against the light it gives."""

import time

# A report is on its way while the lamp has already changed, or the other way round. By LoRaWAN it
# waits for its turn, and is sent again when it got lost.
GRACE_S = 3.0
LORA_GRACE_S = 30.0
_TOLERANCE = 0.02  # DALI's steps are 2.8 % apart: the nearest one is within 1.4 %
_TOLERANCE_PERMILLE = 1.0


def agree(reported_permille, light_permille):
    """Tell whether a reported level and a light output, both in per-mille, are the same step."""
    allowed = max(_TOLERANCE_PERMILLE, reported_permille * _TOLERANCE)
    if (reported_permille == 0) != (light_permille == 0):
        return False
    return abs(reported_permille - light_permille) <= allowed


class Agreement:
    """Follows both sides in time. `longest_s` is the longest disagreement so far, in seconds;
    `compared` tells whether there ever was something to compare.

    Only what can be compared counts: the device must be heard, and have said a level since its
    last reset.
    """

    def __init__(self, monotonic=time.monotonic, grace_s=GRACE_S):
        self._monotonic = monotonic
        self._grace_s = grace_s
        self._since_s = None
        self._now = None
        self.longest_s = 0.0
        self.compared = False

    def observe(self, reported_permille, light_permille, heard):
        """Take the present state; `reported_permille` is None when nothing was reported yet."""
        now_s = self._monotonic()
        if self._since_s is not None:
            self.longest_s = max(self.longest_s, now_s - self._since_s)
        if reported_permille is None or not heard:
            self._now = None
        else:
            self.compared = True
            self._now = agree(reported_permille, light_permille)
        if self._now is not False:
            self._since_s = None
        elif self._since_s is None:
            self._since_s = now_s

    @property
    def now(self):
        """True, False, or None while there is nothing to compare."""
        return self._now

    @property
    def late(self):
        """True while they differ, and for longer than a report may take."""
        return self._since_s is not None and self._monotonic() - self._since_s > self._grace_s

    @property
    def broken(self):
        """True when they differed for longer than a report may take."""
        return self.longest_s > self._grace_s
