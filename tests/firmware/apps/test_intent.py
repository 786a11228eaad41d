import random

import micropython
from kerb.apps import crossing, intent
from kerb.apps.crossing import Crossing
from kerb.apps.intent import WANTS, Intent
from kerb.apps.tracks import Track, Tracks
from kerb.system.schema import validate
from support.radar_targets import Targets, walk

SCHEMA = dict(crossing.SCHEMA)
SCHEMA.update(intent.SCHEMA)


class Pole:
    """Radar, tracks and intent of a pole; `told`: each frame's reason."""

    def __init__(self, noise_mm=0, **given):
        given.setdefault("width_mm", 4000)
        cfg, errors = validate(SCHEMA, given)
        assert not errors, errors
        place = Crossing(cfg)
        self.radar = Targets(place, noise_mm)
        self.tracks = Tracks(place)
        self.intent = Intent(cfg, place)
        self.told = []
        self.now_ms = 0x3FFFFFFF - 2500

    def see(self, *ways):
        for at in range(max(len(way) for way in ways)):
            self.radar.put([way[at] if at < len(way) else None for way in ways])
            self.tracks.step(self.now_ms, self.radar)
            self.told.append(self.intent.step(self.now_ms, self.tracks))
            self.now_ms = self.now_ms + 100 & 0x3FFFFFFF
        return self

    @property
    def thoughts(self):
        return [track.thought for track in self.tracks.tracks if track.id and track.sure]


def test_who_walks_to_the_crossing_is_told_long_before_the_kerb():
    way = walk([(800, 5000), (300, 100)], 1400)
    pole = Pole().see(way)
    first = next(at for at, reason in enumerate(pole.told) if reason)
    assert pole.told[first] == "approaching" and first <= 9, pole.told
    assert all(pole.told[first:]) and pole.intent.track.y_mm < 200


def test_who_walks_along_the_kerb_is_never_told():
    for y in (600, 1000, 2000, 3500):
        for ends in ((-3000, 5000), (4000, -4000)):
            pole = Pole().see(walk([(ends[0], y), (ends[1], y)], 1400))
            assert not any(pole.told), (y, ends, pole.told)


def test_who_walks_along_the_kerb_and_turns_is_told_when_he_has_turned():
    along = walk([(-2500, 2000), (0, 2000)], 1400)
    pole = Pole().see(along)
    assert not any(pole.told)
    pole.see(walk([(0, 2000), (0, 1300)], 1400))
    assert pole.told[-1] == "approaching", pole.told


def test_who_walks_to_the_kerb_beside_the_crossing_is_not_told():
    pole = Pole().see(walk([(3400, 4000), (3600, 100)], 1400))
    assert not any(pole.told), pole.told


def test_who_stands_in_the_waiting_area_waits_after_two_seconds():
    random.seed(2)
    pole = Pole(noise_mm=60).see(walk([(3800, 1200), (1200, 1200)], 1400))
    assert not any(pole.told), pole.told
    pole.see([(1200, 1200)] * 40)
    first = next(at for at, reason in enumerate(pole.told) if reason)
    assert pole.told[-1] == "waiting" and first < len(pole.told) - 40 + 22


def test_who_stands_beside_it_or_behind_it_does_not_wait():
    random.seed(2)
    for place in ((2600, 1200), (0, 2700)):
        pole = Pole(noise_mm=60).see([place] * 200)
        assert not any(pole.told[10:]), place


def test_who_stands_at_the_bus_stop_does_not_wait_to_cross():
    stop = {"from_mm": 500, "to_mm": 3000}
    random.seed(6)
    pole = Pole(noise_mm=60, bus_stop=stop).see([(1000, 1200)] * 100)
    assert not any(pole.told[10:])
    pole.see(walk([(1000, 1200), (900, 100)], 1400))
    assert pole.told[-1] == "approaching"


def test_who_waits_and_walks_on_along_the_kerb_waits_no_more():
    random.seed(2)
    pole = Pole(noise_mm=60).see([(0, 1200)] * 30)
    assert pole.told[-1] == "waiting"
    pole.see(walk([(0, 1200), (3500, 1500)], 1400))
    assert not any(pole.told[-10:]), pole.told


def test_who_comes_and_turns_back_is_not_told_any_more():
    pole = Pole().see(walk([(0, 5000), (0, 2500)], 1400))
    assert pole.told[-1] == "approaching"
    pole.see(walk([(0, 2500), (0, 4500)], 1400))
    assert not any(pole.told[-6:]), pole.told


