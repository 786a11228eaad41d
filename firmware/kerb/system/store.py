"""Small records by name that a power cut can't damage: after it the old value is there or the new.

A record has two slots, <dir>/<name>.0 and .1. A new value goes to the older slot, so the current
one is never touched; sequence number and CRC32 tell which slots are whole and which is newer.
Closing a file makes it durable on littlefs and FAT. A put writes one file: its data and 10 bytes.
On a Pico's littlefs up to 64 bytes cost a page of 256 bytes, and an erase in every 16th put.
"""

import os
import struct
from binascii import crc32

from micropython import const

# Sequence number (136 years of a put a second), length of the data; then CRC32 of all that.
_HEAD = "<IH"
_HEAD_BYTES = const(6)
_CRC_BYTES = const(4)
_MAX_BYTES = const(65535)
_MAX_NAME = const(24)
_ENOENT = const(2)
_NAME_CHARS = "abcdefghijklmnopqrstuvwxyz0123456789_"


class Store:
    """Records in one folder, which is made when it is first written to.

    corrupt: how many reads found a record with no whole slot.
    failed: how many writes and deletes the flash refused.
    """

    def __init__(self, dir="data"):
        self._dir = dir
        self.corrupt = 0
        self.failed = 0

    def get(self, name):
        """The bytes of a record, or None if there is none or none that is whole."""
        slots = self._slots(name)
        newest = _newest(slots)
        if newest is not None:
            return slots[newest][1]
        if slots != [None, None]:
            self.corrupt += 1
        return None

    def put(self, name, data):
        """Keep bytes, at most 65535, under a name of 1 to 24 characters of a-z, 0-9 and _.

        True when they are on flash and were read back. False when the flash refused, full or worn:
        the old value is whole then. ValueError for a wrong name or too many bytes.
        """
        if len(data) > _MAX_BYTES:
            raise ValueError("store: %s: %d bytes, allowed: %d" % (name, len(data), _MAX_BYTES))
        slots = self._slots(name)
        newest = _newest(slots)
        slot, seq = (0, 1) if newest is None else (1 - newest, slots[newest][0] + 1)
        head = struct.pack(_HEAD, seq, len(data))
        path = self._path(name, slot)
        try:
            self._make_dir()
            with open(path, "wb") as f:
                f.write(head)
                f.write(struct.pack("<I", _crc(head, data)))
                f.write(data)
        except OSError:
            self.failed += 1
            return False
        if _read(path) != (seq, data):
            self.failed += 1
            return False
        return True

    def delete(self, name):
        """Forget a record; True when it is gone, False when the flash refused."""
        slots = self._slots(name)
        # The older slot first: a cut in between must not bring its value back.
        first = 1 - (_newest(slots) or 0)
        try:
            for slot in (first, 1 - first):
                if slots[slot] is not None:
                    os.remove(self._path(name, slot))
        except OSError:
            self.failed += 1
            return False
        return True

    def _path(self, name, slot):
        if not 1 <= len(name) <= _MAX_NAME or any(c not in _NAME_CHARS for c in name):
            raise ValueError("store: found name %r, allowed: 1 to 24 of a-z, 0-9, _" % name)
        return "%s/%s.%d" % (self._dir, name, slot)

    def _slots(self, name):
        return [_read(self._path(name, 0)), _read(self._path(name, 1))]

    def _make_dir(self):
        try:
            os.stat(self._dir)
        except OSError:
            os.mkdir(self._dir)


def _read(path):
    """(sequence number, data) of a slot, False if it is damaged, None if there is none."""
    try:
        with open(path, "rb") as f:
            head = f.read(_HEAD_BYTES)
            crc = f.read(_CRC_BYTES)
            data = f.read()
    except OSError as e:
        return None if e.errno == _ENOENT else False
    if len(crc) < _CRC_BYTES or struct.unpack("<I", crc)[0] != _crc(head, data):
        return False
    seq, length = struct.unpack(_HEAD, head)
    return (seq, data) if length == len(data) else False


def _crc(head, data):
    return crc32(data, crc32(head))


def _newest(slots):
    """Which slot is whole and newer, or None."""
    if slots[0] and slots[1]:
        return 0 if slots[0][0] > slots[1][0] else 1
    return 0 if slots[0] else 1 if slots[1] else None
