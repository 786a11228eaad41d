"""A simulated encounter at a crossing watched by detectors, and what came of it.

`watch` runs host_tools/street/crossing_sim.py through the firmware's own pieces, as the app joins
them (Ld2450 on a line, tracks, intent, Crosswalk, looked at every 20 ms), and beside them through
two plain rules: Naive, which gets the same bytes, and Zone, which gets what the driver makes of
them. It gives one Encounter.
"""

import struct

import cpython  # noqa: F401  what CPython lacks

from host_tools.street.crossing_sim import STREET, CrossingSim
from kerb.apps import crossing, intent, warning
from kerb.apps.cars import Cars
from kerb.apps.crosswalk import Crosswalk
from kerb.apps.paths import Paths
from kerb.apps.dwell import Presence
from kerb.drivers.ld2410 import Ld2410
from kerb.drivers.ld2450 import Ld2450
from kerb.drivers.ops243 import Ops243
from kerb.system.schema import validate
from support.port import Port

TICK_MS = 20
ROUND_MS = 800
NAIVE_M = 6.0
_ZONE_BESIDE_M, _ZONE_DEEP_M, _ZONE_FRAMES = 0.3, 1.5, 3
_HOLDS_MS = 400  # for so long a frame's word is good
_UNSEEN_MS = 2000
MEETS_MS = 6000
_FRAME = 30
_HEAD = b"\xaa\xff\x03\x00"


class Line(Port):
    """A serial port between a simulated part, which takes what is written, and its driver."""

    def __init__(self, write):
        super().__init__()
        self._write = write

    def write(self, data):
        self.put(self._write(bytes(data)))


class Naive:
    """What one would write first: any target in the frame within 6 m lets the beacon flash."""

    def __init__(self):
        self._bytes = b""
        self.wants = False

    def take(self, data):
        self._bytes += data
        while True:
            at = self._bytes.find(_HEAD)
            if at < 0 or len(self._bytes) < at + _FRAME:
                return
            words = struct.unpack_from("<12H", self._bytes, at + 4)
            self._bytes = self._bytes[at + _FRAME :]
            self.wants = any(
                0 < (x & 0x7FFF) ** 2 + (y & 0x7FFF) ** 2 <= (1000 * NAIVE_M) ** 2
                for x, y in zip(words[::4], words[1::4], strict=True)
            )


class Zone:
    """What one would write next: a target in front of the crossing, in three frames in a row.

    In front of it: within the crossing's width and 0.3 m to either side, up to 1.5 m from the
    kerb, by what the installer measured. wants: after each frame.
    """

    def __init__(self, crossing):
        self._crossing = crossing
        self._frames = 0
        self.wants = False

    def step(self, driver):
        """After each frame of an Ld2450."""
        inside = any(self._inside(driver.x(i), driver.y(i)) for i in range(driver.count))
        self._frames = self._frames + 1 if inside else 0
        self.wants = self._frames >= _ZONE_FRAMES

    def _inside(self, x_mm, y_mm):
        x_mm, y_mm = self._crossing.to_street(x_mm, y_mm)
        beside_mm = abs(x_mm) - self._crossing.half_mm
        return beside_mm <= 1000 * _ZONE_BESIDE_M and 0 <= y_mm <= 1000 * _ZONE_DEEP_M


class Beacon:
    """A Crosswalk, and what it did: flashes [(began_ms, ended_ms)], detected [ms], each word of
    the detector that somebody new wants to cross, also while it flashes.
    """

    def __init__(self, period_ms, wait_for_car=False):
        self._walk = Crosswalk(period_ms, ROUND_MS, wait_for_car)
        self._who = None
        self.flashes, self.detected = [], []

    def step(self, now_ms, reason, who, approaching=None):
        if reason and (self._who is None or who != self._who):
            self.detected.append(now_ms)
        self._who = who if reason else None
        was = self._walk.flashing
        self._walk.step(now_ms, reason, who, approaching)
        if self._walk.flashing and not was:
            self.flashes.append([now_ms, None])
        elif was and not self._walk.flashing:
            self.flashes[-1][1] = now_ms

    def lit(self, now_ms):
        """Say whether it flashed then."""
        return any(a <= now_ms and (b is None or now_ms < b) for a, b in self.flashes)


