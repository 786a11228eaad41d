"""The changes of a plan.Plan: MAC commands, a join, what was stored (TS001-1.0.4, RP002-1.0.4).

A Plan has these functions as methods of its own, and holds this module only while there are
changes. Those that a MAC command has are all or nothing, and give the status bits of its answer;
or None where the region has no such command, which then gets no answer. Whatever is set,
`channels` for the current data rate is never empty: a device left with no channel is lost.
"""

from array import array

from micropython import const

_FORMAT = const(1)
_HEAD = const(14)  # bytes of what pack() gives, before the mask
_REGION = const(0)
_HZ = const(1)
_DRS = const(2)
_UP_DR = const(6)
_JOIN_DR = const(7)
_EIRP = const(8)
_POWERS = const(9)
_RX2_HZ = const(10)
_RX2_DR = const(11)
_DOWN_DR = const(13)
_DOWN_DRS = const(14)
_OFFSETS = const(15)
_DOWN_HZ = const(16)
_DOWN_TOP_HZ = const(17)
_GRID_HZ = const(18)
_TX_PARAM = const(22)
_FIXED = const(23)
_DYNAMIC = const(16)  # channels of a region where the network may make them
_KEEP = const(15)
_EIRP_DBM = b"\x08\x0a\x0c\x0d\x0e\x10\x12\x14\x15\x18\x1a\x1b\x1d\x1e\x21\x24"
_FIXED_BYTES = const(23)  # of what pack() gives in a fixed plan
_BYTES = const(167)


def reset(plan):
    """Everything as the specification has it before a join."""
    table = plan.table
    plan.hz = array("I", table[_HZ])
    count = len(plan.hz)
    # Channels that the network may make; after them where it has moved RX1's frequency, or 0.
    plan.hz.extend(array("I", bytes(max(0, 8 * _DYNAMIC - 4 * count))))
    plan.drs = bytearray(table[_DRS]) + bytes(max(0, _DYNAMIC - count))
    plan.mask = plan.known = (1 << count) - 1  # a bit a channel: enabled, and existing
    plan.power = plan.rx1_offset = plan.max_duty = plan.tx = 0
    plan.nb_trans = plan.rx1_delay_s = 1
    plan.rx2 = table[_RX2_HZ], table[_RX2_DR]
    plan.eirp_dbm = table[_EIRP]
    plan.dwell_up = plan.dwell_down = False
    plan.dr = table[_JOIN_DR]
    tx_param(plan, table[_TX_PARAM])


def joined(plan, dl_settings, rx_delay, cf_list):
    """Everything as a join-accept has it; dr stays where it is, which the join has proven.

    cf_list are 16 bytes or None. What is not of this region is left out.
    """
    dr = plan.dr
    reset(plan)
    plan.dr = dr
    _heal(plan)
    plan.rx1_delay_s = rx_delay & 15 or 1
    rx_param(plan, dl_settings >> 4 & 7, dl_settings & 15, plan.rx2[0])
    if cf_list and cf_list[15] == bool(plan.table[_FIXED]):
        if cf_list[15]:
            plan.mask &= int.from_bytes(cf_list[:9], "little")
        else:
            for i in range(5):
                hz = int.from_bytes(cf_list[3 * i : 3 * i + 3], "little") * 100
                new_channel(plan, len(plan.table[_DRS]) + i, hz, 0, 5)
        _heal(plan)


def default_channels(plan):
    """Enable the default channels: those of before the join, which are all of a fixed plan."""
    plan.mask |= (1 << len(plan.table[_DRS])) - 1


def join_channel(plan, attempt, random):
    """(channel index, DR) for the join-request number `attempt`, 0 first.

    random(n) gives 0 to n - 1. DRs go from the highest down and begin again, so that a device
    that is near is quick and one that is far gets through; a fixed plan has its own way.
    """
    table = plan.table
    if table[_FIXED]:
        return table[_FIXED][1](attempt, random)
    drs = table[_DRS][0] >> 4
    return random(len(table[_DRS])), drs - attempt % (drs + 1 - table[_JOIN_DR])


def link_adr(plan, dr, power, masks, nb_trans):
    """A block of LinkADRReq: masks is [(ChMaskCntl, ChMask), ...], the rest its last one's.

    dr and power 15 keep what is, nb_trans 0 is 1. Bits: 4 power, 2 DR, 1 channel mask.
    """
    if dr == _KEEP:
        dr = plan.dr
    if power == _KEEP:
        power = plan.power
    old = mask = plan.mask
    fixed = plan.table[_FIXED]
    for control, bits in masks:
        if fixed:
            mask = fixed[2](mask, control, bits)
        elif control:
            mask = plan.known if control == 6 else None
        else:
            mask = bits
        if mask is None:
            break
    status = 6
    if mask and not mask & ~plan.known:
        plan.mask = mask
        status = 7
    if not plan.channels(dr):
        status &= 5
    if power > plan.table[_POWERS]:
        status &= 3
    if status != 7:
        plan.mask = old
        return status
    plan.dr = dr
    plan.power = power
    plan.nb_trans = nb_trans or 1
    return status


