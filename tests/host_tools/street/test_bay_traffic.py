"""Cars, people, weather and truth in a simulated bay, and how detectors are judged by it."""

import itertools
import statistics

from support.bays import Score, Truth, watch

from host_tools.street.bay import MOUNTS, BaySim
from host_tools.street.bay_bodies import BODIES
from host_tools.street.bay_traffic import DAY_S, Traffic


def test_a_bay_sees_about_ten_cars_a_day_that_stay_as_long_as_surveys_say():
    visits, days = [], 0
    for seed in range(40):
        visits += Traffic(seed, 3, BODIES).visits
        days += 3
    assert 7 < len(visits) / days < 14
    short = [it.go_s - it.stand_s for it in visits if it.stand_s % DAY_S < 18 * 3600]
    assert 30 < statistics.median(short) / 60 < 42
    assert statistics.mean(short) > 1.5 * statistics.median(short)


def test_cars_come_one_after_the_other_and_truth_says_when_they_stand():
    for seed in range(5):
        sim = BaySim(seed, days=3)
        marks = [
            (it.begin_s, it.stand_s, it.go_s, it.out_s, it.end_s) for it in sim.traffic.visits
        ]
        flat = list(itertools.chain.from_iterable(marks))
        assert flat == sorted(flat)
        for begin_s, stand_s, go_s, out_s, end_s in marks:
            assert sim.truth(begin_s + 0.1) == "free" and not sim.settled(begin_s + 0.1)
            assert sim.truth(stand_s + 0.1) == "occupied" and sim.settled(stand_s + 0.1)
            assert sim.truth(out_s - 0.1) == "occupied" and not sim.settled(go_s + 0.1)
            assert sim.truth(out_s + 0.1) == "free" and not sim.settled(end_s - 0.1)


def test_a_car_moves_steadily_in_and_out_again():
    for visit in Traffic(7, 3, BODIES, half_in=0.35).visits:
        steps = [
            visit.begin_s + 0.2 * n for n in range(1000) if 0.2 * n < visit.stand_s - visit.begin_s
        ]
        inward = [visit.out_m(t) for t in steps]
        assert all(a >= b - 1e-9 for a, b in itertools.pairwise(inward))
        assert visit.out_m(visit.stand_s) == visit.out_m(visit.go_s - 0.1) == visit.short_m
        assert visit.out_m(visit.end_s) > 5.9


def test_what_begins_occupied_begins_occupied():
    for seed in range(20):
        assert BaySim(seed, days=1, occupied=True).truth(0) == "occupied"
        assert BaySim(seed, days=1, occupied=False).truth(0) == "free"


def test_no_snow_gathers_under_a_parked_car():
    grown = kept = 0
    for seed in range(8):
        sim = BaySim(seed, "post", "snow", days=3)
        for minute in range(1, 3 * 1440):
            now_s = 60 * minute
            gain_m = sim.weather.raised_m(now_s) - sim.weather.raised_m(now_s - 60)
            if sim.weather.falls(now_s):
                if sim.truth(now_s) == "occupied":
                    kept += gain_m
                else:
                    grown += gain_m
    assert grown > 0.1
    assert kept < 0.1 * grown


def test_a_blocked_lid_is_a_fault_and_hides_the_ground():
    found = 0
    for seed in range(12):
        sim = BaySim(seed, "post", "dirt", days=3)
        for begin_s, end_s, kind in sim.weather.faults:
            found += 1
            assert kind == "blocked"
            middle_s = (begin_s + end_s) / 2
            assert sim.weather.lid_db(middle_s) >= sim.blocked_db
            if begin_s:
                assert sim.weather.lid_db(begin_s - 90) < sim.blocked_db
                floor_mm = sim.floor_mm()
                assert not any(
                    abs((mm or 0) - floor_mm) < 30 for mm in sim.reading(middle_s, 1)[0]
                )
    assert found > 3


