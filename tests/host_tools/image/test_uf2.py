"""UF2: what is written is read again, block by block as the bootloader wants it."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_tools.image import uf2


@given(st.binary(min_size=1, max_size=2000))
def test_data_comes_back_padded_to_whole_pages(data):
    base, back = uf2.decode(uf2.encode(data))
    assert base == uf2.FLASH_BASE
    assert back[: len(data)] == data
    assert len(back) % 256 == 0 and len(back) - len(data) < 256 and not any(back[len(data) :])


def test_a_block_says_of_itself_what_the_specification_asks():
    image = uf2.encode(bytes(range(256)) * 3, base=0x10001000)
    assert len(image) == 3 * 512
    for i in range(3):
        block = image[512 * i : 512 * (i + 1)]
        words = struct.unpack("<8I", block[:32])
        # Flag 0x2000: the eighth word is the family, 0xE48BFF56 the RP2040's.
        address = 0x10001000 + 256 * i
        assert words == (0x0A324655, 0x9E5D5157, 0x2000, address, 256, i, 3, 0xE48BFF56)
        assert block[32:288] == bytes(range(256))
        assert block[-4:] == bytes.fromhex("306fb10a")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda image: b"",
        lambda image: image[:-1],
        lambda image: image[512:] + image[:512],
        lambda image: image[:512] + image[1024:],
        lambda image: b"\0" + image[1:],
        lambda image: image[:-1] + b"\0",
    ],
)
def test_what_is_no_uf2_or_has_holes_is_refused(spoil):
    image = uf2.encode(bytes(1000))
    with pytest.raises(ValueError):
        uf2.decode(spoil(image))
