"""A part of the year that `make bench-light` shows whole, and what its observer can see."""

import itertools

import pytest
from support.year import Year
from support.year_faults import KINDS, Spans, plan

from kerb.apps import light


@pytest.mark.parametrize(("place", "seed"), [("Busan", 11), ("Bonn", 12)])
def test_every_fault_is_raised_once_and_nothing_else_and_no_night_is_dark(place, seed):
    year = Year(seed, place, days=25).run()
    assert year.missed == []
    assert year.repeats == []
    assert year.alarms == []
    assert year.uncleared == []
    assert (year.dark_min, year.day_min, year.wrong_min) == (0, 0, 0)
    assert len([it for it in year.injections if it.due]) >= 4
    assert year.night_min > 25 * 8 * 60
    lamp, energy = year.pole.lamp, year.device.light.energy
    assert energy.energy_wh * 3600 == pytest.approx(lamp.energy_j, rel=0.03)
    assert energy.burn_s == pytest.approx(lamp.burn_s, rel=0.01)


def test_without_faults_the_meter_and_the_counters_agree_with_what_was():
    year = Year(5, days=8, faults=False).run()
    assert year.good
    lamp, energy = year.pole.lamp, year.device.light.energy
    assert energy.energy_wh * 3600 == pytest.approx(
        lamp.energy_j * year.pole.meter.gain, rel=0.005
    )


def test_the_same_seed_is_the_same_year():
    years = [Year(7, days=4).run() for _ in range(2)]
    assert years[0].events == years[1].events
    assert years[0].pole.lamp.energy_j == years[1].pole.lamp.energy_j
    assert Year(8, days=4).run().pole.lamp.energy_j != years[0].pole.lamp.energy_j


def test_the_observer_sees_a_light_that_stays_dark_or_burns_by_day_or_at_a_wrong_level(
    monkeypatch,
):
    def always(level):
        monkeypatch.setattr(light.Light, "_decide", lambda *_: (level, "schedule"))
        return Year(3, days=3, faults=False).run()

    dark = always(0)
    assert dark.dark_min == dark.night_min > 0
    assert not dark.good
    bright = always(1000)
    assert bright.dark_min == 0
    assert bright.day_min > 0
    assert bright.wrong_min > 0


def test_the_observer_counts_a_false_alarm_and_one_told_twice_and_a_missed_fault():
    def send(year, active):
        values = {"part": "lamp", "reason": "lamp_failure", "active": active}
        year._hear(year._now_s, [("fault", values)], None)

    year = Year(3, days=1, faults=False)
    year._now_s = 5.0
    send(year, True)
    assert [what for _, what, _ in year.alarms] == [("lamp", "lamp_failure")]
    send(year, True)
    assert [what for _, what in year.repeats] == [("lamp", "lamp_failure")]

    year = Year(3, days=9)
    year.injections = plan(3, 9, [kind for kind in KINDS if kind.name == "lamp out"])
    (only, *_) = year.injections
    year._now_s = only.begin_s + 1
    send(year, True)
    send(year, False)
    assert (only.raised, only.cleared, year.repeats, year.alarms) == (1, 1, [], [])
    send(year, True)
    assert len(year.repeats) == 1

    only.raised, only.shown_s = 0, 1e6
    assert year.missed == ["lamp out"]


def test_a_plan_has_every_kind_in_turn_and_one_fault_at_a_time():
    planned = plan(1, 365)
    assert {it.kind.name for it in planned} == {kind.name for kind in KINDS}
    for before, after in itertools.pairwise(planned):
        assert after.begin_s - before.end_s > 86400
    assert [it.begin_s for it in planned] != [it.begin_s for it in plan(2, 365)]


def test_spans_are_found_by_a_time_that_rises():
    spans = Spans("x", 100, (1, 2), 365)
    hours = sum(spans.at(minute * 60) for minute in range(365 * 1440)) / 60
    assert 100 < hours < 200
