"""A parking bay under an ultrasonic ranger: its echoes, and the truth. `BaySim` is all that others
need; how each part is modelled, with sources, stands in the other bay_*.py.

The limits of it all: two dimensions (bay_echo.py), no shadows within a car, no measured recording
behind it; levels are a link budget from data sheets, good to a few dB. What it is for is that the
troubles come together as they do outside: a slanted bonnet is not heard, a weak echo comes late by
whole periods of 40 kHz, the floor goes quiet when it is wet, a neighbour's pings come at a steady
offset for many bursts. The same seed and the same calls give the same answers.
"""

import math
import random

from host_tools.street import bay_air as air
from host_tools.street import bay_bodies as bodies
from host_tools.street import bay_echo as echo
from host_tools.street import bay_parts as parts
from host_tools.street.bay_site import MOUNTS, Site
from host_tools.street.bay_traffic import Traffic
from host_tools.street.bay_weather import CONDITIONS, Weather

__all__ = ["CONDITIONS", "MOUNTS", "BaySim"]

_GAP_S = 0.06
_BURST_S, _BEFORE_S = 5 * _GAP_S, 0.05
_CYCLE_US = 25
_FADE_DB, _NOISE_DB = 1.5, 1.5
_JITTER_US = 6
_HUMIDITY = 60
_RINGS, _RINGING_DB = 0.8, 15
_AGED_RINGS, _DROPS = 0.02, 0.05
_FALLING_DB = 2
_LOUD_DB = 12  # from here on noise neither silences an echo nor makes it late
_SNOW_M = 0.01
_SHOULDER_M = 0.25
# A tape held straight down; and to where somebody believes that a slanting beam meets the ground.
_TAPE_M, _SLANTING_TAPE_M = 0.010, 0.040


