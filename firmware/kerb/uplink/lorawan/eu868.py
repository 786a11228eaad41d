"""EU863-870: RP002-1.0.4 section 2.4, duty cycles of ETSI EN 300 220-2 V3.1.1 table B.1.

DR7 (FSK) and DR8 to DR11 (LR-FHSS) are left out, as the specification allows.
"""

TABLE = (
    1,
    (868100000, 868300000, 868500000),
    b"\x50\x50\x50",
    b"\x0c\x0b\x0a\x09\x08\x07\x17",
    b"\x33\x33\x33\x73\xf2\xf2\xf2",
    None,
    6,
    0,
    16,
    7,
    869525000,
    0,
    0,
    0,
    6,
    5,
    863000000,
    870000000,
    100,
    (
        b"\x43\x6c\x43\x94\x01"  # 863 to 865 MHz, 0.1 %
        b"\x43\x94\x43\xd0\x0a"  # 865 to 868 MHz, 1 %
        b"\x43\xd0\x43\xdc\x0a"  # 868 to 868.6 MHz, 1 %
        b"\x43\xde\x43\xe8\x01"  # 868.7 to 869.2 MHz, 0.1 %
        b"\x43\xec\x43\xf1\x64"  # 869.4 to 869.65 MHz, 10 %
        b"\x43\xf2\x43\xf8\x0a"  # 869.7 to 870 MHz, 1 %
    ),
    None,
    None,
    None,
    None,
)
