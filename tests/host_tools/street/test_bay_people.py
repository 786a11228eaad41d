"""The people of a simulated bay: who passes, and who gets in and out of the cars."""

import itertools

import pytest

from host_tools.street.bay import BaySim
from host_tools.street.bay_bodies import BODIES
from host_tools.street.bay_people import Occupant
from host_tools.street.bay_traffic import DAY_S, Traffic


def _traffic(seeds=30, days=3):
    return [Traffic(seed, days, BODIES) for seed in range(seeds)]


def _occupants(traffic, visit):
    those = [it for it in traffic.passers if isinstance(it, Occupant)]
    return [it for it in those if visit.stand_s <= it.begin_s < visit.go_s]


def test_people_are_at_their_car_only_while_it_stands():
    for traffic in _traffic(5):
        stays = [(it.stand_s, it.go_s) for it in traffic.visits]
        for person in traffic.passers:
            if isinstance(person, Occupant):
                assert any(
                    stand_s <= person.begin_s and person.end_s <= go_s for stand_s, go_s in stays
                )


def test_somebody_is_heard_of_at_most_cars_when_they_come_and_when_they_go():
    stays = early = late = 0
    for traffic in _traffic():
        for visit in traffic.visits:
            if visit.begin_s < 0 or visit.go_s > 3 * DAY_S or visit.go_s - visit.stand_s < 600:
                continue
            stays += 1
            those = _occupants(traffic, visit)
            early += any(it.end_s < visit.stand_s + 180 for it in those)
            late += any(it.begin_s > visit.go_s - 240 for it in those)
            assert not any(visit.stand_s + 240 < it.end_s < visit.go_s - 300 for it in those)
    # At a door they are within hearing of a post.
    assert stays > 300
    assert early > 0.95 * stays
    assert late > 0.95 * stays


def test_cars_and_passers_are_not_moved_by_the_people_of_the_cars():
    for traffic in _traffic(5):
        walkers = [it for it in traffic.passers if it.spots is None]
        assert len(walkers) > len(traffic.passers) / 3
        assert [it.begin_s for it in traffic.passers] == sorted(
            it.begin_s for it in traffic.passers
        )


def test_those_who_are_there_are_found_in_any_moment():
    for traffic in _traffic(3, 1):
        for at in range(0, DAY_S, 97):
            there = [it for it in traffic.passers if it.begin_s <= at < it.end_s]
            assert traffic.people(at) == there
            following = traffic.next_s(at)
            marks = itertools.chain.from_iterable((it.begin_s, it.end_s) for it in traffic.passers)
            assert not any(at < mark < following for mark in marks)


@pytest.mark.parametrize(("mount", "nearest_mm"), [("post", 800), ("kerb", 600)])
def test_who_squeezes_in_before_a_car_is_heard_nearer_than_the_car(mount, nearest_mm):
    heard = 0
    for seed in range(12):
        sim = BaySim(seed, mount, days=2)
        for person in sim.traffic.passers:
            spot = (person.spots or {}).get(mount)
            if not spot or spot[0] > 0.6 or spot[1] > 0.2 or person.begin_s < 0:
                continue
            middle_s = (person.begin_s + person.end_s) / 2
            assert sim.truth(middle_s) == "occupied"
            echoes = sim.reading(middle_s)[0]
            heard += any(mm is not None and mm < nearest_mm for mm in echoes)
    assert heard > 10


def test_under_a_ceiling_nobody_hears_who_gets_out():
    sim, same = BaySim(3, days=2), BaySim(3, days=2)
    same.traffic.people = lambda now_s: [
        it for it in Traffic.people(sim.traffic, now_s) if it.spots is None
    ]
    people = [it for it in sim.traffic.passers if it.spots]
    assert people
    for person in people:
        middle_s = (person.begin_s + person.end_s) / 2
        assert sim._build(middle_s, sim.traffic.visit(middle_s), sim.traffic.people(middle_s)) == (
            same._build(middle_s, same.traffic.visit(middle_s), same.traffic.people(middle_s))
        )
