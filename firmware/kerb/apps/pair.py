"""The two poles of a crossing: what each tells the other, so that both flash in the same rounds.

A message of KIND, at most 32 bytes, highest byte first:

    flags (1): pole 1 or 2, +4 somebody waits there, +8 what runs is passed on, not its own,
        +16 it sees no cars
    number of the start (2), drawn anew with each boot
    sender's ticks in ms at the message's making (4)
    reason (1): place in crosswalk.REASONS + 1, 0 when nothing runs, 255 of a kind not known here
    when the first round began (4), and when the last one ends (4), in the sender's ticks
    name of the crossing

The times are in the sender's ticks, and what separates its ticks from ours is learned from all
its messages: the one that was on its way for the shortest time is right to a few ms, and no other
counts. So a message that an access point or a busy loop held back is understood as if it had come
at once, and one that somebody kept back on purpose is known to be old.
"""

import os
import time

from kerb.apps.crosswalk import REASONS
from kerb.system.schema import Int, Str
from micropython import const

SCHEMA = {
    # The same at both poles, and another one at each crossing within reach. Without: one pole.
    "crossing": Str(1, 16, default=None),
    "pole": Int(1, 2, default=None),
}

KIND = const(2)  # of the message
# When kerb.uplink.peer.Peer sends a message that begins or prolongs a period, and one that
# says that we live: in ms from the first time. Losses come in bursts: some soon, some later.
START_MS = (0, 10, 20, 30, 40, 60, 90, 140, 200)
BEAT_MS = (0, 40)
# A period begins so much after its cause, so that the other pole knows in time.
LEAD_MS = const(40)

_BEAT_MS = const(1000)
_RUNNING_MS = const(300)
_LOST_MS = const(5000)
_GRACE_MS = const(60000)  # both start together after a power cut, and their network after them
_TWIN_MS = const(60000)
_WAITS_MS = const(2500)
_LATE_MS = const(2000)
_LONGEST_MS = const(600000)
_AHEAD_MS = const(2000)
# Two clocks part by at most 1 ms in so many: 250 ppm, crystals are five times better.
_DRIFT_MS = const(4000)
# The end that is told lies so much before the end of the last round, where all is dark.
_MARGIN_MS = const(100)
# Rounds that began so little after ours are ours as the other pole has heard of them, or as good.
_ECHO_MS = const(800)
# What ends so soon is not joined: it may have ended here a moment ago.
_ENDS_MS = const(300)

_HEAD = const(16)
_POLE = const(3)
_WAITS = const(4)
_PASSED_ON = const(8)
_BLIND = const(16)
_TICKS = const(0x3FFFFFFF)


def check(cfg):
    """What the schema cannot say: a list of errors of a config that satisfies SCHEMA."""
    if (cfg["crossing"] is None) != (cfg["pole"] is None):
        found = "pole" if cfg["crossing"] is None else "crossing"
        return ["crosswalk: found %s alone, allowed: both crossing and pole, or none" % found]
    return []


