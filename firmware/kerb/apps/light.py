"""Street light: dark outside means light, dimmed by a schedule, by command, never out by fault.

`Light` decides and is pure; `App` is the thin coroutine that feeds it. What decides the level,
the first that applies:

1. a `set_level` command, until its time is up;
2. the clock and the sun: off from sunrise to sunset, the schedule's level in between;
3. no clock: the light sensor (see kerb.apps.dusk); full while it is dark;
4. neither: full.
"""

import asyncio
import json
from binascii import crc32

from kerb.apps import sun
from kerb.apps.dusk import Dusk
from kerb.system.schema import Bool, Int, List, Obj, Str
from micropython import const

FULL = const(1000)
_DAY_MIN = const(1440)
_MAX_STEPS = const(8)
_DAY_S = const(86400)
_MWS_A_WH = const(3600000)

SCHEMA = {
    # Applied from sunset until the first step of the night.
    "on_level_permille": Int(1, 1000, default=1000),
    "schedule": List(Obj({"at": Str(5, 5), "level_permille": Int(0, 1000)}), max_items=_MAX_STEPS),
    "civil_twilight": Bool(default=False),
    "rated_power_mw": Int(1000, 1000000, default=60000),
    "standby_power_mw": Int(0, 10000, default=500),
    "dark_below_mv": Int(1, 3300, default=400),
    "report_s": Int(60, 86400, default=900),
}


def minute_of_day(text):
    """Minutes after midnight (0..1439) of "HH:MM", or None when it is no such time."""
    if len(text) != 5 or text[2] != ":":
        return None
    digits = text[:2] + text[3:]
    if not all("0" <= c <= "9" for c in digits):
        return None
    hour, minute = int(text[:2]), int(text[3:])
    return hour * 60 + minute if hour < 24 and minute < 60 else None


def check(cfg):
    """What the schema cannot say: a list of errors of a config that satisfies SCHEMA."""
    errors = []
    seen = set()
    for i, step in enumerate(cfg["schedule"]):
        minute = minute_of_day(step["at"])
        if minute is None:
            errors.append(
                "light.schedule[%d].at: found '%s', allowed 00:00 to 23:59" % (i, step["at"])
            )
        elif minute in seen:
            errors.append("light.schedule[%d].at: %s is there twice" % (i, step["at"]))
        seen.add(minute)
    return errors


def steps_error(steps):
    """Why a list of [minute of day, level_permille] can't be a schedule, as the reason of a
    command_result, or None."""
    if type(steps) is not list or len(steps) > _MAX_STEPS:
        return "bad_payload"
    for step in steps:
        if type(step) is not list or [type(n) for n in step] != [int, int]:
            return "bad_payload"
        if not (0 <= step[0] < _DAY_MIN and 0 <= step[1] <= FULL):
            return "bad_payload"
    return None if len({step[0] for step in steps}) == len(steps) else "duplicate_step"


