"""A lot made of the events of its bays."""

import random

import pytest

from host_tools.parking import words
from host_tools.parking.lot import SILENT_AFTER_S, Lot


class _Device:
    """Says what a device with one bay says, numbered as the uplink does."""

    def __init__(self, lot, name="deck-1"):
        self.lot = lot
        self.name = name
        self.seq = 0
        self.arrivals = 0
        self.boot_count = 0
        self.state = None

    def _envelope(self):
        self.seq += 1
        return {"v": 1, "seq": (self.seq - 1) & 0xFFFF, "time": None, "clock": "unset"}

    def boot(self, now_s):
        self.seq = self.arrivals = 0
        self.boot_count += 1
        self.state = None
        document = self._envelope() | {"boot_count": self.boot_count}
        self.lot.take_event(now_s, self.name, "boot", document)

    def state_event(self, state, stay_s=None, reason="ground"):
        if state == "occupied" and self.state == "free":
            self.arrivals += 1
        if state != "unknown":
            self.state = state
        values = {"bay": 0, "state": state, "reason": reason, "confidence_permille": 990}
        return self._envelope() | values | {"stay_s": stay_s}

    def says(self, now_s, state, stay_s=None, reason="ground", delay_s=0.0):
        document = self.state_event(state, stay_s, reason)
        return self.lot.take_event(now_s, self.name, "bay_state", document, delay_s)

    def reports(self, now_s, state, state_s, **more):
        values = {"bay": 0, "state": state, "reason": "ground", "state_s": state_s}
        document = self._envelope() | values | {"arrivals": self.arrivals} | more
        return self.lot.take_event(now_s, self.name, "bay_report", document)


@pytest.fixture
def lot():
    """A lot that is connected at 0 s."""
    made = Lot()
    made.connected(0)
    return made


def _bay(lot, now_s, at=0):
    return lot.snapshot(now_s)["bays"][at]


def test_a_bay_that_was_never_heard_of_is_unknown_and_counted(lot):
    lot.expect("deck-1", 2)
    _Device(lot).says(5, "free")
    now = lot.snapshot(6)
    assert (now["total"], now["free"], now["occupied"], now["unknown"]) == (2, 1, 0, 1)
    assert now["bays"][1]["reason"] == "not heard"
    assert now["bays"][1]["state_s"] is None
    assert now["bays"][1]["heard_s"] is None


def test_a_state_has_the_age_that_the_device_gives_it(lot):
    device = _Device(lot)
    device.says(100, "occupied", delay_s=40)
    assert _bay(lot, 130)["state_s"] == 70
    device.reports(200, "occupied", state_s=900)
    assert _bay(lot, 200)["state_s"] == 900
    assert _bay(lot, 210)["heard_s"] == 10


def test_a_bay_that_is_silent_for_too_long_is_unknown_until_it_is_heard_again(lot):
    device = _Device(lot)
    device.says(0, "free")
    assert _bay(lot, SILENT_AFTER_S)["state"] == "free"
    assert _bay(lot, SILENT_AFTER_S + 1)["state"] == "unknown"
    assert _bay(lot, SILENT_AFTER_S + 1)["reason"] == "silent"
    device.reports(SILENT_AFTER_S + 10, "free", state_s=SILENT_AFTER_S)
    assert _bay(lot, SILENT_AFTER_S + 11)["state"] == "free"


def test_an_offline_device_has_no_known_bay_and_online_it_has_what_it_last_said(lot):
    device = _Device(lot)
    device.says(10, "occupied")
    lot.take_availability(20, "deck-1", False)
    assert _bay(lot, 21)["state"] == "unknown"
    assert _bay(lot, 21)["reason"] == "offline"
    assert _bay(lot, 21)["distance_mm"] is None
    lot.take_availability(30, "deck-1", True)
    assert _bay(lot, 31)["state"] == "occupied"
    assert _bay(lot, 31)["state_s"] == 21


def test_after_a_boot_a_bay_is_unknown_until_it_speaks_and_no_arrival_is_made_up(lot):
    device = _Device(lot)
    device.boot(0)
    device.says(1, "free")
    device.boot(50)
    assert _bay(lot, 51)["state"] == "unknown"
    device.says(60, "occupied")
    assert _bay(lot, 61)["state"] == "occupied"
    assert lot.snapshot(61)["arrivals"] == 0
    # The same boot, delivered again.
    lot.take_event(70, "deck-1", "boot", {"boot_count": 2, "seq": 0})
    assert _bay(lot, 71)["state"] == "occupied"