class Pair:
    """The pure part of one pole; `cfg` has the keys of SCHEMA. Without them it says nothing.

    lost: the other pole has not been heard for 5 s, after a start for 60 s: we work alone.
    twin: somebody says that he is this pole, too, of this crossing. He is heard all the same.
    lead_ms: how far ahead a period is to begin so that both begin together, 0 alone.
    waits: somebody at the other pole wants to cross and waits for a car. blind: whether no radar
    here tells of cars, to be set; far_blind: nor one there, as far as we hear. repeat_ms: when
    the payload that was given last is to be sent, for kerb.uplink.peer.Peer.send().
    """

    def __init__(self, cfg):
        self._name = None
        if cfg["crossing"] is not None:
            self._name = cfg["crossing"].encode()
            self._pole = cfg["pole"]
        self._start = int.from_bytes(os.urandom(2), "big")
        self._other = None  # the start that the other's ticks count from
        self._offset = 0  # what its ticks lack to ours
        self._drifted_ms = self._began_ms = 0
        self._until_ms = None  # of what runs or ran last, None before the first
        self._reason = 0  # of what runs, 0 for nothing
        self._own = False
        self._told_ms = self._heard_ms = self._twin_ms = self._waits_ms = None
        self._first_ms = None
        self._waited = False
        self.lost = self.twin = self.waits = self.far_blind = False
        self.blind = True
        self.lead_ms = 0
        self.repeat_ms = BEAT_MS

    def activation(self, now_ms, began_ms, until_ms, reason):
        """The payload that tells of a period, new or prolonged, by our own cause; None alone.

        All in ticks: began_ms of its first round, until_ms where its last round ends.
        """
        if self._name is None:
            return None
        # One that goes on is told again by every beat: a button that is drummed on costs little.
        new = not self._reason or time.ticks_diff(self._until_ms, now_ms) <= 0
        self.repeat_ms = START_MS if new else BEAT_MS
        self._own = True
        self._began_ms = began_ms
        self._until_ms = until_ms
        self._reason = REASONS.index(reason) + 1 if reason in REASONS else 255
        return self._payload(now_ms)

    def tick(self, now_ms, waits=False):
        """A payload that says that we live, and what runs; None while there is nothing to say.

        To be called every 100 ms or more often. waits: somebody here waits for a car.
        """
        if self._name is None:
            return None
        if self._first_ms is None:
            self._first_ms = self._drifted_ms = now_ms
        while time.ticks_diff(now_ms, self._drifted_ms) >= _DRIFT_MS:
            self._drifted_ms = time.ticks_add(self._drifted_ms, _DRIFT_MS)
            self._offset = (self._offset + 1) & _TICKS
        self._look(now_ms)
        told = self._waited == waits and self._told_ms is not None
        self._waited = waits
        if told:
            pause_ms = _RUNNING_MS if self._reason else _BEAT_MS
            if time.ticks_diff(now_ms, self._told_ms) < pause_ms:
                return None
        self.repeat_ms = BEAT_MS
        return self._payload(now_ms)

    def _look(self, now_ms):
        """What time alone changes."""
        if self._reason and time.ticks_diff(self._until_ms, now_ms) <= 0:
            self._reason = 0
            self._own = False
        heard_ms = self._heard_ms
        if heard_ms is None:
            self.lost = self.lost or time.ticks_diff(now_ms, self._first_ms) >= _GRACE_MS
        elif time.ticks_diff(now_ms, heard_ms) >= _LOST_MS:
            self.lost = True
        self.lead_ms = 0 if self.lost or heard_ms is None else LEAD_MS
        if self.twin and time.ticks_diff(now_ms, self._twin_ms) >= _TWIN_MS:
            self.twin = False
        if self.waits and time.ticks_diff(now_ms, self._waits_ms) >= _WAITS_MS:
            self.waits = False

    def _payload(self, now_ms):
        self._told_ms = now_ms
        flags = self._pole | (_WAITS if self._waited else 0) | (_BLIND if self.blind else 0)
        reason = self._reason
        began_ms = until_ms = 0
        if reason:
            flags |= 0 if self._own else _PASSED_ON
            began_ms, until_ms = self._began_ms, self._until_ms
        head = bytes((flags,)) + self._start.to_bytes(2, "big") + now_ms.to_bytes(4, "big")
        head += bytes((reason,)) + began_ms.to_bytes(4, "big") + until_ms.to_bytes(4, "big")
        return head + self._name

    def concerns(self, payload):
        """Whether any bytes are a message of this crossing's."""
        return (
            self._name is not None
            and payload[_HEAD:] == self._name
            and 1 <= payload[0] & _POLE <= 2
        )

    def heard(self, now_ms, payload, age_ms):
        """Takes a message of KIND; gives (began_ms, until_ms, reason) of what runs there, or None.

        Both are in our ticks: began_ms of the first round, which may be some ms ahead, and
        until_ms of the dark end of the last round, 100 ms before its very end: the two poles'
        ticks are some ms apart, and who rounds up to whole rounds finds the same one; None when
        it only tells us what we told it. reason: of REASONS, or "other". It comes again, alike,
        with every message while the period lasts.

        What a message's way takes at least we cannot tell from what the clocks differ by. So our
        own rounds come back later than they are, and the end is reckoned from where ours began.
        """
        if not self.concerns(payload):
            return None
        sent_ms = int.from_bytes(payload[3:7], "big") & _TICKS
        flags = payload[0]
        late_ms = self._sync(now_ms, age_ms, payload[1] << 8 | payload[2], sent_ms)
        if late_ms <= _LATE_MS:
            self._heard_ms = now_ms
            self.lost = False
            self.lead_ms = LEAD_MS
            self.far_blind = flags & _BLIND > 0
            if flags & _POLE == self._pole:
                self.twin = True
                self._twin_ms = now_ms
            if flags & _WAITS:
                self.waits = True
                self._waits_ms = now_ms
            else:
                self.waits = False
        if not payload[7]:
            return None
        began_ms = int.from_bytes(payload[8:12], "big") & _TICKS
        until_ms = int.from_bytes(payload[12:16], "big") & _TICKS
        return self._take(now_ms, sent_ms, began_ms, until_ms, flags & _PASSED_ON, payload[7])

    def _sync(self, now_ms, age_ms, start, sent_ms):
        """Learns how the other's ticks go; gives by how much this message was held back."""
        offset = time.ticks_diff(time.ticks_add(now_ms, -age_ms), sent_ms) & _TICKS
        if start != self._other:
            self._other = start
            self._offset = offset
        late_ms = time.ticks_diff(offset, self._offset)
        if late_ms < 0:
            self._offset = offset
            return 0
        return late_ms

    def _take(self, now_ms, sent_ms, began_ms, until_ms, passed_on, reason):
        if not 0 < time.ticks_diff(until_ms, sent_ms) <= _LONGEST_MS:
            return None
        if time.ticks_diff(began_ms, sent_ms) > _AHEAD_MS:
            return None
        began_ms = (began_ms + self._offset) & _TICKS
        until_ms = (until_ms + self._offset) & _TICKS
        known = self._until_ms is not None
        if known:
            apart_ms = time.ticks_diff(began_ms, self._began_ms)
            if 0 < apart_ms <= _ECHO_MS:
                began_ms = self._began_ms
                until_ms = time.ticks_add(until_ms, -apart_ms)
        if time.ticks_diff(until_ms, now_ms) <= _ENDS_MS:
            return None
        end_ms = time.ticks_add(until_ms, -_MARGIN_MS)
        if known and passed_on:
            # It is from us, or of our time before a reboot, and of that we have a later one.
            if not self._reason:
                return None
            end_ms = None
        elif not self._reason or time.ticks_diff(until_ms, self._until_ms) > _MARGIN_MS:
            # Ours is passed on to a pole that starts in its middle; what we know is not ours.
            if not self._reason or time.ticks_diff(began_ms, self._until_ms) > -_ENDS_MS:
                self._began_ms = began_ms
            self._own = False
            self._until_ms = until_ms
            self._reason = reason
        if time.ticks_diff(began_ms, self._began_ms) < 0:
            self._began_ms = began_ms
        return began_ms, end_ms, REASONS[reason - 1] if reason <= len(REASONS) else "other"
