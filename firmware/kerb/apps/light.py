"""Street light: dark outside means light, dimmed by a schedule, by command, never out by fault.

`Light` decides and is pure; `App` is the thin coroutine that feeds it. What decides the level,
the first that applies:

1. a `set_level` command, until its time is up;
2. the clock and the sun: off from sunrise to sunset, the schedule's level in between;
3. no clock: the light sensor; full while it is dark;
4. neither: full.
"""

import asyncio
import json
from binascii import crc32

from kerb.apps import sun
from kerb.system.schema import Bool, Int, List, Obj, Str
from micropython import const

FULL = const(1000)
_NOON_MIN = const(720)
_DAY_S = const(86400)
_MWS_A_WH = const(3600000)

SCHEMA = {
    # Applied from sunset until the first step of the night.
    "on_level_permille": Int(1, 1000, default=1000),
    "schedule": List(Obj({"at": Str(5, 5), "level_permille": Int(0, 1000)}), max_items=8),
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


def _of_night(minute):
    """Minutes since noon, so that one night is one rising run of numbers."""
    return (minute - _NOON_MIN) % 1440


class Light:
    """The pure part: step() and command() take the time and give levels and events.

    `zone` is a kerb.system.timezone.Zone; the place is in 1e-7 degree.
    """

    def __init__(self, cfg, lat_e7, lon_e7, zone):
        self._cfg = cfg
        self._lat_e7 = lat_e7
        self._lon_e7 = lon_e7
        self._zone = zone
        self._zenith_cdeg = sun.CIVIL if cfg["civil_twilight"] else sun.SUNSET
        self._sun_day = None
        self._sun = None
        self._sky_is_bright = False
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
        solar_day = sun.solar_day(day, second, self._lon_e7)
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

    def _watch_sky(self, sensor_mv):
        """Dark below the threshold, bright a quarter above it: clouds do not switch a lamp."""
        dark_mv = self._cfg["dark_below_mv"]
        if sensor_mv is None or sensor_mv < dark_mv:
            self._sky_is_bright = False
        elif sensor_mv > dark_mv + dark_mv // 4:
            self._sky_is_bright = True

    def _decide(self, uptime_s, wall):
        if self._override is not None:
            if uptime_s < self._override_until_s:
                return self._override, "command"
            self._override = None
        if wall is None:
            return (0 if self._sky_is_bright else FULL), "clock_lost"
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
        self._watch_sky(sensor_mv)
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
            steps = values["steps"]
            if len({minute for minute, _ in steps}) != len(steps):
                return "refused", "duplicate_step"
            self.set_schedule(steps)
        else:
            return "unknown", "not_supported"
        return "ok", None


class App:
    """Feeds Light once a second and does what it wants.

    Takes the light's config, a Light, `lamp` with set_permille(), `sensor` with read_mv() or None,
    the clock, the store and `send(kind, values)` of the uplink.
    """

    def __init__(self, cfg, light, lamp, sensor, clock, store, send, log):
        self._light = light
        self._lamp = lamp
        self._sensor = sensor
        self._clock = clock
        self._store = store
        self._send = send
        self._log = log
        # A schedule that came as a command holds until somebody edits the one in the config.
        self._config_crc = crc32(json.dumps(cfg["schedule"]).encode())
        self._restore_schedule()

    def _restore_schedule(self):
        saved = self._store.get("schedule")
        if saved is None:
            return
        try:
            saved = json.loads(saved)
            if saved["config_crc"] == self._config_crc:
                self._light.set_schedule(saved["steps"])
        except (ValueError, KeyError, TypeError):  # written by firmware of another shape
            self._log.warn("schedule: the saved one is not usable")

    def tick(self):
        """One decision, put into effect; events go to the uplink."""
        wall = self._clock.now() if self._clock.trusted() else None
        sensor_mv = self._sensor.read_mv() if self._sensor else None
        events, level = self._light.step(self._clock.uptime_s(), wall, sensor_mv)
        self._lamp.set_permille(level)
        for kind, values in events:
            self._send(kind, values)

    async def run(self, check_in):
        """Ticks for ever; `check_in()` tells the supervisor that it still does."""
        while True:
            self.tick()
            check_in()
            await asyncio.sleep_ms(1000)

    def command(self, name, values):
        """Obeys at once, saves what has to outlive a reboot; gives (result, reason)."""
        former = self._light.schedule
        result, reason = self._light.command(self._clock.uptime_s(), name, values)
        if self._light.schedule != former and not self._saved(values["steps"]):
            self._light.schedule = former
            result, reason = "refused", "failed"
        self.tick()
        return result, reason

    def _saved(self, steps):
        record = {"config_crc": self._config_crc, "steps": steps}
        return self._store.put("schedule", json.dumps(record).encode())

    def safe(self):
        """Full light: what the lamp does when nobody decides any more."""
        self._lamp.set_permille(FULL)
