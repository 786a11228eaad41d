"""MAC commands of LoRaWAN 1.0.4: what the network says (TS001-1.0.4 chapter 5), all of them."""

from micropython import const

_LINK_CHECK = const(2)
_LINK_ADR = const(3)
_DUTY_CYCLE = const(4)
_RX_PARAM = const(5)
_DEV_STATUS = const(6)
_NEW_CHANNEL = const(7)
_RX_TIMING = const(8)
_TX_PARAM = const(9)
_DL_CHANNEL = const(10)

_SIZES = const(b"\0\0\3\5\2\5\1\6\2\2\5\0\0\6")  # of each with its identifier
_MOST = const(48)  # answers kept: no frame holds more LinkADRReq


def read(commands, data, snr_db):
    """Do the commands in `data`; the answers go to commands.due (session.Commands).

    Anything may be in a command: the plan refuses what the region does not allow, and the answer
    says so. Ends without a word at an unknown or cut off one, whose length nobody can tell.
    """
    plan = commands.plan
    i = 0
    while i < len(data):
        cid = data[i]
        end = i + (_SIZES[cid] if cid < len(_SIZES) else 0)
        if end == i or end > len(data):
            return
        value = data[i + 1] if end > i + 1 else 0
        hz = (data[i + 2] | data[i + 3] << 8 | data[i + 4] << 16) * 100 if end > i + 4 else 0
        answer = b""
        n = 1
        if cid == _LINK_ADR:
            answer, n = _link_adr(plan, commands.adr, data, i)
            end = i + 5 * n
        elif cid == _DUTY_CYCLE:
            plan.max_duty = value & 15
        elif cid == _RX_PARAM:
            answer = plan.rx_param(value >> 4 & 7, value & 15, hz)
        elif cid == _DEV_STATUS:
            answer = bytes((commands.battery, max(-32, min(31, snr_db)) & 63))
        elif cid == _NEW_CHANNEL:
            answer = plan.new_channel(value, hz, data[i + 5] & 15, data[i + 5] >> 4)
        elif cid == _RX_TIMING:
            plan.rx1_delay_s = value & 15 or 1
        elif cid == _TX_PARAM:
            if not plan.tx_param(value):
                answer = None
        elif cid == _DL_CHANNEL:
            answer = plan.dl_channel(value, hz)
        else:
            answer = None
            if bytes((cid,)) in commands.last:
                if cid == _LINK_CHECK:
                    commands.link = value, data[i + 2]
                else:
                    commands.time = int.from_bytes(data[i + 1 : i + 5], "little"), data[i + 5]
        i = end
        if answer is not None:
            if not isinstance(answer, bytes):
                answer = bytes((answer,))
            answer = bytes((cid,)) + answer
            while n and len(commands.due) < _MOST:
                commands.due.append(answer)
                n -= 1


def _link_adr(plan, adr, data, i):
    """Do the block of LinkADRReq at i as one, all or nothing; gives (status, how many)."""
    masks = []
    while i < len(data) and data[i] == _LINK_ADR:
        if i + 5 > len(data):
            # The last one governs the block, and it is cut off.
            return None, len(data)
        value = data[i + 1]
        mode = data[i + 4]
        masks.append((mode >> 4 & 7, data[i + 2] | data[i + 3] << 8))
        i += 5
    if adr:
        status = plan.link_adr(value >> 4, value & 15, masks, mode & 15)
    else:
        # The channels are the network's to choose all the same (4.3.1.1).
        status = int(plan.link_adr(15, 15, masks, plan.nb_trans) == 7)
    return status, len(masks)
