"""DALI's frames as levels and times on the bus (IEC 62386-101), without any hardware.

1200 bit/s, Manchester: a 1 rises in the middle of its bit, a 0 falls. A frame is a start bit (1),
then 16 bits forward or 8 backward, highest first, and then the idle bus, which is high.
"""

from micropython import const

HALF_BIT_NS = const(416667)
# A forward frame with idle levels around it: before, for who listens from its beginning on; after,
# because it ends with them.
TICKS = const(38)
_LEAD = const(2)
# What receivers take for half a bit is 333 to 500 us, for two halves 667 to 1000; in the grey
# between and a little beyond, where an optocoupler may move an edge to, the nearer one is meant.
_HALF_MIN_US = const(250)
_HALF_MAX_US = const(583)
_DOUBLE_MAX_US = const(1150)
_STOP_MIN_US = const(2000)

GARBLED = const(-1)


def encode(frame, levels):
    """Writes the TICKS levels (0, 1), each half a bit long, of a 16-bit forward frame."""
    for at in range(TICKS):
        levels[at] = 1
    levels[_LEAD] = 0
    at = _LEAD + 2
    for shift in range(15, -1, -1):
        levels[at + 1 - (frame >> shift & 1)] = 0
        at += 2


def decode(runs, count, at):
    """(bits, value, next): the frame whose first low run is runs[at].

    runs: `count` times in us for which the bus kept a level, high at even places and low at odd
    ones. bits: how many came after the start bit, or GARBLED when this is no frame. next: where
    the first low run of another one is, at or above `count` when there is none.
    """
    halves = value = first = 0
    garbled = idle = False
    while at < count:
        us = runs[at]
        level = 1 - at % 2
        at += 1
        if level and (us >= _STOP_MIN_US or at == count):
            idle = True
            break
        if _HALF_MIN_US <= us <= _HALF_MAX_US:
            length = 1
        elif _HALF_MAX_US < us <= _DOUBLE_MAX_US:
            length = 2
        else:
            garbled = True
            continue
        for _ in range(length):
            if halves % 2:
                garbled = garbled or level == first
                value = value << 1 & 0xFFFFFF | level
            else:
                first = level
            halves += 1
    if halves % 2:  # the last bit's second half is the idle bus
        value = value << 1 & 0xFFFFFF | 1
        halves += 1
    bits = halves // 2 - 1
    if garbled or not idle or not 0 < bits < 24:
        return GARBLED, 0, at
    return bits, value & (1 << bits) - 1, at
