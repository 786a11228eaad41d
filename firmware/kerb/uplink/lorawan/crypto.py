"""AES as LoRaWAN uses it: encryption only, over the platform's `cryptolib`.

Bytes to be signed or encrypted are one big int, most significant byte first: that is quicker on
MicroPython than XORing byte by byte. Keys are 16 bytes; what is derived of the last ones used is
kept, because a session uses the same two for years.
"""

from struct import pack

from cryptolib import aes
from micropython import const

_ECB = const(1)
_CBC = const(2)
_ZEROS = bytes(16)
# A key and its AES, of stream(); a key and its subkeys for whole and for filled-up last blocks.
_kept = [None, None, None, 0, 0]


def mic(key, value, n):
    """The first 4 bytes of AES-CMAC (RFC 4493) of `value`, n bytes, through CBC from zeros."""
    if _kept[2] != key:
        _kept[2] = None
        subkey = int.from_bytes(aes(key, _ECB).encrypt(_ZEROS), "big")
        for i in (3, 4):
            subkey <<= 1
            if subkey >> 128:
                subkey ^= 1 << 128 | 0x87
            _kept[i] = subkey
        _kept[2] = key
    free = -n & 15
    if free or not n:
        free = free or 16
        value = (value << 8 | 0x80) << 8 * free - 8 ^ _kept[4]
    else:
        value ^= _kept[3]
    return aes(key, _CBC, _ZEROS).encrypt(value.to_bytes(n + free, "big"))[-16:-12]


def stream(key, direction, dev_addr, fcnt, n):
    """The n bytes, as an int, to XOR with a data frame's payload (TS001-1.0.4 4.3.3).

    direction: 0 up, 1 down; fcnt: 32 bits.
    """
    blocks = b""
    for i in range(1, n + 31 >> 4):
        blocks += pack("<B4xB4sIxB", 1, direction, dev_addr, fcnt, i)
    if _kept[0] != key:
        _kept[1] = aes(key, _ECB)
        _kept[0] = key
    return int.from_bytes(_kept[1].encrypt(blocks), "big") >> 8 * (-n & 15)
