import random

from kerb.apps import crossing
from kerb.apps.crossing import Crossing
from kerb.apps.tracks import SLOTS, Tracks
from kerb.system.schema import validate
from support.radar_targets import Targets, walk

NEAR_WRAP_MS = 0x3FFFFFFF - 1500


def street(noise_mm=0, away=1, **given):
    given.setdefault("width_mm", 4000)
    clean, errors = validate(crossing.SCHEMA, given)
    assert not errors, errors
    place = Crossing(clean)
    return Tracks(place), Targets(place, noise_mm, away)


def alive(tracks):
    return [track for track in tracks.tracks if track.id]


def follow(tracks, radar, *ways, start_ms=NEAR_WRAP_MS, mix=False):
    """Ids that were sure, in the order of their appearance."""
    ids = []
    for at in range(max(len(way) for way in ways)):
        radar.put([way[at] if at < len(way) else None for way in ways], mix)
        tracks.step(start_ms + 100 * at & 0x3FFFFFFF, radar)
        for track in alive(tracks):
            if track.sure and track.id not in ids:
                ids.append(track.id)
    return ids


def test_who_walks_straight_is_one_track_with_his_place_and_velocity():
    tracks, radar = street()
    way = walk([(1500, 4500), (0, 500)], 1400)
    assert len(follow(tracks, radar, way)) == 1
    (track,) = alive(tracks)
    assert abs(track.x_mm - way[-1][0]) < 30 and abs(track.y_mm - way[-1][1]) < 30
    assert abs(track.vx_mm_s + 492) < 60 and abs(track.vy_mm_s + 1311) < 60
    assert track.sure and not track.missed and track.age_ms == 100 * (len(way) - 1)


def test_the_velocity_is_known_within_what_it_is_said_to_be_worth():
    random.seed(11)
    squares, worths, count = {}, {}, {}
    for _ in range(120):
        tracks, radar = street(noise_mm=150)
        mm_s = random.randint(500, 2000)
        start, end = random.randint(-1000, 1500), random.randint(-1000, 1500)
        way = walk([(start, 4500), (end, 300)], mm_s)
        far = ((end - start) ** 2 + 4200**2) ** 0.5
        vx, vy = mm_s * (end - start) / far, -mm_s * 4200 / far
        for at, place in enumerate(way):
            tracks.step(100 * at, radar.put([place]))
            found = alive(tracks)
            if len(found) != 1 or found[0].missed:
                continue
            track = found[0]
            off_x, off_y = track.vx_mm_s - vx, track.vy_mm_s - vy
            across = (off_y * track.away_x - off_x * track.away_y) / 1024
            n = min(track.targets, 16)
            squares[n] = squares.get(n, 0) + across * across
            worths[n] = worths.get(n, 0) + track.worth_mm_s**2
            count[n] = count.get(n, 0) + 1
    for n in (3, 6, 10, 16):
        found, said = (squares[n] / count[n]) ** 0.5, (worths[n] / count[n]) ** 0.5
        assert found < 1.1 * said, (n, found, said)
    assert (squares[16] / count[16]) ** 0.5 < (squares[6] / count[6]) ** 0.5


def test_what_shows_in_one_frame_only_becomes_nobody():
    tracks, radar = street()
    ids = follow(tracks, radar, [(0, 2000), None, None, (0, 2000), None, None, None])
    assert ids == [] and not alive(tracks)


def test_two_of_three_frames_are_enough():
    tracks, radar = street()
    assert len(follow(tracks, radar, [(0, 2000), None, (0, 1900)])) == 1


def test_clutter_all_over_the_place_is_hardly_ever_a_track():
    random.seed(3)
    tracks, radar = street()
    sure = 0
    for at in range(2000):
        places = []
        if random.randint(0, 2) == 0:
            places.append((random.randint(-2000, 3000), random.randint(0, 5000)))
        tracks.step(100 * at, radar.put(places))
        sure += sum(track.sure and track.missed == 0 for track in alive(tracks))
    assert sure < 80, sure


def test_nobody_is_lost_in_a_drop_out_of_up_to_six_frames():
    for gone in range(1, 7):
        tracks, radar = street()
        way = walk([(0, 4500), (0, 500)], 1400)
        way[12 : 12 + gone] = [None] * gone
        assert len(follow(tracks, radar, way)) == 1, gone
        assert len(alive(tracks)) == 1


def test_a_track_walks_on_unseen_for_some_frames_and_is_gone_then():
    tracks, radar = street()
    way = walk([(0, 4500), (0, 2000)], 1400)
    follow(tracks, radar, way + [None] * 5)
    (track,) = alive(tracks)
    assert track.missed == 5 and abs(track.y_mm - (2000 - 700)) < 60
    follow(tracks, radar, [None] * 5, start_ms=NEAR_WRAP_MS + 100 * (len(way) + 5))
    assert not alive(tracks)


def test_who_stands_is_kept_for_three_seconds_unseen():
    tracks, radar = street()
    way = walk([(0, 3000), (0, 1000, 1500)], 1400)
    assert len(follow(tracks, radar, way + [None] * 25 + [(20, 1010)] * 3)) == 1
    tracks, radar = street()
    follow(tracks, radar, way + [None] * 31)
    assert not alive(tracks)


