"""What the network may change of the radio, within the region's rules (TS001-1.0.4, RP002-1.0.4).

Every setter that a MAC command has is all or nothing, and gives the status bits of its answer; or
None where the region has no such command, which then gets no answer. Whatever is set, `channels`
for the current data rate is never empty: a device that is left with no channel is lost.
"""

from array import array

from micropython import const

_FORMAT = const(1)
_HEAD = const(14)  # bytes of what pack() gives, before the mask

# What an entry of a region's table is: kerb/uplink/lorawan/region.py.
_REGION = const(0)
_HZ = const(1)
_DRS = const(2)
_MODULATIONS = const(3)
_PAYLOADS = const(4)
_DWELL_PAYLOADS = const(5)
_UP_DR = const(6)
_JOIN_DR = const(7)
_EIRP = const(8)
_POWERS = const(9)
_RX2_HZ = const(10)
_RX2_DR = const(11)
_RX1_BASE = const(12)
_DOWN_DR = const(13)
_DOWN_DRS = const(14)
_OFFSETS = const(15)
_DOWN_HZ = const(16)
_DOWN_TOP_HZ = const(17)
_GRID_HZ = const(18)
_BANDS = const(19)
_CAP = const(20)
_LBT = const(21)
_TX_PARAM = const(22)
_FIXED = const(23)

_DYNAMIC = const(16)  # channels of a region where the network may make them
_KEEP = const(15)
_EIRP_DBM = b"\x08\x0a\x0c\x0d\x0e\x10\x12\x14\x15\x18\x1a\x1b\x1d\x1e\x21\x24"


