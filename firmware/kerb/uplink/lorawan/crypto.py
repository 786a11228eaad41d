"""AES as LoRaWAN uses it: encryption only, over the platform's `cryptolib`.

CMAC is RFC 4493. Many bytes are XORed at once, as one big int: that is quicker than byte by byte.
"""

from struct import pack

from cryptolib import aes
from micropython import const

UP = const(0)
DOWN = const(1)
_ECB = const(1)
_CBC = const(2)


def block(first, direction, dev_addr, fcnt, last):
    """The 16 bytes that begin a MIC and that make a key stream (TS001-1.0.4 4.3.3, 4.4).

    first: 0x49 for a MIC, 1 for a key stream; last: the message's length, or the block's number.
    """
    return pack("<BIB4sIBB", first, 0, direction, dev_addr, fcnt, 0, last)


def _double(value):
    """A 128 bit value times x in CMAC's field (RFC 4493, 2.3)."""
    value <<= 1
    return value ^ (1 << 128 | 0x87) if value >> 128 else value


class Cipher:
    """What is done with one key, 16 bytes."""

    def __init__(self, key):
        self._key = key
        self._whole = _double(int.from_bytes(self.encrypt(bytes(16)), "big"))

    def encrypt(self, blocks):
        """Each 16 bytes of `blocks` encrypted by themselves."""
        return aes(self._key, _ECB).encrypt(blocks)

    def cmac(self, first, message):
        """The 16 bytes of CMAC of two parts in a row.

        first: whole blocks or none; message: any length, at least a byte where `first` is given.
        """
        cbc = aes(self._key, _CBC, bytes(16))
        cbc.encrypt(first)
        n = len(message)
        begun = max(n - 1, 0) & ~15
        cbc.encrypt(message[:begun])
        last = int.from_bytes(message[begun:], "big")
        mask = self._whole
        free = 16 - n + begun
        if free:
            last = (last << 8 | 0x80) << 8 * (free - 1)
            mask = _double(mask)
        return cbc.encrypt((last ^ mask).to_bytes(16, "big"))

    def crypt(self, direction, dev_addr, fcnt, data):
        """A payload encrypted, or one decrypted (TS001-1.0.4 4.3.3)."""
        n = len(data)
        stream = b"".join(
            [block(1, direction, dev_addr, fcnt, i) for i in range(1, (n + 31) // 16)]
        )
        stream = int.from_bytes(self.encrypt(stream)[:n], "big")
        return (stream ^ int.from_bytes(data, "big")).to_bytes(n, "big")
