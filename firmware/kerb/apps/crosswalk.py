"""Decides when the beacon of a crosswalk flashes. Pure: ticks and detections in, events out.

Every detection begins the whole period anew, also while it flashes (FHWA Interim Approval IA-21):
a push of the button at once; somebody whom the radar sees about to cross at once too or, where the
config says so, when a car comes; and what the other pole says. A period ends in the dark part of
the pattern, and it ends for both poles in the same one.
"""

import time

from micropython import const

# By their places in messages to the other pole, so that new ones go to the end.
REASONS = ("button", "track", "presence", "peer", "command", "resumed")
# Who still stands there waits for something that the car radar does not see.
_PATIENCE_MS = const(8000)
# Whoever is not seen for that long is still the one who waits.
_GAP_MS = const(3000)
# Two poles that are that near to each other look as one, and it is as near as a pattern joins.
_IN_STEP_MS = const(25)
# Before its end a round is dark for longer than that.
_DARK_MS = const(120)
_ARMED_MS = const(2500)
_NOTE_EVERY_MS = const(2000)
_MASK = const(0xFFFF)


class Crosswalk:
    """One pole.

    period_ms: how long it flashes after a detection; round_ms: of the pattern; wait_for_car: what
    the radar sees may wait for a car.

    flashing. began_ms: when its first round began, in ticks; until_ms: when it ends, likewise.
    reason: of REASONS, why it began. waiting: somebody wants to cross and no car is there. counts:
    of detections, as REASONS. flashing_s: for how long it has flashed in all. tell: the other pole
    has to hear of it, which who tells it sets back. lead_ms: to be set to how much later than its
    cause a period is to begin, so that both poles begin together.
    """

    def __init__(self, period_ms, round_ms, wait_for_car=False):
        self._period_ms = period_ms
        self._round_ms = round_ms
        self._wait_for_car = wait_for_car
        self._wait_ms = self._wanted_ms = 0
        self._armed_ms = None  # when the other pole's pedestrian was last heard of
        self._who = None
        self._at_ms = None
        self._rest_ms = 0
        self._events = []
        self._noted_ms = 0
        self.flashing = self.waiting = self.tell = False
        self.began_ms = self.until_ms = self.lead_ms = 0
        self.reason = None
        self.counts = [0] * len(REASONS)
        self.flashing_s = 0

    def detect(self, now_ms, reason, waited_ms=0):
        """Somebody may be about to cross, so says what REASONS names: begins the period anew."""
        again = self.flashing
        if not again:
            self.flashing = True
            self.began_ms = self.until_ms = time.ticks_add(now_ms, self.lead_ms)
            self.reason = reason
        self._prolong(now_ms)
        self._note(now_ms, reason, again, waited_ms)

    def heard(self, now_ms, began_ms, until_ms):
        """The other pole flashes or is about to: since when and until when, in our ticks.

        until_ms None: it adds nothing to what we told it.
        """
        if not self.flashing:
            if until_ms is None or time.ticks_diff(until_ms, now_ms) <= 0:
                return
            self.flashing = True
            self.began_ms = began_ms
            self.until_ms = until_ms
            self.reason = "peer"
            self._extend(until_ms)
            self._note(now_ms, "peer", False, 0)
            return
        ours_ms = self.until_ms
        if self._is_out_of_step(began_ms) and time.ticks_diff(began_ms, self.began_ms) < 0:
            # Both began by themselves. They go on with the rounds of who began first.
            self.began_ms = self.until_ms = began_ms
            self._extend(ours_ms)
            self.tell = True  # rounded up to its rounds our end may be one later
        if until_ms is not None:
            self._extend(until_ms)

    def armed(self, now_ms):
        """Somebody at the other pole waits for a car, which may come from our side."""
        self._armed_ms = now_ms

    def step(self, now_ms, reason=None, who=None, approaching=None):
        """What is seen now; gives what has begun: (reason, again, waited_ms, period_s), a list.

        reason: "track", "presence" or None: nobody wants to cross; who: a number for each track.
        approaching: a car comes, none does, or None, it can't be told: then nobody waits for one.
        """
        if self._at_ms is not None and self.flashing:
            self._rest_ms += time.ticks_diff(now_ms, self._at_ms)
            self.flashing_s += self._rest_ms // 1000
            self._rest_ms %= 1000
        self._at_ms = now_ms
        if self.flashing and time.ticks_diff(self.until_ms, now_ms) <= _DARK_MS:
            self.flashing = False
            self._who = None
        if reason:
            self._want(now_ms, reason, who, approaching)
        elif self.waiting and time.ticks_diff(now_ms, self._wanted_ms) > _GAP_MS:
            self.waiting = False
        if self._armed_ms is not None:
            if time.ticks_diff(now_ms, self._armed_ms) > _ARMED_MS:
                self._armed_ms = None
            elif approaching and not self.flashing:
                self._armed_ms = None
                self.detect(now_ms, "peer")
        begun = self._events
        if begun:
            self._events = []
        return begun

    def _want(self, now_ms, reason, who, approaching):
        self._wanted_ms = now_ms
        if self.flashing:
            if who != self._who:
                self._who = who
                self.detect(now_ms, reason)
            else:
                self._prolong(now_ms)
            return
        if not self.waiting:
            self._wait_ms = now_ms
        waited_ms = time.ticks_diff(now_ms, self._wait_ms)
        self.waiting = self._wait_for_car and approaching is False and waited_ms < _PATIENCE_MS
        if not self.waiting:
            self._who = who
            self.detect(now_ms, reason, waited_ms)

    def _prolong(self, now_ms):
        # An end that was late enough is known there, and might be from there: told as ours it
        # would be a detection of ours, and each of the two could lead the other on.
        if self._extend(time.ticks_add(now_ms, self._period_ms)):
            self.tell = True

    def _extend(self, until_ms):
        """Lets it flash until the round in which that is has ended; False when it does anyway."""
        lasts_ms = time.ticks_diff(until_ms, self.began_ms) - _IN_STEP_MS
        rounds = -(-lasts_ms // self._round_ms)
        until_ms = time.ticks_add(self.began_ms, rounds * self._round_ms)
        if time.ticks_diff(until_ms, self.until_ms) <= 0:
            return False
        self.until_ms = until_ms
        return True

    def _is_out_of_step(self, began_ms):
        apart_ms = time.ticks_diff(began_ms, self.began_ms) % self._round_ms
        return _IN_STEP_MS < apart_ms < self._round_ms - _IN_STEP_MS

    def _note(self, now_ms, reason, again, waited_ms):
        at = REASONS.index(reason)
        self.counts[at] = (self.counts[at] + 1) & _MASK
        # Somebody may drum on the button.
        if not again or time.ticks_diff(now_ms, self._noted_ms) >= _NOTE_EVERY_MS:
            self._noted_ms = now_ms
            left_ms = time.ticks_diff(self.until_ms, now_ms)
            self._events.append((reason, again, waited_ms, -(-left_ms // 1000)))
