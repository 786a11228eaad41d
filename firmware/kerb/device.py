"""Puts a device together from its board and its config: the one place that knows all rooms."""

import asyncio
import gc

from kerb import VERSION, settings
from kerb.hal import chip, wallclock
from kerb.hal.watchdog import Watchdog
from kerb.system.clock import Clock
from kerb.system.config import ConfigError
from kerb.system.log import Log
from kerb.system.store import Store
from kerb.system.supervisor import Supervisor
from kerb.system.timezone import Zone
from micropython import const

_STATUS_S = const(3600)
_SAFE_MODE_S = const(3600)
_MAINTENANCE_S = const(900)
# So long a start without the time is no fault: the network has to come up first.
_CLOCK_GRACE_S = const(600)


def run(board):
    """The whole life of a device on `board`, a module like those in boards/; main.py calls it.

    Returns at Ctrl-C, with the outputs safe and the watchdog held off for the technician, and at
    once when there is no config to work by.
    """
    try:
        device = Device(board)
    except ConfigError as e:
        print("Kerb %s does not start:" % VERSION)
        for error in e.errors:
            print("  " + error)
        print("Next: put config.json right, then Ctrl-D.")
        return
    try:
        asyncio.run(device.run())
    except KeyboardInterrupt:
        device.stop()
        print("Stopped, outputs safe. Goes on at Ctrl-D, or in %d min." % (_MAINTENANCE_S // 60))


class Device:
    """One device; ConfigError when its config files have no usable copy."""

    def __init__(self, board):
        cfg, secrets, self._errors = settings.load()
        self._watchdog = Watchdog(board.WATCHDOG_MS)
        self.store = Store()
        self.clock = Clock(wallclock, self.store)
        self.log = Log(uptime_s=self.clock.uptime_s, echo=True)
        self._reset_cause = chip.reset_cause()
        self._supervisor = Supervisor(
            self._watchdog, self.log, self.store, self.clock, self._reset_cause
        )
        self._uplink = None
        self._app = _APPS[cfg["app"]](self, board, cfg)
        add = self._supervisor.add
        if self._supervisor.safe_mode:
            # What crashes the device is among its tasks: only the outputs are held, and after an
            # hour everything is tried again.
            add("safe mode", self._hold_safe, 5000)
            return
        add("app", self._app.run, 5000)
        if cfg["uplink"]:
            try:
                self._add_uplink(board, cfg, secrets)
            except Exception as e:  # whatever it is, the app works without the network
                self._errors.append("uplink does not start: %r" % e)

    def _add_uplink(self, board, cfg, secrets):
        # Imported here: a device that works alone keeps the memory.
        from kerb.uplink.backoff import Backoff
        from kerb.uplink.mqtt import Mqtt
        from kerb.uplink.queue import Queue
        from kerb.uplink.sntp import Sntp
        from kerb.uplink.timesync import TimeSync
        from kerb.uplink.uplink import Uplink
        from kerb.uplink.wifi import Wifi

        up = cfg["uplink"]
        mqtt, sntp = up["mqtt"], up["sntp"]
        seed = int(chip.unique_id()[-4:], 16)
        self._station = board.station()
        wifi = Wifi(
            self._station,
            up["wifi"]["ssid"],
            secrets["wifi_psk"],
            self.log,
            Backoff(1000, 60000, seed),
        )
        self._timesync = TimeSync(
            wifi,
            Sntp(sntp["host"], sntp["port"]),
            self.clock,
            self.log,
            Backoff(2000, 300000, seed + 1),
            sntp["every_s"],
        )
        self._transport = Mqtt(
            wifi,
            Backoff(500, 60000, seed + 2),
            self.log,
            mqtt["base"],
            cfg["name"],
            mqtt["host"],
            mqtt["port"],
            secrets["mqtt_user"],
            secrets["mqtt_password"] or "",
            mqtt["keepalive_s"],
            _tls(mqtt["tls"]),
        )
        self._uplink = Uplink(
            Queue(store=self.store), self._transport, self.clock, self.log, self._command
        )
        add = self._supervisor.add
        add("wifi", wifi.run, 5000)
        # A host name's look-up blocks, and the dog with it: this is what the deadline must bear.
        add("time", self._timesync.run, 30000)
        add("mqtt", self._transport.run, 30000)
        add("uplink", self._uplink.run, 5000)
        add("status", self._report, 5000)

    async def run(self):
        """Works until it is cancelled."""
        self._send_boot()
        await self._supervisor.run()

    def stop(self):
        """After Ctrl-C: ends the tasks and holds."""
        self.hold()
        if self._uplink:
            self._transport.close()
        asyncio.run(self._supervisor.stop())

    def hold(self):
        """Outputs safe, and the watchdog fed for as long as a technician may need."""
        self._app.safe()
        self._watchdog.hold(_MAINTENANCE_S)
        self._supervisor.ending("stopped by a technician", expected=True)

    def send(self, kind, values):
        """Queues an event for the city, if this device has an uplink."""
        if self._uplink:
            self._uplink.send(kind, values)

    def _send_boot(self):
        for error in self._errors:
            self.log.error("config: %s", error)
        if self._supervisor.last_end:
            self.log.warn("last end: %s", self._supervisor.last_end)
        self.send(
            "boot",
            {
                "reset_cause": self._reset_cause,
                "boot_count": self._supervisor.boot_count,
                "safe_mode": self._supervisor.safe_mode,
                "firmware": VERSION,
            },
        )
        if self._errors:
            self._send_fault("config", "invalid", True)

    async def _hold_safe(self, check_in):
        began_s = self.clock.uptime_s()
        while self.clock.uptime_s() - began_s < _SAFE_MODE_S:
            check_in()
            self._app.safe()
            await asyncio.sleep_ms(1000)
        self._supervisor.ending("safe mode is over", expected=True)
        chip.reset()

    async def _report(self, check_in):
        """Status by the hour; faults of the device itself as they come and go."""
        due_s = restarts = 0
        clock_lost = False
        while True:
            check_in()
            now_s = self.clock.uptime_s()
            if now_s >= due_s:
                due_s = now_s + _STATUS_S
                self._send_status()
            lost = now_s >= _CLOCK_GRACE_S and not self.clock.trusted()
            if lost != clock_lost:
                clock_lost = lost
                self._send_fault("clock", "lost", lost)
            count = sum(self._supervisor.restarts().values())
            if count != restarts:
                restarts = count
                self._send_fault("task", "restarted", True)
            await asyncio.sleep_ms(1000)

    def _send_fault(self, part, reason, active):
        # Every boot begins without faults: what persists is said again.
        self.send("fault", {"part": part, "reason": reason, "active": active})

    def _send_status(self):
        gc.collect()
        self.send(
            "status",
            {
                "uptime_s": self.clock.uptime_s(),
                "heap_free_bytes": gc.mem_free(),
                "dropped": self._uplink.dropped,
                "clock_source": self.clock.source,
                "clock_age_s": self.clock.age_s(),
                "rssi_dbm": self._station.rssi_dbm(),
            },
        )

    def _command(self, name, values):
        """What the uplink asks for each command; gives (result, reason)."""
        if name == "sync_time":
            return ("ok", None) if self._timesync.ask_now() else ("refused", "no_network")
        if name == "send_status":
            self._send_status()
            return "ok", None
        return self._app.command(name, values)


def _light(device, board, cfg):
    from kerb.apps import light
    from kerb.drivers.lamp import Lamp

    site = cfg["site"]
    return light.App(
        cfg["light"],
        light.Light(cfg["light"], site["lat_e7"], site["lon_e7"], Zone(site["tz"])),
        Lamp(board.lamp_pwm()),
        board.light_sensor(),
        device.clock,
        device.store,
        device.send,
        device.log,
    )


_APPS = {"light": _light}


def _tls(cfg):
    """An SSL context that believes this CA alone, or None where the config wants none."""
    if cfg is None:
        return None
    import tls

    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    context.verify_mode = tls.CERT_REQUIRED
    with open(cfg["ca"], "rb") as f:
        context.load_verify_locations(f.read())
    if cfg["cert"]:
        with open(cfg["cert"], "rb") as cert, open(cfg["key"], "rb") as key:
            context.load_cert_chain(cert.read(), key.read())
    return context
