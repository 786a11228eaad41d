"""A street light's year in a minute or two: the firmware's Light in a street with weather, sags,
walkers, power cuts, times without a clock, and faults; and what an observer who knows the truth
has to say about it.

The meter's bytes go through the firmware's driver, the thermistor's voltage through its own. Not
here: pins, network, flash, DALI, neighbours, and kerb.system.clock, in whose place the year says
when the clock is not to be trusted.
"""

import collections
import random
import time
from datetime import UTC, datetime, timedelta

from support.year_device import Device
from support.year_faults import Spans, plan

from host_tools.street import sun
from host_tools.street.pole import Pole
from host_tools.street.walkers import Walkers
from host_tools.street.world import Site, sensor_mv

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_DAY_S = 86400
_START_DAY = 9497  # 2026-01-01
_STEP_S = 60
_FINE_S = 10
_SETTLED_S = 180
_DARK_LUX = 12  # clearly below the 20 lux at which the sensor's 400 mV say dark
_DARK_PERMILLE = 50
_DEEP_DEG = -10  # a sky that nobody takes for a bright one
_OTHERS = ("presence", "derated")
_HOT_CDEG = 7500
_COOLER_CDEG = 500
# The sun's edge is this far below the horizon before a lamp has to be on, above before off: a
# minute's way at these latitudes, and what a step may be late.
_EDGE_DEG = 0.5
_NOTICE_S = 26 * 3600  # a lamp's fault shows at the latest in the night that comes

PLACES = {
    "Busan": Site(35.18, 129.08, "KST-9"),
    "Bonn": Site(50.73, 7.10, "CET-1CEST,M3.5.0,M10.5.0/3"),
    "Helsinki": Site(60.17, 24.94, "EET-2EEST,M3.5.0/3,M10.5.0/4"),
    "Sydney": Site(-33.87, 151.21, "AEST-10AEDT,M10.1.0,M4.1.0/3"),
    "Tromso": Site(69.65, 18.96, "CET-1CEST,M3.5.0,M10.5.0/3"),
}


