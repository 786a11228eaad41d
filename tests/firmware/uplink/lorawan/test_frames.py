"""LoRaWAN's frames: vectors that others made, and what no frame from the air may do."""

from binascii import hexlify, unhexlify
from hashlib import sha256

from cryptolib import aes
from kerb.uplink.lorawan import frames, join_frames
from support.lorawan_frames import Numbers, downlink, mic, uplinks

KEYS = (
    unhexlify("44024241ed4ce9a68c6a8bc055233fd3"),
    unhexlify("ec925802ae430ca77fd3dd73cb2cc588"),
)
ADDRESS = unhexlify("f17dbe49")
APP_KEY = unhexlify("000102030405060708090a0b0c0d0e0f")
EUI = bytes(range(8))
OTHER_EUI = b"kerb-dev"
ACCEPT = unhexlify("20c575a3b83b9d069cbca4c88b6c608fcef0e6cab47f3ab6545185bef524c1f1eb")
# What lora-packet says of the same (tests/host_tools/lora/test_referee_frames.py holds it to it).
UPLINKS_SHA256 = "97ca93db5cb9d7e973e9f674edd1a8aec71c1a40f041b6c5fa83412653f24fb0"


def accept(head, body):
    """A join-accept as a server makes it: by decryption."""
    signed = bytes((head,)) + body
    mic = frames.mic(APP_KEY, int.from_bytes(signed, "big"), len(signed))
    return bytes((head,)) + aes(APP_KEY, 1).decrypt(body + mic)


def raised(call, *words):
    try:
        call(*words)
    except ValueError:
        return True
    return False


def test_the_known_frame_is_made_byte_for_byte():
    made = frames.build(KEYS, ADDRESS, 2, False, 0, b"", 1, b"test")
    assert hexlify(made) == b"40f17dbe4900020001954378762b11ff0d"


def test_a_hundred_frames_of_every_kind_are_those_that_the_referee_verified():
    hash = sha256()
    for fields in uplinks(100, 1, 60):
        hash.update(frames.build(*fields))
    assert hexlify(hash.digest()).decode() == UPLINKS_SHA256


def test_the_known_join_accept_gives_its_fields_and_session_keys():
    nonce, net_id, dev_addr, settings, delay, channels, keys = join_frames.read_join_accept(
        APP_KEY, ACCEPT, 1
    )
    assert (nonce, net_id, dev_addr) == (0x010203, b"\x13\0\0", unhexlify("da1b0126"))
    assert (settings, delay) == (0, 1)
    assert channels == unhexlify("184f84e85684b85e84886684586e8400")
    assert keys[0] == unhexlify("784c0b12b48217cd332c8e07efc6db62")
    assert keys[1] == unhexlify("1aca5e1d29cddfbe9be0a0a15353470c")


def test_the_session_keys_are_of_the_nonce_that_was_sent():
    seen = {
        join_frames.read_join_accept(APP_KEY, ACCEPT, nonce)[6] for nonce in (0, 1, 256, 65535)
    }
    assert len(seen) == 4


def test_a_join_accept_of_another_key_type_or_length_or_with_any_bit_turned_is_none():
    assert join_frames.read_join_accept(KEYS[0], ACCEPT, 1) is None
    for n in range(80):
        assert n == 33 or join_frames.read_join_accept(APP_KEY, (ACCEPT * 3)[:n], 1) is None, n
    for bit in range(8 * len(ACCEPT)):
        forged = bytearray(ACCEPT)
        forged[bit >> 3] ^= 1 << (bit & 7)
        assert join_frames.read_join_accept(APP_KEY, bytes(forged), 1) is None, bit


def test_a_join_accept_needs_no_channels_and_its_own_message_type():
    body = bytes(range(1, 13))
    said = join_frames.read_join_accept(APP_KEY, accept(0x20, body), 7)
    assert said[:6] == (0x030201, body[3:6], body[6:10], 11, 12, None)
    assert join_frames.read_join_accept(APP_KEY, accept(0x3C, body), 7) == said
    for head in (0x00, 0x21, 0x60, 0xA0, 0xE0):
        assert join_frames.read_join_accept(APP_KEY, accept(head, body), 7) is None, head


