"""Street light: dark outside means light, dimmed by a schedule, by command, never out by fault.

`Light` decides and is pure; kerb.apps.light_app feeds it. What decides the level, the first that
applies:

1. a `set_level` command, until its time is up (kerb.apps.override);
2. the clock: off from sunrise to sunset, the schedule's level in between (kerb.apps.schedule);
3. just started, no clock yet: the level of before, if the light sensor doesn't say day;
4. no clock: off while the light sensor says day (kerb.apps.dusk); the schedule by virtual midnight
   once the light has learned its nights (kerb.apps.midnight); full otherwise;
5. neither clock nor sensor: full.

Whoever is seen at night raises the level, but not that of a command (kerb.apps.presence). A lamp
that is too hot is dimmed (kerb.apps.health). What comes out is driven as hard as a lamp of that
age needs (kerb.apps.clo).
"""

from kerb.apps import clo, energy, health, presence, ramp, schedule
from kerb.apps.dusk import DeepNight, Dusk
from kerb.apps.midnight import Midnight
from kerb.apps.override import Latest, Override, seconds
from kerb.system.schema import Int
from micropython import const

FULL = const(1000)
_DAY_S = const(86400)
_DAY_MORE_S = const(3600)  # than those of the nights that were learned
# Less than 1 V on a 0-10 V input is no light at all, or any.
_ANALOG_LEAST = const(100)
# So long the level of before a start is held for the network to bring the time: access points
# and routers take minutes after a power cut.
START_S = const(900)

SCHEMA = {
    # Bright is a quarter above it, which the sensor has to reach.
    "dark_below_mv": Int(1, 2400, default=400),
    "report_s": Int(60, 86400, default=900),
}
_PARTS = (schedule, presence, energy, health, ramp, clo)
for _part in _PARTS:
    SCHEMA.update(_part.SCHEMA)


def check(cfg):
    """What the schema cannot say: a list of errors of a config that satisfies SCHEMA."""
    errors = []
    for part in _PARTS:
        if hasattr(part, "check"):
            errors += part.check(cfg)
    return errors