def _of_night(minute):
    """Minutes since noon, so that one night is one rising run of numbers."""
    return (minute - _DAY_MIN // 2) % _DAY_MIN


class Light:
    """The pure part: step() and command() take the time and give levels and events.

    `zone` is a kerb.system.timezone.Zone; the place is in 1e-7 degree.
    """

    def __init__(self, cfg, lat_e7, lon_e7, zone):
        self._cfg = cfg
        self._lat_e7 = lat_e7
        self._solar_offset_s = sun.solar_offset_s(lon_e7)
        self._lon_e7 = lon_e7
        self._zone = zone
        self._zenith_cdeg = sun.CIVIL if cfg["civil_twilight"] else sun.SUNSET
        self._sun_day = None
        self._sun = None
        self._dusk = Dusk(cfg["dark_below_mv"])
        self._sensor_fault = False
        self._override = None
        self._override_until_s = 0
        self._state = None
        self._stepped_s = None
        self._reported_s = 0
        self._power_mw = 0
        self._burn_s = 0
        self._energy_wh = 0
        self._energy_mws = 0
        self.set_schedule([[minute_of_day(s["at"]), s["level_permille"]] for s in cfg["schedule"]])

    def set_schedule(self, steps):
        """Replaces the dimming steps by [[minute of local day 0..1439, level_permille]]."""
        self.schedule = sorted([(_of_night(minute), level) for minute, level in steps])

    def sun_is_up(self, wall):
        """True from sunrise to sunset; `wall` is (day, second) UTC."""
        day, second = wall
        solar_day = sun.solar_day(day, second, self._solar_offset_s)
        if solar_day != self._sun_day:
            self._sun_day = solar_day
            self._sun = sun.events(solar_day, self._lat_e7, self._lon_e7, self._zenith_cdeg)
        if self._sun in (sun.POLAR_DAY, sun.POLAR_NIGHT):
            return self._sun == sun.POLAR_DAY
        return self._sun[0] <= second + (day - solar_day) * _DAY_S < self._sun[1]

    def scheduled_permille(self, wall):
        """Level of the dimming schedule at a moment of the night; `wall` is (day, second) UTC."""
        local_second = self._zone.to_local(*wall)[1]
        now = _of_night(local_second // 60)
        level = self._cfg["on_level_permille"]
        for minute, step_level in self.schedule:
            if minute <= now:
                level = step_level
        return level

    def _decide(self, uptime_s, wall):
        if self._override is not None:
            if uptime_s < self._override_until_s:
                return self._override, "command"
            self._override = None
        if wall is None:
            return (0 if self._dusk.bright else FULL), "clock_lost"
        if self.sun_is_up(wall):
            return 0, "daylight"
        return self.scheduled_permille(wall), "schedule"

    def _count(self, uptime_s):
        """Adds the time since the last step at the power and state that it had."""
        spent_s = 0 if self._stepped_s is None else uptime_s - self._stepped_s
        self._stepped_s = uptime_s
        if self._state and self._state[0]:
            self._burn_s += spent_s
        # 1000 s at a time keep the product of the largest power within a small int.
        while spent_s > 0:
            part_s = min(spent_s, 1000)
            spent_s -= part_s
            self._energy_mws += self._power_mw * part_s
            self._energy_wh += self._energy_mws // _MWS_A_WH
            self._energy_mws %= _MWS_A_WH

    def step(self, uptime_s, wall, sensor_mv):
        """Decides the light of this moment.

        `uptime_s` is monotonic seconds, `wall` (day, second) UTC or None when the clock is not to
        be trusted, `sensor_mv` the light sensor's reading, None without one or with a broken one.

        Gives ([(event kind, values)], level_permille 0..1000).
        """
        self._count(uptime_s)
        self._dusk.look(uptime_s, sensor_mv)
        level, reason = self._decide(uptime_s, wall)
        cfg = self._cfg
        self._power_mw = cfg["standby_power_mw"] + cfg["rated_power_mw"] * level // FULL
        changed = (level, reason) != self._state
        events = []
        if changed:
            self._state = (level, reason)
            events.append(("light_state", self._state_values()))
        if changed or uptime_s - self._reported_s >= cfg["report_s"]:
            self._reported_s = uptime_s
            events.append(("light_power", self._power_values()))
        if self._dusk.stuck != self._sensor_fault:
            self._sensor_fault = self._dusk.stuck
            fault = {"part": "light_sensor", "reason": "out_of_range"}
            fault["active"] = self._sensor_fault
            events.append(("fault", fault))
        return events, level

    def _state_values(self):
        level, reason = self._state
        power_state = "off" if not level else "on" if level == FULL else "low"
        return {"level_permille": level, "power_state": power_state, "reason": reason}

    def _power_values(self):
        return {
            "power_mw": self._power_mw,
            "energy_wh": self._energy_wh,
            "burn_s": self._burn_s,
            "estimated": True,
        }

    def command(self, uptime_s, name, values):
        """Takes a decoded command; gives (result, reason) as kerb.uplink.codec names them."""
        if name == "set_level":
            self._override = values["level_permille"]
            self._override_until_s = uptime_s + values["for_s"]
        elif name == "clear_override":
            self._override = None
        elif name == "set_schedule":
            error = steps_error(values["steps"])
            if error:
                return "refused", error
            self.set_schedule(values["steps"])
        else:
            return "unknown", "not_supported"
        return "ok", None


class App:
    """Feeds Light once a second and does what it wants.

    Takes the light's config, a Light, `lamp` with set_permille() and safe(), `sensor` with
    read_mv() or None, the clock, the store and `send(kind, values)` of the uplink.
    """

    def __init__(self, cfg, light, lamp, sensor, clock, store, send, log):
        self._light = light
        self._lamp = lamp
        self._sensor = sensor
        self._clock = clock
        self._store = store
        self._send = send
        # A schedule that came as a command holds until somebody edits the one in the config.
        self._config_crc = crc32(json.dumps(cfg["schedule"]).encode())
        steps = self._saved_schedule()
        if steps is not None:
            if steps_error(steps):
                log.warn("schedule: the saved one is not usable")
            else:
                light.set_schedule(steps)

    def _saved_schedule(self):
        record = self._store.get("schedule")
        try:
            crc, steps = json.loads(record)
        except (ValueError, TypeError):  # none, or written by firmware of another shape
            return None
        return steps if crc == self._config_crc else None

    def tick(self):
        """One decision, put into effect; events go to the uplink."""
        wall = self._clock.now() if self._clock.trusted() else None
        events, level = self._light.step(self._clock.uptime_s(), wall, self._read_mv())
        self._lamp.set_permille(level)
        for kind, values in events:
            self._send(kind, values)

    def _read_mv(self):
        try:
            return self._sensor.read_mv() if self._sensor else None
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
                await asyncio.sleep_ms(1000)
        finally:
            self._lamp.safe()

    def command(self, name, values):
        """Obeys at once, saves first what has to outlive a reboot; gives (result, reason)."""
        if name == "set_schedule" and steps_error(values["steps"]) is None:
            record = json.dumps([self._config_crc, values["steps"]])
            if not self._store.put("schedule", record.encode()):
                return "refused", "failed"
        result = self._light.command(self._clock.uptime_s(), name, values)
        self.tick()
        return result