def test_without_a_broker_nothing_is_known_and_after_it_only_what_was_heard_anew(lot):
    device = _Device(lot)
    device.says(0, "free")
    lot.lost(10)
    assert _bay(lot, 11)["reason"] == "no broker"
    assert not lot.snapshot(11)["connected"]
    lot.connected(20)
    assert _bay(lot, 21)["reason"] == "not heard"
    device.reports(30, "free", state_s=30)
    assert _bay(lot, 31)["state"] == "free"


def test_stays_and_arrivals_are_counted_once_whatever_comes_twice_or_late(lot):
    chance = random.Random(5)
    device = _Device(lot)
    now_s, sent, wanted_stays = 0, [], []
    for n in range(400):
        now_s += chance.randrange(60, 4000)
        state = ("free", "occupied")[n % 2]
        stay_s = chance.randrange(1, 9000) if n > 1 and state == "free" else None
        if stay_s is not None:
            wanted_stays.append(stay_s)
        sent.append(device.state_event(state, stay_s))
        lot.take_event(now_s, "deck-1", "bay_state", sent[-1])
        for document in chance.choices(sent[-20:], k=chance.randrange(3)):
            assert lot.take_event(now_s, "deck-1", "bay_state", document) is None
        if chance.random() < 0.3:
            device.reports(now_s, state, state_s=0)
    now = lot.snapshot(now_s)
    assert now["arrivals"] == 200
    assert now["stays"] == len(wanted_stays)
    assert now["mean_stay_s"] == round(sum(wanted_stays) / len(wanted_stays))
    hours = now["watched_bay_h"]
    assert now["turnover_bay_day"] == pytest.approx(200 * 24 / hours, rel=0.01)


def test_arrivals_that_were_missed_are_found_by_the_devices_own_counter(lot):
    device = _Device(lot)
    device.says(0, "free")
    device.reports(0, "free", state_s=0)
    for _ in range(3):  # lost on the way
        device.state_event("occupied")
        device.state_event("free")
    device.says(500, "occupied")
    device.reports(501, "occupied", state_s=1)
    assert lot.snapshot(501)["arrivals"] == 4
    device.arrivals = 0xFFFF
    device.reports(502, "occupied", state_s=2)  # nothing that can be: not believed
    device.arrivals = 0
    device.reports(503, "occupied", state_s=3)  # but its wrap is
    assert lot.snapshot(503)["arrivals"] == 5


def test_a_sensor_that_was_blind_for_a_while_makes_no_car(lot):
    device = _Device(lot)
    device.says(0, "free")
    device.says(100, "occupied")
    device.says(200, "unknown", reason="blocked")
    assert _bay(lot, 210)["reason"] == "blocked"
    device.says(300, "occupied")
    now = lot.snapshot(310)
    assert now["arrivals"] == 1
    assert now["bays"][0]["state_s"] == 210


def test_hours_in_which_a_bay_is_unknown_are_not_watched(lot):
    device = _Device(lot)
    lot.expect("deck-2")
    device.says(0, "free")
    device.says(3600, "unknown", reason="no_echo")
    assert lot.snapshot(7200)["watched_bay_h"] == pytest.approx(1, abs=0.01)


def test_numbers_that_go_round_and_a_restart_that_was_missed_are_understood(lot):
    device = _Device(lot)
    device.seq = 0xFFFE
    for n in range(6):
        state = ("free", "occupied")[n % 2]
        device.says(n, state)
        assert _bay(lot, n)["state"] == state
    for seq, time, state in ((5000, "10:00:00Z", "free"), (2, "10:05:00Z", "occupied")):
        document = {"bay": 0, "state": state, "seq": seq, "time": "2026-11-22T" + time}
        lot.take_event(100, "deck-1", "bay_state", document)
        assert _bay(lot, 100)["state"] == state


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"bay": 0},
        {"bay": "0", "state": "free"},
        {"bay": True, "state": "free"},
        {"bay": -1, "state": "free"},
        {"bay": 256, "state": "free"},
        {"bay": 0, "state": "closed"},
        {"bay": 0, "state": ["free"]},
        {"bay": 0, "state": {}},
    ],
)
def test_what_is_no_event_of_a_bay_makes_none(lot, document):
    assert lot.take_event(0, "deck-1", "bay_state", document) is None
    assert lot.snapshot(0)["bays"] == []


