"""The LoRaWAN end-device, class A and class C (TS001-1.0.4 chapters 3, 4, 5, 7 and 17)."""

import gc
from asyncio import sleep_ms
from time import ticks_add, ticks_diff, ticks_ms, ticks_us

from kerb.uplink.lorawan import airtime
from kerb.uplink.lorawan.frames import build, read_down
from micropython import const

# What send() and join() give.
SENT = const(0)  # transmitted, nb_trans times or until something was heard; or joined
ACKED = const(1)  # confirmed, and the network has it
UNACKED = const(2)  # confirmed and transmitted; no acknowledgement came
LATER = const(3)  # not transmitted: wait_ms says when it may be
TOO_LONG = const(4)  # not transmitted: the data rate of now does not take so many bytes
NOT_JOINED = const(5)  # not transmitted; or the join was not answered
FAULT = const(6)  # the radio or the flash failed: fault says how

_ADR = const(0x80)  # FCtrl of an uplink (4.3.1)
_ADR_ACK_REQ = const(0x40)
_ACK = const(0x20)
_LINK_CHECK = const(2)
_DEVICE_TIME = const(13)

_AHEAD_MS = const(300)  # before a window: from here the radio prepares itself, and waits
_LOOK_MS = const(40)  # between two looks at what class C heard: shorter than a frame
_NAP_MS = const(2000)
_FRESH_S = const(600)  # class C: the receiver is set up again, for one that went deaf
_PATIENCE_MS = const(10000)  # how long a repetition may be held up by the duty cycle
_LONGEST_MS = const(3000)  # of a downlink of any region and data rate
_FOR_EVER_S = const(0x3FFFFFFF)
_RESPONSE_S = const(8)  # CLASS_C_RESP_TIMEOUT (RP002-1.0.4 2.3)
_DAY_S = const(86400)
_SILENT = const(64)  # uplinks, or a day, without an answer: ask for one with each uplink
_BACK_OFF = const(96)
_MOST_EMPTY = const(3)  # frames in a row that only the network asked for; not acknowledgements
_LOST = const(320)  # uplinks without an answer: ADR's back-off is at its end in every region
_LOST_S = const(7 * 86400)
_ASKED = const(8)  # at least so many uplinks must have asked in vain


