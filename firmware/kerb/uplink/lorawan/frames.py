"""LoRaWAN's frames as bytes: made and read, with their keys (TS001-1.0.4 chapters 4 and 6).

EUIs, DevAddr and nonces are little-endian, as on air. Nothing that comes from the air raises.
"""

from collections import namedtuple
from struct import pack, pack_into

from kerb.uplink.lorawan.crypto import DOWN, UP, Cipher, block
from micropython import const

# Flags of an uplink (FCtrl, 4.3.1).
ADR = const(0x80)
ADR_ACK_REQ = const(0x40)
ACK = const(0x20)

_JOIN_REQUEST = const(0x00)
_JOIN_ACCEPT = const(0x20)
_UNCONFIRMED_UP = const(0x40)
_UNCONFIRMED_DOWN = const(0x60)
_CONFIRMED_UP = const(0x80)
_CONFIRMED_DOWN = const(0xA0)
_TYPE = const(0xE3)  # with the major version, not with the bits reserved between them
_PENDING = const(0x10)
_FOPTS = const(0x0F)
_MIC = const(4)
_LONGEST = const(255)

Down = namedtuple(  # noqa: PYI024 (no typing on a board)
    "Down", ("fcnt", "confirmed", "ack", "pending", "fopts", "port", "payload")
)


def _mic(cipher, direction, dev_addr, fcnt, message):
    first = block(0x49, direction, dev_addr, fcnt, len(message))
    return cipher.cmac(first, message)[:_MIC]


def join_request(cipher, join_eui, dev_eui, dev_nonce):
    """The 23 bytes of a join-request (6.2.4); cipher: of the AppKey; dev_nonce: 0..65535."""
    if dev_nonce >> 16:
        raise ValueError("DevNonce")
    frame = pack("<B8s8sH", _JOIN_REQUEST, join_eui, dev_eui, dev_nonce)
    return frame + cipher.cmac(b"", frame)[:_MIC]


def read_join_accept(cipher, phy, dev_nonce):
    """What a join-accept says (6.2.5); None if it is none, forged, or for another device.

    (join_nonce int, net_id 3 bytes, dev_addr 4 bytes, dl_settings int, rx_delay int,
    cf_list 16 bytes or None, nwk_skey, app_skey)
    """
    if len(phy) not in (17, 33) or phy[0] & _TYPE != _JOIN_ACCEPT:
        return None
    # The server decrypts to make it, so that a device needs nothing but encryption.
    plain = cipher.encrypt(phy[1:])
    end = len(plain) - _MIC
    if cipher.cmac(b"", phy[:1] + plain[:end])[:_MIC] != plain[end:]:
        return None
    seed = plain[:6] + pack("<H7x", dev_nonce)
    return (
        int.from_bytes(plain[:3], "little"),
        plain[3:6],
        plain[6:10],
        plain[10],
        plain[11],
        plain[12:end] or None,
        cipher.encrypt(b"\x01" + seed),
        cipher.encrypt(b"\x02" + seed),
    )


class Keys:
    """The ciphers of a session's two keys: nwk for MICs and port 0, app for all other ports."""

    def __init__(self, nwk_skey, app_skey):
        self.nwk = Cipher(nwk_skey)
        self.app = Cipher(app_skey)


class Builder:
    """Makes uplinks in one buffer: each is good until the next is made."""

    def __init__(self):
        self._frame = bytearray(_LONGEST)

    def build(self, keys, dev_addr, fcnt, confirmed, flags, fopts, port, payload):
        """An uplink (4.3) as a memoryview; it allocates what its parts are long, several times.

        fcnt: the 32 bits of FCntUp; flags: ADR, ADR_ACK_REQ and ACK; fopts: up to 15 bytes, none
        with port 0; port: None for a frame without one and without payload, 0 for MAC commands.
        ValueError for what would be no frame: too long, FOpts with port 0, FCntUp used up.
        """
        at = 8 + len(fopts)
        end = at + (port is not None) + len(payload)
        if end > _LONGEST - _MIC or at > 8 + (_FOPTS if port != 0 else 0) or fcnt >> 32:
            raise ValueError("no frame")
        frame = self._frame
        kind = _CONFIRMED_UP if confirmed else _UNCONFIRMED_UP
        pack_into("<B4sBH", frame, 0, kind, dev_addr, flags | (at - 8), fcnt & 0xFFFF)
        frame[8:at] = fopts
        if port is not None:
            frame[at] = port
            cipher = keys.app if port else keys.nwk
            frame[at + 1 : end] = cipher.crypt(UP, dev_addr, fcnt, payload)
        view = memoryview(frame)
        frame[end : end + _MIC] = _mic(keys.nwk, UP, dev_addr, fcnt, view[:end])
        return view[: end + _MIC]


def read_down(keys, dev_addr, fcnt_next, phy):
    """A downlink (4.3) that is right and new as a Down, else a word that says what is wrong.

    fcnt_next: the lowest FCntDown that is still acceptable; the frame's 16 bits are taken for the
    next such counter (4.3.1.5). "length", "type", "address", "mic", "replay" (an old frame again,
    or a counter used up), "fopts" (beside port 0, 4.3.1.6).
    Down: fcnt, 32 bits; fopts: the MAC commands, from FOpts or from port 0; port: None, 0..255.
    """
    end = len(phy) - _MIC
    if not 8 <= end <= _LONGEST - _MIC:
        return "length"
    kind = phy[0] & _TYPE
    if kind != _UNCONFIRMED_DOWN and kind != _CONFIRMED_DOWN:
        return "type"
    if phy[1:5] != dev_addr:
        return "address"
    flags = phy[5]
    at = 8 + (flags & _FOPTS)
    if at > end:
        return "length"
    fcnt = fcnt_next + ((phy[6] | phy[7] << 8) - fcnt_next & 0xFFFF)
    message = memoryview(phy)[:end]
    if fcnt >> 32 or _mic(keys.nwk, DOWN, dev_addr, fcnt, message) != phy[end:]:
        fcnt -= 0x10000
        if fcnt >= 0 and _mic(keys.nwk, DOWN, dev_addr, fcnt, message) == phy[end:]:
            return "replay"
        return "mic"
    fopts = bytes(phy[8:at])
    port = None
    payload = b""
    if at < end:
        port = phy[at]
        if port:
            payload = keys.app.crypt(DOWN, dev_addr, fcnt, message[at + 1 :])
        elif fopts:
            return "fopts"
        else:
            fopts = keys.nwk.crypt(DOWN, dev_addr, fcnt, message[at + 1 :])
    confirmed = kind == _CONFIRMED_DOWN
    return Down(fcnt, confirmed, flags & ACK != 0, flags & _PENDING != 0, fopts, port, payload)
