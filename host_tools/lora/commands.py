"""MAC commands of LoRaWAN 1.0.4 (TS001-1.0.4 chapter 5): a network's requests, a device's answers.

A test may ask for what no network should: nothing is checked, values are packed as they are.
"""

# The bytes that follow each CID: of a device's answers and requests, and of a network's.
ANSWERS = {2: 0, 3: 1, 4: 0, 5: 1, 6: 2, 7: 1, 8: 0, 9: 0, 10: 1, 13: 0}
REQUESTS = {2: 2, 3: 4, 4: 1, 5: 4, 6: 0, 7: 5, 8: 1, 9: 1, 10: 4, 13: 5}


def parse(data, lengths=ANSWERS):
    """[(CID, bytes)] of MAC commands, a device's (ANSWERS) or a network's; ends at nonsense."""
    found = []
    at = 0
    while at < len(data) and data[at] in lengths:
        end = at + 1 + lengths[data[at]]
        if end > len(data):
            break
        found.append((data[at], data[at + 1 : end]))
        at = end
    return found


def link_adr(dr, power, mask, cntl=0, nb_trans=1):
    """LinkADRReq."""
    return bytes([3, dr << 4 | power, mask & 0xFF, mask >> 8, cntl << 4 | nb_trans])


def duty_cycle(exponent):
    """DutyCycleReq."""
    return bytes([4, exponent])


def rx_param(offset, rx2_dr, hz):
    """RXParamSetupReq."""
    return bytes([5, offset << 4 | rx2_dr]) + (hz // 100).to_bytes(3, "little")


def dev_status():
    """DevStatusReq."""
    return b"\x06"


def new_channel(index, hz, min_dr=0, max_dr=5):
    """NewChannelReq."""
    return bytes([7, index]) + (hz // 100).to_bytes(3, "little") + bytes([max_dr << 4 | min_dr])


def rx_timing(seconds):
    """RXTimingSetupReq."""
    return bytes([8, seconds])


def tx_param(up_dwell, down_dwell, eirp_code):
    """TxParamSetupReq."""
    return bytes([9, bool(down_dwell) << 5 | bool(up_dwell) << 4 | eirp_code])


def dl_channel(index, hz):
    """DlChannelReq."""
    return bytes([10, index]) + (hz // 100).to_bytes(3, "little")
