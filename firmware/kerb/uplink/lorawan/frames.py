"""LoRaWAN's data frames as bytes: made and read, with their keys (TS001-1.0.4 chapter 4).

DevAddr is little-endian, as on air. `keys` are a session's two, of 16 bytes: (NwkSKey, AppSKey).
Nothing that comes from the air raises.

LoRaWAN's AES only ever encrypts. Bytes to be signed or encrypted are one big int, most
significant byte first: that is quicker on MicroPython than XORing byte by byte. What is derived
of the last keys used is kept, because a session uses the same two for years.
"""

from struct import pack

from cryptolib import aes
from micropython import const

_UNCONFIRMED_UP = const(0x40)
_UNCONFIRMED_DOWN = const(0x60)
_CONFIRMED_UP = const(0x80)
_CONFIRMED_DOWN = const(0xA0)
_TYPE = const(0xE3)  # with the major version, without the bits that are reserved
_ACK = const(0x20)
_PENDING = const(0x10)
_FOPTS_LEN = const(0x0F)
_B0 = const(0x49)
_ECB = const(1)
_CBC = const(2)
_ZEROS = const(b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")
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


def build(keys, dev_addr, fcnt, confirmed, flags, fopts, port, payload):
    """The bytes of an uplink (4.3).

    fcnt: all of FCntUp, 32 bits; flags: ADR 0x80, ADRACKReq 0x40, ACK 0x20; fopts: up to 15
    bytes; port: 1..255, 0 for MAC commands, then without FOpts, None for neither port nor
    payload. ValueError for a counter used up and for FOpts that don't fit.
    """
    n = len(fopts)
    if n > (0 if port == 0 else _FOPTS_LEN) or fcnt >> 32:
        raise ValueError("FOpts or FCnt")
    kind = _CONFIRMED_UP if confirmed else _UNCONFIRMED_UP
    flags |= n
    size = len(payload)
    n += size + (8 if port is None else 9)
    # Block B0, which is signed but not sent, then FHDR and FPort.
    low = fcnt & 0xFFFF
    frame = pack("<B5x4sIxBB4sBHB", _B0, dev_addr, fcnt, n, kind, dev_addr, flags, low, port or 0)
    if fopts or port is None:
        frame = frame[:24] + fopts + (frame[24:] if port is not None else b"")
    value = int.from_bytes(frame + payload, "big")
    if size:
        value ^= stream(keys[port != 0], 0, dev_addr, fcnt, size)
    n += 16
    return value.to_bytes(n, "big")[16:] + mic(keys[0], value, n)


def read_down(keys, dev_addr, fcnt_next, phy):
    """What a downlink (4.3) says if it is right and new; else a word of what is wrong with it.

    (fcnt 32 bits, confirmed, ack, pending, fopts, port None or 0..255, payload); fopts has the
    MAC commands, from FOpts or from port 0. fcnt_next: the lowest FCntDown that is acceptable;
    the frame's 16 bits are taken for those of the next such counter (4.3.1.5).
    "length", "type", "address", "mic", "replay": an old frame; "fopts": beside port 0 (4.3.1.6).
    """
    end = len(phy) - 4
    if not 8 <= end <= 251:
        return "length"
    kind = phy[0] & _TYPE
    if kind != _UNCONFIRMED_DOWN and kind != _CONFIRMED_DOWN:
        return "type"
    if phy[1:5] != dev_addr:
        return "address"
    flags = phy[5]
    at = 8 + (flags & _FOPTS_LEN)
    if at > end:
        return "length"
    # The next counter of these 16 bits, and to tell an old frame from a forged one the last.
    fcnt = fcnt_next + ((phy[6] | phy[7] << 8) - fcnt_next & 0xFFFF) + 0x10000
    for _ in range(2):
        fcnt -= 0x10000
        if not fcnt >> 32:
            value = pack("<B4xB4sIxB", _B0, 1, dev_addr, fcnt, end) + phy[:end]
            value = int.from_bytes(value, "big")
            if mic(keys[0], value, end + 16) == phy[end:]:
                break
    else:
        return "mic"
    if fcnt < fcnt_next:
        return "replay"
    fopts = bytes(phy[8:at])
    port = None
    payload = b""
    if at < end:
        port = phy[at]
        if port == 0 and fopts:
            return "fopts"
        at += 1
        if at < end:
            value ^= stream(keys[port != 0], 1, dev_addr, fcnt, end - at)
            payload = value.to_bytes(end + 16, "big")[at + 16 :]
        if port == 0:
            fopts = payload
            payload = b""
    confirmed = kind == _CONFIRMED_DOWN
    return fcnt, confirmed, bool(flags & _ACK), bool(flags & _PENDING), fopts, port, payload