def test_odd_values_in_an_event_are_taken_for_unknown(lot):
    odd = {"bay": 0, "state": "free", "seq": "x", "time": 3, "stay_s": "long", "arrivals": []}
    odd |= {"state_s": None, "distance_mm": 1.5, "battery_mv": True, "confidence_permille": {}}
    for kind in ("bay_report", "bay_state", "bay_report"):
        lot.take_event(5, "deck-1", kind, odd)
    now = lot.snapshot(6)
    assert now["free"] == 1
    assert now["bays"][0]["distance_mm"] is None
    assert now["bays"][0]["battery_mv"] is None
    assert words.table(now)


def test_numbers_that_no_device_can_send_are_taken_for_unknown(lot):
    names = ("state_s", "stay_s", "distance_mm", "baseline_mm", "battery_mv", "arrivals")
    names += ("confidence_permille", "echoes_percent", "temperature_cdeg", "seq")
    for value in (10**400, -(10**400), 1 << 63):
        for name in names:
            for kind in ("bay_report", "bay_state"):
                odd = {"bay": 0, "state": "free", "reason": "ground", name: value}
                lot.take_event(5, "deck-1", kind, odd)
                bay = _bay(lot, 6)
                assert bay["state"] == "free"
                assert bay["state_s"] == 1
                assert bay.get(name) in (None, 1, 0)
                assert words.table(lot.snapshot(6))
        lot.take_event(5, "deck-1", "bay_state", {"bay": value, "state": "free"})
    lot.take_event(5, "deck-1", "bay_state", {"bay": 8, "state": "free"})
    assert lot.snapshot(6)["total"] == 1
    assert lot.stays_s == []


def test_nothing_that_is_said_reaches_the_terminal_but_what_the_table_has(lot):
    escape = "\x1b[2J\x1b]0;x\x07"
    values = {"bay": 0, "state": "unknown", "reason": escape}
    for kind in ("bay_state", "bay_report"):
        for device in ("deck-1", escape, "x" * 5000, "\u202edeck", ""):
            lot.take_event(0, device, kind, values | {"seq": None})
            lot.take_availability(0, device, True)
    now = lot.snapshot(1)
    assert [bay["device"] for bay in now["bays"]] == ["deck-1"]
    assert now["bays"][0]["reason"] == "not known"
    assert words.table(now).replace("\n", " ").isprintable()
    assert lot.take_event(2, "deck-1", "bay_state", values | {"state": escape}) is None


def test_bays_are_in_the_order_that_people_expect(lot):
    for name in ("deck-10", "deck-9", "b", "deck-1", "7"):
        _Device(lot, name).says(0, "free")
    names = [bay["device"] for bay in lot.snapshot(1)["bays"]]
    assert names == ["7", "b", "deck-1", "deck-9", "deck-10"]


def test_a_thousand_bays_are_no_burden(lot):
    devices = [_Device(lot, "deck-{}".format(n)) for n in range(1000)]
    for device in devices:
        device.says(0, "free")
    now = lot.snapshot(1)
    assert (now["total"], now["free"]) == (1000, 1000)
    assert words.totals(now) == "1000 of 1000 free, 0 occupied"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "-"),
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (3600 * 3 + 300, "3 h 5 min"),
        (86400 * 2 + 7200, "2 d 2 h"),
        (86400 * 30, "30 d"),
    ],
)
def test_a_time_is_told_short(seconds, text):
    assert words.span(seconds) == text


def test_a_change_is_told_with_what_was_before(lot):
    device = _Device(lot)
    device.says(0, "free")
    before = _bay(lot, 300)
    device.says(300, "occupied")
    after = _bay(lot, 300)
    assert words.change(before, after) == "deck-1/0 occupied; was free for 5 min"
    assert words.change(after, _bay(lot, 400)) is None
    device.says(500, "unknown", reason="no_echo")
    text = words.change(after, _bay(lot, 500))
    assert text.startswith("deck-1/0 unknown (no echo); was occupied")