class Mac:
    """A LoRaWAN end-device on a radio.

    Mac(table, ids, radio, store, log, random, cls="A", group=None, adr=True, dr=None, ppm=50,
    jitter_us=20000) is made in start.py. table: the region's (region.load()). ids: (join_eui,
    dev_eui, app_key) for OTAA or, for ABP, (dev_addr, nwk_skey, app_skey), bytes as on air. radio:
    as kerb.uplink.lorawan.radio. random(n) gives 0..n-1. cls: "A" or "C". group: None, or
    (dev_addr, nwk_skey, app_skey) of a multicast group, which class C hears on RX2's frequency and
    data rate. dr: the data rate where adr is False. ppm, jitter_us: how wrong the board's clock
    and its latencies may be (airtime.opening).

    The owner calls idle() while he has nothing to send, at any rate every six days. He sets
    on_downlink(port, payload, group), group: whether it is the multicast group's; on_time(day,
    second), days since 2000-01-01 UTC; battery, as in session.Commands. The callbacks come within
    send() and idle().

    joined: there is a session. due: the network waits for an uplink (an acknowledgement, FPending,
    answers that it must have): send something soon, and send(None, b"", ..) if there is nothing;
    after three of these in a row only an acknowledgement is due. wait_ms: see the
    outcomes LATER and NOT_JOINED. fault: None, or the word why the last call failed: "flash",
    "counter" or "nonce" (used up), or the radio's. plan: the plan.Plan, for its dr and power.
    rssi_dbm, snr_db: of the last downlink, None before. commands.link: (margin in dB, gateways) of
    the last answer to commands.ask(2).

    A network that is silent: ADR backs off (adr.py). After 64 uplinks or a day without a downlink
    each uplink carries a LinkCheckReq. After 320, or after seven days in which eight or more have
    asked in vain, send() first tries to join, as often as join() may; the session goes on until a
    join is accepted, for ever if need be. One by hand (ABP) goes on without.
    """

    def __init__(self, *args, **more):
        self._listens = None  # class C: (Hz, DR) that the radio listens to
        self._ticks = ticks_ms()
        # What is imported within a function, here and below, goes again with plan.pack().
        from kerb.uplink.lorawan import start

        start.start(self, *args, **more)

    async def join(self, check_in):
        """One try to join: SENT when joined. After any other outcome, try again in wait_ms.

        7 s; check_in() is called at least every 4 s, as by send() and idle(). Between tries is a
        random time, up to 16 s for nine of them and then of a range that doubles up to 2.3 hours,
        and whatever else the limits on joins (budget.py) and the duty cycle (airtime.py) demand.
        """
        if not self.joins:
            from kerb.uplink.lorawan import join

            self.joins = join.Joins(self)
        return await self.joins.join(check_in)

    def room(self):
        """The most payload bytes that send() takes now beside the answers that are owed.

        send() takes plan.max_payload(plan.dr); the network asks again for answers left out.
        """
        return self.plan.max_payload(self.plan.dr) - len(self.commands.answers(15))

    def ask_time(self):
        """Have the next uplink ask for the time: on_time()."""
        self.commands.ask(_DEVICE_TIME)

    def save(self):
        """Before a reset that is known before: the session goes on and skips no counter."""
        if self.joined:
            self.session.keep(self.commands.sticky())
            self.session.write(self.session.up)

    async def send(self, port, payload, confirmed, check_in):
        """Send `payload` (bytes) on `port`, 1 to 223, listen for the answer, give the outcome.

        port None and payload b"" is an empty frame, for an acknowledgement or answers.
        It takes rx1_delay_s + 1 s + air times for each of nb_trans transmissions, at least 2 s.
        """
        session, plan, commands = self.session, self.plan, self.commands
        quiet_s = self.up_s - self.heard_s
        if self.silent >= _LOST or (quiet_s >= _LOST_S and self.silent >= _ASKED):
            await self.join(check_in)
            commands = self.commands
        if not session.keys:
            return NOT_JOINED
        dr = plan.dr
        most = plan.max_payload(dr)
        if len(payload) > most:
            return TOO_LONG
        if self.silent >= _SILENT or quiet_s >= _DAY_S:
            commands.ask(_LINK_CHECK)
        fopts = commands.answers(most if port is None else min(15, most - len(payload)))
        answers = len(fopts)
        if answers > 15:
            port = 0
            payload = fopts
            fopts = b""
        flags = 0
        if self.adr:
            flags = _ADR | _ADR_ACK_REQ if self.silent >= _SILENT else _ADR
        if self.up_s <= self.ack_s:
            flags |= _ACK
        fcnt = session.up
        frame = build(session.keys, session.dev_addr, fcnt, confirmed, flags, fopts, port, payload)
        left = plan.nb_trans
        outcome = UNACKED if confirmed else SENT
        while left:
            us = airtime.us(*plan.modulation(dr), len(frame))
            index = await self.pick(plan.channels(dr), us)
            if index is None:
                if fcnt == session.up:
                    return FAULT if self.fault else LATER
                if self.fault or self.wait_ms > _PATIENCE_MS:
                    break
                await self.idle(self.wait_ms, check_in)
                continue
            is_new = fcnt == session.up
            end_us = await self.transmit(frame, index, dr, us, fcnt + 1)
            if session.fault:
                return FAULT if session.keys else NOT_JOINED
            if is_new:
                self.silent += 1
                self.empty = 0 if port else self.empty + 1
                self.due = self._acked = False
                self.ack_s = -1
                commands.sent(answers)
            if end_us is None:
                outcome = FAULT
                break
            heard = await self.windows(end_us, plan.rx1_delay_s, index, dr, None, check_in)
            if confirmed and self._acked:
                outcome = ACKED
            if heard:
                break
            left -= 1
            if confirmed:
                await self.idle(1000 + self.random(2000), check_in)  # RETRANSMIT_TIMEOUT
        if self.adr and self.silent >= _BACK_OFF:
            from kerb.uplink.lorawan import adr

            adr.back_off(plan, self.silent)
        session.keep(commands.sticky())
        return outcome

    async def pick(self, channels, us):
        """One of these channels that may be used for `us` now, by chance; None: fault, wait_ms."""
        plan = self.plan
        first = self.random(len(channels))
        least_ms = self.fault = None
        for i in range(len(channels)):
            index = channels[i - first]
            hz = plan.hz[index]
            wait_ms = self.duty.wait_ms(ticks_ms(), hz, us)
            if not wait_ms:
                if not plan.lbt:
                    return index
                self._listens = None
                dbm = await self.radio.rssi_dbm(hz, plan.lbt[1])
                wait_ms = 500 + self.random(1500)
                if dbm is None:
                    self.fault = self.radio.fault
                    least_ms = wait_ms
                    break
                if dbm < plan.lbt[0]:
                    return index
            least_ms = min(wait_ms, least_ms or wait_ms)
        self.wait_ms = least_ms
        return None

    async def transmit(self, frame, index, dr, us, up):
        """ticks_us of the end of the transmission; None if it failed: fault says how.

        up: the next new frame's FCntUp, from before the first bit is on air: save() may come.
        """
        plan, radio, session = self.plan, self.radio, self.session
        hz = plan.hz[index]
        self.duty.spent(ticks_ms(), hz, us)
        if not session.ready():
            self.fault = session.fault
            if self.fault == "counter":
                from kerb.uplink.lorawan import start

                start.end(session)
                self.joined = False
            return None
        self._listens = None
        session.up = up
        end_us = await radio.transmit(frame, hz, *plan.modulation(dr), plan.power_dbm(index))
        self.fault = radio.fault if end_us is None else None
        self._end_us = end_us
        return end_us

    async def windows(self, end_us, delay_s, index, dr, take, check_in):
        """What came in RX1 or RX2 (3.3) and take(packet) made of it; None: nothing, or of no use.

        take None: a downlink of the session, for which class C listens on from RX2's beginning.
        """
        plan = self.plan
        for second in (False, True):
            hz, down_dr = plan.rx2 if second else plan.rx1(index, dr)
            sf, bw_hz = plan.modulation(down_dr)
            early_us, symbols = airtime.opening(sf, bw_hz, delay_s * self.ppm, self.jitter_us)
            open_us = ticks_add(end_us, delay_s * 1000000 - early_us)
            while True:
                left_ms = ticks_diff(open_us, ticks_us()) // 1000 - _AHEAD_MS
                if left_ms <= 0:
                    break
                await self.idle(left_ms, check_in)
            if second and self.always and not take:
                left_ms = min(_LONGEST_MS, airtime.us(sf, bw_hz, 255) // 1000)
                return await self.idle(left_ms + 2 * _AHEAD_MS, check_in, True)
            self._listens = None
            packet = await self.radio.receive(open_us, symbols, hz, sf, bw_hz)
            check_in()
            taken = packet and (take(packet) if take else self._take(packet, True))
            if taken:
                return taken
            delay_s += 1
        return None

    async def idle(self, ms, check_in, in_window=False):
        """Wait so long. Class C listens, and is back with True when a downlink came."""
        end_ms = ticks_add(ticks_ms(), ms)
        radio = self.radio
        while True:
            check_in()
            # Seconds since the start, whatever the ticks do.
            passed_s = ticks_diff(ticks_ms(), self._ticks) // 1000
            self._ticks = ticks_add(self._ticks, passed_s * 1000)
            self.up_s += passed_s
            nap_ms = _NAP_MS
            if self.always and self.joined:
                rx2 = self.plan.rx2
                if rx2 != self._listens or radio.fault or self.up_s >= self._fresh_s:
                    radio.listen(rx2[0], *self.plan.modulation(rx2[1]))
                    self._listens = rx2
                    self._fresh_s = self.up_s + _FRESH_S
                packet = radio.heard()
                if packet and self._take(packet, in_window):
                    return True
                nap_ms = _LOOK_MS
            left_ms = ticks_diff(end_ms, ticks_ms())
            if left_ms <= 0:
                return False
            await sleep_ms(min(left_ms, nap_ms))

    def _take(self, packet, in_window):
        """Do what a downlink says. False: it is for somebody else, or not right."""
        session, group = self.session, self.group
        phy, rssi_dbm, snr_db = packet
        down = read_down(session.keys, session.dev_addr, session.down, phy)
        if down == "address" and group:
            down = read_down(group[1:], group[0], session.group_down, phy)
        else:
            group = None
        if isinstance(down, str):
            self.log.debug("lorawan: not taken: %s", down)
            return False
        fcnt, confirmed, ack, pending, fopts, port, payload = down
        # No MAC commands outside of class A's windows, and nothing else in a group's frames.
        if (fopts and not in_window) or (group and (fopts or confirmed or ack)):
            return False
        try:
            if fopts:
                # What does commands is in memory before the frame counts: half of them done,
                # and not answered, would be worse than none.
                gc.collect()
                from kerb.uplink.lorawan import change, requests  # noqa: F401
        except MemoryError:
            self.log.warn("lorawan: not taken: memory")
            return False
        # Kept before it acts: nobody shall say it again after a reset.
        before = session.down, session.group_down
        if group:
            session.group_down = fcnt + 1
        else:
            session.down = fcnt + 1
        if not session.write(session.limit):
            session.down, session.group_down = before
            self.log.warn("lorawan: not taken: %s", session.fault)
            return False
        if not group:
            self.rssi_dbm = rssi_dbm
            self.snr_db = snr_db
            self._acked = ack
            if confirmed:
                self.due = True
                self.ack_s = _FOR_EVER_S if in_window else self.up_s + _RESPONSE_S
            if in_window:
                # What came at another time says nothing of whether the network hears us.
                self.silent = 0
                self.heard_s = self.up_s
                commands = self.commands
                commands.battery = self.battery
                commands.read(fopts, snr_db, True)
                if commands.time and self.on_time:
                    from kerb.uplink.lorawan import gps

                    passed_ms = ticks_diff(ticks_us(), self._end_us) // 1000
                    self.on_time(*gps.utc(*commands.time, passed_ms))
                commands.time = None
                # Other answers ride on what the owner sends next; and a network that always has
                # something more gets no more of the air for it.
                if (pending or commands.sticky()) and self.empty < _MOST_EMPTY:
                    self.due = True
        if port and self.on_downlink:
            self.on_downlink(port, payload, group is not None)
        return group is None
