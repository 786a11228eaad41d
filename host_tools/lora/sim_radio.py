"""A LoRa radio in a simulated air and the virtual board's time (boards/host/vtime.py).

It has the methods of kerb.uplink.lorawan.radio, for kerb.uplink.lorawan.mac to use:

    air = Air(seed=7)
    radio = SimRadio(air, air.node(800, ppm=-20, latency_us=3000))

Virtual time is the air's time, in microseconds since the world was made. The board's clock goes by
it too; what a real one is wrong by, node.ppm, is put into when the receiver opens: the time since
the end of the last transmission, which the board measured, is so much shorter or longer. The
processor sees that end up to node.latency_us late, and opens the receiver late by as much.
"""

import asyncio
import time

from sim import clock

from host_tools.lora.air import symbol_us

_KEPT = 1000
_LONGEST_US = 3_000_000  # of a network's downlink: the radio waits for none that is longer


class SimRadio:
    """failing: None, or the word that every call shall fail with from now on.

    windows: the last receive windows, as (open_us, close_us, freq_hz, sf, bw_hz, whether a frame's
    preamble was in it), in air time. sent: the last Transmissions.
    """

    def __init__(self, air, node):
        self.air = air
        self.node = node
        self.fault = None
        self.failing = None
        self.asleep = False
        self.windows = []
        self.sent = []
        self._end_us = None  # of the last transmission, as the board saw it
        self._listens = None

    async def transmit(self, frame, freq_hz, sf, bw_hz, dbm):
        """ticks_us of the end as the board saw it, or None: fault says why."""
        self._listens = None
        self.asleep = False
        if self._fails():
            return None
        sent = self.air.transmit(self.node, _now_us(), frame, freq_hz, sf, bw_hz, dbm)
        _keep(self.sent, sent)
        self._end_us = sent.end_us + self._late_us()
        await self._until(self._end_us)
        return time.ticks_add(time.ticks_us(), self._end_us - _now_us())

    async def receive(self, open_us, symbols, freq_hz, sf, bw_hz):
        """(bytes, rssi_dbm, snr_db) or None: no preamble within so many symbols, or no frame."""
        self._listens = None
        self.asleep = False
        if self._fails():
            return None
        now_us = _now_us()
        opens_us = now_us + time.ticks_diff(open_us, time.ticks_us())
        if self._end_us is not None:
            opens_us -= (opens_us - self._end_us) * self.node.ppm // 1_000_000
        opens_us = max(opens_us, now_us) + self._late_us()
        close_us = opens_us + symbols * symbol_us(sf, bw_hz)
        await self._until(close_us)
        caught = self.air.catch(self.node, opens_us, close_us, freq_hz, sf, bw_hz)
        _keep(self.windows, (opens_us, close_us, freq_hz, sf, bw_hz, caught is not None))
        if caught is None:
            return None
        longest_us = close_us + _LONGEST_US
        await self._until(min(caught.end_us, longest_us) + self._late_us())
        if self._fails():
            return None
        if caught.end_us > longest_us:
            self.fault = "timeout"
            return None
        return self.air.outcome(caught, self.node)

    def listen(self, freq_hz, sf, bw_hz):
        """Receives until transmit(), receive(), standby() or sleep(); heard() gives what came."""
        self.asleep = False
        if not self._fails():
            self._listens = (freq_hz, sf, bw_hz)
            self._since_us = _now_us()

    def heard(self):
        """The next frame that listen() brought, (bytes, rssi_dbm, snr_db); None: none so far."""
        now_us = _now_us()
        self.air.run(now_us)
        while self._listens is not None and not self._fails():
            caught = self.air.catch(self.node, self._since_us, now_us, *self._listens)
            if caught is None or caught.end_us > now_us:
                break
            self._since_us = caught.end_us
            packet = self.air.outcome(caught, self.node)
            if packet is not None:
                return packet
        return None

    async def rssi_dbm(self, freq_hz, us):
        """The highest level of a channel in that time, or None: fault says why."""
        self._listens = None
        self.asleep = False
        if self._fails():
            return None
        from_us = _now_us()
        await self._until(from_us + us)
        return self.air.rssi_dbm(self.node, freq_hz, 125_000, from_us, from_us + us)

    def standby(self):
        """Stops listening."""
        self._listens = None

    def sleep(self):
        """Stops listening; the next call wakes the radio."""
        self._listens = None
        self.asleep = True

    def _fails(self):
        self.fault = self.failing
        return self.fault is not None

    def _late_us(self):
        return self.air.random(self.node.latency_us + 1)

    async def _until(self, us):
        while True:
            left_us = us - _now_us()
            if left_us <= 0:
                break
            await asyncio.sleep_ms((left_us + 999) // 1000)
        self.air.run(_now_us())


def _now_us():
    return clock.current().us()


def _keep(items, item):
    items.append(item)
    if len(items) > _KEPT:
        items.pop(0)
