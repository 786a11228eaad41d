"""UF2, the format that an RP2040 takes over USB: https://github.com/microsoft/uf2."""

import struct

FLASH_BASE = 0x10000000
_RP2040 = 0xE48BFF56
_HEAD = struct.Struct("<8I")
_START = (0x0A324655, 0x9E5D5157)
_END = struct.pack("<I", 0x0AB16F30)
_HAS_FAMILY = 0x2000
_PAYLOAD = 256  # a flash page: the bootloader takes no other size
_BLOCK = 512


def encode(data, base=FLASH_BASE):
    """Give `data`, to be written from address `base` on, as UF2; it is padded to whole pages."""
    data += bytes(-len(data) % _PAYLOAD)
    count = len(data) // _PAYLOAD
    blocks = []
    for i in range(count):
        at = i * _PAYLOAD
        head = _HEAD.pack(*_START, _HAS_FAMILY, base + at, _PAYLOAD, i, count, _RP2040)
        block = head + data[at : at + _PAYLOAD]
        blocks.append(block.ljust(_BLOCK - len(_END), b"\0") + _END)
    return b"".join(blocks)


def decode(image):
    """Give (base, data) of a UF2 without holes; ValueError if it is none."""
    if not image or len(image) % _BLOCK:
        raise ValueError("a UF2 has whole blocks of {} bytes".format(_BLOCK))
    base, data = None, b""
    for at in range(0, len(image), _BLOCK):
        head = _HEAD.unpack_from(image, at)
        if head[:2] != _START or image[at + _BLOCK - len(_END) : at + _BLOCK] != _END:
            raise ValueError("no UF2 block at byte {}".format(at))
        address, size = head[3:5]
        base = address if base is None else base
        if address != base + len(data) or size > _BLOCK - _HEAD.size - len(_END):
            raise ValueError("a hole or an overlap at byte {}".format(at))
        data += image[at + _HEAD.size : at + _HEAD.size + size]
    return base, data
