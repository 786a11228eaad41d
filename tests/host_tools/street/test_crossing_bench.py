"""What the bench of the crosswalk counts, on a few encounters; its goals are the bench's own."""

import sys
from pathlib import Path

import pytest
from support.crossings import Encounter, watch, watch_road

from host_tools.street.crossing_sim import CrossingSim

sys.path.append(str(Path(__file__).resolve().parents[2] / "bench"))
import crosswalk_tables


def test_wilsons_interval_is_that_of_the_textbook():
    # Newcombe, Statistics in Medicine 17 (1998) 857, table I: 81/263, 15/148, 0/20, 1/29.
    for part, whole, least, most in (
        (81, 263, 25.53, 36.62),
        (15, 148, 6.24, 16.05),
        (0, 20, 0, 16.11),
        (1, 29, 0.61, 17.18),
    ):
        share, low, high = crosswalk_tables.wilson(part, whole)
        assert share == pytest.approx(100 * part / whole)
        assert (low, high) == pytest.approx((least, most), abs=0.02)


def test_an_encounter_watched_twice_is_the_same():
    one, other = watch(11, "wait"), watch(11, "wait")
    assert vars(one) == vars(other)


def test_most_who_cross_are_found_before_the_kerb_and_most_who_pass_leave_it_dark():
    crossing = [watch(seed, "cross", bystander=False) for seed in range(30)]
    found = [it.found_ms("kerb") for it in crossing]
    assert sum(at is not None for at in found) >= 24
    assert all(
        it.enters_ms <= at <= it.kerb_ms
        for it, at in zip(crossing, found, strict=True)
        if at is not None
    )
    passing = [watch(seed, "pass", bystander=False) for seed in range(30)]
    assert sum(not it.flashes["kerb"] for it in passing) >= 20
    assert sum(not it.flashes["naive"] for it in passing) <= 2


class _Beacon:
    def __init__(self, flashes, detected):
        self.flashes, self.detected = flashes, detected

    def lit(self, now_ms):
        return any(a <= now_ms < b for a, b in self.flashes)


def _encounter(flashes, detected, kind="cross"):
    sim = CrossingSim(2, kind, bystander=False)
    return Encounter(sim, {"kerb": _Beacon(flashes, detected)})


def test_a_detection_counts_between_view_and_kerb_only():
    it = _encounter([], [])
    enters, kerb = it.enters_ms, it.kerb_ms
    assert it.found_ms("kerb") is None
    for detected, found in (
        ([enters - 100], None),
        ([enters], enters),
        ([enters - 100, kerb], kerb),
        ([kerb + 1], None),
    ):
        assert _encounter([], detected).found_ms("kerb") == found
    # Seen before the view begins and ever since: a plain rule sees farther than the sheet says.
    held = _encounter([[enters - 500, kerb + 9000]], [enters - 500])
    assert held.found_ms("kerb") == enters


def test_a_flash_is_right_for_who_crosses_and_false_for_who_passes():
    enters, kerb = _encounter([], []).enters_ms, _encounter([], []).kerb_ms
    right = _encounter([[enters + 10, kerb + 5000]], [enters + 10])
    assert right.began("kerb") == ["right"]
    assert right.lit["kerb"] == 1
    early = _encounter([[0, enters - 1]], [0])
    assert early.began("kerb") == ["false"]
    assert early.lit["kerb"] == 0
    late = _encounter([], []).crossers[0][2] + 1
    assert _encounter([[late, late + 9000]], [late]).began("kerb") == ["false"]
    assert _encounter([[3000, 9000]], [3000], "pass").began("kerb") == ["false"]


def test_who_headed_for_the_kerb_and_turned_back_is_told_apart():
    kinds = set()
    for seed in range(12):
        sim = CrossingSim(seed, "turn back", bystander=False)
        it = Encounter(sim, {"kerb": _Beacon([[3000, 9000]], [3000])})
        kinds.update(it.began("kerb"))
    assert kinds == {"kept", "false"}


def test_cars_on_the_near_lane_are_counted_about_right_in_thin_traffic():
    told = watch_road(4, 6, 120)
    really, counted = told["cars"]
    assert really >= 4
    assert abs(really - counted) <= 2
    assert told["unseen"] == 0
    assert min(told["ahead_s"]) > 2