class Year:
    """`run()` lets `days` go by at a place and gives self: read the tallies.

    injections: with how often each was raised and cleared; alarms: what was raised without cause.
    dark_min, day_min, wrong_min: minutes that the lamp was dark in the night, lit by day, at
    another level than the schedule's, by the firmware's fault. blind_min: dark minutes of night
    while there was no clock and the light sensor was stuck at bright, both at once. night_min:
    minutes of night that were looked at, clockless_min those of them without a clock.
    """

    def __init__(self, seed, place="Busan", days=365, faults=True, step_s=_STEP_S, **more):
        self.place = PLACES[place]
        self.days = days
        self.seed = seed
        self.pole = Pole(60000, 500, seed)
        self.sensor_fault_mv = None
        self.sensor_dead = False
        self.sensor_part = 1.0
        self.walkers = Walkers(seed)
        self.pole.pir.at_m = 150
        self.injections = plan(seed, days) if faults else []
        self.blackouts = Spans("blackout {}".format(seed), 12, (0.05, 5), days)
        self.no_clock = Spans("clock {}".format(seed), 15, (2, 90), days)
        self.commands = Spans("command {}".format(seed), 60, (0.1, 0.2), days)
        self.resets = Spans("reset {}".format(seed), 40, (0.01, 0.02), days)
        self.device = Device(self.place, self.pole, **more)
        self.events = collections.Counter()
        self.alarms = []
        self.repeats = []
        self.uncleared = []
        self.dark_min = self.day_min = self.wrong_min = 0.0
        self.dark_at, self.day_at, self.wrong_at = [], [], []
        self.night_min = self.clockless_min = self.blind_min = 0.0
        self.boots = 1
        self.blacked_out = 0
        self.steps = 0
        self.took_s = 0.0
        self._step_s = step_s
        self._active = {}
        self._changed_s = 0.0
        self._resetting = False
        self._clockless = False
        self._hot = self._asked = False
        self._commanded_until_s = 0.0
        self._chance = random.Random(seed)

    def reboot(self, cause):
        """The board starts again; the pole's power was there, or is again."""
        self.device.boot(self._now_s, cause)
        self.boots += 1
        # The firmware says: every boot begins without faults, what persists is said again.
        self._active.clear()
        for injection in self.injections:
            if injection.begin_s <= self._now_s < injection.end_s + _SETTLED_S:
                injection.may_raise += 1

    def run(self):
        began_s = time.perf_counter()
        now_s = 0.0
        waiting = list(self.injections)[::-1]
        present = None
        dead = False
        while now_s < self.days * _DAY_S:
            self._now_s = now_s
            if present and now_s >= present.end_s:
                if present.kind.end:
                    present.kind.end(self)
                self._changed_s = now_s
                present = None
            if waiting and now_s >= waiting[-1].begin_s:
                present = waiting.pop()
                self._changed_s = now_s
                present.kind.begin(self)
            blackout = self.blackouts.at(now_s)
            if blackout and not dead:
                self.device.lose_power()
                self.pole.lamp.drive(0, 0)
                self.pole.lamp.supplied = False
            elif dead and not blackout:
                self.blacked_out += 1
                self.pole.lamp.supplied = True
                self.reboot("power_on")
            dead = blackout
            step_s = _FINE_S if present and present.kind.fine else self._step_s
            if not dead:
                self._step(now_s, present)
            else:
                self.pole.step(now_s, self._year_s(now_s))
            now_s += step_s
            self.steps += 1
        self._finish()
        self.took_s = time.perf_counter() - began_s
        return self

    def _year_s(self, now_s):
        return now_s + self.place.lon_deg * 240

    def _step(self, now_s, present):
        if self.resets.at(now_s) and not self._resetting:
            self.reboot("watchdog")
        self._resetting = self.resets.at(now_s)
        utc = _EPOCH + timedelta(days=_START_DAY, seconds=now_s)
        elevation = sun.elevation_deg(utc, self.place.lat_deg, self.place.lon_deg, refracted=False)
        year_s = self._year_s(now_s)
        pole = self.pole
        pole.step(now_s, year_s)
        if present and present.kind.name == "lamp hot":
            self._count_episodes(present)
        lux = sun.sky_lux(elevation) * pole.environment.cloud_factor(year_s)
        whole = int(now_s)
        clockless = self.no_clock.at(now_s)
        wall = None if clockless else divmod(_START_DAY * _DAY_S + whole, _DAY_S)
        if clockless != self._clockless:
            self._clockless = clockless
            self._changed_s = now_s
        seen = pole.pir.output(now_s, self.walkers.positions_m(self._year_s(now_s)))
        self._command(now_s, wall)
        events = self.device.step(now_s, wall, self._sensor_mv(lux), seen)
        level = self.device.light.level
        self._hear(now_s, events, present)
        if present and present.kind.can_be_seen(level, elevation < _DEEP_DEG):
            present.shown_s += _FINE_S if present.kind.fine else self._step_s
        self._judge(now_s, utc, elevation, lux, clockless)

    def _command(self, now_s, wall):
        """Now and then somebody asks for another level."""
        asked = self.commands.at(now_s)
        if asked and not self._asked:
            level = self._chance.choice((0, 200, 700, 1000))
            values = {"level_permille": level, "for_s": self._chance.randrange(600, 7200)}
            self.device.command(now_s, wall, "set_level", **values)
            self._commanded_until_s = now_s + values["for_s"] + self._step_s
        self._asked = asked

    def _count_episodes(self, injection):
        """A lamp without cooling is too hot anew each time that it has cooled down: by day, or
        dimmed.
        """
        cdeg = self.pole.lamp.temperature_cdeg
        if not self._hot and cdeg >= _HOT_CDEG:
            self._hot = True
            injection.may_raise += 1
        elif cdeg < _HOT_CDEG - _COOLER_CDEG:
            self._hot = False

    def _sensor_mv(self, lux):
        if self.sensor_dead:
            return None
        if self.sensor_fault_mv is not None:
            return self.sensor_fault_mv
        return sensor_mv(lux * self.sensor_part)

    def _hear(self, now_s, events, present):
        for kind, values in events:
            self.events[kind] += 1
            if kind != "fault":
                continue
            what = (values["part"], values["reason"])
            if values["active"]:
                self._raise(now_s, what, present)
            else:
                injection = self._active.pop(what, None)
                if injection and what == injection.kind.expected:
                    injection.cleared += 1

    def _raise(self, now_s, what, present):
        if what in self._active:
            self.repeats.append((now_s, what))
            return
        near = [
            injection
            for injection in self.injections
            if injection.begin_s <= now_s <= injection.end_s + _SETTLED_S
            and injection.allows(what)
        ]
        if not near:
            self.alarms.append((now_s, what, present and present.kind.name))
            self._active[what] = None
            return
        injection = near[-1]
        self._active[what] = injection
        if what == injection.kind.expected:
            injection.raised += 1
            if injection.raised > injection.may_raise:
                self.repeats.append((now_s, what))
            if injection.delay_s is None:
                injection.delay_s = now_s - injection.begin_s

    def _judge(self, now_s, utc, elevation, lux, clockless):
        """The observer's view of this minute."""
        level, reason = self.device.light.level, self.device.light.reason
        minutes = self._step_s / 60
        edge = 90 - sun.SUNSET_ZENITH_DEG
        if clockless:
            night, day = lux < _DARK_LUX, False
        else:
            night, day = elevation < edge - _EDGE_DEG, elevation > edge + _EDGE_DEG
        if now_s < self._commanded_until_s or now_s - self._changed_s < _SETTLED_S:
            return
        self.night_min += minutes * night
        self.clockless_min += minutes * (night and clockless)
        if night and level < _DARK_PERMILLE:
            if clockless and self.sensor_fault_mv is not None:
                self.blind_min += minutes
            else:
                self.dark_min += minutes
                self.dark_at.append(now_s)
        if day and level:
            self.day_min += minutes
            self.day_at.append(now_s)
        wanted = self._wanted(utc)
        if night and not clockless and wanted is not None and reason not in _OTHERS:
            if (level, reason) != (wanted, "schedule"):
                self.wrong_min += minutes
                self.wrong_at.append((now_s, level, wanted))

    def _wanted(self, utc):
        """The schedule's level by zoneinfo's local time, None within two minutes of a step."""
        local = self.place.local(utc)
        minute = local.hour * 60 + local.minute
        for at in (0, 300, 1320):
            if min((minute - at) % 1440, (at - minute) % 1440) <= 2:
                return None
        return 500 if minute >= 1320 else 300 if minute < 300 else 1000

    def _finish(self):
        for injection in self.injections:
            what = injection.kind.expected
            over = injection.end_s + _NOTICE_S < self.days * _DAY_S
            if what and over and self._active.get(what) is injection:
                self.uncleared.append(injection.kind.name)

    @property
    def missed(self):
        """The names of faults that could be seen and were not raised."""
        return [it.kind.name for it in self.injections if it.due and not it.raised]

    @property
    def good(self):
        """Whether every fault was raised, once, and nothing else, and no night was dark."""
        bad = self.missed or self.repeats or self.alarms or self.uncleared
        return not (bad or self.dark_min or self.day_min or self.wrong_min)
