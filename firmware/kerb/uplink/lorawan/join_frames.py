"""LoRaWAN's join-request and join-accept as bytes (TS001-1.0.4 chapter 6).

EUIs, DevAddr and nonces are little-endian, as on air. Nothing that comes from the air raises.
"""

from struct import pack

from cryptolib import aes
from kerb.uplink.lorawan.frames import mic
from micropython import const

_JOIN_REQUEST = const(0x00)
_JOIN_ACCEPT = const(0x20)
_TYPE = const(0xE3)  # with the major version, without the bits that are reserved
_ECB = const(1)


def join_request(app_key, join_eui, dev_eui, dev_nonce):
    """The 23 bytes of a join-request (6.2.5); dev_nonce: 0..65535, else ValueError."""
    if dev_nonce >> 16:
        raise ValueError("DevNonce")
    frame = pack("<B8s8sH", _JOIN_REQUEST, join_eui, dev_eui, dev_nonce)
    return frame + mic(app_key, int.from_bytes(frame, "big"), 19)


def read_join_accept(app_key, phy, dev_nonce):
    """What a join-accept says (6.2.6); None if it is none, forged or for another device.

    (join_nonce int, net_id 3 bytes, dev_addr 4 bytes, dl_settings int, rx_delay int,
    cf_list 16 bytes or None, keys). dev_nonce: that of the join-request.
    """
    if len(phy) not in (17, 33) or phy[0] & _TYPE != _JOIN_ACCEPT:
        return None
    # The server decrypts to make it, so that a device needs nothing but encryption.
    plain = aes(app_key, _ECB).encrypt(phy[1:])
    n = len(phy) - 4
    if mic(app_key, int.from_bytes(phy[:1] + plain[:-4], "big"), n) != plain[-4:]:
        return None
    seed = plain[:6] + pack("<H7x", dev_nonce)
    keys = aes(app_key, _ECB).encrypt(b"\x01" + seed + b"\x02" + seed)
    return (
        int.from_bytes(plain[:3], "little"),
        plain[3:6],
        plain[6:10],
        plain[10],
        plain[11],
        plain[12:-4] or None,
        (keys[:16], keys[16:]),
    )