def _judged(changes_of, condition="fair", seed=3, mount="ceiling"):
    sim = BaySim(seed, mount, condition, days=2, occupied=False)
    truth = Truth(sim, 2 * DAY_S)
    return truth, Score(truth, changes_of(sim))


def _perfect(sim, late_s=0.0):
    changes = [(0, "free")]
    for stand_s, out_s in sim.arrivals:
        changes += [(stand_s + late_s, "occupied"), (out_s + late_s, "free")]
    return [it for it in changes if it[0] < 2 * DAY_S]


def test_who_is_always_right_is_judged_so():
    for seed in range(6):
        _, score = _judged(_perfect, seed=seed)
        assert sum(hours for (was, said), hours in score.hours.items() if was != said) < 1e-6
        assert score.events == score.once > 10
        assert score.missed == score.again == score.extra == score.pushed == 0
        assert max(score.late_s) == 0


def test_who_is_late_is_judged_late():
    _, score = _judged(lambda sim: _perfect(sim, late_s=4))
    assert score.once == score.events
    assert all(3.99 < late < 4.01 for late in score.late_s)
    wrong_h = sum(hours for (was, said), hours in score.hours.items() if was != said)
    assert 0 < wrong_h < 4 * score.events / 3600


def test_who_says_nothing_or_one_thing_only_finds_nothing():
    for words in ("free", "occupied", "unknown"):
        _, score = _judged(lambda sim, words=words: [(0, words)])
        assert score.once == 0
        assert score.missed == score.events
        assert {said for _, said in score.hours} == {words}


def test_who_wavers_is_found_out():
    def wavering(sim):
        changes = _perfect(sim)
        stand_s, _ = sim.arrivals[1]
        return sorted([*changes, (stand_s + 10, "free"), (stand_s + 12, "occupied")])

    _, score = _judged(wavering)
    assert score.again == 1
    assert score.extra == 2


def test_who_takes_people_for_cars_is_found_out():
    def fooled(sim):
        changes = _perfect(sim)
        for it in sim.traffic.passers:
            if sim.traffic.visit(it.begin_s) is None and sim.traffic.visit(it.end_s) is None:
                changes += [(it.begin_s, "occupied"), (it.end_s, "free")]
        return sorted(changes)

    _, score = _judged(fooled, "people")
    assert score.short > 50
    assert score.short >= score.pushed > 0.95 * score.short
    assert score.standing >= score.pushed_long > 0.8 * score.standing


def test_only_unknown_is_right_for_a_part_that_is_out():
    truth, blind = _judged(_perfect, "dead")
    assert blind.faults == len(truth.faults) == 2
    assert blind.told == 0

    def honest(sim):
        changes = _perfect(sim)
        for begin_s, end_s, _ in sim.weather.faults:
            kept = [it for it in changes if not begin_s <= it[0] <= end_s]
            changes = [*kept, (begin_s + 40, "unknown"), (end_s, sim.truth(end_s))]
        return sorted(changes)

    _, told = _judged(honest, "dead")
    assert told.told == 2
    assert told.wrong_s <= 40
    _, liar = _judged(lambda sim: [(0, "free")], "dead", seed=4)
    assert liar.wrong_s > 60


def test_a_whole_day_is_watched_by_both_detectors_at_the_pace_of_the_bay():
    for mount in MOUNTS:
        scores = watch(1, mount, "fair", days=1, idle_s=30)
        for score in scores.values():
            assert 15 < sum(score.hours.values()) < 24
        assert 2880 <= scores["kerb"].bursts < 12_000


def test_quiet_times_may_be_skipped_without_another_result():
    fine, coarse = (
        watch(2, "ceiling", "fair", days=1, quiet_s=quiet_s)["kerb"] for quiet_s in (0, 10)
    )
    assert coarse.bursts < fine.bursts / 2
    assert (coarse.events, coarse.once) == (fine.events, fine.once)
