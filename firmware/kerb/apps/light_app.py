"""Feeds a kerb.apps.light.Light from its parts, drives the lamp, keeps what outlives a reboot."""

import asyncio
import json
import time
from binascii import crc32

from kerb.apps import presence
from kerb.apps.ramp import Ramp
from kerb.apps.schedule import steps_error
from kerb.system.allowance import Allowance
from micropython import const

_TICK_MS = const(1000)
_RAMP_MS = const(50)


class Parts:
    """What is wired to the light; None for what isn't there.

    lamp: as kerb.drivers.lamps.make() gives it. sensor: read_mv(). meter: poll() and fault, as
    kerb.drivers.hlw8032. thermistor: read_cdeg(). motion: get(). retained: get() and put() of a
    number in permille, which outlives a reset.
    """

    def __init__(self, lamp):
        self.lamp = lamp
        self.sensor = self.meter = self.thermistor = self.motion = self.retained = None


class App:
    """Ticks once a second, and more often while the light is on its way to another level.

    Takes the light's config, a Light, Parts, the clock, the store and `send(kind, values)` of the
    uplink. level_permille: what the lamp gives now, None if that is unknown.

    Flash wear: a schedule by command and the level are written 20 times each in a row and then
    once in ten minutes, at most 164 a day. A command above that is refused, a level waits.
    """

    def __init__(self, cfg, light, parts, clock, store, send, log, level_permille=None):
        self._light = light
        self._parts = parts
        self._clock = clock
        self._store = store
        self._send = send
        self._log = log
        self._ramp = Ramp(cfg["ramp_s"], level_permille)
        self._ticks = time.ticks_ms()
        self._drive_permille = 0
        self._tell = None
        self._kept = light.start_permille
        self._level_writes = Allowance(20, 600)
        self._schedule_writes = Allowance(20, 600)
        # A schedule that came as a command holds until somebody edits the one in the config.
        self._config_crc = crc32(json.dumps([cfg["schedule"], cfg["calendar"]]).encode())
        self._restore()

    def _restore(self):
        store, light = self._store, self._light
        light.override.restore(store.get("override"))
        try:
            crc, steps, issued_s = json.loads(store.get("schedule"))
        except (ValueError, TypeError):  # none, or written by firmware of another shape
            return
        if crc == self._config_crc:
            if steps is None or not steps_error(steps):
                light.restore_schedule(steps, issued_s)
            else:
                self._log.warn("schedule: the saved one is not usable")

    def tick(self):
        """One decision, put into effect; events go to the uplink."""
        light, parts, clock = self._light, self._parts, self._clock
        wall = clock.now() if clock.trusted() else None
        uptime_s = clock.uptime_s()
        gear = getattr(parts.lamp, "gear", None)
        reading = meter_fault = cdeg = seen = None
        if parts.meter:
            reading, meter_fault = parts.meter.poll(time.ticks_ms()), parts.meter.fault
        if parts.thermistor:
            cdeg = parts.thermistor.read_cdeg()
        if parts.motion:
            seen = parts.motion.get()
        events, drive = light.step(
            uptime_s, wall, self._read_mv(), seen, reading, cdeg, gear, meter_fault
        )
        self._drive(drive)
        if gear:
            parts.lamp.poll()  # after it: the bus is taken while a question is under way
        for kind, values in events:
            self._send(kind, values)
        if self._tell:
            payload = light.presence.message(uptime_s)
            if payload:
                self._tell(presence.KIND, payload)
        self._keep(uptime_s)

    def _drive(self, drive):
        now = time.ticks_ms()
        # A way that begins now has not been gone on since the last tick.
        elapsed_ms = time.ticks_diff(now, self._ticks) if self._ramp.moving else 0
        level = self._ramp.step(elapsed_ms, drive)
        self._ticks = now
        self._drive_permille = drive
        self._parts.lamp.set_permille(level)
        if self._parts.retained:
            self._parts.retained.put(level)

    def _keep(self, uptime_s):
        """Saves what has changed and has to outlive the loss of the power."""
        light, store = self._light, self._store
        for name, record in (
            ("override", light.override.due(uptime_s)),
            ("nights", light.midnight.keep()),
        ):
            if record is not None:
                store.put(name, record)
        level = light.level
        if level != self._kept and light.reason in ("schedule", "virtual_midnight"):
            if self._level_writes.left(uptime_s):
                self._level_writes.spend()
                self._kept = level
                store.put("level", level.to_bytes(2, "little"))

    def _read_mv(self):
        try:
            return self._parts.sensor.read_mv() if self._parts.sensor else None
        except OSError:
            return None

    async def run(self, check_in):
        """Ticks for ever; `check_in()` tells the supervisor that it still does.

        When it ends, for whatever reason, the lamp is at full until it runs again.
        """
        try:
            while True:
                self.tick()
                check_in()
                left_ms = _TICK_MS
                while left_ms > 0:
                    moving = self._ramp.moving
                    nap_ms = min(left_ms, _RAMP_MS) if moving else left_ms
                    await asyncio.sleep_ms(nap_ms)
                    left_ms -= nap_ms
                    if moving:
                        self._drive(self._drive_permille)
        finally:
            self._ramp.jump(1000)
            self._parts.lamp.safe()
            self._light.energy.save()

    def meet(self, peer):
        """Talks to the neighbours through a kerb.uplink.peer.Peer from now on."""
        self._tell = peer.send
        peer.on_message = self._heard

    def _heard(self, kind, sender, payload, age_ms):
        if kind != presence.KIND:
            return False
        concerned = self._light.presence.heard(self._clock.uptime_s(), payload)
        if concerned:
            self.tick()  # a walker covers a metre and a half until the next
        return concerned

    def command(self, name, values):
        """Obeys at once, saves first what has to outlive a reboot; gives (result, reason)."""
        light, clock = self._light, self._clock
        wall = clock.now() if clock.trusted() else None
        uptime_s = clock.uptime_s()
        before = light.given
        result = light.command(uptime_s, wall, name, values)
        if light.given != before:
            reason = self._keep_schedule(uptime_s)
            if reason:
                light.restore_schedule(*before)
                result = "refused", reason
        self.tick()
        return result

    def _keep_schedule(self, uptime_s):
        """Saves the schedule that has come; gives why it can't be, or None."""
        if not self._schedule_writes.left(uptime_s):
            return "too_often"
        self._schedule_writes.spend()
        record = json.dumps([self._config_crc] + list(self._light.given))
        return None if self._store.put("schedule", record.encode()) else "failed"
