"""AES-CMAC and LoRaWAN's key stream, on vectors of RFC 4493 and against a byte by byte model."""

from binascii import hexlify, unhexlify
from struct import pack

from cryptolib import aes
from kerb.uplink.lorawan import frames
from support.lorawan_frames import Numbers, crypt, mic

KEY = unhexlify("2b7e151628aed2a6abf7158809cf4f3c")
MESSAGE = unhexlify(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)


def model_cmac(key, message):
    """RFC 4493 step by step, on single bytes."""
    encrypt = aes(key, 1).encrypt

    def shifted(block):
        out = bytearray(
            [(block[i] << 1 | (block[i + 1] >> 7 if i < 15 else 0)) & 255 for i in range(16)]
        )
        if block[0] & 0x80:
            out[15] ^= 0x87
        return out

    blocks = max((len(message) + 15) // 16, 1)
    last = bytearray(message[16 * (blocks - 1) :])
    subkey = shifted(encrypt(bytes(16)))
    if len(last) < 16:
        subkey = shifted(subkey)
        last += b"\x80" + bytes(15 - len(last))
    state = bytes(16)
    for i in range(blocks - 1):
        state = encrypt(bytes([a ^ b for a, b in zip(state, message[16 * i : 16 * i + 16])]))
    return encrypt(bytes([a ^ b ^ c for a, b, c in zip(state, last, subkey)]))


def cmac(key, message):
    return frames.mic(key, int.from_bytes(message, "big"), len(message))


def test_a_mic_is_the_beginning_of_the_rfc_s_four_cmacs():
    for n, expected in (
        (0, "bb1d6929e95937287fa37d129b756746"),
        (16, "070a16b46b4d4144f79bdd9dd04a287c"),
        (40, "dfa66747de9ae63030ca32611497c827"),
        (64, "51f0bebf7e3b9d92fc49741779363cfe"),
    ):
        assert hexlify(model_cmac(KEY, MESSAGE[:n])).decode() == expected
        assert hexlify(cmac(KEY, MESSAGE[:n])).decode() == expected[:8]


def test_a_mic_is_the_model_s_for_every_length_of_a_frame_and_with_zeros_in_front():
    numbers = Numbers(1)
    data = numbers.bytes(272)
    for n in list(range(70)) + [127, 128, 129, 255, 256, 271, 272]:
        key = numbers.bytes(16)
        for message in (data[:n], bytes(n), bytes(min(n, 3)) + data[: max(n - 3, 0)]):
            assert cmac(key, message) == model_cmac(key, message)[:4], n


def test_subkeys_are_doubled_in_the_field_whichever_of_their_bits_carry():
    numbers = Numbers(2)
    seen = set()
    while len(seen) < 4:
        key = numbers.bytes(16)
        zeros = aes(key, 1).encrypt(bytes(16))
        seen.add(zeros[0] >> 6)  # its two top bits say which of the two doublings carries
        for n in (16, 17):
            assert cmac(key, bytes(n)) == model_cmac(key, bytes(n))[:4]


def test_a_key_stream_has_one_block_for_each_16_bytes_each_of_its_own_number():
    numbers = Numbers(3)
    key, dev_addr = numbers.bytes(16), numbers.bytes(4)
    for n in (1, 15, 16, 17, 32, 33, 242):
        fcnt, direction, data = numbers.counter(), numbers.below(2), numbers.bytes(n)
        expected = b""
        for i in range((n + 15) // 16):
            head = pack("<BIB", 1, 0, direction) + dev_addr + pack("<IBB", fcnt, 0, i + 1)
            stream = aes(key, 1).encrypt(head)
            expected += bytes([a ^ b for a, b in zip(stream, data[16 * i :])])
        assert crypt(key, direction, dev_addr, fcnt, data) == expected
        assert crypt(key, direction, dev_addr, fcnt, expected) == data


def test_another_direction_address_counter_or_key_gives_another_stream_and_mic():
    base = (KEY, 0, b"\1\2\3\4", 7)
    others = [base]
    for place, other in ((0, MESSAGE[:16]), (1, 1), (2, b"\1\2\3\5"), (3, 7 + 65536)):
        others.append(base[:place] + (other,) + base[place + 1 :])
    data = MESSAGE[:21]
    assert len({crypt(*(words + (data,))) for words in others}) == 5
    assert len({mic(*(words + (data,))) for words in others}) == 5


def test_what_is_kept_of_one_key_is_never_used_for_another():
    # A unicast and a multicast session and a join take turns, each with keys of its own.
    numbers = Numbers(4)
    keys = [numbers.bytes(16) for _ in range(4)]
    data, address = numbers.bytes(21), numbers.bytes(4)
    alone = {}
    for key in keys:
        alone[key] = cmac(key, data), crypt(key, 0, address, 1, data)
    for _ in range(40):
        key = keys[numbers.below(4)]
        if numbers.below(2):
            assert cmac(key, data) == alone[key][0] == model_cmac(key, data)[:4]
        else:
            assert crypt(key, 0, address, 1, data) == alone[key][1]


def test_a_key_that_aes_does_not_take_leaves_nothing_behind():
    good = cmac(KEY, b"frame"), crypt(KEY, 0, b"\1\2\3\4", 1, b"frame")
    for bad in (b"", KEY[:15], KEY + b"x"):
        for call in (lambda: cmac(bad, b"x"), lambda: crypt(bad, 0, b"\1\2\3\4", 1, b"x")):
            for _ in range(2):
                try:
                    call()
                except ValueError:
                    continue
                raise AssertionError(bad)
    assert good == (cmac(KEY, b"frame"), crypt(KEY, 0, b"\1\2\3\4", 1, b"frame"))
