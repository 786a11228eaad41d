"""A crossing with people and cars, and what its radars say: the yardstick of the crosswalk app.

    sim = CrossingSim(seed)                  # one encounter, its kind by chance (crossing_people)
    sim = CrossingSim(seed, "wheelchair")    # of this kind
    sim = CrossingSim(seed, "street")        # people and cars without end
    sim = CrossingSim(seed, None, kinds=())  # nobody until sim.add("child")
    crossing = sim.site.config()             # the config section "crosswalk" of that site
    while not sim.over:
        radar, car_radar = sim.run(50)       # bytes of the next 50 ms: LD2450 frames, JSON lines
        sim.write(commands)                  # to the LD2450; gives its answer (write_car likewise)
    sim.truth                                # [Truth] (crossing_truth) of all that moved

The same seed, arguments and calls give the same bytes. How it is all modelled, with sources and
limits: crossing.md.
"""

import random

from host_tools.street import crossing_ld2410, crossing_ld2450
from host_tools.street.crossing_body import Body
from host_tools.street.crossing_cars import CAR_DBSM, REPORT_S, Ops243, Traffic
from host_tools.street.crossing_echo import Hearing
from host_tools.street.crossing_people import SHARES, people
from host_tools.street.crossing_site import Site
from host_tools.street.crossing_truth import Truth
from host_tools.street.crossing_walk import Sway

__all__ = ["SHARES", "STREET", "WEATHERS", "CrossingSim"]

STREET = "street"
WEATHERS = {"dry": 70, "rain": 22, "downpour": 8}  # shares; figures of ours
_FRAME_MS = 100
_LONGEST_S = 75  # who still stands then is not waited for
_ALONE_S = 30  # an encounter without people
_AFTER_S = 1.5
_STREET_S = 14  # mean time between two encounters of a street
_BYSTANDER = 0.2
_BYSTANDERS = ("pass", "bus", "linger", "cyclist", "arrive")


