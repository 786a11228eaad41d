"""AES as LoRaWAN uses it: encryption only, over the platform's `cryptolib`.

Many bytes are XORed at once, as one big int: on MicroPython that is quicker than one by one. Keys
are 16 bytes; nothing is kept of them between calls.
"""

from struct import pack

from cryptolib import aes
from micropython import const

_ECB = const(1)
_CBC = const(2)


def encrypt(key, blocks):
    """Each 16 bytes of `blocks` encrypted by themselves."""
    return aes(key, _ECB).encrypt(blocks)


def cmac(key, message):
    """The 16 bytes of AES-CMAC of a message of any length (RFC 4493), through CBC from zeros."""
    cbc = aes(key, _CBC, bytes(16))
    # The subkeys come of what zeros encrypt to. That is now CBC's state, so that the first block
    # of the message takes it back: XORed with itself, it is zeros again.
    mask = state = int.from_bytes(cbc.encrypt(bytes(16)), "big")
    n = len(message)
    at = max(n - 1, 0) & ~15  # the last block, whole or not
    if at:
        state ^= int.from_bytes(message[:16], "big")
        cbc.encrypt(state.to_bytes(16, "big"))
        cbc.encrypt(message[16:at])
        state = 0
    last = int.from_bytes(message[at:], "big")
    free = at + 16 - n
    if free:
        last = (last << 8 | 0x80) << 8 * free - 8
    for _ in range(2 if free else 1):
        mask <<= 1
        if mask >> 128:
            mask ^= 1 << 128 | 0x87
    return cbc.encrypt((last ^ mask ^ state).to_bytes(16, "big"))


def _block(first, direction, dev_addr, fcnt, last):
    return pack("<BIB4sIBB", first, 0, direction, dev_addr, fcnt, 0, last)


def mic(key, direction, dev_addr, fcnt, message):
    """The 4 bytes of MIC of a data frame (TS001-1.0.4 4.4); direction: 0 up, 1 down."""
    return cmac(key, _block(0x49, direction, dev_addr, fcnt, len(message)) + message)[:4]


def crypt(key, direction, dev_addr, fcnt, data):
    """A data frame's payload encrypted, or one decrypted (TS001-1.0.4 4.3.3)."""
    n = len(data)
    blocks = [_block(1, direction, dev_addr, fcnt, i) for i in range(1, (n + 31) // 16)]
    stream = int.from_bytes(encrypt(key, b"".join(blocks))[:n], "big")
    return (stream ^ int.from_bytes(data, "big")).to_bytes(n, "big")