def test_slots_that_swap_change_nobody():
    random.seed(1)
    for apart in (900, 1200, 2000):
        tracks, radar = street()
        left = walk([(-500, 4500), (-500, 500)], 1400)
        right = walk([(-500 + apart, 4500), (-500 + apart, 500)], 1400)
        assert len(follow(tracks, radar, left, right, mix=True)) == 2
        for track in alive(tracks):
            assert abs(track.vx_mm_s) < 100, apart


def test_two_who_pass_each_other_stay_two():
    tracks, radar = street()
    one = walk([(-1500, 2500), (2500, 2500)], 1400)
    other = walk([(2500, 1600), (-1500, 1600)], 1400)
    assert len(follow(tracks, radar, one, other)) == 2
    vx = sorted(track.vx_mm_s for track in alive(tracks))
    assert abs(vx[0] + 1400) < 150 and abs(vx[1] - 1400) < 150


def test_somebody_told_twice_is_one():
    tracks, radar = street()
    way = walk([(0, 4500), (0, 500)], 1400)
    again = [(x + 200, y - 150) for x, y in way]
    follow(tracks, radar, way, [None] * 5 + again[5:])
    assert len(alive(tracks)) == 1


def test_who_turns_is_known_to_within_half_a_second():
    tracks, radar = street()
    way = walk([(-2200, 2500), (500, 2500)], 1400)
    follow(tracks, radar, way + walk([(500, 2500), (500, 1800)], 1400))
    (track,) = alive(tracks)
    assert track.vy_mm_s < -1100 and abs(track.vx_mm_s) < 350, (track.vx_mm_s, track.vy_mm_s)


def test_a_runner_and_a_wheelchair_are_followed():
    for mm_s in (400, 4000, 5500):
        tracks, radar = street()
        assert len(follow(tracks, radar, walk([(0, 5000), (0, 300)], mm_s))) == 1, mm_s
        (track,) = alive(tracks)
        assert abs(track.vy_mm_s + mm_s) < mm_s // 5


def test_frames_that_are_read_late_bend_no_velocity():
    random.seed(4)
    found = []
    for late_ms in (0, 45):
        tracks, radar = street()
        for at, place in enumerate(walk([(0, 4500), (0, 500)], 1400)):
            tracks.step(100 * at + random.randint(0, late_ms), radar.put([place]))
        (track,) = alive(tracks)
        found.append((track.x_mm, track.y_mm, track.vx_mm_s, track.vy_mm_s))
    assert found[0] == found[1] and abs(found[0][3] + 1400) < 60, found


def test_a_frame_that_is_missing_is_made_up_for():
    tracks, radar = street()
    for at, place in enumerate(walk([(0, 4500), (0, 500)], 1400)):
        if at % 3:
            tracks.step(100 * at, radar.put([place]))
    (track,) = alive(tracks)
    assert abs(track.vy_mm_s + 1400) < 100, track.vy_mm_s


def test_nobody_is_the_same_after_a_radar_that_was_silent():
    tracks, radar = street()
    first = follow(tracks, radar, [(0, 2000)] * 5, start_ms=0)
    second = follow(tracks, radar, [(0, 2000)] * 5, start_ms=1600)
    assert len(first) == len(second) == 1 and first != second
    tracks.step(2200, None)
    assert not alive(tracks)


def test_three_slots_and_six_tracks_are_never_exceeded_and_ids_differ():
    random.seed(8)
    tracks, radar = street(noise_mm=300)
    objects = [id(track) for track in tracks.tracks]
    for at in range(3000):
        places = []
        for _ in range(random.randint(0, 3)):
            places.append((random.randint(-2000, 3000), random.randint(0, 5000)))
        tracks.step(100 * at, radar.put(places))
        ids = [track.id for track in alive(tracks)]
        assert len(ids) == len(set(ids)) <= SLOTS
        assert all(0 < it < 256 for it in ids)
        for track in alive(tracks):
            assert abs(track.x_mm) < 40000 and abs(track.y_mm) < 40000
            assert abs(track.vx_mm_s) < 20000 and abs(track.vy_mm_s) < 20000
    assert [id(track) for track in tracks.tracks] == objects


def test_a_part_that_turns_its_speeds_round_or_tells_none_is_seen_through():
    random.seed(15)
    off = {}
    for away in (1, -1, 0):
        tracks, radar = street(noise_mm=60, away=away)
        for turn in range(8):
            off[away] = 0
            way = walk([(500, 4800), (0, 300)], 1300)
            follow(tracks, radar, way[:-15], start_ms=20000 * turn)
            for at, place in enumerate(way[-15:]):
                tracks.step(20000 * turn + 100 * (len(way) - 15 + at), radar.put([place]))
                (track,) = alive(tracks)
                off[away] += abs(track.vy_mm_s + 1292) // 15
    assert off[1] < 200 and off[-1] < 200 and off[0] < 300, off


def test_speeds_that_are_right_are_believed_whoever_comes():
    random.seed(16)
    tracks, radar = street(noise_mm=150)
    for turn in range(40):
        start = (random.randint(-3000, 4000), random.randint(500, 5000))
        end = (random.randint(-3000, 4000), random.randint(0, 5000))
        if abs(start[0] - end[0]) + abs(start[1] - end[1]) > 1500:
            follow(tracks, radar, walk([start, end], random.randint(500, 2500)), start_ms=0)
        assert tracks._votes > 0, turn
