"""How a device joins (TS001-1.0.4 6.2 and 7): in memory only while it does.

One record of the store, `lora_join`: who this is (CRC), the next DevNonce, the last JoinNonce, how
long the device was on and the air time of its joins; written before each Join-Request, at each
Join-Accept, and once in an hour while the device waits for the next try.
"""

from binascii import crc32
from struct import pack, unpack

from kerb.uplink.lorawan import airtime, budget
from kerb.uplink.lorawan.join_frames import join_request, read_join_accept
from kerb.uplink.lorawan.mac import FAULT, LATER, NOT_JOINED, SENT
from kerb.uplink.lorawan.plan import Plan
from kerb.uplink.lorawan.session import VERSION
from kerb.uplink.lorawan.start import begin, fresh, load
from micropython import const

_FORMAT = const("<BIIiII")  # version, who, DevNonce, JoinNonce or -1, seconds on, ms spent
_BYTES = const(21)
_REQUEST_BYTES = const(23)
_ACCEPT_DELAY_S = const(5)  # JOIN_ACCEPT_DELAY1 (RP002-1.0.4 2.3)
_LAST_NONCE = const(65535)
_START_S = const(5)
# Between two tries is a random time of up to so much, and twice as much for each after the ninth:
# nine try each group of US915's channels once.
_APART_S = const(16)
_AT_ONCE = const(9)
_DOUBLINGS = const(9)
_HOUR_S = const(3600)
_DAY_S = const(86400)


class Joins:
    """The tries of a Mac to join, until one succeeds."""

    def __init__(self, mac):
        self._mac = mac
        self._attempts = 0
        self.next_s = mac.up_s + mac.random(_START_S)
        self._who = crc32(b"".join(mac.ids))
        self.nonce = self.on_s = self.spent_ms = 0
        self.join_nonce = -1
        record = load(mac.session.store, "lora_join", _BYTES)
        if record:
            _, who, self.nonce, join_nonce, self.on_s, self.spent_ms = unpack(
                _FORMAT, record[:_BYTES]
            )
            if who == self._who:
                self.join_nonce = join_nonce
            elif self.nonce > _LAST_NONCE:
                self.nonce = 0  # a new identity is the way out, and the only one
        # Of the time that the device was on in a session, its uptime of then tells.
        self._kept_s = self._at_s = getattr(mac, "joined_s", 0)

    def keep(self):
        """Write the record, with the time of now; False if the flash refuses it."""
        self._kept_s = self._mac.joined_s = self._mac.up_s
        values = self._who, self.nonce, self.join_nonce, self.on_s, self.spent_ms
        return self._mac.session.put("lora_join", pack(_FORMAT, VERSION, *values))

    def pass_time(self):
        """Bring on_s and spent_ms to now."""
        up_s = self._mac.up_s
        self.on_s, self.spent_ms = budget.rolled(self.on_s, self.spent_ms, up_s - self._at_s)
        self._at_s = up_s

    async def join(self, check_in):
        """See mac.Mac.join."""
        mac = self._mac
        self.pass_time()
        outcome = LATER
        wait_s = self.next_s - mac.up_s
        if len(mac.ids[0]) == 4:
            outcome = NOT_JOINED
            wait_s = _DAY_S
        elif wait_s <= 0:
            session = mac.session
            before = mac.plan
            # The request goes by what a device knows that has not joined, and so does its answer.
            # Not by the session's own plan: save() may come, and whatever ends the try early.
            plan = Plan(before.table)
            plan.lbt = before.lbt
            mac.wait_ms = 0
            mac.plan = mac.duty.plan = plan
            try:
                outcome = await self._try(mac, plan, session, check_in)
            finally:
                if outcome != SENT:
                    mac.plan = mac.duty.plan = session.plan = before
                    mac.joined = session.keys is not None
            if outcome == SENT:
                mac.joined = True
                mac.joins = None
                fresh(mac)
                mac.log.info("lorawan: joined")
                return SENT
            before.pack()  # which lets go of what changes a plan
            if outcome != LATER:
                self._attempts += 1
                most_s = _APART_S << min(max(self._attempts - _AT_ONCE, 0), _DOUBLINGS)
                mac.wait_ms = 1000 * mac.random(most_s) + 1000
            wait_s = min((mac.wait_ms + 999) // 1000, _DAY_S)
            self.next_s = mac.up_s + wait_s
        elif mac.up_s - self._kept_s >= _HOUR_S:
            self.keep()
        mac.wait_ms = wait_s * 1000
        return outcome

    async def _try(self, mac, plan, session, check_in):
        join_eui, dev_eui, app_key = mac.ids
        index, dr = plan.join_channel(self._attempts, mac.random)
        us = airtime.us(*plan.modulation(dr), _REQUEST_BYTES)
        wait_s = budget.wait_s(self.on_s, self.spent_ms, us)
        if wait_s:
            # Not all of a street at the moment at which its day with power begins anew.
            mac.wait_ms = 1000 * (wait_s + mac.random(_HOUR_S))
            return LATER
        if await mac.pick((index,), us) is None:
            return FAULT if mac.fault else LATER
        nonce = self.nonce
        if nonce > _LAST_NONCE:
            mac.fault = "nonce"
            return FAULT
        self.nonce += 1
        self.spent_ms += us // 1000 + 1
        if not self.keep():
            mac.fault = session.fault
            return FAULT
        request = join_request(app_key, join_eui, dev_eui, nonce)
        end_us = await mac.transmit(request, index, dr, us, session.up)
        check_in()
        if end_us is None:
            return FAULT

        def take(packet):
            accept = read_join_accept(app_key, packet[0], nonce)
            if accept and accept[0] <= self.join_nonce:
                mac.log.warn("lorawan: a join-accept of before, JoinNonce %d", accept[0])
                return None
            return accept

        accept = await mac.windows(end_us, _ACCEPT_DELAY_S, index, dr, take, check_in)
        if not accept:
            return NOT_JOINED
        self.join_nonce, _, dev_addr, dl_settings, rx_delay, cf_list, keys = accept
        session.plan = plan
        plan.dr = dr
        plan.joined(dl_settings, rx_delay, cf_list)
        if not self.keep() or not begin(session, nonce, dev_addr, keys):
            mac.fault = session.fault
            return FAULT
        return SENT