class Plan:
    """The channels, data rate, power and receive windows that are in force.

    Attributes, to read: dr, power (TXPower, each 2 dB less), nb_trans 1 to 15, rx1_offset, rx2_dr,
    rx2_hz, eirp_dbm (most), dwell_up and dwell_down (400 ms), lbt (None or (most dBm, µs)); and
    to set as well: rx1_delay_s 1 to 15, max_duty (exponent 0 to 15), dr when a channel has it,
    lbt by config.
    """

    def __init__(self, table):
        self._table = table
        self.lbt = table[_LBT]
        self.reset()

    def reset(self):
        """Everything as the specification has it before a join."""
        table = self._table
        self._hz = array("I", table[_HZ])
        count = len(self._hz)
        # Channels that the network may make; after them where it has moved RX1's frequency, or 0.
        self._hz.extend(array("I", bytes(max(0, 8 * _DYNAMIC - 4 * count))))
        self._drs = bytearray(table[_DRS]) + bytes(max(0, _DYNAMIC - count))
        self._mask = self._known = (1 << count) - 1  # a bit a channel: enabled, and existing
        self.power = self.rx1_offset = self.max_duty = self._tx_param = 0
        self.nb_trans = self.rx1_delay_s = 1
        self.rx2_hz = table[_RX2_HZ]
        self.rx2_dr = table[_RX2_DR]
        self.eirp_dbm = table[_EIRP]
        self.dwell_up = self.dwell_down = False
        self.dr = table[_JOIN_DR]
        self.tx_param(table[_TX_PARAM])

    def joined(self, dl_settings, rx_delay, cf_list):
        """Everything as a join-accept has it; dr stays where it is, which the join has proven.

        cf_list are 16 bytes or None. What is not of this region is left out.
        """
        dr = self.dr
        self.reset()
        self.dr = dr
        self._heal()
        self.rx1_delay_s = rx_delay & 15 or 1
        self.rx_param(dl_settings >> 4 & 7, dl_settings & 15, self.rx2_hz)
        if cf_list and cf_list[15] == bool(self._table[_FIXED]):
            if cf_list[15]:
                self._mask &= int.from_bytes(cf_list[:9], "little")
            else:
                for i in range(5):
                    hz = int.from_bytes(cf_list[3 * i : 3 * i + 3], "little") * 100
                    self.new_channel(len(self._table[_DRS]) + i, hz, 0, 5)
            self._heal()

    def default_channels(self):
        """Enable the default channels: those of before the join, which are all of a fixed plan."""
        self._mask |= (1 << len(self._table[_DRS])) - 1

    def channels(self, dr):
        """The indexes of the channels that an uplink at `dr` may use now, empty if it may not."""
        usable = bytearray()
        mask = self._mask.to_bytes(9, "little")
        if self.max_payload(dr) and self.modulation(self.rx1(0, dr)[1]):
            for i, drs in enumerate(self._drs):
                if mask[i >> 3] >> (i & 7) & 1 and drs & 15 <= dr <= drs >> 4:
                    usable.append(i)
        return usable

    def freq_hz(self, index):
        """The frequency of uplinks on a channel that channels() has given."""
        return self._hz[index]

    def rx1(self, index, dr):
        """(Hz, DR) of the first receive window after an uplink at `dr` on a channel."""
        table = self._table
        offset = self.rx1_offset
        dr += table[_RX1_BASE] - (offset if offset < 6 else 5 - offset)
        dr = min(max(dr, 2 if self.dwell_down else table[_DOWN_DR]), table[_DOWN_DRS])
        modulations = table[_MODULATIONS]
        if dr < len(modulations) and not modulations[dr]:
            dr -= 1  # IN865's DR6, which nobody has defined
        if table[_FIXED]:
            return table[_FIXED][0](index), dr
        return self._hz[_DYNAMIC + index] or self._hz[index], dr

    def rx2(self):
        """(Hz, DR) of the second receive window, and of class C's."""
        return self.rx2_hz, self.rx2_dr

    def modulation(self, dr):
        """(SF, bandwidth in Hz) of a DR, None if there is none or it is not ours."""
        codes = self._table[_MODULATIONS]
        if 0 <= dr < len(codes) and codes[dr]:
            return codes[dr] & 15, 125000 << (codes[dr] >> 4)
        return None

    def max_payload(self, dr):
        """Most payload bytes of an uplink without FOpts; 0 where uplinks may not use the DR."""
        sizes = self._table[_DWELL_PAYLOADS if self.dwell_up else _PAYLOADS]
        return sizes[dr] if 0 <= dr < len(sizes) else 0

    def power_dbm(self, index=None):
        """EIRP in dBm for an uplink (on that channel); US915 means conducted power by it."""
        dbm = self.eirp_dbm - 2 * self.power
        cap = self._table[_CAP]
        if cap and index is not None:
            dbm = min(dbm, cap(self._hz[index], self._mask))
        return dbm

    def join_channel(self, attempt, random):
        """(channel index, DR) for the join-request number `attempt`, 0 first.

        random(n) gives 0 to n - 1. DRs go from the highest down and begin again, so that a device
        that is near is quick and one that is far gets through; a fixed plan has its own way.
        """
        table = self._table
        if table[_FIXED]:
            return table[_FIXED][1](attempt, random)
        drs = table[_DRS][0] >> 4
        return random(len(table[_DRS])), drs - attempt % (drs + 1 - table[_JOIN_DR])

    def band(self, hz, half_hz=0):
        """The place in the table's sub-bands of the one with that frequency and so much around."""
        bands = self._table[_BANDS]
        for i in range(0, len(bands), 5):
            if (bands[i] << 8 | bands[i + 1]) * 50000 <= hz - half_hz:
                if hz + half_hz <= (bands[i + 2] << 8 | bands[i + 3]) * 50000:
                    return i
        return None

    def link_adr(self, dr, power, masks, nb_trans):
        """A block of LinkADRReq: masks is [(ChMaskCntl, ChMask), ...], the rest its last one's.

        dr and power 15 keep what is, nb_trans 0 is 1. Bits: 4 power, 2 DR, 1 channel mask.
        """
        if dr == _KEEP:
            dr = self.dr
        if power == _KEEP:
            power = self.power
        old = mask = self._mask
        fixed = self._table[_FIXED]
        for control, bits in masks:
            if fixed:
                mask = fixed[2](mask, control, bits)
            elif control:
                mask = self._known if control == 6 else None
            else:
                mask = bits
            if mask is None:
                break
        status = 6
        if mask and not mask & ~self._known:
            self._mask = mask
            status = 7
        if not self.channels(dr):
            status &= 5
        if power > self._table[_POWERS]:
            status &= 3
        if status != 7:
            self._mask = old
            return status
        self.dr = dr
        self.power = power
        self.nb_trans = nb_trans or 1
        return status

    def rx_param(self, offset, rx2_dr, hz):
        """RXParamSetupReq. Bits: 4 RX1DROffset, 2 RX2's DR, 1 RX2's frequency."""
        table = self._table
        status = self._is_down(hz)
        if table[_DOWN_DR] <= rx2_dr <= table[_DOWN_DRS] and self.modulation(rx2_dr):
            status |= 2
        old = self.rx1_offset
        if offset <= table[_OFFSETS]:
            self.rx1_offset = offset
            # AS923's offsets 6 and 7 lead to downlinks that we can't receive.
            if self.channels(self.dr):
                status |= 4
        if status != 7:
            self.rx1_offset = old
            return status
        self.rx2_dr = rx2_dr
        self.rx2_hz = hz
        return status

    def new_channel(self, index, hz, min_dr, max_dr):
        """NewChannelReq; hz 0 takes a channel away. Bits: 2 DR range, 1 frequency."""
        table = self._table
        if table[_FIXED]:
            return None
        if not len(table[_DRS]) <= index < _DYNAMIC:
            return 0
        status = 3
        if hz:
            status = self._is_down(hz)
            if self.band(hz, 125000 if max_dr > 5 else 62500) is None:
                status = 0
            if min_dr <= max_dr <= table[_UP_DR]:
                status |= 2
        if status == 3:
            bit = 1 << index
            self._hz[index] = hz
            self._hz[_DYNAMIC + index] = 0
            self._drs[index] = max_dr << 4 | min_dr
            self._mask |= bit
            self._known |= bit
            if not hz:
                self._mask ^= bit
                self._known ^= bit
                self._drs[index] = 0
            self._heal()
        return status

    def dl_channel(self, index, hz):
        """DlChannelReq: RX1's frequency for a channel. Bits: 2 channel exists, 1 frequency."""
        if self._table[_FIXED]:
            return None
        status = self._is_down(hz) | (self._known >> index & 1) << 1
        if status == 3:
            self._hz[_DYNAMIC + index] = hz
        return status

    def tx_param(self, byte):
        """TxParamSetupReq; False if the region has no such command."""
        if self._table[_TX_PARAM] is None:
            return False
        self._tx_param = byte
        self.dwell_down = bool(byte & 0x20)
        self.dwell_up = bool(byte & 0x10)
        self.eirp_dbm = min(_EIRP_DBM[byte & 15], self._table[_EIRP])
        self._heal()
        return True

    def _is_down(self, hz):
        table = self._table
        if table[_DOWN_HZ] <= hz <= table[_DOWN_TOP_HZ]:
            return int((hz - table[_DOWN_HZ]) % table[_GRID_HZ] == 0)
        return 0

    def _heal(self):
        """Never without a channel: another data rate, and if none has one the default channels."""
        for _ in range(2):
            for down in range(8):
                dr = (self.dr - down) % 8
                if self.channels(dr):
                    self.dr = dr
                    return
            self.default_channels()

    def pack(self):
        """Everything but lbt as bytes, to be stored."""
        data = bytes((_FORMAT, self._table[_REGION], self.dr, self.power, self.nb_trans))
        data += bytes(
            (self.rx1_delay_s, self.rx1_offset, self.rx2_dr, self.max_duty, self._tx_param)
        )
        data += bytes(array("I", (self.rx2_hz,)))
        data += self._mask.to_bytes(9, "little")
        if not self._table[_FIXED]:
            data += self._drs + bytes(self._hz)
        return data

    def unpack(self, data):
        """Take back what pack() has given; anything else gives False and changes nothing."""
        return Plan(self._table)._replay(data) and self._replay(data)

    def _replay(self, data):
        # Through the setters, so that nothing gets past the rules of the region.
        self.reset()
        if len(data) != len(self.pack()) or data[:2] != bytes((_FORMAT, self._table[_REGION])):
            return False
        self.tx_param(data[9])
        hz = array("I", data[_HEAD + 9 + _DYNAMIC :])
        for i in range(len(hz) // 2):
            drs = data[_HEAD + 9 + i]
            if i >= len(self._table[_DRS]) and hz[i]:
                if self.new_channel(i, hz[i], drs & 15, drs >> 4) != 3:
                    return False
            if hz[_DYNAMIC + i] and self.dl_channel(i, hz[_DYNAMIC + i]) != 3:
                return False
        self._mask = int.from_bytes(data[_HEAD : _HEAD + 9], "little")
        self.rx1_delay_s = data[5]
        self.max_duty = data[8]
        return (
            0 < data[5] < 16
            and data[8] < 16
            and data[2] != _KEEP != data[3]
            and 0 < data[4] < 16
            and self.link_adr(data[2], data[3], (), data[4]) == 7
            and self.rx_param(data[6], data[7], array("I", data[10:_HEAD])[0]) == 7
        )
