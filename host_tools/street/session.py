"""One run of the street: starts every part, ties them together, and knows what happened.

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
from host_tools.street.agreement import Agreement
from host_tools.street.board import Board, flash_environment
from host_tools.street.link import Link
from host_tools.street.meter import BAUD, PARITY, PERIOD_MS
from host_tools.street.notes import Note, describe
from host_tools.street.observer import Observer
from host_tools.street.patience import end_tasks_of
from host_tools.street.pole import Pole
from host_tools.street.proxy import Proxy
from host_tools.street.sntp import SntpServer
from host_tools.street.world import Sky, StreetClock

_TICK_S = 0.25
_KEPT_NOTES = 500
_WIFI_RSSI_DBM = -61
_DEVICE_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Session:
    """`options`: site, start_utc, runtime (paths.Runtime), heap_kb, broker (its spec), pins, and
    `start`, the script that the board's process runs.
    """

    def __init__(self, options):
        self.options = options
        self.clock = StreetClock(options.start_utc)
        self.sky = Sky(options.site, self.clock)
        self.pole = Pole(flash.RATED_MW, flash.STANDBY_MW)
        self.lamp = self.pole.lamp
        self.agreement = Agreement()
        self.device = None
        self.online = False
        self.reported = {}
        self.clock_source = "unset"
        self.events = collections.Counter()
        self.onlines = 0
        self.came_up_after_s = None
        self.notes = collections.deque(maxlen=_KEPT_NOTES)
        self.waiting = {}
        self.board = self.broker = self.proxy = self.sntp = self.link = self.observer = None
        self._heard = asyncio.Event()
        self._listeners = []
        self._tasks = []
        self._folder = None
        self._psk = secrets.token_urlsafe(12)
        self._started_s = time.monotonic()

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
    def level_permille(self):
        """The level that the device reported last since it started, or None."""
        return self.reported.get("light_state", {}).get("level_permille")

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
        self.observer = Observer(
            self.broker, self._on_event, self._on_availability, self._on_broker_lost
        )
        await self.observer.start()
        self.proxy = Proxy(self.broker.host, self.broker.port)
        self.sntp = SntpServer(self.clock)
        self.link = Link(self._on_link)
        await self.proxy.start()
        await self.sntp.start()
        await self.link.start()
        document = flash.config(options.site, self.broker.base, self.proxy.port, self.sntp.port)
        folder = flash.write(self._folder, document, flash.secrets(self.broker.account, self._psk))
        environment = flash_environment(self.link.port)
        self.board = Board(self._command(), folder, environment, self.note, self._before_start)
        self._set_wifi(True)
        self._tick()
        for endless in (self._tick_forever(), self._meter_forever()):
            self._tasks.append(asyncio.create_task(endless))
        self.note(
            "world",
            "{} runs the firmware; broker {}".format(options.runtime.title, self.broker.title),
        )
        if options.runtime.note:
            self.note("world", options.runtime.note)
        await self.board.power_on()

    def _command(self):
        runtime, start = self.options.runtime, self.options.start
        if runtime.kind != "micropython":
            return [runtime.path, start]
        return [runtime.path, "-X", "heapsize={}k".format(self.options.heap_kb), start]

    async def stop(self):
        """End everything that was started; nothing of it stays on the machine."""
        for task in self._tasks:
            task.cancel()
        if self.board:
            await self.board.power_off()
        if self.observer:
            if self.device:
                await self.observer.forget(self.device)
            await self.observer.close()
        for part in (self.proxy, self.link, self.broker):
            if part:
                await part.close()
        await end_tasks_of("amqtt")
        if self.sntp:
            self.sntp.close()
        if self._folder:
            flash.remove(self._folder)

    def abandon(self):
        """End the processes and remove the folder without waiting for anything."""
        for part in (self.board, self.broker):
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
        """Cut or restore everything between the board and the rest of the world."""
        self._set_wifi(there)
        self.sntp.reachable = there
        if there:
            await self.proxy.restore()
        else:
            await self.proxy.cut()
        self.note(
            "network", "restored" if there else "cut: no byte passes, no access point in sight"
        )

    async def set_power(self, there):
        """Pull the pole's plug or put it in: board and lamp hang on the same supply."""
        self.lamp.supplied = there
        if there:
            await self.board.power_on()
        else:
            await self.board.power_off()
            self.lamp.drive(0, 0)
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
        self._tick()

    def _tick(self):
        pins, pole, now_s = self.options.pins, self.pole, self.elapsed_s
        local = self.options.site.local(self.clock.now()).replace(tzinfo=None)
        pole.step(now_s, (local - datetime(local.year, 1, 1)).total_seconds())  # noqa: DTZ001
        self.link.set_adc(pins.light_sensor, self.sky.sensor_mv())
        self.link.set_adc(pins.thermistor, pole.thermistor_mv())
        self.link.set_level(pins.presence, int(pole.motion(now_s)))
        self._compare()

    async def _tick_forever(self):
        while True:
            await asyncio.sleep(_TICK_S)
            self._tick()

    async def _meter_forever(self):
        """The metering chip talks whether somebody listens or not."""
        while True:
            await asyncio.sleep(PERIOD_MS / 1000)
            if frame := self.pole.meter_frame():
                self.link.send_uart(self.options.pins.meter_uart, frame, BAUD, PARITY)

    def _compare(self):
        heard = self.online and self.proxy.is_open and self.board.running
        light_permille = self.lamp.duty_u16 / 65.535
        self.agreement.observe(self.level_permille, light_permille, heard)

    def _set_wifi(self, there):
        self.link.set_network(there, flash.WIFI_SSID, self._psk, _WIFI_RSSI_DBM)

    def _before_start(self, board):
        """The board is about to start: its pins are open, and what it said before is history."""
        self.lamp.drive(0, 0)
        self.reported.clear()
        self.clock_source = "unset"
        self.link.set_rtc(board.rtc.read())
        self.link.set_scratch(board.scratch)

    def _on_link(self, message):
        if message.get("pwm") == self.options.pins.lamp:
            self.lamp.drive(message["freq_hz"], message["duty_u16"])
            self._compare()
        else:
            self.board.take(message)

    def _on_event(self, device, kind, document):
        self.device = device
        self.events[kind] += 1
        self.note("event", describe(kind, document))
        if document is None:
            return
        self.reported[kind] = document
        if document.get("clock") not in (
            None,
            "stored",
        ):  # "stored": an alarm from before a reboot
            self.clock_source = str(document["clock"])
        if kind == "command_result" and document.get("id") in self.waiting:
            waiting = self.waiting.pop(document["id"])
            if not waiting.done():
                waiting.set_result(document)
        if kind == "light_state":
            self._compare()

    def _on_broker_lost(self):
        self.note("error", "the street lost its connection to the broker, and tries again")

    def _on_availability(self, device, online):
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
