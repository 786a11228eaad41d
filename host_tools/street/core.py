"""One run of a street, whatever stands in it: starts every part, ties them together, and knows
what happened.

There is no screen here: a view calls `listen` for what happens and reads the attributes. All of
it runs in one event loop.
"""

import asyncio
import collections
import contextlib
import os
import secrets
import signal
import time
from datetime import UTC, datetime, timedelta

from host_tools.street import broker as brokers
from host_tools.street import flash
from host_tools.street.notes import Note, describe
from host_tools.street.observer import Observer
from host_tools.street.patience import end_tasks_of
from host_tools.street.proxy import Proxy
from host_tools.street.sntp import SntpServer
from host_tools.street.unit import Unit
from host_tools.street.world import StreetClock

_TICK_S = 0.25
_KEPT_NOTES = 500
_DEVICE_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Street:
    """`options`: site, start_utc, runtime (paths.Runtime), heap_kb, broker (its spec), pins, and
    `start`, the script that the boards' processes run.

    The first unit is the one whose board, link, reports and state the attributes show. A class of
    this one says what stands here: `documents(uplink)` gives the config of each device, around
    the part that is common; `tick()` lets the world go on, `endless()` gives more that does;
    `on_pins(unit, message)` says whether a message was one of pins; `before_start(unit)` and
    `on_report(device, kind, document)` hear of a start and of an event.
    """

    def __init__(self, options):
        self.options = options
        self.clock = StreetClock(options.start_utc)
        self.device = None
        self.online = False
        self.reported = {}
        self.clock_source = "unset"
        self.events = collections.Counter()
        self.onlines = 0
        self.came_up_after_s = None
        self.notes = collections.deque(maxlen=_KEPT_NOTES)
        self.waiting = {}
        self.units = []
        self.board = self.broker = self.proxy = self.sntp = self.link = self.observer = None
        self.lora = None
        self._heard = asyncio.Event()
        self._listeners = []
        self._tasks = []
        self._folder = self._login = None
        self._psk = secrets.token_urlsafe(12)
        self._started_s = time.monotonic()

    def documents(self, common):
        """Give the config documents, one a device, around `common`."""
        raise NotImplementedError

    def tick(self):
        """Let the world go on to now."""

    def endless(self):
        """Give coroutines to run as long as the street does."""
        return ()

    def on_pins(self, unit, message):
        """Take what a board says of its pins; False when it is about something else."""
        return False

    def before_start(self, unit):
        """A board is about to start."""

    def on_report(self, device, kind, document):
        """A device has said something; `document` is a dict."""

    def on_availability(self, device, online):
        """A device has come or gone."""

    def on_broker_there(self):
        """The street's own connection to the broker is made."""

    def listen(self, listener):
        """Call `listener(note)` for everything that happens from now on."""
        self._listeners.append(listener)

    def unlisten(self, listener):
        self._listeners.remove(listener)

    def note(self, kind, text):
        """Tell everyone that something happened."""
        note = Note(self.options.site.local(self.clock.now()), kind, text)
        self.notes.append(note)
        for listener in self._listeners:
            listener(note)

    @property
    def elapsed_s(self):
        return time.monotonic() - self._started_s

    @property
    def heap_free_bytes(self):
        """Give the free heap that the device said last; None on CPython, which has none."""
        if self.options.runtime.kind == "cpython":
            return None
        return self.reported.get("status", {}).get("heap_free_bytes")

    async def start(self):
        """Start everything. Whatever was started before a failure is for `stop` to end."""
        options = self.options
        self._folder = flash.make_folder()
        self.broker = brokers.make(options.broker, self._folder)
        await self.broker.start()
        self._login = flash.write_login(self._folder, self.broker.account)
        self.observer = Observer(
            self.broker,
            self._on_event,
            self._on_availability,
            self._on_broker_lost,
            self.on_broker_there,
        )
        await self.observer.start()
        self.proxy = Proxy(self.broker.host, self.broker.port)
        self.sntp = SntpServer(self.clock)
        await self.proxy.start()
        await self.sntp.start()
        if options.radio == "lora":
            from host_tools.street.lora import StreetLora

            self.lora = StreetLora(self.clock, self.note, options.pcap)
            await self.lora.start(self.broker)
        await self._start_units()
        self._set_wifi(True)
        self.tick()
        radio = (self.lora.run(),) if self.lora else ()
        for endless in (self._tick_forever(), *self.endless(), *radio):
            task = asyncio.create_task(endless)
            task.add_done_callback(self._on_task_end)
            self._tasks.append(task)
        self.note(
            "world",
            "{} runs the firmware; broker {}, topics {}/#".format(
                options.runtime.title, self.broker.title, self.broker.base
            ),
        )
        if options.runtime.note:
            self.note("world", options.runtime.note)
        for unit in self.units:
            await unit.board.power_on()

    async def _start_units(self):
        common = flash.common(self.options.site, self.broker.base, self.proxy.port, self.sntp.port)
        private = flash.secrets(self.broker.account, self._psk, secrets.token_hex(16))
        for document in self.documents(common):
            files = document, private
            if self.lora:
                groups, hears = document["groups"], document["app"] != "parking"
                uplink, keys = self.lora.add(document["name"], groups, hears)
                files = document | {"uplink": uplink, "groups": []}, keys
            folder = self._folder / document["name"] if self.units else self._folder
            unit = Unit(
                self._command(),
                folder,
                *files,
                self._noting(document["name"]),
                self._on_pins,
                self._before_start,
            )
            self.units.append(unit)
            await unit.start()
        self.link, self.board = self.units[0].link, self.units[0].board

    def _on_pins(self, unit, message):
        if "radio" in message:
            self.lora.take(unit, message)
            return True
        return self.on_pins(unit, message)

    def _noting(self, name):
        """Give a unit's way to tell something: with its name where it is not the only one."""
        if not self.units:
            return self.note
        return lambda kind, text: self.note(kind, "{}: {}".format(name, text))

    def _command(self):
        runtime, start = self.options.runtime, self.options.start
        if runtime.kind != "micropython":
            return [runtime.path, start]
        return [runtime.path, "-X", "heapsize={}k".format(self.options.heap_kb), start]

    async def stop(self):
        """End everything that was started; nothing of it stays on the machine."""
        for task in self._tasks:
            task.cancel()
        for unit in self.units:
            if unit.board:
                await unit.board.power_off()
        if self.lora:
            await self.lora.stop()
        if self.observer:
            for name in {unit.name for unit in self.units} | {self.device} - {None}:
                await self.observer.forget(name)
            await self.observer.close()
        if self.proxy:
            await self.proxy.close()
        for unit in self.units:
            await unit.close()
        if self.broker:
            await self.broker.close()
        await end_tasks_of("amqtt")
        if self.sntp:
            self.sntp.close()
        if self._folder:
            flash.remove(self._folder)

    def login(self):
        """Give the options by which a command sees this street's broker from another terminal."""
        words = ["--broker {}:{}".format(self.broker.host, self.broker.port)]
        if self.broker.base != "kerb":
            words.append("--base " + self.broker.base)
        # It has what the street logs in with, and is gone with the street.
        words.append("--secrets {}".format(self._login))
        return " ".join(words)

    def abandon(self):
        """End the processes and remove the folder without waiting for anything."""
        for part in (*(unit.board for unit in self.units), self.broker):
            pid = getattr(part, "pid", None)
            if pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        if self._folder:
            flash.remove(self._folder)

    async def wait_heard(self, timeout_s):
        """Wait until the device is online; False when it isn't within `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._heard.wait()
        except TimeoutError:
            return False
        return True

    async def set_network(self, there):
        """Cut or restore everything between the boards and the rest of the world."""
        self._set_wifi(there)
        self.sntp.reachable = there
        if self.lora:
            self.lora.set_there(there)
        if there:
            await self.proxy.restore()
        else:
            await self.proxy.cut()
        self.note(
            "network", "restored" if there else "cut: no byte passes, no access point in sight"
        )

    async def set_power(self, there):
        """Pull the plug of all boards, or put it in."""
        for unit in self.units:
            if there:
                await unit.board.power_on()
            else:
                await unit.board.power_off()
        if not there:
            self.reported.clear()
            self.note("board", "without power: the RTC forgets")

    def device_time(self):
        """Give (local time of the device's clock chip, seconds that it is ahead), or None."""
        read = self.board.rtc.read()
        if read is None:
            return None
        utc = _DEVICE_EPOCH + timedelta(days=read[0], seconds=read[1])
        return self.options.site.local(utc), (utc - self.clock.now()).total_seconds()

    def set_time(self, utc):
        """Move the street to another time, sun and time server with it."""
        self.clock.set(utc)
        if self.lora:
            self.lora.set_time()
        self.tick()

    async def _tick_forever(self):
        while True:
            await asyncio.sleep(_TICK_S)
            self.tick()

    def _on_task_end(self, task):
        if not task.cancelled() and task.exception():
            self.note("error", "the street itself failed: {!r}".format(task.exception()))

    def _set_wifi(self, there):
        for unit in self.units:
            unit.set_wifi(there, self._psk)

    def _before_start(self, unit):
        """What a board said before is history when it starts."""
        if unit is self.units[0]:
            self.reported.clear()
            self.clock_source = "unset"
        self.before_start(unit)

    def _is_first(self, device):
        """Whether a device is the one that the attributes show."""
        return len(self.units) < 2 or device == self.units[0].name

    def _on_event(self, device, kind, document):
        first = self._is_first(device)
        if first:
            self.device = device
        self.events[kind] += 1
        text = describe(kind, document)
        self.note("event", text if first else "{} {}".format(device, text))
        if document is None:
            return
        if first:
            self.reported[kind] = document
            # "stored": an alarm from before a reboot
            if document.get("clock") not in (None, "stored"):
                self.clock_source = str(document["clock"])
        if kind == "command_result" and document.get("id") in self.waiting:
            waiting = self.waiting.pop(document["id"])
            if not waiting.done():
                waiting.set_result(document)
        self.on_report(device, kind, document)

    def _on_broker_lost(self):
        self.note("error", "the street lost its connection to the broker, and tries again")

    def _on_availability(self, device, online):
        self.on_availability(device, online)
        if not self._is_first(device):
            self.note("device", "{} is {}".format(device, "online" if online else "offline"))
            return
        self.device = device
        if online == self.online:
            return
        self.online = online
        if online:
            self.onlines += 1
            self._heard.set()
            if self.came_up_after_s is None:
                self.came_up_after_s = self.elapsed_s
        else:
            self._heard.clear()
        self.note("device", "{} is {}".format(device, "online" if online else "offline"))
