"""The regions: what RP002-1.0.4 says of each, one table a file, and one of them is loaded.

A table is a tuple. Adding a region is adding a file whose TABLE has these entries, and its name
to NAMES:

     0  number of the region in what is stored, never used again
     1  runs of default channels: (how many, first Hz, step Hz, DR range: highest << 4 | lowest)
     2  modulations, a byte a DR: SF | 0x00, 0x10 or 0x20 for 125, 250 or 500 kHz; 0 = none of
        these, or not for us (FSK, LR-FHSS)
     3  most payload bytes of an uplink without FOpts, a byte a DR (N, no repeater); 0 = no uplinks
     4  the same while uplinks may take 400 ms only (0 = none), or None where nobody may ask so
     5  highest DR of uplinks
     6  lowest DR of join-requests; the highest is that of the first default channel
     7  most EIRP, dBm
     8  highest TXPower: each step is 2 dB less
     9  RX2 default frequency, Hz
    10  RX2 default DR
    11  RX1's DR for an uplink at DR0 with RX1DROffset 0, then the lowest and the highest DR of
        downlinks, then the highest RX1DROffset
    12  frequencies of downlinks: lowest Hz, highest Hz, grid Hz
    13  RX1 frequencies where they are a plan of their own: first Hz, step Hz, number; or None
    14  sub-bands for uplinks: (lowest Hz, highest Hz, air time in an hour in ms)
    15  limit on EIRP, function(Hz, channel mask) -> dBm, or None
    16  listen before talk: (most dBm, for that many µs), or None
    17  TxParamSetupReq's byte that says the defaults, or None where the region has no such command
"""

NAMES = ("AS923", "EU868", "IN865", "KR920", "US915")


def load(name):
    """The table of the region of that name, one of NAMES; KeyError says that it is none."""
    if name not in NAMES:
        raise KeyError(name)
    package = "kerb.uplink.lorawan." + name.lower()
    return __import__(package, None, None, ("TABLE",)).TABLE
