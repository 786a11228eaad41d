"""Totals that only grow and outlive a power cut, at a price in flash wear that is known."""

import struct

from micropython import const

# A cut of the power costs at most this much of what was counted.
EVERY_S = const(300)


class Counters:
    """`count` totals, each 0 to 2^32 - 1, kept as one record `name` of the store.

    values: the totals, a list to add to. Call keep() every now and then, at any rate: it writes
    at most once in `every_s` and only what has changed. What a power cut can cost is therefore
    `every_s` of counting, 5 minutes by default; flash that refuses a write costs more until it
    takes one. restored: whether there was a record to go on from.

    A lamp that counts day and night writes 288 times a day, of some 294 that a whole lamp does
    (`make bench-wear`). On a Pico's littlefs in 128 kB, the least there is, ten years of a whole
    lamp come to 83,000 erases, 3,100 of the block that had most, which bears 100,000: littlefs
    moves on to other blocks by itself. Were all bounds on writes used up on each day of them, by
    commands, faults and neighbours, it would be 585,000 and 37,000. Both are reckoned up, from a
    year and from 20 days.
    """

    def __init__(self, store, name, count, every_s=EVERY_S):
        self._store = store
        self._name = name
        self._format = "<%dI" % count
        self._every_s = every_s
        record = store.get(name)
        self.restored = record is not None and len(record) == 4 * count
        self._kept = record if self.restored else bytes(4 * count)
        self.values = list(struct.unpack(self._format, self._kept))
        self._kept_s = None

    def keep(self, uptime_s):
        """Writes what has changed, if it is time to; True if it wrote."""
        if self._kept_s is None:
            self._kept_s = uptime_s
        if uptime_s - self._kept_s < self._every_s:
            return False
        self._kept_s = uptime_s
        return self.save()

    def save(self):
        """Writes what has changed now, for a reboot that is known before; True if it wrote."""
        record = struct.pack(self._format, *self.values)
        if record == self._kept or not self._store.put(self._name, record):
            return False
        self._kept = record
        return True
