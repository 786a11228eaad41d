"""Adaptive data rate, the device's half: the way back when the network is silent."""

from micropython import const

_ACK_LIMIT = const(64)  # RP002-1.0.4 2.3
_ACK_DELAY = const(32)


def back_off(plan, count):
    """Make the next uplink go farther, after `count` of them that no class A downlink came for.

    To be called after each new uplink, not after repetitions, while ADR is on (TS001-1.0.4
    4.3.1.1, table 9). From ADR_ACK_LIMIT 64 on uplinks ask for a downlink (ADRACKReq). Nothing
    happens here until 96: then the power goes to its default, at 128 and every 32 from there
    the data rate down by one, and 32 after it has arrived at the lowest there is, it is one
    transmission a frame on all default channels.
    """
    late = count - _ACK_LIMIT - _ACK_DELAY
    if late < 0 or late % _ACK_DELAY:
        return
    plan.power = 0
    if not late:
        return
    dr = plan.dr - 1
    if plan.max_payload(dr):
        plan.dr = dr
        if plan.channels(dr):
            return
    else:
        plan.nb_trans = 1
    # The end of the way; or no channel in use has the data rate, and it is to be used at once.
    plan.default_channels()
