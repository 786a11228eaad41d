"""One virtual board: its power, its resets, its watchdog, and the process that is its chip."""

import asyncio
import contextlib
import signal

from host_tools import paths
from host_tools.street.board import (
    EXIT_DEEP_SLEEP,
    EXIT_HARD_RESET,
    EXIT_SOFT_RESET,
    Rtc,
    Watchdog,
    die_with_parent,
    flash_environment,
)
from host_tools.street.link import Link
from host_tools.vboard.bell import Bell
from host_tools.vboard.line import Line
from host_tools.vboard.port import Port

EXIT_SOFT_RESET_RAW = 47
HEAP_KB = 512
_CHIP = paths.ROOT / "host_tools" / "vboard" / "chip"
_HOST = paths.BOARDS / "host"
_UNIQUE_ID = "6b657262686f7374"
_LATE_READ_S = 0.05
_KILL_WAIT_S = 5.0
_DEAD_FOR_S = 0.5


class Board:
    """Runs on the flash image (a path), at the port (a path); `note(text)` hears what happens.

    `micropython` is the path of the unix port. `pins` maps a pin to its level (0, 1, None: let go
    of) or to its PWM (freq_hz, duty_u16). `boots` counts starts, `cause` is that of the latest.
    """

    def __init__(self, image, port, micropython, heap_kb=HEAP_KB, note=lambda text: None):
        heap = ["-X", "heapsize={}k".format(heap_kb)]
        self._command = [str(micropython), *heap, str(_CHIP / "rom.py"), str(image)]
        self._note = note
        self._port = Port(port)
        self._link = Link(self._take)
        self._bell = Bell(lambda: self.pid)
        self._line = None
        self._process = None
        self._life = None
        self._bitten = False
        self._sleep_s = 0.0
        self._rtc = Rtc()
        self._scratch = {}
        self.watchdog = Watchdog()
        self.pins = {}
        self.boots = 0
        self.cause = None

    @property
    def pid(self):
        """The process id of the chip, None while it is off."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if running else None

    async def start(self):
        """Plug the cable in and turn the power on."""
        await self._link.start()
        self.plug()
        self.power_on()

    async def stop(self):
        """Power off, cable out; nothing is left of it but the flash image."""
        await self.power_off()
        self.pull()
        self._bell.close()
        await self._link.close()

    def plug(self):
        """Put the cable in."""
        self._port.plug()
        if self._line:
            self._line.attach()

    def pull(self):
        """Pull the cable; the board has power from elsewhere and goes on."""
        if self._line:
            self._line.detach()
        self._port.pull()

    def power_on(self):
        """Turn the power on, unless it is."""
        if self._life is None:
            self._line = Line(self._port, self._bell.ring)
            self._life = asyncio.create_task(self._live())

    async def power_off(self):
        """Cut the power: nothing is told to the firmware, the RTC forgets."""
        if self._life is None:
            return
        self._life.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._life
        self._life = None
        self._line.close()
        self._line = None
        self._rtc.forget()
        self._scratch.clear()
        self.watchdog.stop()

    def set_adc(self, pin, mv):
        """Put a voltage in mV on an analogue pin."""
        self._link.set_adc(pin, mv)

    def send_uart(self, uart, data, baud=None):
        """Send bytes to one of its UARTs, at its own speed if none is said."""
        self._link.send_uart(uart, data, baud, None)

    def _take(self, message):
        """Hear what the chip says of its pins and parts."""
        if "pin" in message:
            self.pins[message["pin"]] = message["level"]
        elif "pwm" in message:
            self.pins[message["pwm"]] = (message["freq_hz"], message["duty_u16"])
        elif message.get("wdt") == "start":
            self.watchdog.stop()  # a second one takes the place of the first
            self.watchdog.start(message["timeout_ms"])
        elif message.get("wdt") == "feed":
            self.watchdog.feed()
        elif "rtc" in message:
            self._rtc.write(*message["rtc"])
        elif "scratch" in message:
            self._scratch[int(message["scratch"])] = int(message["value"])
        elif "reset" in message:
            self._sleep_s = (message.get("sleep_ms") or 0) / 1000

    async def _live(self):
        cause, prompt = "power_on", "friendly"
        while True:
            code = await self._run_once(cause, prompt)
            cause, prompt = await self._after(code)
            # A soft reset is no reset to the chip: its watchdog goes on, the line keeps its bytes.
            if cause != "soft":
                self.watchdog.stop()
                self._rtc.forget()
                self._line.clear()

    async def _run_once(self, cause, prompt):
        """Run the chip from one reset to the next; gives the exit code."""
        self._bitten = False
        self._link.set_rtc(self._rtc.read())
        self._link.set_scratch(self._scratch)
        self._bell.clear()
        self.pins.clear()
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            str(self._bell.fd),
            prompt,
            env=self._environment(cause),
            stdin=self._line.chip_fd,
            stdout=self._line.chip_fd,
            stderr=self._line.chip_fd,
            pass_fds=(self._bell.fd,),
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        self.boots += 1
        self.cause = cause
        self._note("starts (reset cause: {})".format(cause))
        guard = asyncio.create_task(self._guard())
        try:
            return await self._process.wait()
        finally:
            guard.cancel()
            await self._kill()

    def _environment(self, cause):
        more = {
            "KERB_RESET_CAUSE": cause,
            "KERB_UNIQUE_ID": _UNIQUE_ID,
            "MICROPYPATH": "{}:{}:.frozen".format(_CHIP, _HOST),
        }
        return flash_environment(self._link.port) | more

    async def _after(self, code):
        """Say why the chip stopped, wait as long as it would; gives (reset cause, prompt)."""
        if self._bitten:
            self._note("watchdog: not fed for {:.1f} s, reset".format(self.watchdog.timeout_s))
            return "watchdog", "friendly"
        if code == EXIT_SOFT_RESET:
            return "soft", "friendly"
        if code == EXIT_SOFT_RESET_RAW:
            return "soft", "raw"
        if code == EXIT_DEEP_SLEEP:
            await asyncio.sleep(self._sleep_s)
            return "deep_sleep", "friendly"
        if self._bell.has_insisted and code != EXIT_HARD_RESET:
            self._note("MicroPython died of Ctrl-C, starts anew at its prompt")
            return "soft", "stopped"
        if code != EXIT_HARD_RESET:
            await asyncio.sleep(_DEAD_FOR_S)
            how = signal.Signals(-code).name if code < 0 else "exit code {}".format(code)
            self._note("MicroPython itself ended ({}), reset".format(how))
        return "hard", "friendly"

    async def _guard(self):
        """The watchdog's own time: kills the process when it was not fed."""
        while True:
            left_s = self.watchdog.left_s()
            if left_s is not None and left_s <= 0:
                # A feed may wait unread if it was this process that was slow: read first.
                await asyncio.sleep(_LATE_READ_S)
                if self.watchdog.left_s() <= 0:
                    self._bitten = True
                    self._process.kill()
                    return
            await asyncio.sleep(_LATE_READ_S if left_s is None else max(left_s, 0))

    async def _kill(self):
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await asyncio.wait_for(self._process.wait(), _KILL_WAIT_S)
