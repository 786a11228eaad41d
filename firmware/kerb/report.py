"""What a device says of itself: its status by the hour, its own faults as they come and go."""

import asyncio
import gc

from micropython import const

_STATUS_S = const(3600)
# So long a start without the time is no fault: the network has to come up first.
_CLOCK_GRACE_S = const(600)
_MAX_AGE_S = const(0x3FFFFFFE)


class Report:
    """Sends the events `status` and `fault`; takes clock, supervisor, link (with rssi_dbm()),
    uplink and, where the device talks to neighbours, its kerb.uplink.peer.Peer."""

    def __init__(self, clock, supervisor, link, uplink, peer=None):
        self._clock = clock
        self._supervisor = supervisor
        self._link = link
        self._uplink = uplink
        self._peer = peer
        self._twin = False
        self._restarts = 0
        self._clock_lost = False

    async def run(self, check_in):
        """Works for ever."""
        due_s = 0
        while True:
            check_in()
            now_s = self._clock.uptime_s()
            if now_s >= due_s:
                due_s = now_s + _STATUS_S
                self.send_status()
            self._look_for_faults(now_s)
            await asyncio.sleep_ms(1000)

    def send_status(self):
        """The event `status`, now."""
        gc.collect()
        age_s = self._clock.age_s()
        self._uplink.send(
            "status",
            {
                "uptime_s": self._clock.uptime_s(),
                "heap_free_bytes": gc.mem_free(),
                "dropped": self._uplink.dropped,
                "clock_source": self._clock.source,
                "clock_age_s": None if age_s is None else min(age_s, _MAX_AGE_S),
                "rssi_dbm": self._link.rssi_dbm(),
            },
        )

    def _look_for_faults(self, now_s):
        lost = now_s >= _CLOCK_GRACE_S and not self._clock.trusted()
        if lost != self._clock_lost:
            self._clock_lost = lost
            self._send_fault("clock", "lost", lost)
        restarts = sum(self._supervisor.restarts().values())
        if restarts != self._restarts:
            self._restarts = restarts
            self._send_fault("task", "restarted", True)
        if self._peer and self._peer.twin and not self._twin:
            self._twin = True
            self._send_fault("peer", "invalid", True)

    def _send_fault(self, part, reason, active):
        self._uplink.send("fault", {"part": part, "reason": reason, "active": active})
