"""What Hi-Link's radars do with commands: FD FC FB FA, length, word, value, 04 03 02 01.

Taken only between FF and FE; a part sends no reports meanwhile. The answer is the word with bit 8
set and a status, 0 for well (LD2450 protocol V1.03, LD2410 protocol V1.02 and user guide 2.3).
"""

import struct

_HEAD, _TAIL = b"\xfd\xfc\xfb\xfa", b"\x04\x03\x02\x01"
_BOOT_S = 1.0
_ENABLE, _END, _VERSION, _RESTART = 0xFF, 0xFE, 0xA0, 0xA3


class HiLinkPart:
    """A part to be configured; `reports`: whether it sends reports at a moment."""

    version = bytes(8)

    def __init__(self):
        self._configuring = False
        self._booting_until_s = 0.0
        self._inbox = b""

    def reports(self, now_s):
        return not self._configuring and now_s >= self._booting_until_s

    def write(self, data, now_s=0.0):
        """Take bytes on its receive line; give what it answers."""
        self._inbox = (self._inbox + data)[-256:]
        answers = b""
        while True:
            at = self._inbox.find(_HEAD)
            if at < 0 or len(self._inbox) < at + 8:
                return answers
            size = self._inbox[at + 4]
            whole = self._inbox[at : at + 10 + size]
            if len(whole) < 10 + size:
                return answers
            self._inbox = self._inbox[at + 4 :]
            if whole[-4:] == _TAIL and size >= 2:
                self._inbox = self._inbox[size + 6 :]
                answers += self._answer(whole[6], now_s)

    def _answer(self, word, now_s):
        if word != _ENABLE and not self._configuring:
            return b""
        more = b""
        if word == _ENABLE:
            self._configuring, more = True, b"\x01\x00\x40\x00"
        elif word == _END:
            self._configuring = False
        elif word == _VERSION:
            more = self.version
        elif word == _RESTART:
            self._configuring, self._booting_until_s = False, now_s + _BOOT_S
            self.restarted()
        else:
            more = self.obey(word)
        inner = bytes((word, 1, 0, 0)) + more
        return _HEAD + struct.pack("<H", len(inner)) + inner + _TAIL

    def obey(self, word):
        """Do what `word` says; give what its answer has after the status."""
        return b""

    def restarted(self):
        """Forget whom it follows."""
