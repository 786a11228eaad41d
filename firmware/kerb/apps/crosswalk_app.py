"""Feeds a kerb.apps.crosswalk_pole.Pole from the radars and the other pole, and tells the city."""

import asyncio
import json
import time

from kerb.apps.crosswalk import REASONS
from kerb.apps.pair import KIND
from kerb.system.calendar import DAY_S
from kerb.system.schema import Int
from micropython import const

SCHEMA = {
    # How often it reports to the city.
    "report_s": Int(60, 86400, default=900),
}

_TICK_MS = const(20)
_SLOW_MS = const(500)
# A radar's frame comes every 0.1 s; what it said holds for so long.
_FRAME_MS = const(400)
_STALE_S = const(60)
_MOST_PERIOD_S = const(255)

# Prints a line for each frame of the radar, for a laptop that shows what the device sees, and two
# a second, with null for the tracks, while there is none:
# "~" and a JSON list of ticks, ms of flashing left, reason, tracks as [id, x_mm, y_mm, vx_mm_s,
# vy_mm_s, thought], whether the button is held, and cars since the start.
TRACE = False


class Parts:
    """What is wired to a pole, and what understands it; None for what isn't there.

    radar, and people that understands it: kerb.apps.paths.Paths or kerb.apps.dwell.Presence.
    car_radar and cars. dimmer: a kerb.apps.warning.Dimmer. sensor, battery: read_mv(). charger:
    get(). pair. health.
    """

    def __init__(self):
        self.radar = self.people = self.car_radar = self.cars = None
        self.dimmer = self.sensor = self.battery = self.charger = self.pair = self.health = None


