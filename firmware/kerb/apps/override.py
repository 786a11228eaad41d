"""A level by command, for a while: the command that was given last counts, not the last to arrive.

A command may say when it was given, `issued_s`, in seconds since 2000-01-01 UTC. One that says
nothing was given when it arrives. So a group's command that was held up somewhere does not undo a
later one. Of two given in the same second the brighter counts, then the longer: in whatever order
they arrive, and how often, the end is the same.
"""

import struct

from kerb.system.allowance import Allowance
from micropython import const

# Senders' clocks may be so much ahead of ours.
_AHEAD_S = const(300)
_MAX_FOR_S = const(86400)
_FULL = const(1000)

# Format, when it was given, level (_NONE: a clear), for how long.
_RECORD = "<BIHI"
_RECORD_BYTES = const(11)
_FORMAT = const(1)
_NONE = const(0xFFFF)


def seconds(wall):
    """Seconds since 2000-01-01 UTC of (day, second)."""
    return wall[0] * 86400 + wall[1]


class Latest:
    """The command of one sort that was given last; `issued_s` is when, None if that is unknown.

    `rank` decides between two of the same second: anything that has an order.
    """

    def __init__(self):
        self.issued_s = None
        self.rank = None

    def judge(self, wall, issued_s, rank):
        """What to do with a command that has arrived now.

        None: it is the last given, and kept here as that. "same": it is the one kept here.
        "superseded": it is older. "not_yet": it was given more than 5 minutes ahead of the clock,
        which would lock out all others until then. `wall` is (day, second) UTC or None.
        """
        now_s = seconds(wall) if wall else None
        last_s = self.issued_s
        if last_s is not None and now_s is not None and last_s > now_s + _AHEAD_S:
            last_s = None  # kept by a clock that was wrong
        if issued_s is None:
            # It comes after whatever has come, also if that was by a clock ahead of ours.
            issued_s = now_s
            if last_s is not None and (now_s is None or now_s <= last_s):
                issued_s = last_s + 1
        else:
            if now_s is not None and issued_s > now_s + _AHEAD_S:
                return "not_yet"
            if last_s is not None:
                if issued_s < last_s:
                    return "superseded"
                if issued_s == last_s and self.rank is not None:
                    if rank == self.rank:
                        return "same"
                    if rank < self.rank:
                        return "superseded"
        self.issued_s = issued_s
        self.rank = rank
        return None


class Override:
    """The level that a command asks for, until its time is up.

    The time counts from when the command was given if the clock is known, else from its arrival,
    until the clock is known. From then on it runs by uptime: a clock that steps changes nothing.
    """

    def __init__(self):
        self._latest = Latest()
        self._level = -1
        self._for_s = 0
        self._until_s = 0  # uptime; None: not before the clock is known
        self._stamped = True  # the command itself said when it was given
        self._anchored = True  # the end is by the clock
        self._unsaved = False
        self._writes = Allowance(20, 600)

    def take(self, uptime_s, wall, level_permille, for_s, issued_s=None):
        """A command for a level; gives (result, reason) of the event command_result.

        ("refused", "expired"): its time was up before it came, but what was given earlier is over
        too. ("refused", "superseded"): a later one has come before it. ("refused", "not_yet"): it
        was given more than 5 minutes ahead of the clock. `wall` is (day, second) UTC or None.
        """
        return self._take(uptime_s, wall, level_permille, for_s, issued_s)

    def clear(self, uptime_s, wall, issued_s=None):
        """A command to end it; the same answers."""
        return self._take(uptime_s, wall, -1, 0, issued_s)

    def level(self, uptime_s, wall=None):
        """The level asked for, 0..1000 permille, or None.

        With `wall` a command that came while the clock was unknown, or was kept over a reboot,
        finds its end.
        """
        if self._level < 0:
            return None
        if wall is not None and not self._anchored:
            self._anchor(uptime_s, wall)
        if self._until_s is None:
            return None
        if uptime_s >= self._until_s:
            self._level = -1
            return None
        return self._level

    def _take(self, uptime_s, wall, level, for_s, issued_s):
        verdict = self._latest.judge(wall, issued_s, (level, for_s))
        if verdict == "same":
            # Once more does not make it longer, but may come when the clock has been put right.
            if self._until_s is None or (wall is not None and self._stamped):
                self._begin(uptime_s, wall, level, for_s)
        elif verdict:
            return "refused", verdict
        else:
            self._stamped = issued_s is not None
            self._unsaved = True
            self._begin(uptime_s, wall, level, for_s)
        if level >= 0 and self.level(uptime_s, wall) is None:
            return "refused", "expired"
        return "ok", None

    def _begin(self, uptime_s, wall, level, for_s):
        self._level = level
        self._for_s = for_s
        self._until_s = uptime_s + for_s
        self._anchored = wall is not None
        if self._anchored and self._stamped:
            self._until_s += self._latest.issued_s - seconds(wall)

    def _anchor(self, uptime_s, wall):
        """The clock is known now: when does it end?"""
        self._anchored = True
        now_s = seconds(wall)
        begun_s = None  # by the clock, if it came since the start
        if self._until_s is not None:
            begun_s = now_s + self._until_s - self._for_s - uptime_s
        issued_s = self._latest.issued_s
        credible = issued_s is not None and issued_s <= now_s + _AHEAD_S
        if self._stamped and credible:
            self._until_s = uptime_s + issued_s + self._for_s - now_s
        elif begun_s is None:
            self._level = -1  # kept from a time that is still to come
        else:
            self._latest.issued_s = max(issued_s, begun_s) if credible else begun_s
            self._unsaved = True

    def due(self, uptime_s):
        """The bytes to be kept over a reboot, if they have changed, else None.

        At most 20 times in a row and then once in ten minutes: at most 164 writes a day, in
        whatever way the city commands. Ask each second, or after each command.
        """
        if not self._unsaved or self._latest.issued_s is None:
            return None
        if not self._writes.left(uptime_s):
            return None
        self._writes.spend()
        self._unsaved = False
        level, for_s = self._latest.rank
        level = _NONE if level < 0 else level
        return struct.pack(_RECORD, _FORMAT, self._latest.issued_s, level, for_s)

    def restore(self, data):
        """Goes on from the bytes that due() gave; others, and None, are passed over.

        The level holds again when the clock is known and its time is not up: nobody knows how long
        the device was away. That it was given holds at once.
        """
        if data is None or len(data) != _RECORD_BYTES:
            return
        form, issued_s, level, for_s = struct.unpack(_RECORD, data)
        if form != _FORMAT or for_s > _MAX_FOR_S or not (level <= _FULL or level == _NONE):
            return
        self._level = -1 if level == _NONE else level
        self._for_s = for_s
        self._until_s = None
        self._stamped = True
        self._anchored = False
        self._latest.issued_s = issued_s
        self._latest.rank = (self._level, for_s)