def test_a_join_request_has_its_23_bytes_and_takes_only_nonces_of_16_bits():
    frame = join_frames.join_request(APP_KEY, EUI, OTHER_EUI, 0x1234)
    assert frame[:19] == b"\0" + EUI + OTHER_EUI + b"\x34\x12"
    assert hexlify(frame[19:]) == b"4202494d"
    for nonce in (-1, 65536, 1 << 40):
        assert raised(join_frames.join_request, APP_KEY, EUI, EUI, nonce), nonce


def test_what_is_no_uplink_is_not_made():
    assert raised(frames.build, KEYS, ADDRESS, 1 << 32, False, 0, b"", 1, b"")
    assert raised(frames.build, KEYS, ADDRESS, -1, False, 0, b"", 1, b"")
    assert raised(frames.build, KEYS, ADDRESS, 0, False, 0, bytes(16), 1, b"")
    assert raised(frames.build, KEYS, ADDRESS, 0, False, 0, b"\2", 0, b"\2")
    assert len(frames.build(KEYS, ADDRESS, 0xFFFFFFFF, True, 0xE0, bytes(15), 1, b"")) == 28


def test_a_downlink_of_every_kind_says_what_was_put_into_it():
    for keys, dev_addr, fcnt, confirmed, flags, fopts, port, payload in uplinks(60, 5, 40):
        phy = downlink(keys, dev_addr, fcnt, confirmed, flags & 0xA0 | 0x10, fopts, port, payload)
        down = frames.read_down(keys, dev_addr, max(fcnt - 3, 0), phy)
        if port == 0:
            fopts, payload = payload, b""
        ack = bool(flags & 0x20)
        assert down == (fcnt, bool(confirmed), ack, True, fopts, port, payload)
        assert frames.read_down(keys, dev_addr, 0, bytearray(phy)) in (down, "mic")


def test_a_downlink_with_any_bit_turned_is_refused():
    for fields in ((b"", 9, b"on"), (b"\6", 1, b""), (b"", None, b""), (b"", 0, b"\6\6")):
        phy = downlink(KEYS, ADDRESS, 70000, True, 0x20, *fields)
        assert frames.read_down(KEYS, ADDRESS, 69999, phy)[0] == 70000
        for bit in range(8 * len(phy)):
            forged = bytearray(phy)
            forged[bit >> 3] ^= 1 << (bit & 7)
            said = frames.read_down(KEYS, ADDRESS, 69999, bytes(forged))
            assert isinstance(said, str), (fields, bit)


def test_every_length_of_anything_is_refused_with_a_word():
    numbers = Numbers(9)
    phy = downlink(KEYS, ADDRESS, 3, False, 0, b"\6", 9, b"dim")
    for n in range(len(phy)):
        assert isinstance(frames.read_down(KEYS, ADDRESS, 0, phy[:n]), str), n
    for n in list(range(40)) + [254, 255, 256, 300, 1000]:
        junk = b"\x60" + ADDRESS + numbers.bytes(n)
        assert isinstance(frames.read_down(KEYS, ADDRESS, 0, junk[:n]), str), n
        assert join_frames.read_join_accept(APP_KEY, b"\x20" + junk[:n], 1) is None


def test_options_longer_than_the_frame_are_refused_even_when_signed():
    for n in range(1, 16):
        for there in range(n):
            frame = b"\x60" + ADDRESS + bytes((n, 0, 0)) + bytes(there)
            phy = frame + mic(KEYS[0], 1, ADDRESS, 0, frame)
            assert frames.read_down(KEYS, ADDRESS, 0, phy) == "length"


