"""Puts a device together from its board and its config: the one place that knows all rooms."""

import asyncio
import sys

from kerb import VERSION, settings
from kerb.hal import chip, wallclock
from kerb.hal.watchdog import Watchdog
from kerb.system.clock import Clock
from kerb.system.config import ConfigError
from kerb.system.life import Life
from kerb.system.log import Log
from kerb.system.store import Store
from kerb.system.supervisor import Supervisor
from micropython import const

_SAFE_MODE_S = const(3600)
_STOPPED = "stopped by a technician"
_MAINTENANCE_S = const(900)


def run(board):
    """The whole life of a device on `board`, a module like those in boards/; main.py calls it.

    Returns at Ctrl-C, with the outputs safe and the watchdog held off for the technician, and at
    once, with the lamp lit, when there is no config to work by or the device can't be made.
    """
    if "kerb.settings" not in sys.modules:
        print("Kerb has run since the chip's last reset: Ctrl-D starts it again.")
        return
    device = _make(board)
    if device is None:
        return
    try:
        settings.forget()
        asyncio.run(device.run())
    except KeyboardInterrupt:
        device.stop()
        print("Stopped, outputs safe. Goes on at Ctrl-D, or in %d min." % (_MAINTENANCE_S // 60))


def _make(board):
    try:
        return Device(board)
    except ConfigError as e:
        print("Kerb %s does not start:" % VERSION)
        for error in e.errors:
            print("  " + error)
        print("Next: put config.json right, then Ctrl-D.")
    except KeyboardInterrupt:
        print("Stopped while it started. Goes on at Ctrl-D.")
        Watchdog(board.WATCHDOG_MS).hold(_MAINTENANCE_S)
    except Exception as e:
        sys.print_exception(e)
        print("Kerb does not start. It tries again in %d min." % (_MAINTENANCE_S // 60))
        Watchdog(board.WATCHDOG_MS).hold(_MAINTENANCE_S)
    # Of all devices a light alone has an output that must not stay as a board begins.
    from kerb.drivers.lamp import Lamp  # only a light has it in memory anyway

    Lamp(board.lamp_pwm()).safe()
    return None


class Device:
    """One device; ConfigError when its config files have no usable copy.

    For those in kerb.devices: retained, store, clock, log, reset_cause, boot_count; send(kind,
    values); add(name, coroutine function, ms) of the supervisor; errors, a list of texts for the
    log; busy(), or None: whether its outputs can't wait now; power, None until one is set.
    """

    def __init__(self, board):
        cfg, secrets, self.errors = settings.load()
        made_of = settings.made_of(cfg["app"])
        self.retained = board.retained()
        # Before all that can fail: the outputs have to be safe without it.
        self._outputs = made_of.make_outputs(board, cfg, self.retained)
        self._watchdog = Watchdog(board.WATCHDOG_MS)
        self.store = Store()
        self.clock = Clock(wallclock, self.store, retained=self.retained)
        self.log = Log(uptime_s=self.clock.uptime_s, echo=True)
        self.reset_cause = chip.reset_cause()
        self._supervisor = Supervisor(
            self._watchdog, self.log, self.store, self.clock, self.reset_cause
        )
        if self._supervisor.last_end == _STOPPED:
            # A laptop's tools may have put the RTC to the local time of the laptop.
            self.clock.doubt()
        self._app = self._uplink = None
        self._tied = bool(cfg["uplink"])
        self.power = None  # the app's maker may set it: kerb.system.power.Power
        self._early = []  # events from before there is an uplink
        self.boot_count = self._supervisor.boot_count
        add = self.add = self._supervisor.add
        # Outputs that work without the app, in safe mode too: a crosswalk's button and beacon.
        self._live = hasattr(self._outputs, "run")
        self.busy = self._outputs.busy if self._live else None
        if self._live:
            add("outputs", self._outputs.run, 5000)
        if not self._supervisor.safe_mode:
            try:
                self._app = made_of.make_app(self, board, cfg, self._outputs)
                # The light now, and not after all that the uplink has to load.
                self._app.tick()
            except Exception as e:
                self.errors.append("app does not start: %r" % e)
                self._app = None
        if self._app is None:
            # What crashes the device is in its app or its tasks: the outputs are held safe, and
            # after an hour everything is tried again.
            add("safe mode", self._hold_safe, 5000)
            return
        add("app", self._app.run, 5000)
        add("life", Life(board.status_led(), self._is_well).run, 5000)
        if cfg["uplink"]:
            try:
                self._add_uplink(board, cfg, secrets)
            except Exception as e:  # whatever it is, the app works without the network
                self.errors.append("uplink does not start: %r" % e)
        if self.power:
            add("power", self.power.run, 5000)

    def _add_uplink(self, board, cfg, secrets):
        # Imported here: a device that works alone keeps the memory.
        from kerb.report import Report
        from kerb.uplink.queue import Queue
        from kerb.uplink.uplink import Uplink

        tie = settings.tied_by(cfg).tie
        link, self._transport, self._time, peer = tie(self, board, cfg, secrets)
        self._uplink = Uplink(
            Queue(store=self.store), self._transport, self.clock, self.log, self._command
        )
        if peer:
            self._app.meet(peer)
        self.add("uplink", self._uplink.run, 5000)
        self._report = Report(self.clock, self._supervisor, link, self._uplink, peer)
        self.add("report", self._report.run, 5000)
        if self.power:
            self.power.steer(link, self._transport, self._uplink)

    async def run(self):
        """Works until it is cancelled."""
        early, self._early = self._early, None
        self._send_boot()
        for kind, values in early:
            self.send(kind, values)
        await self._supervisor.run()

    def stop(self):
        """After Ctrl-C: ends the tasks and holds."""
        self.hold()
        if self._uplink:
            self._transport.close()
        asyncio.run(self._supervisor.stop())

    def hold(self):
        """Outputs safe, and the watchdog fed for as long as a technician may need."""
        self._outputs.safe()
        self._watchdog.hold(_MAINTENANCE_S)
        self._supervisor.ending(_STOPPED, expected=True)

    def _is_well(self):
        if self.power and self.power.saving:
            return None
        return self._transport.up() if self._uplink else not self._tied

    def send(self, kind, values):
        """Queues an event for the city, if this device has an uplink."""
        if self._uplink:
            self._uplink.send(kind, values)
        elif self._early is not None:
            self._early.append((kind, values))

    def _send_boot(self):
        for error in self.errors:
            self.log.error("config: %s", error)
        self.send(
            "boot",
            {
                "reset_cause": self.reset_cause,
                "boot_count": self.boot_count,
                "firmware": VERSION,
                "last_end": self._supervisor.last_end,
            },
        )
        if self.errors:
            # Every boot begins without faults: what persists is said again.
            self.send("fault", {"part": "config", "reason": "invalid", "active": True})

    async def _hold_safe(self, check_in):
        began_s = self.clock.uptime_s()
        while self.clock.uptime_s() - began_s < _SAFE_MODE_S:
            check_in()
            if not self._live:
                self._outputs.safe()
            await asyncio.sleep_ms(1000)
        self._supervisor.ending("safe mode is over", expected=True)
        chip.reset()

    def _command(self, name, values):
        """What the uplink asks for each command; gives (result, reason)."""
        if name == "sync_time":
            return ("ok", None) if self._time.ask_now() else ("refused", "no_network")
        if name == "send_status":
            self._report.send_status()
            if hasattr(self._app, "report"):
                self._app.report()
            return "ok", None
        return self._app.command(name, values)