def config(site, sensitivity="normal"):
    """Give the section "crosswalk" of a site's config, with what the firmware adds to it."""
    known = {**crossing.SCHEMA, **intent.SCHEMA, **warning.SCHEMA}
    told = {key: value for key, value in site.config().items() if key in known}
    told["sensitivity"] = sensitivity
    cfg, errors = validate(known, told, crossing.check)
    assert not errors, errors
    return cfg


class Encounter:
    """What one encounter was and what came of it; plain values, to be sent between processes.

    seed, kind, weather, crosses (somebody did, from this side), and where that is so enters_ms,
    known_ms (None: never), seen_ms (likewise), kerb_ms: each of the first to whom it happened. Who
    crosses without ever coming into the view counts as if he had, two seconds before the kerb.
    counted: how many pedestrians the firmware counted; crossers are how many there were.
    told_of: whether the part told of any of them before the kerb line. headed: somebody went for
    the kerb, whether he crossed or not. crossers: [(enters_ms, kerb_ms, over_ms)] of all persons.
    on_road: [(from_ms, to_ms)] of persons who come from the other side.
    flashes, detected: {"kerb", "naive", "zone" and "waits", which is kerb with wait_for_car: as
    Beacon has them}. met: [ms] at which cars of the near lane reached the crossing within MEETS_MS
    after somebody who crosses was at the kerb line; they did not stop. lit: {...: of `crossers`,
    how many had the beacon flashing at the kerb line}. steps: [(ms, id, x_mm, y_mm, thought)] of
    all tracks when `watch` was asked to keep them; told: [(ms, x_m, y_m)] likewise of the part's
    targets.
    """

    def __init__(self, sim, beacons):
        self.seed, self.kind, self.weather = sim.seed, sim.kind, sim.weather
        self.lasted_ms = sim.now_ms
        persons = [it for it in sim.truth if it.person]
        crossers = sorted((it for it in persons if it.crosses), key=lambda it: it.kerb_ms)
        self.crosses = bool(crossers)
        self.headed = any(it.headed for it in persons)
        self.told_of = any(it.told for it in crossers)
        self.counted = 0
        self.crossers = [(_enters_ms(it), it.kerb_ms, it.over_ms) for it in crossers]
        self.on_road = [it.on_road_ms for it in persons if it.on_road_ms]
        self.enters_ms = self.known_ms = self.seen_ms = self.kerb_ms = None
        if crossers:
            self.kerb_ms = crossers[0].kerb_ms
            self.enters_ms = min(enters_ms for enters_ms, _, _ in self.crossers)
            self.known_ms = _first(it.known_ms for it in crossers)
            self.seen_ms = _first(it.seen_ms for it in crossers)
        self.flashes = {name: it.flashes for name, it in beacons.items()}
        self.detected = {name: it.detected for name, it in beacons.items()}
        self.lit = {
            name: sum(it.lit(kerb_ms) for _, kerb_ms, _ in self.crossers)
            for name, it in beacons.items()
        }
        cars = (*sim.cars, *sim.traffic.gone)
        passed = [it.passed_ms for it in cars if it.side > 0 and it.passed_ms and not it.stopped]
        self.met = [
            at for at in passed if any(0 <= at - kerb <= MEETS_MS for _, kerb, _ in self.crossers)
        ]
        self.steps, self.told = [], []

    def found_ms(self, name):
        """Give when the first at the kerb was detected before he was there; None: he was not."""
        if not self.crosses:
            return None
        for at in self.detected[name]:
            if self.enters_ms <= at <= self.kerb_ms:
                return at
        return self._held_ms(name)

    def _held_ms(self, name):
        """Detected before he came into the view, and on end since: a target that stays."""
        before = [at for at in self.detected[name] if at < self.enters_ms]
        return self.enters_ms if before and self._lit_between(name) else None

    def _lit_between(self, name):
        return any(
            a <= self.enters_ms and (b is None or b >= self.kerb_ms) for a, b in self.flashes[name]
        )

    def began(self, name):
        """Give of each flashing that began whether it was "right" (for who is in view and then
        crosses), "road" (no such, but somebody was on the road already), "kept" (for who headed
        for the kerb and changed his mind) or "false".
        """
        found = []
        for at, _ in self.flashes[name]:
            if any(enters <= at <= kerb for enters, kerb, _ in self.crossers):
                found.append("right")
            elif any(a <= at <= b for a, b in [it[1:] for it in self.crossers] + self.on_road):
                found.append("road")
            else:
                found.append("kept" if self.headed and not self.crosses else "false")
        return found