class CrossingSim:
    """kind: one of SHARES, STREET, or None for one by its share out of `kinds` (a mapping like
    SHARES; default all; empty: nobody comes until `add`). bystander: whether a second encounter of
    a kind that does not cross is there too; None: by chance. weather: one of WEATHERS or None for
    chance. site: a Site. cars_an_hour, or None for 300. radar: "ld2450" or "ld2410".

    now_ms; people: the bodies in the street; cars: those on the road; frames: what the radar sent.
    radar_fault: set it to "dead" (silent), "garbage" (babbles), or None. lit: set it while the
    beacon flashes, for the drivers. weather can be changed at any time. shows: [(Body or None for
    a ghost, x_m, y_m)] of what the part tells now, in the street's coordinates as they truly are.
    over: an encounter is at its end; a street never is.
    """

    def __init__(
        self,
        seed,
        kind=None,
        kinds=None,
        bystander=None,
        weather=None,
        site=None,
        cars_an_hour=None,
        radar="ld2450",
    ):
        chance = self._chance = random.Random("crossing {}".format(seed))
        kinds = SHARES if kinds is None else kinds
        if kind is None and kinds:
            kind = chance.choices(list(kinds), list(kinds.values()))[0]
        if weather is None:
            weather = chance.choices(list(WEATHERS), list(WEATHERS.values()))[0]
            if kind == "rain":
                weather = chance.choice(("rain", "downpour"))
        if kind is not None and kind != STREET and kind not in SHARES:
            known = ", ".join((*SHARES, STREET))
            raise ValueError("kind {!r}: known are {}".format(kind, known))
        self.kind = kind
        self.site = site or Site(seed)
        self.now_ms = 0
        self.people, self.truth, self.frames = [], [], 0
        self.radar_fault = None
        self._told = {}
        self.seed = seed
        make = {"ld2450": crossing_ld2450.Part, "ld2410": crossing_ld2410.Part}[radar]
        self.part = make(random.Random("crossing part {}".format(seed)), weather)
        self.weather = weather
        roads = random.Random("crossing cars {}".format(seed))
        self.traffic = Traffic(roads, self.site, 300 if cars_an_hour is None else cars_an_hour)
        if kind == "traffic":
            self.traffic.add(1)
        self._car_radar = Ops243(roads, self.site)
        self._slip_ms = chance.uniform(0, _FRAME_MS)
        self._period_ms = _FRAME_MS * (1 + chance.gauss(0, 0.002))
        self._next_ms, self._next_report_ms = self._slip_ms, chance.uniform(0, 1000 * REPORT_S)
        self._moved_ms = 0
        self._come_ms = 0 if kind == STREET else None
        self._until_ms = 1000 * _ALONE_S
        if kind in SHARES:
            self.add(kind)
            if bystander or (bystander is None and chance.random() < _BYSTANDER):
                self.add(chance.choice(_BYSTANDERS), chance.uniform(0, 5))
            ends = [it.walk.end_s for it in self.people if it.kind == kind]
            if ends:
                self._until_ms = 1000 * min(_LONGEST_S, max(ends) + _AFTER_S)

    @property
    def weather(self):
        return self._weather

    @weather.setter
    def weather(self, name):
        self._weather = name
        self._hearing = Hearing(
            self.site, name, random.Random("crossing echo {}".format(self.seed))
        )
        self.part.rains(name)

    @property
    def cars(self):
        return self.traffic.cars

    @property
    def lit(self):
        return self.traffic.lit

    @lit.setter
    def lit(self, flashes):
        self.traffic.lit = flashes

    @property
    def over(self):
        return self.kind in SHARES and self.now_ms >= self._until_ms

    @property
    def shows(self):
        hand = -1 if self.site.upside_down else 1
        return [(body, *self.site.to_street(hand * x, y)) for body, x, y in self.part.shows]

    def add(self, kind, after_s=0.0):
        """Let an encounter of `kind` begin in `after_s` seconds; give its bodies."""
        found = people(kind, self.site, self._chance)
        for body in found:
            body.walk.begin_s += self.now_ms / 1000 + after_s
            body.walk.end_s += self.now_ms / 1000 + after_s
            told = self._told[body] = Truth(self.site, body)
            self.truth.append(told)
        self.people += found
        if kind == "bush":
            self.people.append(_bush(self.site, self._chance, self.now_ms / 1000))
        elif kind == "traffic":
            self.traffic.add(1)
        return found

    def run(self, ms):
        """Go on for `ms`; give (bytes of the LD2450, bytes of the OPS243) sent meanwhile."""
        end_ms = self.now_ms + ms
        radar, lines = [], []
        while min(self._next_ms, self._next_report_ms) <= end_ms:
            if self._next_ms <= self._next_report_ms:
                self.now_ms = self._next_ms
                self._next_ms += self._period_ms
                radar.append(self._frame())
            else:
                self._go_on(self._next_report_ms)
                self._next_report_ms += 1000 * REPORT_S
                lines.append(self._car_radar.report(self.traffic.cars))
        self.now_ms = end_ms
        self._go_on(end_ms)
        return b"".join(radar), b"".join(lines)

    def write(self, data):
        """Give the LD2450 what was sent to it; its answer."""
        return b"" if self.radar_fault else self.part.write(data, self.now_ms / 1000)

    def write_car(self, data):
        """Give the OPS243 what was sent to it; its answer."""
        return self._car_radar.write(data)

    def _go_on(self, now_ms):
        step_s = (now_ms - self._moved_ms) / 1000
        if step_s <= 0:
            return
        self._moved_ms = now_ms
        if self._come_ms is not None and now_ms >= self._come_ms:
            self._come_ms += 1000 * self._chance.expovariate(1 / _STREET_S)
            self.add(self._chance.choices(list(SHARES), list(SHARES.values()))[0])
        if self.traffic.cars or self._come_ms is not None or self.people:
            self.people = [it for it in self.people if it.walk.end_s >= now_ms / 1000]
        self.traffic.move(now_ms / 1000, step_s, self._somebody(now_ms))

    def _somebody(self, now_ms):
        """Say whether a driver would see somebody on the road or about to step on it."""
        for body in self.people:
            told = self._told.get(body)
            if told and told.crosses and told.person:
                until_ms = told.kerb_ms + 8000 if told.over_ms is None else told.over_ms
                if told.kerb_ms - 2000 <= now_ms <= until_ms:
                    return True
        return False

    def _frame(self):
        now_s = self.now_ms / 1000
        self._go_on(self.now_ms)
        there = []
        for body in self.people:
            place = body.place(now_s)
            if place:
                there.append((body, place))
        for car in self.traffic.cars:
            if abs(car.along_m) < 15:
                for at, place in enumerate(car.scatterers()):
                    there.append((self._metal(car, at), place))
        echoes = self._hearing.echoes(now_s, there)
        if self.site.upside_down:
            for echo in echoes:
                echo.u = -echo.u
        data = self.part.frame(now_s, echoes)
        for body, x, y in self.shows:
            told = self._told.get(body)
            if told and told.shown_ms is None:
                told.shown_ms = round(self.now_ms)
            if told and told.crosses and self.now_ms <= told.kerb_ms:
                told.told.append((round(self.now_ms), x, y))
        self.frames += 1
        if self.radar_fault == "dead":
            return b""
        if self.radar_fault == "garbage":
            return bytes(self._chance.randrange(256) for _ in range(30))
        return data

    def _metal(self, car, at):
        parts = car.__dict__.setdefault("metal", [])
        if not parts:
            for _ in car.scatterers():
                parts.append(Body(self._chance, "traffic", None, CAR_DBSM, 0.6, 0, person=False))
        return parts[at]


def _bush(site, chance, now_s):
    """Leaves in the wind at one place in the view, for as long as an encounter lasts."""
    while True:
        x, y = chance.uniform(-4, 4), chance.uniform(1.5, min(5, site.depth_m))
        if site.in_view(x, y):
            break
    walk = Sway(chance, now_s, now_s + _ALONE_S, x, y)
    return Body(chance, "bush", walk, -9, 0.4, 0, person=False)
