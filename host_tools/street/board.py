"""A board as a process: its power, its watchdog, its resets, and the flash folder it runs on.

The firmware runs unchanged; what this file stands for is the hardware round it. A watchdog that
is not fed kills the process and starts it again, a reset that the firmware asks for (by its exit
code) starts it again at once, and a program that died stays dead until its watchdog bites, as on a
real board. Like an RP2040's, the RTC keeps its time through a soft reset and no other, and the
watchdog's scratch registers keep theirs as long as there is power.
"""

import asyncio
import collections
import contextlib
import ctypes
import os
import signal
import sys
import time

EXIT_HARD_RESET = 44
EXIT_SOFT_RESET = 45
EXIT_DEEP_SLEEP = 46
_DEAD_FOR_S = 3.0  # until someone presses reset on a board that died before it had a watchdog
_KILL_WAIT_S = 5.0
_LATE_READ_S = 0.05
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)  # looked up here: little may be done between fork and exec
_CONSOLE_LINES = 30
_UMASK = 0o077  # the firmware copies its secrets: for nobody else to read
_CONSOLE_LIMIT_BYTES = 65536


def die_with_parent():
    """In a child, before exec: ask Linux to kill it when this process is gone, however it went."""
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Rtc:
    """The chip's clock as the firmware last wrote it: days since 2000-01-01 and second of day."""

    def __init__(self, monotonic=time.monotonic):
        self._monotonic = monotonic
        self._written = None

    def write(self, day, second):
        self._written = (day * 86400 + second, self._monotonic())

    def read(self):
        """Give (day, second), or None when it was never set since power came on."""
        if self._written is None:
            return None
        seconds, at_s = self._written
        return divmod(int(seconds + self._monotonic() - at_s), 86400)

    def forget(self):
        self._written = None


class Watchdog:
    """The chip's watchdog: can't be stopped, and remembers the longest gap between two feeds."""

    def __init__(self, monotonic=time.monotonic):
        self._monotonic = monotonic
        self.timeout_s = None
        self.longest_gap_s = 0.0
        self._fed_s = 0.0

    def start(self, timeout_ms):
        if self.timeout_s is None:
            self.timeout_s = timeout_ms / 1000
            self._fed_s = self._monotonic()

    def feed(self):
        now = self._monotonic()
        if self.timeout_s is not None:
            self.longest_gap_s = max(self.longest_gap_s, now - self._fed_s)
            self._fed_s = now

    def left_s(self):
        """Give the seconds until it bites, or None while it was not started."""
        if self.timeout_s is None:
            return None
        return self._fed_s + self.timeout_s - self._monotonic()

    def stop(self):
        """The chip was reset: it starts anew with the firmware."""
        self.timeout_s = None


