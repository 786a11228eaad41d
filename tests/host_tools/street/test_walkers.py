"""People in the street, and the sensors that see them."""

import itertools

from host_tools.street.walkers import Pir, Walkers


def test_the_same_seed_has_the_same_people_in_whatever_order_one_asks():
    forwards = [Walkers(seed=4).positions_m(t) for t in range(0, 86400, 30)]
    it = Walkers(seed=4)
    backwards = [it.positions_m(t) for t in range(86370, -1, -30)]
    assert forwards == backwards[::-1]
    assert forwards != [Walkers(seed=5).positions_m(t) for t in range(0, 86400, 30)]


def test_a_walker_moves_at_a_walking_pace_and_leaves_at_the_other_end():
    it = Walkers(seed=4, an_hour=(1,) * 24)
    begin_s = 1
    while not it.positions_m(begin_s):
        begin_s += 1
    there = []
    while it.positions_m(begin_s):
        there.append(it.positions_m(begin_s)[0])
        begin_s += 1
    assert 300 / 1.8 - 2 < len(there) < 300 / 0.9 + 2
    paces = {round(abs(b - a), 3) for a, b in itertools.pairwise(there)}
    assert len(paces) == 1


def test_more_people_walk_in_the_evening_than_at_night():
    it = Walkers(seed=1)
    walks = [len(it._of(hour)) for hour in range(24 * 60)]
    evening = sum(walks[hour] for hour in range(24 * 60) if hour % 24 == 18)
    night = sum(walks[hour] for hour in range(24 * 60) if hour % 24 == 3)
    assert evening > 10 * night > 0


def test_a_sensor_sees_who_is_near_holds_a_while_and_can_be_stuck():
    it = Pir(at_m=30)
    assert not it.output(0, [20, 40])
    assert it.output(1, [20, 25])
    assert it.output(3, [])
    assert not it.output(4, [])
    it.stuck = True
    assert it.output(5, [])
    it.stuck = False
    assert not it.output(6, [30])