def _enters_ms(truth):
    return truth.kerb_ms - _UNSEEN_MS if truth.enters_ms is None else truth.enters_ms


def _first(times):
    return min((it for it in times if it is not None), default=None)


def watch(seed, kind=None, keep=False, radar="ld2450", sensitivity="normal", **more):
    """Give the Encounter of one seed; `more` goes to CrossingSim. With an "ld2410" the detector is
    dwell.Presence, and both plain rules are the part's own word that somebody is there.
    """
    sim = CrossingSim(seed, kind, radar=radar, **more)
    line = Line(sim.write)
    cfg = config(sim.site, sensitivity)
    if radar == "ld2450":
        driver, people = Ld2450(line), Paths(cfg, crossing.Crossing(cfg))
        zone = Zone(crossing.Crossing(cfg))
    else:
        driver, people = Ld2410(line), Presence(cfg)
        zone = Naive()
    naive = Naive()
    lasts_ms = warning.period_ms(cfg, ROUND_MS)
    beacons = {
        "kerb": Beacon(lasts_ms),
        "naive": Beacon(lasts_ms),
        "zone": Beacon(lasts_ms),
        "waits": Beacon(lasts_ms, True),
    }
    car_line = Line(sim.write_car)
    car_radar, cars = Ops243(car_line), Cars()
    steps, told = [], []
    reason = who = None
    frame_ms = 0
    while not sim.over:
        data, lines = sim.run(TICK_MS)
        line.put(data)
        car_line.put(lines)
        now_ms = sim.now_ms
        car_radar.poll(now_ms)
        approaching = cars.step(now_ms, car_radar)
        if driver.poll(now_ms):
            frame_ms = now_ms
            reason = people.step(now_ms, driver)
            who = people.who
            if radar == "ld2410":
                naive.wants = zone.wants = driver.present not in (None, "none")
            else:
                zone.step(driver)
            if keep:
                steps += [(now_ms, *it[:3], it[5]) for it in people.seen()]
                told += [(now_ms, x, y) for _, x, y in sim.shows]
        elif now_ms - frame_ms > _HOLDS_MS:
            reason = who = None
            zone.wants = False
        if data and radar == "ld2450":
            naive.take(data)
        beacons["kerb"].step(now_ms, reason, who)
        beacons["waits"].step(now_ms, reason, who, approaching)
        for name, rule in (("naive", naive), ("zone", zone)):
            beacons[name].step(now_ms, "presence" if rule.wants else None, 0)
    result = Encounter(sim, beacons)
    result.steps, result.told, result.counted = steps, told, people.pedestrians
    return result


def watch_road(seed, minutes, cars_an_hour):
    """Give what the firmware makes of the near lane in front of a street's crossing, where the
    beacon flashes for everybody who crosses, as the truth knows.

    {"cars", "passed": [truly, counted], passed: while it flashed, without having stopped;
    "ahead_s": of those that did not stop, for how long a car had been told to come when it reached
    the crossing; "unseen": how many of those had not}.
    """
    sim = CrossingSim(seed, STREET, cars_an_hour=cars_an_hour)
    line = Line(sim.write_car)
    radar = Ops243(line)
    cars = Cars()
    came_ms, flashed = None, 0
    seen, ahead_s, unseen = 0, [], 0
    while sim.now_ms < 60_000 * minutes:
        _, data = sim.run(TICK_MS)
        line.put(data)
        now_ms = sim.now_ms
        sim.traffic.lit = any(
            it.person and it.known_ms is not None and it.known_ms <= now_ms <= (it.over_ms or 0)
            for it in sim.truth
        )
        radar.poll(now_ms)
        if cars.step(now_ms, radar, sim.traffic.lit):
            came_ms = now_ms if came_ms is None else came_ms
        else:
            came_ms = None
        for car in sim.cars:
            if car.side > 0 and car.passed_ms is not None and not hasattr(car, "counted"):
                car.counted = True
                seen += 1
                flashed += sim.traffic.lit and not car.stopped
                if not car.stopped:
                    unseen += came_ms is None
                    ahead_s += [] if came_ms is None else [(now_ms - came_ms) / 1000]
    return {
        "cars": [seen, cars.count],
        "passed": [flashed, cars.flashing_count],
        "ahead_s": ahead_s,
        "unseen": unseen,
    }
