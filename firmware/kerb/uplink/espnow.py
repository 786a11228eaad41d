"""Messages to everybody within reach, by ESP-NOW: no access point is needed."""

import time

from micropython import const

MAX_BYTES = const(128)
_TEND_MS = const(1000)


class EspNowAir:
    """The `air` of kerb.uplink.peer.Peer; `radio` is a kerb.hal.espnow.EspNow.

    Never raises. `faults` counts what the radio refused.
    """

    def __init__(self, radio):
        self._radio = radio
        self._tended = None
        self._up = False
        self.faults = 0

    def up(self):
        """Whether the radio works, as of a second ago."""
        now = time.ticks_ms()
        if self._tended is None or time.ticks_diff(now, self._tended) >= _TEND_MS:
            self._tended = now
            self._up = self._do(self._radio.tend) is not False
        return self._up

    def aim(self):
        """Whoever was heard last is sent everything by himself, too, from now on."""
        self._do(self._radio.aim)

    def send(self, data):
        """True when it is on its way, to whoever hears it."""
        return self.up() and self._do(self._radio.send, data) is not False

    def receive(self):
        """The next message, cut at MAX_BYTES, or None."""
        data = self._do(self._radio.receive) if self.up() else None
        return data[:MAX_BYTES] if data else None

    def _do(self, what, *words):
        try:
            return what(*words)
        except (OSError, RuntimeError, ValueError):  # of any kind, says the port's source
            self.faults += 1
            return False
