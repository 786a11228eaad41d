"""The regions: what RP002-1.0.4 says of each, one table a file, and one of them is loaded.

A table is a tuple. Adding a region is adding a file whose TABLE has these entries, and its name
to NAMES:

     0  number of the region in what is stored, never used again
     1  default channels, Hz
     2  their DR ranges: highest << 4 | lowest
     3  modulations, a byte a DR: SF | 0x00, 0x10 or 0x20 for 125, 250 or 500 kHz; 0 = none of
        these, or not for us (FSK, LR-FHSS)
     4  most payload bytes of an uplink without FOpts, a byte a DR (N, no repeater); 0 = no uplinks
     5  the same while uplinks may take 400 ms only, or None where nobody may ask for that
     6  highest DR of uplinks in a channel that the network makes
     7  lowest DR of join-requests; the highest is that of the first default channel
     8  most EIRP, dBm
     9  highest TXPower: each step is 2 dB less
    10  RX2 default frequency, Hz
    11  RX2 default DR
    12  RX1's DR for an uplink at DR0 with RX1DROffset 0
    13  lowest and
    14  highest DR of downlinks
    15  highest RX1DROffset
    16  lowest and
    17  highest frequency of downlinks, Hz
    18  grid that they are on from the lowest, Hz
    19  sub-bands for uplinks, five bytes each: from and to in 50 kHz, big-endian, and the duty
        cycle in per mille, 0 = no limit
    20  limit on EIRP: function(Hz, channel mask) -> dBm, or None
    21  listen before talk: (most dBm, for that many µs), or None
    22  TxParamSetupReq's byte that says the defaults, or None where the region has no such command
    23  None where the network makes channels (16 at most). In a fixed plan its functions: index ->
        RX1's Hz; (attempt, random) -> (index, DR) of a join; (channel mask, ChMaskCntl, ChMask) ->
        the new channel mask, or None
"""

NAMES = ("AS923", "EU868", "IN865", "KR920", "US915")


def load(name):
    """The table of the region of that name, one of NAMES; KeyError says that it is none."""
    if name not in NAMES:
        raise KeyError(name)
    package = "kerb.uplink.lorawan." + name.lower()
    return __import__(package, None, None, ("TABLE",)).TABLE
