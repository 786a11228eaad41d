"""US902-928: RP002-1.0.4 section 2.5, a fixed plan of 64 channels and 8 wide ones.

Power is conducted power. No duty cycle; 400 ms of dwell time are in the payload sizes. DR5 and DR6
(LR-FHSS) are left out.
"""

from micropython import const

_NARROW = const(0xFFFFFFFFFFFFFFFF)  # the mask of the 64 channels of 125 kHz

_probe = 0


def _cap_dbm(hz, mask):
    """FCC 15.247: 500 kHz are limited by density; hopping over less than 50 channels by power."""
    if hz >= 903000000 and (hz - 903000000) % 1600000 == 0:
        return 26
    return 30 if bin(mask & _NARROW).count("1") >= 50 else 21


def _rx1_hz(index):
    return 923300000 + index % 8 * 600000


def _join_channel(attempt, random):
    """Nine attempts try one channel of every eight and a wide one, eight times that try them all.

    Where it begins is new each time, and differs from device to device.
    """
    global _probe
    if attempt % 72 == 0:
        _probe = random(64)
    turn, group = divmod(attempt % 72, 9)
    channel = (_probe + turn) % 8
    if group == 8:
        return 64 + channel, 4
    return (_probe // 8 + group) % 8 * 8 + channel, 0


def _masked(mask, control, bits):
    """ChMaskCntl 0 to 3: that 16 channels; 4: the wide ones; 5: eights with their wide one each;
    6 and 7: all narrow ones on or off, and the wide ones as said.
    """
    if control < 4:
        return mask & ~(0xFFFF << 16 * control) | bits << 16 * control
    wide = (bits & 0xFF) << 64
    if control == 4:
        return mask & _NARROW | wide
    if control == 5:
        for bank in range(8):
            if bits >> bank & 1:
                wide |= 0xFF << 8 * bank
        return wide
    return wide | (_NARROW if control == 6 else 0) if control < 8 else None


TABLE = (
    5,
    [902300000 + 200000 * i for i in range(64)] + [903000000 + 1600000 * i for i in range(8)],
    b"\x30" * 64 + b"\x44" * 8,
    b"\x0a\x09\x08\x07\x28\x00\x00\x00\x2c\x2b\x2a\x29\x28\x27",
    b"\x0b\x35\x7d\xf2\xf2",
    None,
    4,
    0,
    30,
    14,
    923300000,
    8,
    10,
    8,
    13,
    3,
    923300000,
    927500000,
    600000,
    b"\x46\x78\x48\x80\x00",  # 902 to 928 MHz, no duty cycle
    _cap_dbm,
    None,
    None,
    (_rx1_hz, _join_channel, _masked),
)
