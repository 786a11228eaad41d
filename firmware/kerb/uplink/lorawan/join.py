"""How a session begins (TS001-1.0.4 6.2, 6.3 and 7): imported for that, and let go of.

One record of the store, `lora_join`: who this is (CRC), the next DevNonce, the last JoinNonce, how
long the device was on and the air time of its joins; written before each Join-Request, at each
Join-Accept, and once in an hour while the device waits for the next try.
"""

from binascii import crc32
from struct import pack, unpack

from kerb.uplink.lorawan import airtime, budget
from kerb.uplink.lorawan.frames import join_request, read_join_accept
from kerb.uplink.lorawan.mac import FAULT, LATER, NOT_JOINED, SENT
from kerb.uplink.lorawan.session import SESSION_FORMAT, VERSION, load
from micropython import const

_FORMAT = const("<BIIiII")  # version, who, DevNonce, JoinNonce or -1, seconds on, ms spent
_BYTES = const(21)
_REQUEST_BYTES = const(23)
_ACCEPT_DELAY_S = const(5)  # JOIN_ACCEPT_DELAY1 (RP002-1.0.4 2.3)
_LAST_NONCE = const(65535)
_BY_HAND = const(0x10000)  # in the number of an ABP session, which is no DevNonce
_FIRST_S = const(8)
_DOUBLINGS = const(10)
_HOUR_S = const(3600)
_DAY_S = const(86400)


class Joins:
    """The record, and how it is at this second of the Mac's life."""

    def __init__(self, mac):
        self._mac = mac
        self._who = crc32(b"".join(mac.ids))
        self.nonce = self.on_s = self.spent_ms = 0
        self.join_nonce = -1
        record = load(mac.session.store, "lora_join", _BYTES)
        if record:
            _, who, self.nonce, join_nonce, on_s, spent_ms = unpack(_FORMAT, record[:_BYTES])
            passed_s = mac.up_s - mac.joins_kept_s
            self.on_s, self.spent_ms = budget.rolled(on_s, spent_ms, passed_s)
            if who == self._who:
                self.join_nonce = join_nonce
            elif self.nonce > _LAST_NONCE:
                self.nonce = 0  # a new identity is the way out, and the only one

    def keep(self):
        """False if the flash refuses it."""
        values = self._who, self.nonce, self.join_nonce, self.on_s, self.spent_ms
        self._mac.joins_kept_s = self._mac.up_s
        return self._mac.session.put("lora_join", pack(_FORMAT, VERSION, *values))


def begin(session, plan, number, dev_addr, keys):
    """A session of that number; False, and none, if the flash refuses it."""
    session.keys = None
    if number != session.number or number < _BY_HAND:
        session.number = number
        session.up = session.down = 0
        session.sticky = b""
    record = pack(SESSION_FORMAT, VERSION, session.who, number) + dev_addr + keys[0] + keys[1]
    record += b"\0" + plan.pack()
    if not session.write(session.up) or not session.put("lora_session", record):
        return False
    session.use(record)
    return True


def by_hand(mac):
    """A session by personalization; its counters go on where they were.

    False, and fault "counter", if they are lost: beginning anew would use them twice.
    """
    session = mac.session
    number = session.who | _BY_HAND
    if number != session.number and session.record():
        session.fault = "counter"
        return False
    return begin(session, mac.plan, number, mac.ids[0], mac.ids[1:])


async def join(mac, check_in):
    """See mac.Mac.join."""
    plan, session = mac.plan, mac.session
    if len(mac.ids[0]) == 4:
        mac.next_join_s = mac.up_s + _DAY_S
        mac.wait_ms = _DAY_S * 1000
        return NOT_JOINED
    joins = Joins(mac)
    outcome = LATER
    wait_s = mac.next_join_s - mac.up_s
    if wait_s <= 0:
        before = plan.pack()
        # The request goes by what a device knows that has not joined, and so does its answer.
        plan.reset()
        mac.wait_ms = 0
        outcome = await _try(mac, joins, plan, session, check_in)
        if outcome == SENT:
            mac.joined = True
            mac.attempts = 0
            mac.begin()
            mac.log.info("lorawan: joined")
            return SENT
        plan.unpack(before)
        mac.joined = session.keys is not None
        if outcome != LATER:
            mac.attempts += 1
            mac.wait_ms = 1000 * mac.random(_FIRST_S << min(mac.attempts, _DOUBLINGS)) + 1000
        wait_s = min((mac.wait_ms + 999) // 1000, _DAY_S)
        mac.next_join_s = mac.up_s + wait_s
    elif mac.up_s - mac.joins_kept_s >= _HOUR_S:
        joins.keep()
    mac.wait_ms = wait_s * 1000
    return outcome


async def _try(mac, joins, plan, session, check_in):
    join_eui, dev_eui, app_key = mac.ids
    index, dr = plan.join_channel(mac.attempts, mac.random)
    us = airtime.us(*plan.modulation(dr), _REQUEST_BYTES)
    mac.wait_ms = 1000 * budget.wait_s(joins.on_s, joins.spent_ms, us)
    if mac.wait_ms or await mac.pick((index,), us) is None:
        return LATER
    nonce = joins.nonce
    if nonce > _LAST_NONCE:
        mac.fault = "nonce"
        return FAULT
    joins.nonce += 1
    joins.spent_ms += us // 1000 + 1
    if not joins.keep():
        mac.fault = session.fault
        return FAULT
    end_us = await mac.transmit(join_request(app_key, join_eui, dev_eui, nonce), index, dr, us)
    check_in()
    if end_us is None:
        return FAULT

    def take(packet):
        accept = read_join_accept(app_key, packet[0], nonce)
        if accept and accept[0] <= joins.join_nonce:
            mac.log.warn("lorawan: a join-accept of before, JoinNonce %d", accept[0])
            return None
        return accept

    accept = await mac.windows(end_us, _ACCEPT_DELAY_S, index, dr, take, check_in)
    if not accept:
        return NOT_JOINED
    joins.join_nonce, _, dev_addr, dl_settings, rx_delay, cf_list, keys = accept
    plan.dr = dr
    plan.joined(dl_settings, rx_delay, cf_list)
    if not joins.keep() or not begin(session, plan, nonce, dev_addr, keys):
        mac.fault = session.fault
        return FAULT
    return SENT
