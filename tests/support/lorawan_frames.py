"""Frames by the hundred for tests of the LoRaWAN stack, the same on every runtime."""

from struct import pack

from kerb.uplink.lorawan import frames


class Numbers:
    """A repeatable stream of numbers in small ints; below(n): 0..n-1, n up to 65,536."""

    def __init__(self, seed):
        self._state = seed * 7919 % 65536 + 1

    def below(self, n):
        self._state = self._state * 75 % 65537
        return (self._state - 1) % n

    def bytes(self, n):
        return bytes([self.below(65536) >> 8 for _ in range(n)])

    def counter(self):
        """A frame counter: as often of 4, 12, 20 and 32 bits."""
        bits = (4, 12, 20, 32)[self.below(4)]
        return ((self.below(65536) << 16) | self.below(65536)) & ((1 << bits) - 1)


def uplinks(count, seed, longest=242):
    """Yields (keys, dev_addr, fcnt, confirmed, flags, fopts, port, payload), as build() takes."""
    numbers = Numbers(seed)
    for _ in range(count):
        keys = numbers.bytes(16), numbers.bytes(16)
        kind = numbers.below(8)
        port = None if kind == 0 else 0 if kind == 1 else 1 + numbers.below(223)
        fopts = b"" if port == 0 or numbers.below(2) else numbers.bytes(numbers.below(16))
        room = longest - len(fopts) if numbers.below(4) == 0 else 33
        payload = b"" if port is None else numbers.bytes(numbers.below(room + 1))
        dev_addr, fcnt = numbers.bytes(4), numbers.counter()
        yield keys, dev_addr, fcnt, numbers.below(2), numbers.below(8) << 5, fopts, port, payload


def crypt(key, direction, dev_addr, fcnt, data):
    """A payload encrypted, or one decrypted."""
    value = int.from_bytes(data, "big") ^ frames.stream(key, direction, dev_addr, fcnt, len(data))
    return value.to_bytes(len(data), "big")


def mic(key, direction, dev_addr, fcnt, frame):
    """The MIC of a data frame."""
    b0 = pack("<BIB4sIBB", 0x49, 0, direction, dev_addr, fcnt, 0, len(frame))
    return frames.mic(key, int.from_bytes(b0 + frame, "big"), 16 + len(frame))


def downlink(keys, dev_addr, fcnt, confirmed, flags, fopts, port, payload):
    """The bytes of a downlink, right or not: FOpts beside port 0 are made, too."""
    head = 0xA0 if confirmed else 0x60
    frame = pack("<B4sBH", head, dev_addr, flags | len(fopts), fcnt & 0xFFFF) + fopts
    if port is not None:
        frame += bytes((port,)) + crypt(keys[port != 0], 1, dev_addr, fcnt, payload)
    return frame + mic(keys[0], 1, dev_addr, fcnt, frame)
