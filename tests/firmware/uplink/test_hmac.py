"""HMAC-SHA256 against the test cases of RFC 4231, section 4."""

from binascii import unhexlify

from kerb.uplink.hmac import Hmac

_LARGE = b"\xaa" * 131
# Key, message, tag; the fifth case is one of a tag that is cut to 16 bytes.
_CASES = (
    (
        b"\x0b" * 20,
        b"Hi There",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    ),
    (
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    (
        b"\xaa" * 20,
        b"\xdd" * 50,
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    ),
    (
        bytes(range(1, 26)),
        b"\xcd" * 50,
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
    ),
    (b"\x0c" * 20, b"Test With Truncation", "a3b6167473100ee06e0c796c2955552b"),
    (
        _LARGE,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    (
        _LARGE,
        (
            b"This is a test using a larger than block-size key and a larger than block-size data."
            b" The key needs to be hashed before being used by the HMAC algorithm."
        ),
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
)


def test_tags_are_those_of_the_rfc():
    for key, message, tag in _CASES:
        tag = unhexlify(tag)
        hmac = Hmac(key)
        assert hmac.tag(message)[: len(tag)] == tag, message
        assert hmac.tag(message)[: len(tag)] == tag, "a second time"
        assert hmac.fits(message, tag)


def test_a_tag_with_any_bit_turned_does_not_fit():
    hmac = Hmac(b"Jefe")
    tag = hmac.tag(b"message")[:16]
    for bit in range(128):
        wrong = bytearray(tag)
        wrong[bit // 8] ^= 1 << bit % 8
        assert not hmac.fits(b"message", wrong)
    assert not hmac.fits(b"messagf", tag)
    assert not Hmac(b"Jeff").fits(b"message", tag)