class Board:
    """Runs `command` in `flash_dir` for as long as the power is on.

    `note(kind, text)` hears what happens ("board" or "console"); `prepare(board)` is called before
    each start. `boots` counts starts, `resets` their causes (`last_cause` is the latest),
    `crashes` the ends that the firmware did not ask for.
    """

    def __init__(self, command, flash_dir, environment, note, prepare):
        self._command = [str(part) for part in command]
        self._flash_dir = str(flash_dir)
        self._environment = environment
        self._note = note
        self._prepare = prepare
        self._process = None
        self._life = None
        self._bitten = False
        self._sleep_s = 0.0
        self.powered = False
        self.watchdog = Watchdog()
        self.rtc = Rtc()
        self.scratch = {}
        self.boots = 0
        self.last_cause = None
        self.resets = collections.Counter()
        self.crashes = 0
        self.console = collections.deque(maxlen=_CONSOLE_LINES)

    @property
    def running(self):
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self):
        return self._process.pid if self.running else None

    def take(self, message):
        """Take a message from the link that concerns the chip itself."""
        if message.get("wdt") == "start":
            self.watchdog.start(int(message["timeout_ms"]))
        elif message.get("wdt") == "feed":
            self.watchdog.feed()
        elif "rtc" in message:
            self.rtc.write(*message["rtc"])
        elif "scratch" in message:
            self.scratch[int(message["scratch"])] = int(message["value"])
        elif "reset" in message:
            self._sleep_s = (message.get("sleep_ms") or 0) / 1000

    async def power_on(self):
        if not self.powered:
            self.powered = True
            self._life = asyncio.create_task(self._live())

    async def power_off(self):
        """Pull the plug: nothing is told to the firmware, and the RTC forgets."""
        self.powered = False
        if self._life:
            self._life.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._life
            self._life = None
        self.rtc.forget()
        self.scratch.clear()
        self.watchdog.stop()

    async def _live(self):
        cause = "power_on"
        while True:
            cause = await self._run_once(cause)

    async def _run_once(self, cause):
        """Run the firmware from one reset to the next; gives the cause of that next one."""
        self._bitten = False
        self.watchdog.stop()
        if cause != "soft":
            self.rtc.forget()
        self._prepare(self)
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            cwd=self._flash_dir,
            env=self._environment | {"KERB_RESET_CAUSE": cause},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=_CONSOLE_LIMIT_BYTES,
            preexec_fn=die_with_parent,
            umask=_UMASK,
        )
        self.boots += 1
        self.resets[cause] += 1
        self.last_cause = cause
        self._note("board", "starts (reset cause: {})".format(cause))
        reading = asyncio.create_task(self._read_console(self._process.stdout))
        guard = asyncio.create_task(self._guard())
        try:
            code = await self._process.wait()
            await asyncio.wait({reading}, timeout=1)
        finally:
            reading.cancel()
            guard.cancel()
            await self._kill()
        return await self._after(code)

    async def _after(self, code):
        """Say why the process ended and wait as long as the hardware would stay dead."""
        if self._bitten:
            self._note(
                "board", "watchdog: not fed for {:.1f} s, reset".format(self.watchdog.timeout_s)
            )
            return "watchdog"
        if code == EXIT_HARD_RESET:
            self._note("board", "the firmware reset the chip")
            return "hard"
        if code == EXIT_SOFT_RESET:
            self._note("board", "the firmware asked for a soft reset")
            return "soft"
        if code == EXIT_DEEP_SLEEP:
            self._note("board", "the firmware sleeps deeply for {:.1f} s".format(self._sleep_s))
            await asyncio.sleep(self._sleep_s)
            return "deep_sleep"
        self.crashes += 1
        how = "signal {}".format(-code) if code < 0 else "exit code {}".format(code)
        self._note("board", "the program ended ({}), nothing runs on the board".format(how))
        left_s = self.watchdog.left_s()
        if left_s is None:
            await asyncio.sleep(_DEAD_FOR_S)
            return "hard"
        await asyncio.sleep(max(left_s, 0))
        self._note("board", "watchdog: nobody feeds it any more, reset")
        return "watchdog"

    async def _guard(self):
        """The watchdog's own time: kills the process when it was not fed."""
        while True:
            left_s = self.watchdog.left_s()
            if left_s is None:
                await asyncio.sleep(_LATE_READ_S)
            elif left_s > 0:
                await asyncio.sleep(left_s)
            else:
                # A feed may wait unread if it was this process that was slow: read first.
                await asyncio.sleep(_LATE_READ_S)
                if self.watchdog.left_s() <= 0:
                    self._bitten = True
                    self._process.kill()
                    return

    async def _kill(self):
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await asyncio.wait_for(self._process.wait(), _KILL_WAIT_S)

    async def _read_console(self, stream):
        while True:
            try:
                line = await stream.readline()
            except ValueError:  # a line over the limit
                continue
            if not line:
                return
            text = line.decode(errors="replace").rstrip()
            self.console.append(text)
            if text:
                self._note("console", text)


def flash_environment(link_port):
    """Give the environment of a board process: this one's, and where its world is."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KERB_")}
    # CPython would write byte code into the checkout, and hold back what the firmware prints.
    extra = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
    return kept | extra | {"KERB_WORLD": "127.0.0.1:{}".format(link_port)}
