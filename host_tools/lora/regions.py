"""What a network must know of a region, after RP002-1.0.4 chapter 2.

Written apart from the firmware's own tables, that the one may be a check of the other.

    REGIONS["EU868"].rx1(hz, dr, device)
"""

_ALL_125 = [(12, 125_000), (11, 125_000), (10, 125_000), (9, 125_000), (8, 125_000), (7, 125_000)]
_WIDE = (7, 250_000)
_LONG = [51, 51, 51, 115, 242, 242]


class Region:
    """One region.

    rates: {dr: (sf, bw_hz)}; max_payload: {dr: bytes on a port, without FOpts and repeaters};
    join_hz: frequencies of a join; join_rates: data rates of one; rx2: (hz, dr);
    eirp_dbm: of a device at most; top_dr: the highest ADR gives; last_power: the weakest TXPower;
    cf_list: 16 bytes of a join-accept, or none; gateway_dbm: in RX1; gateway_rx2_dbm: in RX2.
    """

    rates = dict(enumerate(_ALL_125))
    max_payload = dict(enumerate(_LONG))
    offsets = 6
    top_dr = 5
    last_power = 7
    eirp_dbm = 16
    gateway_dbm = 14
    gateway_rx2_dbm = 14
    cf_list = b""
    first_channels = 3

    def uplink_dr(self, sf, bw_hz):
        """The data rate of an uplink, None for a modulation that has none."""
        for dr in sorted(self.rates):
            if self.rates[dr] == (sf, bw_hz):
                return dr
        return None

    def rx1_hz(self, hz, device):
        """RX1 of an uplink on hz: the same, if no DlChannelReq changed it."""
        return device.rx1_hz.get(hz, hz)

    def rx1_dr(self, dr, device):
        """The data rate of RX1; one that is not in `rates` (FSK) is none of ours."""
        return max(0, dr - device.rx1_offset)

    def channel(self, hz, device):
        """The index of the channel of an uplink, None where the device has none there."""
        for index in device.channels:
            if device.channels[index] == hz:
                return index
        return None

    def channels(self):
        """{index: hz} of a device that has just joined with this region's cf_list."""
        found = dict(enumerate(self.join_hz))
        for i in range(5):
            hz = int.from_bytes(self.cf_list[3 * i : 3 * i + 3], "little") * 100
            if hz:
                found[self.first_channels + i] = hz
        return found

    def hears(self, hz):
        """Whether the network's gateways listen there."""
        return True

    def masks(self, device):
        """[(ChMaskCntl, ChMask)] that leave a device all the channels it has."""
        mask = 0
        for index in device.channels:
            mask |= 1 << index
        return [(0, mask)]


class Eu868(Region):
    rates = dict(enumerate(_ALL_125 + [_WIDE]))
    max_payload = dict(enumerate(_LONG + [242]))
    join_hz = (868_100_000, 868_300_000, 868_500_000)
    rx2 = (869_525_000, 0)
    gateway_rx2_dbm = 27


class Kr920(Region):
    join_hz = (922_100_000, 922_300_000, 922_500_000)
    rx2 = (921_900_000, 0)
    eirp_dbm = 14


class As923(Region):
    """AS923-1."""

    rates = dict(enumerate(_ALL_125 + [_WIDE]))
    max_payload = dict(enumerate([51, 51, 115, 115, 242, 242, 242]))
    join_hz = (923_200_000, 923_400_000)
    rx2 = (923_200_000, 2)
    offsets = 8
    first_channels = 2
    gateway_rx2_dbm = 16
    gateway_dbm = 16

    def rx1_dr(self, dr, device):
        """Offsets 6 and 7 go up by one and two; with a limited dwell time no slower than DR2."""
        offset = device.rx1_offset if device.rx1_offset < 6 else 5 - device.rx1_offset
        return max(2 if device.down_dwell else 0, dr - offset)


class In865(Region):
    join_hz = (865_062_500, 865_402_500, 865_985_000)
    rx2 = (866_550_000, 2)
    offsets = 8
    eirp_dbm = 30
    last_power = 10
    gateway_dbm = 27
    gateway_rx2_dbm = 27

    def rx1_dr(self, dr, device):
        """Offsets 6 and 7 go up by one and two, but there is no DR6."""
        if device.rx1_offset > 5:
            return (1, 2, 3, 4, 5, 5, 7)[dr + device.rx1_offset - 6]
        return max(0, dr - device.rx1_offset)


class Us915(Region):
    """The network's gateways listen to the second eight channels (8 to 15, and 65) only."""

    rates = {
        0: (10, 125_000),
        1: (9, 125_000),
        2: (8, 125_000),
        3: (7, 125_000),
        4: (8, 500_000),
        8: (12, 500_000),
        9: (11, 500_000),
        10: (10, 500_000),
        11: (9, 500_000),
        12: (8, 500_000),
        13: (7, 500_000),
    }
    max_payload = {0: 11, 1: 53, 2: 125, 3: 242, 4: 242}
    max_payload.update({8: 53, 9: 129, 10: 242, 11: 242, 12: 242, 13: 242})
    join_hz = tuple(range(902_300_000, 915_000_000, 200_000))
    wide_hz = tuple(range(903_000_000, 914_300_000, 1_600_000))
    rx2 = (923_300_000, 8)
    offsets = 4
    top_dr = 3
    last_power = 14
    eirp_dbm = 30
    gateway_dbm = 26
    gateway_rx2_dbm = 26

    def uplink_dr(self, sf, bw_hz):
        """SF8 of 500 kHz is DR4 up and DR12 down."""
        dr = Region.uplink_dr(self, sf, bw_hz)
        return None if dr is None or dr > 4 else dr

    def rx1_hz(self, hz, device):
        """Of the eight channels down that of the channel up, modulo 8."""
        return 923_300_000 + self.channel(hz, device) % 8 * 600_000

    def rx1_dr(self, dr, device):
        """DR10 to DR13 for DR0 to DR3, DR13 for DR4; less the offset."""
        return min(13, max(8, dr + 10 - device.rx1_offset))

    def channel(self, hz, device):
        """0 to 63 of 125 kHz, 64 to 71 of 500 kHz."""
        if hz in self.join_hz:
            return self.join_hz.index(hz)
        return 64 + self.wide_hz.index(hz) if hz in self.wide_hz else None

    def channels(self):
        """Those of the gateway."""
        found = {index: self.join_hz[index] for index in range(8, 16)}
        found[65] = self.wide_hz[1]
        return found

    def hears(self, hz):
        """The gateway's nine channels."""
        return self.channel(hz, None) in self.channels()

    def masks(self, device):
        """All 125 kHz channels off and that of 500 kHz on, then the gateway's eight."""
        return [(7, 0x0002), (0, 0xFF00)]


def _frequencies(*hz):
    return b"".join([(it // 100).to_bytes(3, "little") for it in hz]) + bytes(16 - 3 * len(hz))


Eu868.cf_list = _frequencies(867_100_000, 867_300_000, 867_500_000, 867_700_000, 867_900_000)
Kr920.cf_list = _frequencies(922_700_000, 922_900_000, 923_100_000, 923_300_000)
As923.cf_list = _frequencies(923_600_000, 923_800_000, 924_000_000, 924_200_000, 924_400_000)
In865.cf_list = _frequencies(866_185_000, 866_385_000)
Us915.cf_list = b"\x00\xff\x00\x00\x00\x00\x00\x00\x02\x00" + bytes(5) + b"\x01"

REGIONS = {
    "EU868": Eu868(),
    "KR920": Kr920(),
    "AS923": As923(),
    "US915": Us915(),
    "IN865": In865(),
}
