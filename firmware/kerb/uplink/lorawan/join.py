"""One try to join (TS001-1.0.4 6.2 and 7): imported for that, and let go of."""

import time

from kerb.uplink.lorawan import airtime
from kerb.uplink.lorawan.frames import join_request, read_join_accept
from kerb.uplink.lorawan.mac import FAULT, LATER, NOT_JOINED, SENT
from micropython import const

_REQUEST_BYTES = const(23)
_ACCEPT_DELAY_S = const(5)  # JOIN_ACCEPT_DELAY1 (RP002-1.0.4 2.3)
_FIRST_S = const(8)
_DOUBLINGS = const(10)
_DAY_MS = const(86400000)


async def join(mac, check_in):
    """See mac.Mac.join."""
    left_s = mac.next_join_s - mac.up_s
    if left_s > 0:
        mac.wait_ms = min(left_s * 1000, _DAY_MS)
        return LATER
    plan = mac.plan
    before = plan.pack()
    # The request goes by what a device knows that has not joined, and so does its answer.
    plan.reset()
    mac.wait_ms = 0
    outcome = await _try(mac, plan, mac.session, check_in)
    if outcome == SENT:
        mac.attempts = 0
        mac.joined = True
        mac.begin()
        mac.log.info("lorawan: joined")
        return SENT
    plan.unpack(before)
    mac.joined = mac.session.keys is not None
    if outcome != LATER:
        mac.attempts += 1
        mac.wait_ms = 1000 * mac.random(_FIRST_S << min(mac.attempts, _DOUBLINGS)) + 1000
    mac.wait_ms = min(mac.wait_ms, _DAY_MS)
    mac.next_join_s = mac.up_s + (mac.wait_ms + 999) // 1000
    if not mac.joined:
        mac.radio.sleep()
    return outcome


async def _try(mac, plan, session, check_in):
    join_eui, dev_eui, app_key = mac.ids
    index, dr = plan.join_channel(mac.attempts, mac.random)
    us = airtime.us(*plan.modulation(dr), _REQUEST_BYTES)
    mac.wait_ms = mac.budget.wait_ms(time.ticks_ms(), us)
    if mac.wait_ms or await mac.pick((index,), us) is None:
        return LATER
    mac.budget.spent(time.ticks_ms(), us)
    nonce = session.next_nonce()
    if nonce is None:
        mac.fault = session.fault
        return FAULT
    end_us = await mac.transmit(join_request(app_key, join_eui, dev_eui, nonce), index, dr, us)
    check_in()
    if end_us is None:
        return FAULT

    def take(packet):
        accept = read_join_accept(app_key, packet[0], nonce)
        if accept and accept[0] <= session.join_nonce:
            mac.log.warn("lorawan: a join-accept of before, JoinNonce %d", accept[0])
            return None
        return accept

    accept = await mac.windows(end_us, _ACCEPT_DELAY_S, index, dr, take, check_in)
    if not accept:
        return NOT_JOINED
    join_nonce, _, dev_addr, dl_settings, rx_delay, cf_list, keys = accept
    plan.dr = dr
    plan.joined(dl_settings, rx_delay, cf_list)
    if not session.begin(join_nonce, dev_addr, keys):
        mac.fault = session.fault
        return FAULT
    return SENT
