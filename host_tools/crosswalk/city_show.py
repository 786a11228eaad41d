"""Shows what a broker hears of a city's crosswalks: a line for each change, then a table."""

import asyncio
import contextlib
import json
import random
import sys
import time
from datetime import UTC, datetime

from amqtt.errors import AMQTTError

from host_tools import exits, interrupts
from host_tools.crosswalk import city as cities
from host_tools.parking.watch import delay_s
from host_tools.street.notes import printable
from host_tools.street.observer import Observer
from host_tools.street.patience import end_tasks_of

_QUIET_S = 1.5
_LOOK_S = 0.1


async def show(broker, once_s, for_s, as_json):
    """Listen to `broker` (as host_tools.street.observer wants it) for `for_s` seconds, None: until
    a signal. With `once_s` it only waits, at most that long, for what is answered, and tells it.
    Gives the exit code.
    """
    listener = _Listener(broker, quiet=once_s is not None, as_json=as_json)
    interrupted = interrupts.end_on_signals(listener.ending)
    try:
        await listener.start()
        if once_s is not None:
            await listener.settle(once_s)
        else:
            loop = asyncio.get_running_loop()
            timer = loop.call_later(for_s, listener.ending.set) if for_s else None
            await listener.ending.wait()
            if timer:
                timer.cancel()
        snapshot = listener.snapshot()
    finally:
        await listener.close()
        await end_tasks_of("amqtt")
    # Who reads it may be gone by now.
    with contextlib.suppress(OSError):
        if as_json:
            print(json.dumps(snapshot), flush=True)
        else:
            print(cities.table(snapshot), cities.totals(snapshot), sep="\n", flush=True)
    if interrupted:
        return exits.INTERRUPTED
    if not snapshot["poles"]:
        print("kerb crosswalk: no crosswalk was heard of", file=sys.stderr)
        return exits.FAILED
    return exits.OK


class _Listener:
    """Keeps a City up to date and prints what changes, unless `quiet`."""

    def __init__(self, broker, quiet, as_json):
        self.ending = asyncio.Event()
        self._city = cities.City()
        self._quiet = quiet
        self._as_json = as_json
        self._asking = None
        self._heard_s = time.monotonic()
        self._observer = Observer(
            broker, self._on_event, self._on_availability, self._on_lost, self._on_connected
        )

    async def start(self):
        await self._observer.start()

    async def close(self):
        if self._asking:
            self._asking.cancel()
        await self._observer.close()

    def snapshot(self):
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return {"time": now, **self._city.snapshot(time.monotonic())}

    async def settle(self, limit_s):
        """Wait until those that answer have, at most `limit_s`."""
        end_s = time.monotonic() + limit_s
        while time.monotonic() < end_s and not self.ending.is_set():
            known = any(pole.is_crosswalk for pole in self._city.poles.values())
            if known and time.monotonic() - self._heard_s > _QUIET_S:
                return
            await asyncio.sleep(_LOOK_S)

    def _on_connected(self):
        self._city.connected = True
        self._asking = asyncio.create_task(self._ask())

    async def _ask(self):
        """Let every device say how it is."""
        with contextlib.suppress(TimeoutError, AMQTTError, OSError):
            await self._observer.publish("all", "send_status", {"id": random.randrange(65535)})

    def _on_lost(self):
        self._city.connected = False
        self._tell("the broker is lost; tries again")

    def _on_availability(self, device, online):
        self._tell(self._city.take_availability(device, online))

    def _on_event(self, device, kind, document):
        self._heard_s = time.monotonic()
        ago_s = delay_s(document, datetime.now(UTC)) if document else 0
        self._tell(self._city.take_event(self._heard_s, device, kind, document, ago_s))

    def _tell(self, text):
        if not text or self._quiet:
            return
        try:
            if self._as_json:
                print(json.dumps({"change": text} | self.snapshot()), flush=True)
            else:
                print("{}  {}".format(time.strftime("%H:%M:%S"), printable(text)), flush=True)
        except OSError:  # `| head` has seen enough, or the terminal is gone
            self.ending.set()