class Light:
    """The pure part: step() and command() take the time and give levels and events.

    cfg: the config, with the keys of SCHEMA, of kerb.drivers.lamps and of kerb.drivers.meter.
    lat_e7, lon_e7: the place in 1e-7 degree; zone: a kerb.system.timezone.Zone.
    counters: a kerb.system.counters.Counters of 3. reset_cause: as kerb.hal.chip gives it.
    start_permille: the level of before the start, None if unknown; held for at most START_S.
    nights: what midnight.keep() gave before the start, or None.

    level, reason: what was decided last, as far as the output can give it, before `clo`.
    """

    def __init__(
        self,
        cfg,
        lat_e7,
        lon_e7,
        zone,
        counters,
        reset_cause="power_on",
        start_permille=None,
        nights=None,
    ):
        self._cfg = cfg
        self.schedule = schedule.Schedule(cfg, lat_e7, lon_e7, zone)
        self._schedule_order = Latest()
        self._given = None
        self.override = Override()
        self.midnight = Midnight(nights)
        self.presence = presence.Presence(cfg["presence"])
        self.energy = energy.Energy(cfg, counters)
        self.health = health.Health(cfg, reset_cause)
        self._clo = clo.Clo(cfg["clo"])
        self._least = cfg["min_level_permille"]
        if cfg["output"] == "analog":
            self._least = max(_ANALOG_LEAST, self._least)
        elif cfg["output"] == "relay":
            self._least = FULL
        self._dusk = Dusk(cfg["dark_below_mv"])
        self._night = DeepNight(lat_e7, lon_e7)
        self.start_permille = start_permille
        self._faults = {}
        self.level = self.reason = None
        self._told = None
        self._reported_s = 0

    def _decide(self, uptime_s, wall):
        level = self.override.level(uptime_s, wall)
        if level is not None:
            return level, "command"
        if wall is not None:
            level = self.schedule.at(wall)
            if level is None:
                return 0, "daylight"
            return self._raised(uptime_s, level, "schedule")
        if self._dusk.bright:
            return 0, "clock_lost"
        if self.start_permille is not None and uptime_s < START_S:
            return self._raised(uptime_s, self.start_permille, "starting")
        offset_s = self.midnight.offset_s(uptime_s)
        if offset_s is None:
            return FULL, "clock_lost"
        level = self.schedule.from_midnight(offset_s, self.midnight.night_s)
        return self._raised(uptime_s, level, "virtual_midnight")

    def _raised(self, uptime_s, level, reason):
        raised = self.presence.level(uptime_s, level)
        return (raised, "presence") if raised > level else (level, reason)

    def step(
        self,
        uptime_s,
        wall,
        sensor_mv,
        seen=None,
        reading=None,
        temperature_cdeg=None,
        gear=None,
        meter_fault=None,
    ):
        """Decides the light of this moment; once a second, and at least once a minute.

        `uptime_s` is monotonic seconds, `wall` (day, second) UTC or None when the clock is not to
        be trusted, `sensor_mv` the light sensor's reading, None without one or with a broken one.
        seen: whether the presence sensor sees somebody, None without one. reading, gear and
        meter_fault as kerb.apps.health takes them; temperature_cdeg the lamp's.

        Gives ([(event kind, values)], drive 0..1000 permille).
        """
        self._dusk.look(uptime_s, sensor_mv, None if wall is None else self._night.at(wall))
        dark = None if sensor_mv is None or self._dusk.stuck else not self._dusk.bright
        self.midnight.look(uptime_s, dark)
        if self.midnight.night_s:
            self._dusk.longest_s = _DAY_S - self.midnight.night_s + _DAY_MORE_S
        self.presence.look(uptime_s, seen)
        level, reason = self._decide(uptime_s, wall)
        allowed = self.health.derating_permille
        if level > allowed:
            level, reason = allowed, "derated"
        if 0 < level < self._least:
            level = self._least
        self.level, self.reason = level, reason
        drive = self._clo.permille(level, self.energy.burn_s)
        if 0 < drive < self._least:
            drive = self._least
        self.energy.step(uptime_s, drive, reading)
        events = []
        changed = (level, reason) != self._told
        if changed:
            self._told = (level, reason)
            events.append(("light_state", self._state_values()))
        if changed or uptime_s - self._reported_s >= self._cfg["report_s"]:
            self._reported_s = uptime_s
            events.append(("light_power", self.energy.values(temperature_cdeg)))
        wrong = self.health.step(uptime_s, drive, reading, gear, temperature_cdeg, meter_fault)
        for part, why, active in wrong:
            events.append(("fault", {"part": part, "reason": why, "active": active}))
        self._judge("light_sensor", "out_of_range", self._dusk.stuck, events)
        self._judge("presence", "stuck", self.presence.stuck, events)
        return events, drive

    def _judge(self, part, reason, active, events):
        if active != self._faults.get(part, False):
            self._faults[part] = active
            events.append(("fault", {"part": part, "reason": reason, "active": active}))

    def _state_values(self):
        power_state = "off" if not self.level else "on" if self.level == FULL else "low"
        return {"level_permille": self.level, "power_state": power_state, "reason": self.reason}

    def command(self, uptime_s, wall, name, values):
        """Takes a decoded command; gives (result, reason) as kerb.uplink.codec names them."""
        issued_s = values.get("issued_s")
        if name == "set_level":
            level, for_s = values["level_permille"], values["for_s"]
            return self.override.take(uptime_s, wall, level, for_s, issued_s)
        if name == "clear_override":
            return self.override.clear(uptime_s, wall, issued_s)
        if name == "set_schedule" or name == "clear_schedule":
            steps = values.get("steps")
            error = steps and schedule.steps_error(steps)
            if not error:
                error = self._schedule_order.judge(wall, issued_s, steps or [])
                if error == "same":
                    return "ok", None
            if error:
                return "refused", error
            self.restore_schedule(steps, self._schedule_order.issued_s)
            return "ok", None
        if name == "presence" and self._cfg["presence"]:
            ago_s = 0 if wall is None or issued_s is None else seconds(wall) - issued_s
            if not self.presence.seen(uptime_s, max(0, ago_s)):
                return "refused", "expired"
            return "ok", None
        return "unknown", "not_supported"

    @property
    def given(self):
        """(steps or None, issued_s or None) of the last command for a schedule."""
        return self._given, self._schedule_order.issued_s

    def restore_schedule(self, steps, issued_s):
        """Goes (back) to what `given` was."""
        self._given = steps
        self._schedule_order.issued_s = issued_s
        self._schedule_order.rank = steps or []
        self.schedule.set_steps(steps)
