"""The simulated crossing as a whole: its bytes, its truth, and that a seed is a seed."""

import itertools
import struct

import pytest

from host_tools.street.crossing_people import CROSSING, OTHERS, SHARES
from host_tools.street.crossing_sim import STREET, CrossingSim

_FRAME = 30


def _bytes(sim, step_ms=100, most_ms=80_000):
    radar, cars = b"", b""
    while not sim.over and sim.now_ms < most_ms:
        more, lines = sim.run(step_ms)
        radar += more
        cars += lines
    return radar, cars


def test_the_same_seed_gives_the_same_bytes_however_the_time_is_cut():
    for seed in (3, 4):
        assert _bytes(CrossingSim(seed, "wait")) == _bytes(CrossingSim(seed, "wait"))
        one, other = CrossingSim(seed, "cross"), CrossingSim(seed, "cross")
        whole = _bytes(one, 500, 10_000)[0]
        assert whole == _bytes(other, 20, 10_000)[0]
    assert _bytes(CrossingSim(3))[0] != _bytes(CrossingSim(4))[0]


def test_frames_come_ten_times_a_second_and_are_framed():
    sim = CrossingSim(5, STREET)
    radar, _ = _bytes(sim, 100, 60_000)
    assert len(radar) % _FRAME == 0
    assert 594 <= len(radar) // _FRAME <= 606
    for at in range(0, len(radar), _FRAME):
        assert radar[at : at + 4] == b"\xaa\xff\x03\x00"
        assert radar[at + _FRAME - 2 : at + _FRAME] == b"\x55\xcc"


@pytest.mark.parametrize("kind", sorted(SHARES))
def test_each_kind_crosses_or_does_not_and_who_crosses_is_known_before_the_kerb(kind):
    crossed = 0
    for seed in range(25):
        sim = CrossingSim(seed, kind, bystander=False)
        persons = [it for it in sim.truth if it.person]
        assert any(it.crosses for it in persons) == (kind in CROSSING)
        for it in persons:
            if it.crosses and it.known_ms is not None:
                crossed += 1
                assert it.enters_ms <= it.known_ms <= it.kerb_ms < it.over_ms
        assert sim.kind == kind
    assert kind in OTHERS or crossed > 20


def test_kinds_come_by_their_shares():
    kinds = [CrossingSim(seed).kind for seed in range(1200)]
    for kind, share in SHARES.items():
        expected = 1200 * share / sum(SHARES.values())
        assert abs(kinds.count(kind) - expected) < 4 * expected**0.5 + 3, kind


def test_what_is_told_of_a_walker_is_where_he_is():
    far = []
    for seed in range(20):
        sim = CrossingSim(seed, "cross", bystander=False, weather="dry")
        while not sim.over:
            sim.run(100)
            for body, x, y in sim.shows:
                place = body and body.kind == "cross" and body.place(sim.now_ms / 1000)
                if place and place[1] > 0 and sim.site.in_view(*place[:2]):
                    far.append(abs(x - place[0]) + abs(y - place[1]))
    far.sort()
    assert len(far) > 500
    assert 0.08 < far[len(far) // 2] < 0.35
    assert far[int(0.9 * len(far))] < 0.9


def test_nobody_comes_where_nobody_was_asked_for_until_somebody_is():
    sim = CrossingSim(7, None, kinds=(), cars_an_hour=0, weather="dry")
    radar, cars = _bytes(sim, 100, 5000)
    assert not cars
    assert not sim.people
    assert not sim.over
    sim.add("child")
    sim.run(6000)
    assert sim.truth[0].crosses
    assert sim.truth[0].kerb_ms > 5000


def test_a_dead_radar_is_silent_and_a_babbling_one_is_not():
    sim = CrossingSim(8, STREET)
    sim.radar_fault = "dead"
    assert sim.run(3000)[0] == b""
    sim.radar_fault = "garbage"
    assert len(sim.run(3000)[0]) == 30 * 30
    sim.radar_fault = None
    assert sim.run(1000)[0].count(b"\xaa\xff\x03\x00") == 10


def test_rain_makes_targets_where_nobody_is_and_a_downpour_more():
    shown = {}
    for weather in ("dry", "rain", "downpour"):
        frames = []
        for seed in range(6):
            sim = CrossingSim(seed, None, kinds=(), cars_an_hour=0, weather=weather)
            data = sim.run(60_000)[0]
            frames += [data[at + 4 : at + 28] for at in range(0, len(data), _FRAME)]
        shown[weather] = sum(any(struct.unpack("<12H", it)[1::4]) for it in frames) / len(frames)
    assert shown["dry"] < shown["rain"] < shown["downpour"]


def test_it_may_begin_to_rain():
    sim = CrossingSim(3, None, kinds=(), cars_an_hour=0, weather="dry")
    dry = sim.run(60_000)[0].count(b"\x68\x01") + sim.run(60_000)[0].count(b"\x40\x01")
    sim.weather = "downpour"
    wet = sim.run(60_000)[0].count(b"\x68\x01") + sim.run(60_000)[0].count(b"\x40\x01")
    assert wet > dry + 50


def test_an_unknown_kind_is_refused_by_name():
    with pytest.raises(ValueError, match="'ghost'"):
        CrossingSim(1, "ghost")


def test_time_goes_on_evenly_whoever_asks():
    sim = CrossingSim(9, STREET)
    times = []
    for _ in range(200):
        before = sim.frames
        sim.run(10)
        if sim.frames != before:
            times.append(sim.now_ms)
    assert all(90 <= b - a <= 110 for a, b in itertools.pairwise(times))
