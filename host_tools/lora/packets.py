"""LoRaWAN 1.0.4 frames as a network makes and reads them, after TS001-1.0.4 chapters 4 and 6.

Written apart from the firmware's own kerb.uplink.lorawan.frames, that the one may be a check of
the other. Keys are bytes(16); EUIs, addresses and the like bytes as on the air, least significant
first. Runs on CPython and on unix MicroPython.
"""

import struct

try:
    from cryptolib import aes as _aes
except ImportError:  # CPython without the virtual board
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    def _aes(key, _mode):
        return _Ecb(Cipher(algorithms.AES(key), modes.ECB()))

    class _Ecb:
        def __init__(self, cipher):
            self.encrypt = cipher.encryptor().update
            self.decrypt = cipher.decryptor().update


JOIN_REQUEST = 0
JOIN_ACCEPT = 1
UNCONFIRMED_UP = 2
UNCONFIRMED_DOWN = 3
CONFIRMED_UP = 4
CONFIRMED_DOWN = 5
ADR = 0x80
ADR_ACK_REQ = 0x40
ACK = 0x20
PENDING = 0x10
_ECB = 1
_UP = 0
_DOWN = 1


def encrypt(key, blocks):
    """AES-128 of whole blocks, each by itself."""
    return _aes(key, _ECB).encrypt(blocks)


def cmac(key, message):
    """AES-CMAC of RFC 4493, all 16 bytes."""
    cipher = _aes(key, _ECB)
    subkey = _double(cipher.encrypt(bytes(16)))
    last = message[max(0, len(message) - 1) // 16 * 16 :]
    if len(last) < 16:
        subkey = _double(subkey)
        last = last + b"\x80" + bytes(15 - len(last))
    state = bytes(16)
    for start in range(0, max(0, len(message) - 1) // 16 * 16, 16):
        state = cipher.encrypt(_xor(state, message[start : start + 16]))
    return cipher.encrypt(_xor(state, _xor(last, subkey)))


def join_accept(app_key, join_nonce, net_id, dev_addr, dl_settings, rx_delay, cf_list=b""):
    """The bytes of a join-accept; join_nonce is an integer, cf_list 16 bytes or none."""
    body = struct.pack("<I", join_nonce)[:3] + net_id + dev_addr
    body += bytes([dl_settings, rx_delay]) + cf_list
    head = bytes([JOIN_ACCEPT << 5])
    mic = cmac(app_key, head + body)[:4]
    # The device shall need no decryption: what it encrypts again must be the plain text.
    return head + _aes(app_key, _ECB).decrypt(body + mic)


def session_keys(app_key, join_nonce, net_id, dev_nonce):
    """(NwkSKey, AppSKey)."""
    body = struct.pack("<I", join_nonce)[:3] + net_id + struct.pack("<H", dev_nonce) + bytes(7)
    return encrypt(app_key, b"\x01" + body), encrypt(app_key, b"\x02" + body)


def read_join_request(phy):
    """(join_eui, dev_eui, dev_nonce), or None where it is none; is_mine() checks its MIC."""
    if len(phy) != 23 or phy[0] != JOIN_REQUEST << 5:
        return None
    return phy[1:9], phy[9:17], phy[17] | phy[18] << 8


def is_mine(key, phy):
    """Whether the MIC of a join-request is of this AppKey."""
    return cmac(key, phy[:-4])[:4] == phy[-4:]


def crypt(key, down, dev_addr, fcnt, data):
    """Encrypts or decrypts a payload: the same for both."""
    stream = b""
    for i in range(1, (len(data) + 15) // 16 + 1):
        stream += encrypt(key, _block(1, down, dev_addr, fcnt, i))
    return _xor(data, stream[: len(data)])


def mic(key, down, dev_addr, fcnt, message):
    """The four bytes at the end of a data frame."""
    return cmac(key, _block(0x49, down, dev_addr, fcnt, len(message)) + message)[:4]


def data(keys, dev_addr, fcnt, mtype, flags=0, fopts=b"", port=None, payload=b""):
    """A data frame, up or down by its type; port 0 carries MAC commands under the NwkSKey.

    Nothing is checked: hostile frames are made by it too. A payload without a port is left out.
    """
    down = _DOWN if mtype in (UNCONFIRMED_DOWN, CONFIRMED_DOWN) else _UP
    phy = bytes([mtype << 5]) + dev_addr + bytes([flags & 0xF0 | len(fopts) & 15])
    phy += struct.pack("<H", fcnt & 0xFFFF) + fopts
    if port is not None:
        phy += bytes([port]) + crypt(keys[1 if port else 0], down, dev_addr, fcnt, payload)
    return phy + mic(keys[0], down, dev_addr, fcnt, phy)


class Frame:
    """A data frame that was read: mtype, dev_addr, flags, fcnt, fopts, port or None, payload."""

    def __init__(self, phy):
        self.mtype = phy[0] >> 5
        self.dev_addr = phy[1:5]
        self.flags = phy[5] & 0xF0
        self.fcnt = phy[6] | phy[7] << 8
        end = 8 + (phy[5] & 15)
        self.fopts = phy[8:end]
        self.port = phy[end] if len(phy) > end + 4 else None
        self.payload = phy[end + 1 : -4]
        self.phy = phy

    def open(self, keys, fcnt):
        """Checks it with a whole 32-bit counter and decrypts it; False: not of these keys."""
        down = _DOWN if self.mtype in (UNCONFIRMED_DOWN, CONFIRMED_DOWN) else _UP
        if mic(keys[0], down, self.dev_addr, fcnt, self.phy[:-4]) != self.phy[-4:]:
            return False
        self.fcnt = fcnt
        if self.port is not None:
            key = keys[1 if self.port else 0]
            self.payload = crypt(key, down, self.dev_addr, fcnt, self.payload)
        return True


def read_data(phy):
    """A Frame, still encrypted, or None where the bytes are no data frame."""
    if len(phy) < 12 or phy[0] & 3 or not UNCONFIRMED_UP <= phy[0] >> 5 <= CONFIRMED_DOWN:
        return None
    if len(phy) < 12 + (phy[5] & 15):
        return None
    return Frame(phy)


def _block(first, down, dev_addr, fcnt, last):
    return bytes([first, 0, 0, 0, 0, down]) + dev_addr + struct.pack("<I", fcnt) + bytes([0, last])


def _double(block):
    number = int.from_bytes(block, "big") << 1
    if number >> 128:
        number = number ^ 0x87 ^ 1 << 128
    return number.to_bytes(16, "big")


def _xor(a, b):
    return bytes([x ^ y for x, y in zip(a, b)])
