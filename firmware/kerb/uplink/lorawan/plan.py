"""What the network may change of the radio, within the region's rules (TS001-1.0.4, RP002-1.0.4).

Every setter that a MAC command has is all or nothing, and gives the status bits of its answer; or
None where the region has no such command, which then gets no answer. Whatever is set, `channels`
for the current data rate is never empty: a device that is left with no channel is lost.
"""

from array import array

from micropython import const

_FORMAT = const(1)
_HEAD = const(14)  # bytes of what pack() gives, before the masks

# What an entry of a region's table is: kerb/uplink/lorawan/region.py.
_REGION = const(0)
_DEFAULTS = const(1)
_MODULATIONS = const(2)
_PAYLOADS = const(3)
_DWELL_PAYLOADS = const(4)
_UP_DR = const(5)
_JOIN_DR = const(6)
_EIRP = const(7)
_POWERS = const(8)
_RX2_HZ = const(9)
_RX2_DR = const(10)
_RX1 = const(11)
_DOWN = const(12)
_RX1_HZ = const(13)
_BANDS = const(14)
_CAP = const(15)
_LBT = const(16)
_TX_PARAM = const(17)

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
        self._probe = None
        self.reset()

    def reset(self):
        """Everything as the specification has it before a join."""
        table = self._table
        self._hz = array("I")
        self._drs = bytearray()
        for count, first_hz, step_hz, drs in table[_DEFAULTS]:
            for i in range(count):
                self._hz.append(first_hz + i * step_hz)
                self._drs.append(drs)
        self._default = len(self._hz)
        if self._default < _DYNAMIC:
            more = _DYNAMIC - self._default
            self._hz.extend(array("I", bytes(4 * more)))
            self._drs.extend(bytes(more))
        # RX1's frequency where DlChannelReq has moved it, else 0.
        self._down_hz = array("I", bytes(4 * len(self._hz)))
        self._mask = bytearray((len(self._hz) + 15) // 16 * 2)
        self.power = self.rx1_offset = self.max_duty = 0
        self.nb_trans = self.rx1_delay_s = 1
        self.rx2_hz = table[_RX2_HZ]
        self.rx2_dr = table[_RX2_DR]
        self.eirp_dbm = table[_EIRP]
        self.dwell_up = self.dwell_down = False
        self.dr = table[_JOIN_DR]
        self.default_channels()
        self._tx_param = table[_TX_PARAM]
        self.tx_param(self._tx_param)

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
        if cf_list and cf_list[15] == (len(self._mask) > 2):
            if cf_list[15]:
                masks = [(i, cf_list[2 * i] | cf_list[2 * i + 1] << 8) for i in range(5)]
                self._mask = self._masked(masks) or self._mask
            else:
                for i in range(5):
                    hz = int.from_bytes(cf_list[3 * i : 3 * i + 3], "little") * 100
                    self.new_channel(self._default + i, hz, 0, 5)
        self._heal()

    def default_channels(self):
        """Enable the default channels: those of before the join, which are all of a fixed plan."""
        for i in range(self._default):
            self._mask[i >> 3] |= 1 << (i & 7)

    def channels(self, dr):
        """The indexes of the channels that an uplink at `dr` may use now, empty if it may not."""
        usable = bytearray()
        if self.max_payload(dr) and self.modulation(self.rx1(0, dr)[1]):
            for i, drs in enumerate(self._drs):
                if self._mask[i >> 3] >> (i & 7) & 1 and drs & 15 <= dr <= drs >> 4:
                    usable.append(i)
        return usable

    def freq_hz(self, index):
        """The frequency of uplinks on a channel that channels() has given."""
        return self._hz[index]

    def rx1(self, index, dr):
        """(Hz, DR) of the first receive window after an uplink at `dr` on a channel."""
        offset = self.rx1_offset
        if offset > 5:
            offset = 5 - offset
        base, lowest, highest, _ = self._table[_RX1]
        if self.dwell_down:
            lowest = 2
        dr = min(max(dr + base - offset, lowest), highest)
        modulations = self._table[_MODULATIONS]
        if dr < len(modulations) and not modulations[dr]:
            dr -= 1  # IN865's DR6, which nobody has defined
        if self._table[_RX1_HZ]:
            first_hz, step_hz, count = self._table[_RX1_HZ]
            return first_hz + index % count * step_hz, dr
        return self._down_hz[index] or self._hz[index], dr

    def rx2(self):
        """(Hz, DR) of the second receive window, and of class C's."""
        return self.rx2_hz, self.rx2_dr

    def modulation(self, dr):
        """(SF, bandwidth in Hz) of a DR, None if there is none or it is not ours."""
        modulations = self._table[_MODULATIONS]
        code = modulations[dr] if 0 <= dr < len(modulations) else 0
        return (code & 15, 125000 << (code >> 4)) if code else None

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
        that is near is quick and one that is far gets through. In a fixed plan each nine attempts
        try one channel of every group of eight, then one of 500 kHz, and eight times nine try all.
        """
        if self._default > _DYNAMIC:
            if not attempt % 72 or self._probe is None:
                self._probe = random(64)
            turn, group = divmod(attempt % 72, 9)
            index = (self._probe + turn) % 8
            index += 64 if group == 8 else (self._probe // 8 + group) % 8 * 8
            return index, self._drs[index] & 15
        highest, lowest = self._drs[0] >> 4, self._table[_JOIN_DR]
        return random(self._default), highest - attempt % (highest - lowest + 1)

    def band(self, hz, half_hz=0):
        """The number of the sub-band that has that frequency, with that much to both sides."""
        for i, (lowest, highest, _) in enumerate(self._table[_BANDS]):
            if lowest <= hz - half_hz and hz + half_hz <= highest:
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
        old = self._mask
        mask = self._masked(masks)
        self._mask = mask or old
        status = (mask is not None) | bool(self.channels(dr)) << 1
        status |= (power <= self._table[_POWERS]) << 2
        if status != 7:
            self._mask = old
            return status
        self.dr = dr
        self.power = power
        self.nb_trans = nb_trans or 1
        return status

    def _masked(self, masks):
        """The channel mask after a block of masks, None if it is none."""
        mask = bytearray(self._mask)
        fixed = len(mask) > 2
        for control, bits in masks:
            if control < (5 if fixed else 1):
                mask[2 * control] = bits & 0xFF
                mask[2 * control + 1] = bits >> 8
            elif fixed and control < 8:
                mask[8] = bits & 0xFF
                for i in range(8):
                    on = bits >> i & 1 if control == 5 else control == 6
                    mask[i] = 0xFF if on else 0
            elif control == 6:
                for i, hz in enumerate(self._hz):
                    if hz:
                        mask[i >> 3] |= 1 << (i & 7)
            else:
                return None
        if fixed:
            mask[9] = 0  # bits of channels that are none, RFU
        else:
            for i, hz in enumerate(self._hz):
                if not hz and mask[i >> 3] >> (i & 7) & 1:
                    return None
        return mask if any(mask) else None

    def rx_param(self, offset, rx2_dr, hz):
        """RXParamSetupReq. Bits: 4 RX1DROffset, 2 RX2's DR, 1 RX2's frequency."""
        _, lowest, highest, offsets = self._table[_RX1]
        status = self._is_down(hz)
        status |= (lowest <= rx2_dr <= highest and self.modulation(rx2_dr) is not None) << 1
        old = self.rx1_offset
        if offset <= offsets:
            self.rx1_offset = offset
            # AS923's offsets 6 and 7 lead to downlinks that we can't receive.
            status |= bool(self.channels(self.dr)) << 2
        if status != 7:
            self.rx1_offset = old
            return status
        self.rx2_dr = rx2_dr
        self.rx2_hz = hz
        return status

    def new_channel(self, index, hz, min_dr, max_dr):
        """NewChannelReq; hz 0 takes a channel away. Bits: 2 DR range, 1 frequency."""
        if self._default > _DYNAMIC:
            return None
        if not self._default <= index < _DYNAMIC:
            return 0
        status = 3
        if hz:
            half_hz = 125000 if max_dr > 5 else 62500
            status = self._is_down(hz) & (self.band(hz, half_hz) is not None)
            status |= (min_dr <= max_dr <= self._table[_UP_DR]) << 1
        if status == 3:
            self._hz[index] = hz
            self._down_hz[index] = 0
            self._drs[index] = max_dr << 4 | min_dr
            bit = 1 << (index & 7)
            self._mask[index >> 3] |= bit
            if not hz:
                self._mask[index >> 3] ^= bit
            self._heal()
        return status

    def dl_channel(self, index, hz):
        """DlChannelReq: RX1's frequency for a channel. Bits: 2 channel exists, 1 frequency."""
        if self._default > _DYNAMIC:
            return None
        status = (index < _DYNAMIC and self._hz[index] != 0) << 1 | self._is_down(hz)
        if status == 3:
            self._down_hz[index] = hz
        return status

    def tx_param(self, byte):
        """TxParamSetupReq; False if the region has no such command."""
        if self._table[_TX_PARAM] is None:
            return False
        self._tx_param = byte
        self.dwell_down = bool(byte & 0x20)
        self.dwell_up = bool(byte & 0x10)
        self.eirp_dbm = _EIRP_DBM[byte & 15]
        self._heal()
        return True

    def _is_down(self, hz):
        lowest, highest, grid_hz = self._table[_DOWN]
        return lowest <= hz <= highest and (hz - lowest) % grid_hz == 0

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
        head = (_FORMAT, self._table[_REGION], self.dr, self.power, self.nb_trans)
        head += (self.rx1_delay_s, self.rx1_offset, self.rx2_dr, self.max_duty)
        head += (self._tx_param or 0,)
        data = bytes(head) + bytes(array("I", (self.rx2_hz,))) + self._mask
        if self._default < _DYNAMIC:
            data += self._drs + bytes(self._hz) + bytes(self._down_hz)
        return data

    def unpack(self, data):
        """Take back what pack() has given; anything else gives False and changes nothing."""
        return Plan(self._table)._replay(data) and self._replay(data)

    def _replay(self, data):
        # Through the setters, so that nothing gets past the rules of the region.
        self.reset()
        size = len(self._mask)
        if len(data) != len(self.pack()) or data[0] != _FORMAT:
            return False
        if data[1] != self._table[_REGION]:
            return False
        self.tx_param(data[9])
        at = _HEAD + size
        if self._default < _DYNAMIC:
            drs = data[at:]
            hz = array("I", data[at + 16 : at + 80])
            down_hz = array("I", data[at + 80 :])
            for i in range(_DYNAMIC):
                if hz[i] and i >= self._default:
                    if self.new_channel(i, hz[i], drs[i] & 15, drs[i] >> 4) != 3:
                        return False
                if down_hz[i] and self.dl_channel(i, down_hz[i]) != 3:
                    return False
        self.rx1_delay_s = data[5]
        self.max_duty = data[8]
        masks = [(i, data[_HEAD + 2 * i] | data[_HEAD + 2 * i + 1] << 8) for i in range(size // 2)]
        return (
            0 < data[5] < 16
            and data[8] < 16
            and data[2] != _KEEP != data[3]
            and 0 < data[4] < 16
            and self.link_adr(data[2], data[3], masks, data[4]) == 7
            and self.rx_param(data[6], data[7], array("I", data[10:_HEAD])[0]) == 7
        )
