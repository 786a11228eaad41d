"""LoRaWAN as the transport of uplink.Uplink: one frame at a time, and what to do when it fails."""

import time

from kerb.uplink.lorawan.mac import ACKED, FAULT, LATER, SENT, UNACKED
from micropython import const

COMMAND_PORT = const(10)
_ALARM_PORTS = (1, 11)
_NAP_MS = const(200)
_LONGEST_WAIT_MS = const(600000)
_WEAKEST_DBM = const(-127)  # as a status can say
# So long at most a device that was commanded with its whole street keeps silent.
_SPREAD_MS = const(30000)


class Lora:
    """`mac` is a kerb.uplink.lorawan.mac.Mac, `backoff` a Backoff for what was not acknowledged or
    could not be sent; clock: kerb.system.clock.Clock, set by the network at the start and every
    time_every_s; random(n): 0..n-1. confirm: "state", "alarm" or "nothing": what is to be
    acknowledged by the network, else sent again.

    Its owner sets on_ack(n), on_lost(n) and on_message(None, payload, quiet) before it runs; quiet
    is for commands to a whole group, which are not to be answered. `status` tells a technician how
    it stands. wanted, radio: for kerb.system.power; `radio` is True while it sends or listens.
    """

    text = False

    def __init__(self, mac, backoff, clock, log, random, confirm, time_every_s):
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
        self._rest_ms = 0
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

    def max_bytes(self):
        """How many bytes publish() takes now, None: not any."""
        if self._slot or self._left_ms() > 0 or not self.mac.joined:
            return None
        return self.mac.room()

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
            elif self._left_ms() <= 0 and (self._slot or self._poke or mac.due):
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
            self._rest(0)
            return
        if outcome == FAULT:
            self.status = "joining: " + str(mac.fault)
            self._log.warn("lorawan %s", self.status)
        await mac.idle(max(1000, min(mac.wait_ms, _LONGEST_WAIT_MS)), check_in)

    async def _send(self, check_in):
        mac = self.mac
        self._poke = False
        if self._clock.uptime_s() >= self._time_s:
            mac.ask_time()
        token, port, payload, confirmed = self._slot or (0, None, b"", False)
        outcome = await mac.send(port, payload, confirmed, check_in)
        self._slot = None
        if outcome == SENT or outcome == ACKED:
            self.status = "up"
            if outcome == ACKED or not confirmed:
                self._backoff.reset()
            if token:
                self.on_ack(token)
            return
        if token:
            self.on_lost(token)
        if outcome == LATER:
            self._rest(mac.wait_ms)
        elif outcome == UNACKED or outcome == FAULT:
            self.status = "no acknowledgement" if outcome == UNACKED else str(mac.fault)
            self._log.warn("lorawan: %s", self.status)
            self._rest(self._backoff.next_ms())

    def _rest(self, ms):
        """Nothing is sent for so long, but alarms and all wait in the queue by their priority."""
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
        if group:
            self._rest(self._random(_SPREAD_MS))

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
