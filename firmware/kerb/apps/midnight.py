"""Virtual midnight: the middle of the night, by the nights that the light sensor has seen.

For a device that has lost the clock. As in drivers that dim by themselves: the length of the last
three nights, measured from dark to bright by the uptime, is that of the next one, so its middle
comes half as long after it began. The middle is the sun's midnight to some minutes in every
season, for dusk and dawn are early or late alike.
"""

import struct

from micropython import const

# Light or dark for less is a headlight, a storm or a lamp that sees itself, and no day or night.
_SPELL_S = const(1800)
# A sensor that gives nothing for longer may have missed an edge.
_GAP_S = const(600)
# Between the polar circles and the poles of cities; the rest is a fault or a polar season.
_SHORTEST_S = const(3 * 3600)
_LONGEST_S = const(21 * 3600)
_NIGHTS = const(3)
# Nights of one season; a night before and after a storage of months are not.
_APART_S = const(3600)
_WORTH_S = const(600)


class Midnight:
    """Looks at dark and bright, and tells how far it is to or from the middle of the night.

    night_s: how long a night is, the middle one of the last three, or None: fewer were seen, or
    they are more than an hour apart. `kept` is what keep() gave before a reboot, or None.

    keep() has something new when night_s has moved by 10 minutes: 51 times in Busan's year, 132 at
    60 degrees of latitude. Each is one put to the store.
    """

    def __init__(self, kept=None):
        self.night_s = None
        self._lengths_s = []
        self._kept_s = None
        self._restore(kept)
        self._began_s = None  # this night, None: not seen
        self._bright_since_s = None
        self._was_dark = None  # None: no edge can be seen yet
        self._seen_s = 0

    def look(self, uptime_s, dark):
        """Takes whether it is dark; None when the sensor is silent, or is not to be believed."""
        if dark is None:
            if uptime_s - self._seen_s > _GAP_S:
                self._was_dark = self._began_s = self._bright_since_s = None
            return
        self._seen_s = uptime_s
        if not dark:
            if self._was_dark is not False:
                self._bright_since_s = uptime_s
            elif self._began_s is not None and self._bright_for(uptime_s):
                self._learn(self._bright_since_s - self._began_s)
                self._began_s = None
        elif self._was_dark is False and self._began_s is None and self._bright_for(uptime_s):
            self._began_s = uptime_s
        self._was_dark = dark

    def _bright_for(self, uptime_s):
        return uptime_s - self._bright_since_s >= _SPELL_S

    def offset_s(self, uptime_s):
        """Seconds since the middle of this night, negative before it.

        None when it is not known: this night's begin was not seen, or there is no night_s.
        """
        if self._began_s is None or self.night_s is None:
            return None
        passed_s = uptime_s - self._began_s
        return passed_s - self.night_s // 2 if passed_s <= _LONGEST_S else None

    def _learn(self, length_s):
        if not _SHORTEST_S <= length_s <= _LONGEST_S:
            return
        self._lengths_s = self._lengths_s[1 - _NIGHTS :] + [length_s]
        ordered = sorted(self._lengths_s)
        agree = len(ordered) == _NIGHTS and ordered[-1] - ordered[0] <= _APART_S
        self.night_s = ordered[_NIGHTS // 2] if agree else None

    def keep(self):
        """Bytes that are worth keeping over a reboot now, once each; None: nothing new."""
        night_s = self.night_s
        if night_s is None:
            return None
        if self._kept_s is not None and abs(night_s - self._kept_s) < _WORTH_S:
            return None
        self._kept_s = night_s
        return struct.pack("<H", night_s // 60)

    def _restore(self, kept):
        if kept is not None and len(kept) == 2:
            night_s = struct.unpack("<H", kept)[0] * 60
            for _ in range(_NIGHTS):
                self._learn(night_s)
            self._kept_s = self.night_s
