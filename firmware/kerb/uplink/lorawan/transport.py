"""LoRaWAN as the transport of uplink.Uplink: one frame at a time, and what to do when it fails."""

import time

from kerb.uplink.lorawan.mac import ACKED, FAULT, LATER, NOT_JOINED, SENT, UNACKED
from micropython import const

COMMAND_PORT = const(10)
_ALARM_PORTS = (1, 11)
_NAP_MS = const(200)
_LONGEST_WAIT_MS = const(1800000)
_ALARM_WAIT_MS = const(60000)
_ALARM = const(0)
_KIND = const(63)  # the bits of an event's first byte that have its kind
_WEAKEST_DBM = const(-127)  # as a status can say
# So often an event is sent for an acknowledgement that does not come. Else one that the network
# takes and never acknowledges would keep all others waiting.
_TRIES = const(4)
_ALARM_TRIES = const(12)
# The kinds of events that a whole street has at one moment, of a schedule or of the mains: boot,
# status, light_state, light_power, by their numbers in kerb.uplink.fields.
_SHARED = (0, 1, 2, 3)
_OPEN_MS = const(60000)


class Lora:
    """`mac` is a kerb.uplink.lorawan.mac.Mac, `backoff` a Backoff for what was not acknowledged or
    could not be sent, which alarms wait for a minute at most; clock: kerb.system.clock.Clock, set
    by the network at the start and every time_every_s; random(n): 0..n-1.

    confirm: "state", "alarm" or "nothing": what is to be acknowledged by the network, else sent
    again, four times, alarms twelve times, and from the third time on at a lower data rate if ADR
    is on. spread_s: what the devices of a street may all have to say at one moment waits for a
    random time up to this.

    Its owner sets on_ack(n), on_lost(n) and on_message(None, payload, quiet) before it runs; quiet
    is for commands to a whole group, which are not to be answered. `status` tells a technician how
    it stands. wanted, radio: for kerb.system.power; `radio` is True while it sends or listens.
    """

    text = False

    def __init__(self, mac, backoff, clock, log, random, confirm, time_every_s, spread_s):
        self.mac = mac
        self.status = "off"
        self.wanted = True
        self._backoff = backoff
        self._clock = clock
        self._log = log
        self._random = random
        self._confirm = confirm
        self._every_s = time_every_s
        self._time_s = 0  # the uptime at which the time is to be asked for
        self._slot = None
        self._token = 0
        self._busy = self._poke = False
        self._open = True
        self._rest_at = time.ticks_ms()
        self._rest_ms = self._tries = 0
        self._spread_ms = 1000 * spread_s
        self._gate_at = None  # from when on, for a minute, what is shared may be sent
        self._told = None  # the fault that the log has
        mac.on_downlink = self._down
        mac.on_time = self._set_clock

    def up(self):
        """Whether there is a session; whether the network hears it, the next frames tell."""
        return self.mac.joined

    @property
    def radio(self):
        return self._busy or self._slot is not None

    def rssi_dbm(self):
        """How the network was heard last, or None."""
        rssi_dbm = self.mac.rssi_dbm
        return rssi_dbm and max(rssi_dbm, _WEAKEST_DBM)

    def max_bytes(self, event):
        """How many bytes publish() takes of this event now, None: not any.

        Answers to the network's commands that find no room beside them go in the next frame.
        """
        mac = self.mac
        if self._slot or not self.wanted or not mac.joined:
            return None
        left_ms = self._left_ms()
        if event.priority == _ALARM:
            if left_ms and self._rest_ms - left_ms < _ALARM_WAIT_MS:
                return None
        elif left_ms or not self._is_open(event.payload[0] & _KIND):
            return None
        return mac.plan.max_payload(mac.plan.dr) or None

    def _is_open(self, kind):
        """Whether an event of that kind may go now, for the street's other devices."""
        if kind not in _SHARED or not self._spread_ms:
            return True
        now = time.ticks_ms()
        gate_at = self._gate_at
        if gate_at is None or time.ticks_diff(now, gate_at) > _OPEN_MS:
            self._shut()
            return False
        return time.ticks_diff(now, gate_at) >= 0

    def _shut(self):
        self._gate_at = time.ticks_add(time.ticks_ms(), self._random(self._spread_ms))

    def publish(self, port, payload, qos):
        """Take an event for the next frame; gives n, and on_ack(n) or on_lost(n) follows."""
        if self._slot:
            return None
        self._token = self._token % 0xFFFF + 1
        confirmed = qos and (
            self._confirm == "state" or (self._confirm == "alarm" and port in _ALARM_PORTS)
        )
        self._slot = self._token, port, payload, bool(confirmed)
        return self._token

    def ask_now(self):
        """Have the next frame, sent within seconds, ask for the time; False: not joined."""
        self._time_s = 0
        self._poke = self.mac.joined
        return self._poke

    def rest(self):
        """Nothing is to be told to the network when the device sleeps."""

    def close(self):
        """The session is kept as it is; run() ends."""
        self._open = False
        self.mac.save()

    async def run(self, check_in):
        """Join, send and listen, for ever."""
        mac = self.mac
        while self._open:
            self._busy = False
            check_in()
            if not mac.joined:
                await self._join(check_in)
            elif self._slot or (self._left_ms() <= 0 and (self._poke or mac.due)):
                self._busy = True
                await self._send(check_in)
            else:
                await mac.idle(_NAP_MS, check_in)

    async def _join(self, check_in):
        mac = self.mac
        self.status = "joining"
        self._busy = True
        outcome = await mac.join(check_in)
        self._busy = False
        if outcome == SENT:
            self.status = "up"
            self._backoff.reset()
            self._time_s = 0
            self._rest_ms = self._tries = 0
            return
        if outcome == FAULT:
            self._failed()
        elif outcome == NOT_JOINED:
            self._log.info("lorawan: no answer to a join, next in %d s", mac.wait_ms // 1000)
        await mac.idle(max(1000, min(mac.wait_ms, _LONGEST_WAIT_MS)), check_in)

    async def _send(self, check_in):
        mac = self.mac
        self._poke = False
        if self._clock.uptime_s() >= self._time_s:
            mac.ask_time()
        token, port, payload, confirmed = self._slot or (0, None, b"", False)
        outcome = await mac.send(port, payload, confirmed, check_in)
        self._slot = None
        if outcome == UNACKED:
            outcome = self._unacked(port)
        if outcome == SENT or outcome == ACKED:
            if outcome == ACKED or not confirmed:
                self.status = "up"
                self._told = None
                self._tries = 0
                self._backoff.reset()
            if token:
                self.on_ack(token)
            return
        if token:
            self.on_lost(token)
        if outcome == LATER:
            self._rest(mac.wait_ms)
        elif outcome == UNACKED:
            self._rest(self._backoff.next_ms())
        elif outcome == FAULT:
            self._failed()
            self._rest(self._backoff.next_ms())

    def _unacked(self, port):
        """UNACKED while the event of that port is to be sent again, SENT when that is enough."""
        self.status = "no acknowledgement"
        self._log.warn("lorawan: %s", self.status)
        self._tries += 1
        if self._tries >= (_ALARM_TRIES if port in _ALARM_PORTS else _TRIES):
            self._log.warn("lorawan: given up after %d tries", self._tries)
            self._tries = 0
            self._rest(self._backoff.next_ms())
            return SENT
        plan = self.mac.plan
        # As LoRaWAN 1.0.2 had it for what is sent again (18.4), and what is sent says its data
        # rate by itself; the network's ADR takes it from there.
        if self.mac.adr and self._tries > 1:
            if plan.max_payload(plan.dr - 1) and len(plan.channels(plan.dr - 1)):
                plan.dr -= 1
        return UNACKED

    def _failed(self):
        """Says once what has failed."""
        self.status = fault = str(self.mac.fault)
        if fault != self._told:
            self._told = fault
            self._log.error("lorawan: %s", fault)

    def _rest(self, ms):
        """Nothing but alarms is sent for so long, nor less than what was to be waited for."""
        if ms > self._left_ms():
            self._rest_at = time.ticks_ms()
            self._rest_ms = min(ms, _LONGEST_WAIT_MS)

    def _left_ms(self):
        if self._rest_ms:
            left_ms = self._rest_ms - time.ticks_diff(time.ticks_ms(), self._rest_at)
            if left_ms > 0:
                return left_ms
            self._rest_ms = 0
        return 0

    def _down(self, port, payload, group):
        if port != COMMAND_PORT:
            self._log.warn("lorawan: nothing is known of port %d", port)
            return
        self.on_message(None, payload, group)
        if group and self._spread_ms:
            now = time.ticks_ms()
            if self._gate_at is None or time.ticks_diff(now, self._gate_at) >= 0:
                self._shut()

    def _set_clock(self, day, second):
        clock = self._clock
        if not clock.set(day, second, "lorawan"):
            self._log.warn("time: the network's date is not plausible, day %d", day)
            return
        self._time_s = clock.uptime_s() + self._every_s
        if clock.jump_s is None:
            self._log.info("time: set by the network")
        elif abs(clock.jump_s) > 1:
            self._log.info("time: moved by %d s by the network", clock.jump_s)
