"""cryptolib's AES is the same on CPython's stand-in as on MicroPython, its refusals too."""

from binascii import hexlify, unhexlify

from cryptolib import aes

ECB = 1
CBC = 2
# FIPS 197 appendix C.1, and NIST SP 800-38A F.2.1.
KEY = bytes(range(16))
PLAIN = unhexlify("00112233445566778899aabbccddeeff")
NIST_KEY = unhexlify("2b7e151628aed2a6abf7158809cf4f3c")
NIST_PLAIN = unhexlify("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51")
NIST_CBC = b"7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"


def refused(call, *words):
    try:
        call(*words)
    except ValueError:
        return True
    return False


def test_a_block_is_encrypted_and_decrypted_as_the_standards_have_it():
    assert hexlify(aes(KEY, ECB).encrypt(PLAIN)) == b"69c4e0d86a7b0430d8cdb78070b4c55a"
    assert aes(KEY, ECB).decrypt(aes(KEY, ECB).encrypt(PLAIN * 3)) == PLAIN * 3
    assert hexlify(aes(NIST_KEY, CBC, KEY).encrypt(NIST_PLAIN)) == NIST_CBC
    assert aes(NIST_KEY, CBC, KEY).decrypt(unhexlify(NIST_CBC)) == NIST_PLAIN


def test_cbc_goes_on_from_call_to_call():
    cbc = aes(NIST_KEY, CBC, KEY)
    said = cbc.encrypt(NIST_PLAIN[:16]) + cbc.encrypt(b"") + cbc.encrypt(NIST_PLAIN[16:])
    assert hexlify(said) == NIST_CBC


def test_it_writes_into_a_buffer_also_into_the_one_it_reads():
    into = bytearray(20)
    assert aes(KEY, ECB).encrypt(PLAIN, into) is into
    assert into == aes(KEY, ECB).encrypt(PLAIN) + bytes(4)
    same = bytearray(PLAIN)
    aes(KEY, ECB).encrypt(same, same)
    assert same == into[:16]


def test_it_takes_any_buffer_and_gives_bytes():
    for buffer in (PLAIN, bytearray(PLAIN), memoryview(PLAIN)):
        assert isinstance(aes(bytearray(KEY), ECB).encrypt(buffer), bytes)


def test_it_refuses_what_is_no_key_no_mode_no_vector_and_no_whole_block():
    assert refused(aes, KEY[:15], ECB) and refused(aes, b"", ECB) and refused(aes, KEY * 3, ECB)
    assert refused(aes, KEY, 3)
    assert refused(aes, KEY, CBC) and refused(aes, KEY, CBC, KEY[:15])
    for n in (1, 15, 17):
        assert refused(aes(KEY, ECB).encrypt, bytes(n))
        assert refused(aes(KEY, CBC, KEY).encrypt, bytes(n))
    assert refused(aes(KEY, ECB).encrypt, PLAIN, bytearray(15))


def test_one_of_them_works_in_one_direction_only():
    cipher = aes(KEY, ECB)
    cipher.encrypt(PLAIN)
    assert refused(cipher.decrypt, PLAIN)
    cipher.encrypt(PLAIN)
