"""AS923-1 (group 1: no offset): RP002-1.0.4 section 2.10. DR7 (FSK) is left out.

Some of its countries have a duty cycle, some a dwell time: until a network says otherwise both are
kept, 1 % and 400 ms. Japan wants listen before talk as well: by config.
"""

TABLE = (
    2,
    (923200000, 923400000),
    b"\x50\x50",
    b"\x0c\x0b\x0a\x09\x08\x07\x17",
    b"\x33\x33\x73\x73\xf2\xf2\xf2",
    b"\x00\x00\x0b\x35\x7d\xf2\xf2",
    6,
    2,
    16,
    7,
    923200000,
    2,
    0,
    0,
    7,
    7,
    915000000,
    928000000,
    100,
    b"\x47\x7c\x48\x80\x0a",  # 915 to 928 MHz, 1 %
    None,
    None,
    0x15,
    None,
)