class BaySim:
    """One bay for `days` days from a midnight on. `condition` is one of CONDITIONS by its name;
    `part` names another ranger; `occupied` says whether a car is there at the beginning (None:
    by chance). Times are seconds from the beginning and must not go backwards from call to call.
    """

    def __init__(self, seed, mount="ceiling", condition="fair", days=3, part=None, occupied=None):
        if condition not in CONDITIONS:
            raise ValueError(
                "condition {!r}: known are {}".format(condition, ", ".join(CONDITIONS))
            )
        it = self.condition = CONDITIONS[condition]
        self.site = Site(seed, mount, part, it.aimed)
        self.part = self.site.part
        key = "{} {} {}".format(seed, mount, condition)
        self.traffic = Traffic(key, days, bodies.BODIES, it.passers_an_hour, it.half_in, occupied)
        exposed = 0.3 if mount == "ceiling" else 1.0
        self.blocked_db = self.site.spare_db + 3
        self.weather = Weather(key, it, days, self.traffic.occupied, exposed, self.blocked_db)
        self._chance = random.Random("bay pings " + key)
        self._since_s = self._until_s = 0
        self._stuck_us = None
        self._neighbour = _Neighbour(key, self.part) if it.crosstalk else None
        tape = random.Random("bay tape " + key)
        self._tape_m = tape.gauss(0, _TAPE_M if mount == "ceiling" else _SLANTING_TAPE_M)
        if it.wrong_tape_m:
            self._tape_m = tape.choice((-1, 1)) * tape.uniform(*it.wrong_tape_m)
        self._clutter = ()
        if it.clutter:
            far = self.site.floor_m
            self._clutter = tuple(
                (self._chance.uniform(0.3, 0.9) * far, self._chance.uniform(-6, -2))
                for _ in range(2)
            )

    @property
    def arrivals(self):
        """[(seconds when a car stands, seconds when it is out again)] of all that park."""
        return [(it.stand_s, it.out_s) for it in self.traffic.visits if it.parked]

    def truth(self, now_s):
        """Give "occupied" from when a car stands in the bay until more of it is out than in."""
        return "occupied" if self.traffic.occupied(now_s) else "free"

    def settled(self, now_s):
        """Say whether no car is just moving in or out or turning there."""
        visit = self.traffic.visit(now_s)
        return visit is None or (visit.parked and not visit.moving(now_s))

    def fault(self, now_s):
        """Give what ails the part now: "dead", "stuck", "garbage", "nan", "blocked" or None."""
        return self.weather.fault(now_s)

    def temperature_cdeg(self, now_s):
        """Give what the thermometer beside the part says."""
        return round(100 * self.weather.thermometer_c(now_s))

    def floor_mm(self):
        """Give what an installer's tape says of the way to the ground, with its error."""
        return 10 * round(100 * (self.site.floor_m + self._tape_m))

    def burst(self, now_s, n=5, gap_s=_GAP_S):
        """Give `n` round trips in whole microseconds as the part gives them, None for no echo; a
        dead part gives None too: only `fault` or `reading` tell that from silence.
        """
        self._look(now_s)
        if self._fault not in (None, "blocked"):
            return self._faulty(n)
        return self._pings(now_s, n, gap_s)

    def reading(self, now_s, n=5, gap_s=_GAP_S):
        """Give (distances in mm or None, fault) as a driver would: compensated with the
        thermometer; ([], "no_answer") from a part that does not answer at all.
        """
        return self.as_read(now_s, self.burst(now_s, n, gap_s))

    def as_read(self, now_s, echoes_us):
        """Give `reading`'s answer for what `burst` gave at that time."""
        self._look(now_s)
        if self._fault == "dead":
            return [], "no_answer"
        mm_per_us = self._mm_per_us
        return [None if it is None else round(it * mm_per_us) for it in echoes_us], None

    def frames(self, now_s, n=5):
        """Give the bytes that a serial part sends for `n` measurements. A MaxBotix compensates
        with a thermometer of its own; the others reckon with 343 m/s.
        """
        if self.fault(now_s) == "dead":
            return b""
        own = self.part.serial == "maxbotix"
        mps = air.sound_mps(self.weather.air_c(now_s)) if own else 343
        return b"".join(
            parts.frame(self.part, None if it is None else round(it * mps / 2000))
            for it in self.burst(now_s, n)
        )

    def _faulty(self, n):
        chance = self._chance
        if self._fault == "dead":
            return [None] * n
        if self._fault == "stuck":
            if self._stuck_us is None:
                self._stuck_us = self._pings(0, 1, _GAP_S)[0] or self.part.blind_us
            return [self._stuck_us] * n
        if self._fault == "garbage":
            return [round(chance.uniform(0, self.part.silent_us)) for _ in range(n)]
        return [chance.choice((0, self.part.silent_us)) for _ in range(n)]

    def _pings(self, now_s, n, gap_s):
        chance, part, scene = self._chance, self.part, self._scene
        random_, gauss = chance.random, chance.gauss
        lost = min(0.95, self.condition.dropouts * chance.expovariate(1))
        fade_db = gauss(0, _FADE_DB) - self._lost_db
        found = []
        for at in range(n):
            heard = None
            for chances, least_us, most_us in self._false:
                if random_() < chances:
                    heard = part.blind_us + chance.uniform(least_us, most_us)
                    break
            else:
                if random_() >= lost:
                    for us, margin_db in scene:
                        spare_db = margin_db + fade_db
                        if spare_db < _LOUD_DB:
                            spare_db += gauss(0, _NOISE_DB)
                        if spare_db > 0:
                            heard = us + gauss(0, _JITTER_US)
                            if spare_db < _LOUD_DB:
                                heard += max(0, round(2 - spare_db / 5)) * _CYCLE_US
                            break
            if self._neighbour:
                other = self._neighbour.heard(now_s + at * gap_s, self._lid_db, chance)
                if other is not None and (heard is None or other < heard):
                    heard = other
            found.append(None if heard is None else max(0, round(heard)))
        return found

    def _look(self, now_s):
        """Bring everything that pings depend on up to `now_s`: what could be heard as [(round trip
        in us, margin in dB)], nearest first, and the rest. Weather goes by the minute.
        """
        if self._since_s <= now_s < self._until_s:
            return
        weather, traffic, it = self.weather, self.traffic, self.condition
        visit, people = traffic.visit(now_s), traffic.people(now_s)
        moving = people or (visit is not None and visit.moving(now_s))
        self._since_s = now_s
        self._until_s = now_s if moving else min(60 * (now_s // 60 + 1), traffic.next_s(now_s))
        for begin_s, end_s, _ in weather.faults:
            for edge_s in (begin_s, end_s):
                if now_s < edge_s < self._until_s:
                    self._until_s = edge_s
        self._fault = weather.fault(now_s)
        if self._fault != "stuck":
            self._stuck_us = None
        self._mm_per_us = air.sound_mps(weather.thermometer_c(now_s)) / 2000
        self._lid_db = weather.lid_db(now_s)
        falls = weather.falls(now_s)
        self._lost_db = self._lid_db + (_FALLING_DB if falls else 0)
        self._false = []
        if weather.rings and self._lid_db >= _RINGING_DB:
            self._false.append((_RINGS, 0, 80))
        if it.aged_db:
            self._false.append((_AGED_RINGS, 0, 300))
        if falls and it.rain:
            self._false.append((_DROPS, 200, 2500))
        self._scene = self._build(now_s, visit, people)

    def _build(self, now_s, visit, people):
        site, weather, part = self.site, self.weather, self.part
        near_c, far_c = weather.air_c(now_s), weather.ground_c(now_s)
        loss = air.absorption_db_m(near_c, _HUMIDITY)
        shown, found = 1.0, []
        if visit:
            found, shown = self.site.car_echoes(
                visit.body, visit.backwards, visit.out_m(now_s), visit.aside_m
            )
        for person in people:
            one, hides = self._person(now_s, person, visit)
            found = found + one
            shown *= hides
        raised_m = weather.raised_m(now_s)
        found = found + site.ground_echoes(
            raised_m, weather.wet(now_s), self.condition.snow and raised_m > _SNOW_M, shown
        )
        scene = []
        again_db = 4 if site.mount == "ceiling" else 20
        for away, level in found:
            for trips, less_db in ((1, 0), (2, again_db)):
                far = away * trips
                margin = parts.margin_db(part, far, loss) + level * trips - less_db
                if margin > -8 and far < part.reach_m * 1.2:
                    reached_c = near_c + (far_c - near_c) * min(1, away / site.height_m)
                    us = trips * air.echo_us(away, near_c, reached_c)
                    if us >= part.blind_us:
                        scene.append((us, margin))
        for away, margin in self._clutter:
            scene.append((air.echo_us(away, near_c, near_c), margin))
        scene.sort()
        return tuple(scene)

    def _person(self, now_s, person, visit):
        """Give ([(range, level)], share of the ground that shows beside) of who is there."""
        site, part = self.site, self.part
        aside_m, sway_m = person.place(now_s)
        if person.spots is not None:
            if site.mount not in person.spots:
                return [], 1.0
            away_m, beside_m = person.spots[site.mount]
            return self._before(person, away_m + sway_m, beside_m + aside_m)
        if site.mount != "ceiling":
            return self._before(person, person.away_m + sway_m, aside_m)
        if visit and not visit.moving(person.begin_s):
            return [], 1.0  # beside the car, outside the beam
        away = max(0.05, site.height_m - person.tall_m + sway_m / 4)
        level = person.level_db + echo.curved_db(0.15, away) + echo.curved_db(0.25, away)
        level -= parts.off_axis_db(part, aside_m / away)
        return [(away, level)], _hides(person, aside_m)

    def _before(self, person, away_m, aside_m):
        """Give the same of who stands before a part that looks along the ground."""
        away_m = max(0.1, away_m)
        # Upright and round: heard square on, from where they are.
        off = math.hypot(self.site.axis / 2, math.atan2(aside_m, away_m))
        away_m = math.hypot(away_m, aside_m) if person.spots else away_m
        level = person.level_db + echo.curved_db(0.15, away_m)
        return [(away_m, level - parts.off_axis_db(self.part, off))], _hides(person, aside_m)


def _hides(person, aside_m):
    return 0.3 if aside_m < _SHOULDER_M and not person.trolley else 1.0


class _Neighbour:
    """The next bay's sensor: five pings 60 ms apart, every one to two seconds by a clock of its
    own, heard directly over 2.5 to 5 m. Its sound goes one way only.
    """

    def __init__(self, key, part):
        chance = random.Random("bay neighbour " + key)
        self._period_s = chance.choice((1, 2)) * (1 + chance.gauss(0, 50e-6))
        self._begin_s = chance.uniform(0, self._period_s)
        self._travel_s = chance.uniform(2.5, 5) / 343
        self._margin_db = chance.gauss(5, 4)
        self._part = part

    def heard(self, now_s, lid_db, chance):
        """Give when after our ping at `now_s` one of its pings arrives, in us, or None."""
        phase = (now_s - self._begin_s) % self._period_s
        if _BURST_S < phase < self._period_s - _BEFORE_S:
            return None  # silent meanwhile
        for ping in range(6):
            sent_s = ping * _GAP_S if ping < 5 else self._period_s
            us = 1e6 * (sent_s + self._travel_s - phase + chance.gauss(0, 0.0005))
            if self._part.blind_us < us < self._part.reach_m * 5900:
                if self._margin_db - lid_db / 2 + chance.gauss(0, 2) > 0:
                    return us
        return None
