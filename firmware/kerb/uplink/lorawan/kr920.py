"""KR920-923: RP002-1.0.4 section 2.11. South Korea has no duty cycle, it has listen before talk.

The stacks compared disagree on its limits (-65 dBm or -80 dBm over 5 to 6 ms): these satisfy all
of them, and a config may set others.
"""


def _cap_dbm(hz, mask):
    return 10 if hz < 922000000 else 14


TABLE = (
    4,
    (922100000, 922300000, 922500000),
    b"\x50\x50\x50",
    b"\x0c\x0b\x0a\x09\x08\x07",
    b"\x33\x33\x33\x73\xf2\xf2",
    None,
    5,
    0,
    14,
    7,
    921900000,
    0,
    0,
    0,
    5,
    5,
    920900000,
    923300000,
    200000,
    b"\x47\xf0\x48\x24\x00",  # 920.8 to 923.4 MHz, no duty cycle
    _cap_dbm,
    (-80, 6000),
    None,
    None,
)