class App:
    """Looks fifty times a second at what the radars see, and talks to the other pole and the city.

    The beacon does not depend on it: that is the Pole's.
    """

    def __init__(self, cfg, pole, parts, clock, send):
        self._pole = pole
        self._walk = pole.walk
        self._parts = parts
        self._clock = clock
        self._send = send
        self._report_ms = cfg["report_s"] * 1000
        now = time.ticks_ms()
        self._slow_due = self._report_due = self._frame_ms = now
        self._reason = self._who = None
        self._dim_permille = 1000
        self._peer = None

    def tick(self):
        """One look at everything, with what follows from it."""
        now = time.ticks_ms()
        self._look_at_people(now)
        reason, people = self._reason, self._parts.people
        if people:
            reason = self._parts.health.believe(now, reason, people.pedestrians)
        self._pole.seen(now, reason, self._who, self._look_at_cars(now))
        self._tell_begun()
        self._talk(now)
        if time.ticks_diff(now, self._slow_due) >= 0:
            self._slow_due = time.ticks_add(now, _SLOW_MS)
            self._look_at_itself(now)
        if time.ticks_diff(now, self._report_due) >= 0:
            self._report_due = time.ticks_add(now, self._report_ms)
            self.report()

    def _tell_begun(self):
        begun = self._pole.begun
        while begun:
            reason, again, waited_ms, period_s = begun.pop(0)
            values = {"reason": reason, "again": again, "waited_ms": waited_ms}
            values["period_s"] = min(period_s, _MOST_PERIOD_S)
            values["dim_permille"] = self._dim_permille
            self._send("crosswalk_activation", values)

    def _look_at_people(self, now):
        parts = self._parts
        radar = parts.radar
        if not radar:
            return
        if radar.poll(now):
            self._frame_ms = now
            self._reason = parts.people.step(now, radar)
            self._who = parts.people.who
            if TRACE:
                print(self._line(now))
        elif self._reason and time.ticks_diff(now, self._frame_ms) > _FRAME_MS:
            self._reason = None

    def _look_at_cars(self, now):
        """Whether a car comes; None when that can't be told, on either side of the crossing."""
        parts, pair = self._parts, self._parts.pair
        if not parts.cars:
            return None
        parts.car_radar.poll(now)
        approaching = parts.cars.step(now, parts.car_radar, self._walk.flashing)
        if pair:
            pair.blind = approaching is None
        return None if pair and (pair.lost or pair.far_blind) else approaching

    def _talk(self, now):
        """Tells the other pole what it has to know."""
        walk, pair = self._walk, self._parts.pair
        if not pair:
            return
        walk.lead_ms = pair.lead_ms
        if walk.tell:
            walk.tell = False
            payload = pair.activation(now, walk.began_ms, walk.until_ms, walk.reason)
        else:
            payload = pair.tick(now, walk.waiting)
            if pair.waits:
                walk.armed(now)
        if payload and self._peer:  # without one, the pair says that it is lost
            self._peer.send(KIND, payload, pair.repeat_ms)

    def meet(self, peer):
        """Talks to the other pole through a kerb.uplink.peer.Peer from now on."""
        if self._parts.pair:
            self._peer = peer
            peer.direct = True
            peer.on_message = self._heard

    def _heard(self, kind, sender, payload, age_ms):
        pair = self._parts.pair
        if kind != KIND or not pair.concerns(payload):
            return False
        now = time.ticks_ms()
        runs = pair.heard(now, payload, age_ms)
        if runs:
            self._walk.heard(now, runs[0], runs[1])
            self._pole.look(now)
        return True

    def _look_at_itself(self, now):
        """What changes slowly: light, faults."""
        parts, clock = self._parts, self._clock
        if TRACE and time.ticks_diff(now, self._frame_ms) > _FRAME_MS:
            print(self._line(now))
        wall = clock.now() if clock.trusted() else None
        self._dim_permille = parts.dimmer.step(now, _millivolts(parts.sensor), wall)
        self._pole.beacon.dim(self._dim_permille)
        radar, car_radar = parts.radar, parts.car_radar
        for part, reason, active in parts.health.step(
            now,
            radar and radar.fault,
            car_radar and car_radar.fault,
            self._pole.button.held_ms(now),
            self._pole.beacon.fault,
            _millivolts(parts.battery),
            parts.charger and parts.charger.get(),
            parts.pair,
            parts.dimmer.fault,
            self._walk.counts[0],  # by the button
        ):
            self._send("fault", {"part": part, "reason": reason, "active": active})

    def report(self):
        """Sends what has been seen and done since the start."""
        walk, parts = self._walk, self._parts
        values = {"by_" + name: walk.counts[i] for i, name in enumerate(REASONS[:4])}
        values["flashing"] = walk.flashing
        values["flashing_s"] = walk.flashing_s & 0xFFFFFF
        values["pedestrians"] = parts.people.pedestrians if parts.people else 0
        cars = parts.cars
        values["cars"] = cars.count if cars else 0
        values["cars_flashing"] = cars.flashing_count if cars else 0
        values["car_speed_cm_s"] = cars.mean_speed_cm_s() if cars else None
        values["peer"] = "none"
        if parts.pair:
            values["peer"] = "lost" if parts.pair.lost else "ok"
        values["battery_mv"] = _millivolts(parts.battery)
        charging = parts.charger and parts.charger.get()
        values["charging"] = None if charging is None else ("yes" if charging else "no")
        values["dim_permille"] = self._dim_permille
        self._send("crosswalk_report", values)

    def _line(self, now):
        walk, parts = self._walk, self._parts
        left_ms = max(0, time.ticks_diff(walk.until_ms, now)) if walk.flashing else 0
        blind = time.ticks_diff(now, self._frame_ms) > _FRAME_MS
        seen = None if blind else parts.people.seen()
        held = self._pole.button.held_ms(now) > 0
        cars = parts.cars.count if parts.cars else None
        return "~" + json.dumps([now, left_ms, walk.flashing and walk.reason, seen, held, cars])

    async def run(self, check_in):
        """Looks for ever; `check_in()` tells the supervisor that it still does."""
        while True:
            self.tick()
            check_in()
            await asyncio.sleep_ms(_TICK_MS)

    def command(self, name, values):
        """Obeys; gives (result, reason) as kerb.uplink.codec names them."""
        if name != "activate":
            return "unknown", "not_supported"
        issued_s = values.get("issued_s")
        if issued_s is not None and self._clock.trusted():
            day, second = self._clock.now()
            if day * DAY_S + second - issued_s > _STALE_S:
                return "refused", "expired"
        now = time.ticks_ms()
        self._walk.detect(now, "command")
        self._pole.look(now)
        self._tell_begun()
        return "ok", None


def _millivolts(part):
    """What a part with read_mv() says; None without one, and when it can't."""
    try:
        return part and part.read_mv()
    except OSError:
        return None