def test_a_cyclist_on_the_pavement_and_cars_are_vehicles():
    pole = Pole().see(walk([(-2500, 2500), (2500, 2500)], 5500))
    assert pole.thoughts == ["vehicle"] and not any(pole.told)
    pole = Pole().see(walk([(3000, -1000), (-1000, -1000)], 4000))
    assert not any(pole.told)


def test_who_is_on_the_crossing_is_told_until_he_is_over():
    pole = Pole(radar_at={"heading_deg": 80}).see(walk([(500, 2000), (500, -2000)], 1200))
    assert pole.told[-1] == "crossing" and pole.intent.pedestrians == 1


def test_everybody_who_steps_onto_the_crossing_counts_once():
    random.seed(9)
    pole = Pole(noise_mm=60, radar_at={"heading_deg": 80})
    for x in (-500, 200, 900):
        pole.see(walk([(x, 3000), (x, -2500)], 1300), [None] * 60)
    pole.see(walk([(-500, 3000), (-500, -2500)], 1300), walk([(800, 3000), (800, -2500)], 1300))
    pole.see(walk([(-500, 1500), (3500, 1500)], 1300))
    assert pole.intent.pedestrians == 5


def test_the_nearest_to_the_kerb_is_the_one_who_wants():
    pole = Pole().see(
        walk([(1000, 5000), (1000, 2500)], 1400), walk([(-200, 3000), (-200, 500)], 1400)
    )
    assert pole.intent.track.y_mm < 800


def test_the_more_sensitive_the_earlier():
    found = []
    for sensitivity in ("high", "normal", "low"):
        random.seed(5)
        pole = Pole(noise_mm=100, sensitivity=sensitivity)
        pole.see(walk([(1500, 5000), (300, 100)], 1200))
        found.append(next(at for at, reason in enumerate(pole.told) if reason))
    assert found[0] < found[2] and found[0] <= found[1] <= found[2], found


def test_a_bus_stop_that_ends_before_it_begins_is_named():
    cfg, errors = validate(SCHEMA, {"width_mm": 3000, "bus_stop": {"from_mm": 5, "to_mm": 5}})
    assert not errors
    found = "crosswalk.bus_stop.to_mm: found 5, allowed: more than 5 (from_mm)"
    assert intent.check(cfg) == [found]
    cfg["bus_stop"] = None
    assert intent.check(cfg) == []


def test_a_bus_stop_on_more_than_half_of_the_crossing_is_named():
    for first, last, ok in (
        (-20000, 20000, False),
        (-1500, 1500, False),
        (-1500, 100, False),
        (-1500, 0, True),
        (0, 9000, True),
        (-100, 9000, False),
        (1500, 9000, True),
        (-20000, -15000, True),
    ):
        stop = {"from_mm": first, "to_mm": last}
        cfg, errors = validate(SCHEMA, {"width_mm": 3000, "bus_stop": stop})
        found = intent.check(cfg)
        assert not errors and (not found) == ok, (stop, found)
        assert ok or found[0].startswith("crosswalk.bus_stop: found on ")


def test_who_runs_to_the_crossing_is_told_within_half_a_second():
    for start in ((1500, 4500), (0, 4000), (-1000, 4500)):
        pole = Pole().see(walk([start, (300, 100)], 3500))
        first = next(at for at, reason in enumerate(pole.told) if reason)
        assert first <= 5, (start, pole.told)


def test_who_is_not_seen_on_the_road_counts_as_he_went():
    pole = Pole().see(walk([(0, 3000), (0, 150)], 1400), [None])
    pole.see([None] * 6)
    assert pole.intent.pedestrians == 1
    pole = Pole().see(walk([(-2000, 1000), (3000, 1000)], 1400))
    pole.see([None] * 6)
    assert pole.intent.pedestrians == 0


def test_who_comes_from_the_road_is_not_told_and_not_counted():
    pole = Pole(radar_at={"heading_deg": 80}).see(walk([(500, -2500), (500, 4000)], 1300))
    assert not any(pole.told) and pole.intent.pedestrians == 0


