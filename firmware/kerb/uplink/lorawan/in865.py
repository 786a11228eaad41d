"""IN865-867: RP002-1.0.4 section 2.12. DR6 is not defined there, DR7 (FSK) is left out."""

TABLE = (
    3,
    (865062500, 865402500, 865985000),
    b"\x50\x50\x50",
    b"\x0c\x0b\x0a\x09\x08\x07\x00",
    b"\x33\x33\x33\x73\xf2\xf2",
    None,
    5,
    0,
    30,
    10,
    866550000,
    2,
    0,
    0,
    7,
    7,
    865000000,
    867000000,
    100,
    b"\x43\x94\x43\xbc\x00",  # 865 to 867 MHz, no duty cycle
    None,
    None,
    None,
    None,
)