def test_each_refusal_has_its_word():
    def said(fcnt=5, fcnt_next=5, keys=KEYS, address=ADDRESS, fopts=b"", port=9, payload=b"x"):
        phy = downlink(keys, address, fcnt, False, 0, fopts, port, payload)
        return frames.read_down(KEYS, ADDRESS, fcnt_next, phy)

    assert said()[0] == 5
    assert said(fcnt_next=6) == "replay"
    assert said(fcnt_next=65540) == "replay"
    assert said(fcnt_next=65542) == "mic"
    assert said(keys=(KEYS[1], KEYS[0])) == "mic"
    for place in range(4):
        other = bytearray(ADDRESS)
        other[place] ^= 1
        assert said(address=bytes(other)) == "address"
    for n, word in ((6, "length"), (7, "mic"), (250, "mic"), (251, "length"), (999, "length")):
        junk = b"\x60" + ADDRESS + bytes(n)
        assert frames.read_down(KEYS, ADDRESS, 5, junk) == word
    assert said(fopts=b"\6", port=0) == "fopts"
    phy = downlink(KEYS, ADDRESS, 0, False, 0, b"", 1, b"x")
    assert frames.read_down(KEYS, ADDRESS, 0, phy[:11]) == "length"
    assert (
        frames.read_down(KEYS, ADDRESS, 0, frames.build(KEYS, ADDRESS, 0, 0, 0, b"", 1, b"x"))
        == "type"
    )
    assert frames.read_down(KEYS, ADDRESS, 0, ACCEPT) == "type"


def test_reserved_bits_are_ignored_but_another_major_version_is_not():
    for head, taken in ((0x64, True), (0x7C, True), (0xB8, True), (0x61, False), (0x62, False)):
        frame = bytes((head,)) + ADDRESS + bytes(3)
        phy = frame + mic(KEYS[0], 1, ADDRESS, 0, frame)
        said = frames.read_down(KEYS, ADDRESS, 0, phy)
        assert said == ((0, head == 0xB8, False, False, b"", None, b"") if taken else "type")


def test_the_counter_s_upper_half_is_inferred_over_gaps_of_up_to_65535_frames():
    for fcnt_next in (0, 1, 65535, 65536, 0x1FFFE, 0x7FFFFFFF, 0xFFFE0005):
        for gap in (0, 1, 255, 32767, 32768, 65534, 65535):
            phy = downlink(KEYS, ADDRESS, fcnt_next + gap, False, 0, b"", None, b"")
            assert frames.read_down(KEYS, ADDRESS, fcnt_next, phy)[0] == fcnt_next + gap
        phy = downlink(KEYS, ADDRESS, fcnt_next + 65536, False, 0, b"", None, b"")
        assert frames.read_down(KEYS, ADDRESS, fcnt_next, phy) == "mic"


def test_no_frame_is_taken_twice_nor_after_a_later_one():
    for fcnt in (0, 1, 65535, 65536, 1 << 20, (1 << 32) - 1):
        phy = downlink(KEYS, ADDRESS, fcnt, False, 0, b"", 1, b"once")
        assert frames.read_down(KEYS, ADDRESS, fcnt, phy)[0] == fcnt
        for later in (1, 2, 1000, 65535, 65536, 65537, 1 << 24):
            fcnt_next = min(fcnt + later, 1 << 32)
            assert isinstance(frames.read_down(KEYS, ADDRESS, fcnt_next, phy), str)


def test_after_the_last_counter_nothing_is_taken_any_more():
    last = (1 << 32) - 1
    for fcnt in (last, 0, 1, 65535):
        phy = downlink(KEYS, ADDRESS, fcnt, False, 0, b"", 1, b"x")
        assert isinstance(frames.read_down(KEYS, ADDRESS, last + 1, phy), str)


def test_what_is_read_is_bytes_of_its_own():
    phy = bytearray(downlink(KEYS, ADDRESS, 1, False, 0, b"\6\x0d", 3, b"dim"))
    down = frames.read_down(KEYS, ADDRESS, 0, phy)
    phy[:] = bytes(len(phy))
    assert down[4:] == (b"\6\x0d", 3, b"dim")
    assert isinstance(down[4], bytes) and isinstance(down[6], bytes)
