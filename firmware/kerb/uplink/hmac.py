"""HMAC-SHA256 (RFC 2104)."""

from hashlib import sha256

from micropython import const

_BLOCK = const(64)


class Hmac:
    """Makes and checks tags with one key, bytes of any length."""

    def __init__(self, key):
        if len(key) > _BLOCK:
            key = sha256(key).digest()
        key += bytes(_BLOCK - len(key))
        self._inner = bytes([b ^ 0x36 for b in key])
        self._outer = bytes([b ^ 0x5C for b in key])

    def tag(self, message):
        """The 32 bytes of tag of a message."""
        hash = sha256(self._inner)
        hash.update(message)
        outer = sha256(self._outer)
        outer.update(hash.digest())
        return outer.digest()

    def fits(self, message, tag):
        """Whether `tag` is the beginning of the message's tag; takes as long for any wrong one."""
        wrong = 0
        for a, b in zip(self.tag(message), tag):
            wrong |= a ^ b
        return not wrong