def test_clutter_makes_it_wait_for_more_and_is_forgotten_within_a_minute():
    random.seed(7)
    pole = Pole()
    for _ in range(60):
        pole.see([(random.randint(-2000, 0), random.randint(200, 2000))] * 2, [None])
        pole.see([None] * 2)
    assert pole.tracks.rain
    dry = Pole().see(walk([(500, 5000), (0, 100)], 1400))
    pole.told = []
    pole.see(walk([(500, 5000), (0, 100)], 1400))
    late = [next(at for at, reason in enumerate(it.told) if reason) for it in (dry, pole)]
    assert late[0] < late[1] <= late[0] + 5, late
    pole.see([None] * 600)
    assert not pole.tracks.rain


def test_who_walks_to_the_kerb_and_stops_is_told_all_the_time():
    random.seed(3)
    pole = Pole(noise_mm=40).see(walk([(0, 5000), (0, 900, 4000)], 1300))
    first = next(at for at, reason in enumerate(pole.told) if reason)
    assert all(pole.told[first:]) and pole.told[-1] == "waiting", pole.told


def test_leaves_that_flutter_in_one_place_are_nobody():
    random.seed(17)
    pole = Pole()
    x, y = pole.radar._crossing.to_radar(800, 2500)
    for at in range(300):
        spot = (x + random.randint(-80, 80), y + random.randint(-80, 80))
        pole.radar._targets = [(spot[0], spot[1], -96 if at % 20 < 10 else 96)]
        pole.tracks.step(100 * at, pole.radar)
        pole.told.append(pole.intent.step(100 * at, pole.tracks))
    assert pole.told.count(None) > 290, pole.told


def test_left_and_right_are_the_same():
    random.seed(12)
    cfg, errors = validate(SCHEMA, {"width_mm": 3000})
    assert not errors
    it = Intent(cfg, Crossing(cfg))
    for _ in range(300):
        one, other = Track(), Track()
        one.clear(random.randint(-5000, 5000), random.randint(0, 5000))
        one.vx_mm_s, one.vy_mm_s = random.randint(-3000, 3000), random.randint(-3000, 3000)
        one.away_x, one.away_y = 600, 830
        one.worth_mm_s = random.randint(200, 700)
        other.clear(-one.x_mm, one.y_mm)
        other.vx_mm_s, other.vy_mm_s = -one.vx_mm_s, one.vy_mm_s
        other.away_x, other.away_y = -600, 830
        other.worth_mm_s = one.worth_mm_s
        assert abs(it.evidence(one) - it.evidence(other)) <= 1


def test_the_evidence_says_whether_the_way_leads_into_the_crossing():
    random.seed(13)
    cfg, errors = validate(SCHEMA, {"width_mm": 3000})
    assert not errors
    it = Intent(cfg, Crossing(cfg))
    inside = 0
    for _ in range(2000):
        track = Track()
        track.clear(random.randint(-5000, 5000), random.randint(100, 5000))
        track.vx_mm_s, track.vy_mm_s = random.randint(-2000, 2000), random.randint(-2000, 2000)
        track.away_y = 1024
        track.worth_mm_s = 300
        found = it.evidence(track)
        if track.vy_mm_s >= 0:
            assert found <= 0
            continue
        meets_mm = track.x_mm - track.vx_mm_s * track.y_mm / track.vy_mm_s
        if abs(found) > 1:  # rounding
            assert (found > 0) == (abs(meets_mm) < 1500), (meets_mm, found)
            inside += found > 0
    assert inside > 100


def test_nothing_that_a_radar_can_tell_raises():
    random.seed(14)
    pole = Pole()
    radar, tracks = pole.radar, pole.tracks
    for at in range(3000):
        count = random.randint(0, 3)
        targets = []
        for _ in range(count):
            place = (random.randint(-8000, 8000), random.randint(0, 8000))
            targets.append((place[0], place[1], random.randint(-1200, 1200)))
        radar._targets = targets
        now_ms = 100 * at + random.randint(0, 3) * 30
        tracks.step(now_ms, radar)
        reason = pole.intent.step(now_ms, tracks)
        assert reason is None or reason in WANTS


def test_a_frame_takes_no_memory_once_warm():
    pole = Pole()
    ways = [walk([(x, 4500), (x, 0)], 1400) for x in (-600, 500, 1500)]
    pole.see(*ways)
    tracks, judge, radar = pole.tracks, pole.intent, pole.radar
    for at in range(len(ways[0])):
        radar.put([way[at] for way in ways if at < len(way)])
        now_ms = 1000000 + 100 * at
        micropython.heap_lock()
        try:
            tracks.step(now_ms, radar)
            judge.step(now_ms, tracks)
        finally:
            micropython.heap_unlock()
