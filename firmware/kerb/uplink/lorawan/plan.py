"""What of the radio the network may change, as it is now (TS001-1.0.4, RP002-1.0.4)."""

import sys

from micropython import const

# What an entry of a region's table is: kerb/uplink/lorawan/region.py.
_FORMAT = const(1)
_REGION = const(0)
_MODULATIONS = const(3)
_PAYLOADS = const(4)
_DWELL_PAYLOADS = const(5)
_RX1_BASE = const(12)
_DOWN_DR = const(13)
_DOWN_DRS = const(14)
_BANDS = const(19)
_CAP = const(20)
_LBT = const(21)
_FIXED = const(23)
_DYNAMIC = const(16)  # channels of a region where the network may make them

# Modules whose memory is given back; each is there from its import to the next pack(), which
# ends whatever has changed something.
_SELDOM = const("adr budget change gps join join_frames region requests start")


class Plan:
    """The channels, data rate, power and receive windows that are in force.

    Attributes, to read: hz[i] of uplinks on a channel that channels() has given; rx2: (Hz, DR) of
    the second receive window and of class C's; dr, power (TXPower, each 2 dB less), nb_trans 1 to
    15, rx1_offset, eirp_dbm (most), dwell_up and dwell_down (400 ms), lbt (None or (most dBm,
    µs)); and to set as well: rx1_delay_s 1 to 15, max_duty (exponent 0 to 15), dr when a channel
    has it, lbt by config.

    Its other methods are the functions of change.py, called without their first argument: reset,
    joined, default_channels, join_channel, link_adr, rx_param, new_channel, dl_channel, tx_param
    and unpack.
    """

    def __init__(self, table):
        self.table = table
        self.lbt = table[_LBT]
        self.reset()

    def __getattr__(self, name):
        # Seldom needed, and then several at once: they are in memory from here to pack().
        from kerb.uplink.lorawan import change

        do = getattr(change, name)
        return lambda *values: do(self, *values)

    def channels(self, dr):
        """The indexes of the channels that an uplink at `dr` may use now, empty if it may not."""
        usable = bytearray()
        mask = self.mask.to_bytes(9, "little")
        if self.max_payload(dr) and self.modulation(self.rx1(0, dr)[1]):
            for i, drs in enumerate(self.drs):
                if mask[i >> 3] >> (i & 7) & 1 and drs & 15 <= dr <= drs >> 4:
                    usable.append(i)
        return usable

    def rx1(self, index, dr):
        """(Hz, DR) of the first receive window after an uplink at `dr` on a channel."""
        table = self.table
        offset = self.rx1_offset
        dr += table[_RX1_BASE] - (offset if offset < 6 else 5 - offset)
        dr = min(max(dr, 2 if self.dwell_down else table[_DOWN_DR]), table[_DOWN_DRS])
        modulations = table[_MODULATIONS]
        if dr < len(modulations) and not modulations[dr]:
            dr -= 1  # IN865's DR6, which nobody has defined
        if table[_FIXED]:
            return table[_FIXED][0](index), dr
        return self.hz[_DYNAMIC + index] or self.hz[index], dr

    def modulation(self, dr):
        """(SF, bandwidth in Hz) of a DR, None if there is none or it is not ours."""
        codes = self.table[_MODULATIONS]
        if 0 <= dr < len(codes) and codes[dr]:
            return codes[dr] & 15, 125000 << (codes[dr] >> 4)
        return None

    def max_payload(self, dr):
        """Most payload bytes of an uplink without FOpts; 0 where uplinks may not use the DR."""
        sizes = self.table[_DWELL_PAYLOADS if self.dwell_up else _PAYLOADS]
        return sizes[dr] if 0 <= dr < len(sizes) else 0

    def power_dbm(self, index=None):
        """EIRP in dBm for an uplink (on that channel); US915 means conducted power by it."""
        dbm = self.eirp_dbm - 2 * self.power
        cap = self.table[_CAP]
        if cap and index is not None:
            dbm = min(dbm, cap(self.hz[index], self.mask))
        return dbm

    def band(self, hz, half_hz=0):
        """The place in the table's sub-bands of the one with that frequency and so much around."""
        bands = self.table[_BANDS]
        for i in range(0, len(bands), 5):
            if (bands[i] << 8 | bands[i + 1]) * 50000 <= hz - half_hz:
                if hz + half_hz <= (bands[i + 2] << 8 | bands[i + 3]) * 50000:
                    return i
        return None

    def pack(self):
        """Everything but lbt as bytes, to be stored; what is needed seldom is let go of."""
        for name in _SELDOM.split():
            if sys.modules.pop("kerb.uplink.lorawan." + name, None):
                delattr(sys.modules["kerb.uplink.lorawan"], name)
        hz, dr = self.rx2
        data = bytes((_FORMAT, self.table[_REGION], self.dr, self.power, self.nb_trans))
        data += bytes((self.rx1_delay_s, self.rx1_offset, dr, self.max_duty, self.tx))
        data += hz.to_bytes(4, "little") + self.mask.to_bytes(9, "little")
        if not self.table[_FIXED]:
            data += self.drs + bytes(self.hz)
        return data
