"""Watches a lot on a broker: keeps a Lot up to date and tells of what changes. No screen here."""

import asyncio
import random
import time
from datetime import UTC, datetime

from amqtt.errors import AMQTTError

from host_tools.parking import words
from host_tools.parking.lot import Lot
from host_tools.street.observer import Observer

_TICK_S = 1.0
_LONGEST_DELAY_S = 7 * 86400
_QUIET_S = 1.5


def delay_s(document, utc):
    """Give how long ago an event happened by the device's own word; 0 when that is none.

    A device's clock that is ahead of ours, or days behind, is not believed.
    """
    try:
        ago_s = (utc - datetime.fromisoformat(document["time"])).total_seconds()
    except (KeyError, TypeError, ValueError, OverflowError):
        return 0.0
    return ago_s if 0 < ago_s < _LONGEST_DELAY_S else 0.0


class Watch:
    """`broker` as host_tools.street.broker has them. `ask`: let every device say how its bays
    are, at each connection to the broker. `on_change(text)` hears each change, in words.
    """

    def __init__(self, broker, lot=None, ask=True):
        self.broker = broker
        self.lot = lot or Lot()
        self.on_change = None
        self._ask = ask
        self._before = {}
        self._asking = None
        self._ticking = None
        self._heard_s = self._began_s = time.monotonic()
        self._observer = Observer(
            broker, self._on_event, self._on_availability, self._on_lost, self._on_connected
        )

    async def start(self):
        """Connect; Failure when the broker lets nobody in."""
        await self._observer.start()
        self._ticking = asyncio.create_task(self._tick_forever())

    async def close(self):
        for task in (self._ticking, self._asking):
            if task:
                task.cancel()
        await self._observer.close()

    def snapshot(self):
        """Give the lot now, with the time."""
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return {"time": now, **self.lot.snapshot(time.monotonic())}

    async def settle(self, limit_s):
        """Wait until nothing more comes of those that answer, at most `limit_s`."""
        end_s = time.monotonic() + limit_s
        while (now_s := time.monotonic()) < end_s:
            lot = self.lot.snapshot(now_s)
            missing = any(bay["reason"] in ("not heard", "no broker") for bay in lot["bays"])
            if lot["bays"] and not missing and now_s - self._heard_s > _QUIET_S:
                return
            await asyncio.sleep(0.1)

    def _on_connected(self):
        self.lot.connected(time.monotonic())
        if self._ask:
            self._asking = asyncio.create_task(self._ask_all())
        self._tell()

    async def _ask_all(self):
        try:
            await self._observer.publish("all", "send_status", {"id": random.randrange(65535)})
        except (TimeoutError, AMQTTError, OSError):
            pass  # they will say it by themselves, later

    def _on_lost(self):
        self.lot.lost(time.monotonic())
        self._tell()

    def _on_availability(self, device, online):
        self.lot.take_availability(time.monotonic(), device, online)
        self._tell(device)

    def _on_event(self, device, kind, document):
        now_s = time.monotonic()
        ago_s = delay_s(document, datetime.now(UTC))
        if self.lot.take_event(now_s, device, kind, document, ago_s):
            self._heard_s = now_s
        self._tell(device)

    async def _tick_forever(self):
        """A bay also changes by nothing being heard of it."""
        while True:
            await asyncio.sleep(_TICK_S)
            self._tell()

    def _tell(self, device=None):
        """Tell of the bays (of one device) that are not as they were."""
        now_s = time.monotonic()
        changes = []
        for key, bay in self.lot.bays.items():
            if device is not None and bay.device != device:
                continue
            now = self.lot.describe(bay, now_s)
            before = self._before.get(key)
            text = words.change(before, now)
            if text:
                changes.append(text)
            self._before[key] = now
        if self.on_change:
            for text in changes:
                self.on_change(text)
