import random

from kerb.apps import parking
from kerb.apps.parking import Bay
from kerb.system.schema import validate


def cfg(floor_mm=2500, mount="ceiling", **given):
    bay = {"mount": mount}
    if floor_mm:
        bay["floor_mm"] = floor_mm
    given["bays"] = [bay]
    clean, errors = validate(parking.SCHEMA, given, parking.check)
    assert not errors, errors
    return clean


class Lot:
    """A bay and the time; says what its sensor hears, with noise of its own."""

    def __init__(self, **given):
        self.bay = Bay(cfg(**given))
        self.ms = 1000
        self.told = []
        random.seed(1)

    def hear(self, mm, seconds, spread=4, lost=0.1):
        """The state at the end of so many seconds of `mm` (None: silence)."""
        end = self.ms + 1000 * seconds
        while self.ms < end:
            burst = []
            for _ in range(self.bay.burst):
                silent = mm is None or random.random() < lost
                burst.append(None if silent else mm + random.randint(-spread, spread))
            self.step(burst)
        return self.bay.state

    def step(self, burst, fault=None):
        for kind, values in self.bay.step(self.ms, burst, 2000, fault):
            self.told.append((self.ms // 1000, kind, values))
        self.ms += self.bay.wait_ms

    def states(self):
        return [v["state"] for _, kind, v in self.told if kind == "bay_state"]


def test_a_car_comes_and_goes_and_each_is_said_once():
    lot = Lot()
    assert lot.hear(2500, 20) == "free"
    assert lot.hear(1100, 600) == "occupied"
    assert lot.hear(2500, 60) == "free"
    assert lot.states() == ["free", "occupied", "free"]
    assert lot.bay.arrivals == 1
    stay_s = [v["stay_s"] for _, kind, v in lot.told if kind == "bay_state"]
    assert stay_s[0] is None and abs(stay_s[1] - 20) < 8 and abs(stay_s[2] - 600) < 8


def test_a_car_that_stands_is_known_within_five_seconds():
    for lost in (0, 0.1, 0.3):
        lot = Lot()
        lot.hear(2500, 60, lost=lost)
        lot.hear(1100, 6, lost=lost)
        at, _, values = [e for e in lot.told if e[1] == "bay_state"][-1]
        assert values["state"] == "occupied" and at <= 61 + 5, (lost, at)
        lot.hear(1100, 60, lost=lost)
        lot.hear(2500, 6, lost=lost)
        assert lot.bay.state == "free", lost


def test_a_dead_silent_covered_or_stuck_part_is_unknown_within_a_minute():
    for name in ("no_answer", "no_echo", "blocked", "stuck", "garbled"):
        for mm in (2500, 1100):
            lot = Lot()
            before = lot.hear(mm, 60)
            for _ in range(58):
                if name == "no_answer":
                    lot.step([], "no_answer")
                elif name == "garbled":
                    lot.step([random.randint(13000, 60000) for _ in range(5)])
                else:
                    lot.step([{"no_echo": None, "blocked": 90, "stuck": mm}[name]] * 5)
            assert (lot.bay.state, lot.bay.reason) == ("unknown", name), lot.bay.reason
            assert lot.bay.confidence_permille is None
            assert lot.hear(mm, 20) == before
            assert lot.bay.arrivals == 0