def rx_param(plan, offset, rx2_dr, hz):
    """RXParamSetupReq. Bits: 4 RX1DROffset, 2 RX2's DR, 1 RX2's frequency."""
    table = plan.table
    status = _is_down(plan, hz)
    if table[_DOWN_DR] <= rx2_dr <= table[_DOWN_DRS] and plan.modulation(rx2_dr):
        status |= 2
    old = plan.rx1_offset
    if offset <= table[_OFFSETS]:
        plan.rx1_offset = offset
        # AS923's offsets 6 and 7 lead to downlinks that we can't receive.
        if plan.channels(plan.dr):
            status |= 4
    if status != 7:
        plan.rx1_offset = old
        return status
    plan.rx2 = hz, rx2_dr
    return status


def new_channel(plan, index, hz, min_dr, max_dr):
    """NewChannelReq; hz 0 takes a channel away. Bits: 2 DR range, 1 frequency."""
    table = plan.table
    if table[_FIXED]:
        return None
    if not len(table[_DRS]) <= index < _DYNAMIC:
        return 0
    status = 3
    if hz:
        status = _is_down(plan, hz)
        if plan.band(hz, 125000 if max_dr > 5 else 62500) is None:
            status = 0
        if min_dr <= max_dr <= table[_UP_DR]:
            status |= 2
    if status == 3:
        bit = 1 << index
        plan.hz[index] = hz
        plan.hz[_DYNAMIC + index] = 0
        plan.drs[index] = max_dr << 4 | min_dr
        plan.mask |= bit
        plan.known |= bit
        if not hz:
            plan.mask ^= bit
            plan.known ^= bit
            plan.drs[index] = 0
        _heal(plan)
    return status


def dl_channel(plan, index, hz):
    """DlChannelReq: RX1's frequency for a channel. Bits: 2 channel exists, 1 frequency."""
    if plan.table[_FIXED]:
        return None
    status = _is_down(plan, hz) | (plan.known >> index & 1) << 1
    if status == 3:
        plan.hz[_DYNAMIC + index] = hz
    return status


def tx_param(plan, byte):
    """TxParamSetupReq; False if the region has no such command."""
    if plan.table[_TX_PARAM] is None:
        return False
    plan.tx = byte
    plan.dwell_down = bool(byte & 0x20)
    plan.dwell_up = bool(byte & 0x10)
    plan.eirp_dbm = min(_EIRP_DBM[byte & 15], plan.table[_EIRP])
    _heal(plan)
    return True


def _is_down(plan, hz):
    table = plan.table
    if table[_DOWN_HZ] <= hz <= table[_DOWN_TOP_HZ]:
        return int((hz - table[_DOWN_HZ]) % table[_GRID_HZ] == 0)
    return 0


def _heal(plan):
    """Never without a channel: another data rate, and if none has one the default channels."""
    for _ in range(2):
        for down in range(8):
            dr = (plan.dr - down) % 8
            if plan.channels(dr):
                plan.dr = dr
                return
        default_channels(plan)


def unpack(plan, data):
    """Take back what pack() has given; anything else gives False and changes nothing."""
    return _replay(type(plan)(plan.table), data) and _replay(plan, data)


def _replay(plan, data):
    # Through the setters, so that nothing gets past the rules of the region.
    reset(plan)
    size = _FIXED_BYTES if plan.table[_FIXED] else _BYTES
    if len(data) != size or data[:2] != bytes((_FORMAT, plan.table[_REGION])):
        return False
    tx_param(plan, data[9])
    hz = array("I", data[_HEAD + 9 + _DYNAMIC :])
    for i in range(len(hz) // 2):
        drs = data[_HEAD + 9 + i]
        if i >= len(plan.table[_DRS]) and hz[i]:
            if new_channel(plan, i, hz[i], drs & 15, drs >> 4) != 3:
                return False
        if hz[_DYNAMIC + i] and dl_channel(plan, i, hz[_DYNAMIC + i]) != 3:
            return False
    plan.mask = int.from_bytes(data[_HEAD : _HEAD + 9], "little")
    plan.rx1_delay_s = data[5]
    plan.max_duty = data[8]
    return (
        0 < data[5] < 16
        and data[8] < 16
        and data[2] != _KEEP != data[3]
        and 0 < data[4] < 16
        and link_adr(plan, data[2], data[3], (), data[4]) == 7
        and rx_param(plan, data[6], data[7], array("I", data[10:_HEAD])[0]) == 7
    )
