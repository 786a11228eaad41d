"""What a pole says of its own parts."""

import random

from kerb.apps.crosswalk_health import Health, check
from kerb.uplink import fields

WRAP = 1 << 30
STEP_MS = 500
HOUR_MS = 3600000
# Of a lead battery of 12 V.
BATTERY = {"low_mv": 11600, "full_mv": 13200}
# What the city can be told.
PARTS, REASONS = [
    names
    for name, *_, names in fields.parse(fields.EVENTS[fields.number_of(fields.EVENTS, "fault")])
    if name in ("part", "reason")
]


class Pair:
    lost = twin = False


class Pole:
    """A Health, its time, and all that it has said: [(ms, part, reason, active)]."""

    def __init__(self, battery=BATTERY, charger=True, start_ms=WRAP - 7000):
        self.health = Health({"battery": battery, "charger": charger})
        self.start_ms = start_ms
        self.now_ms = 0
        self.said = []

    def pass_ms(self, ms, step_ms=STEP_MS, **what):
        """Time goes by while all this is so; gives what is said in it."""
        first = len(self.said)
        for _ in range(ms // step_ms):
            ticks = (self.start_ms + self.now_ms) % WRAP
            for event in self.health.step(ticks, **what):
                self.said.append((self.now_ms,) + event)
            self.now_ms += step_ms
        return [event[1:] for event in self.said[first:]]


def test_what_is_well_says_nothing():
    pole = Pole()
    well = {"battery_mv": 12500, "charging": True, "pair": Pair(), "button_held_ms": 400}
    assert pole.pass_ms(3 * HOUR_MS, 20000, **well) == []


def test_each_part_is_told_at_once_and_once_and_cleared_once():
    lost, twin = Pair(), Pair()
    lost.lost = twin.twin = True
    for what, value, said in (
        ("radar_fault", "no_answer", ("radar", "no_answer")),
        ("radar_fault", "garbled", ("radar", "garbled")),
        ("car_fault", "no_answer", ("car_radar", "no_answer")),
        ("light_fault", "out_of_range", ("light_sensor", "out_of_range")),
        ("button_held_ms", 60000, ("button", "stuck")),
        ("beacon_fault", "lamp_failure", ("beacon", "lamp_failure")),
        ("beacon_fault", "unexpectedly_on", ("beacon", "unexpectedly_on")),
        ("battery_mv", 11000, ("battery", "low")),
        ("battery_mv", 300, ("battery", "out_of_range")),
        ("pair", lost, ("peer", "lost")),
        ("pair", twin, ("peer", "same_pole")),
    ):
        pole = Pole()
        usual = {"battery_mv": 12500, "charging": True, "pair": Pair()}
        pole.pass_ms(5000, **usual)
        began_ms = pole.now_ms
        wrong = dict(usual)
        wrong[what] = value
        assert pole.pass_ms(600000, **wrong) == [said + (True,)], what
        assert pole.said[0][0] - began_ms <= 2000, (what, pole.said)
        assert pole.pass_ms(600000, **usual) == [said + (False,)], what
        part, reason = said
        assert part in PARTS and reason in REASONS, said


def test_a_radar_that_comes_and_goes_is_one_fault():
    pole = Pole()
    for _ in range(100):
        pole.pass_ms(3000, radar_fault="no_answer")
        pole.pass_ms(4000)
    pole.pass_ms(20000)
    assert [event[1:] for event in pole.said] == [
        ("radar", "no_answer", True),
        ("radar", "no_answer", False),
    ]


def test_a_reason_that_changes_is_told_with_the_end_of_the_one_before():
    pole = Pole()
    pole.pass_ms(3000, radar_fault="garbled")
    pole.pass_ms(3000, radar_fault="no_answer")
    pole.pass_ms(20000)
    assert [event[2:] for event in pole.said] == [
        ("garbled", True),
        ("garbled", False),
        ("no_answer", True),
        ("no_answer", False),
    ]


def test_a_button_held_for_an_hour_is_one_fault_and_a_long_push_is_none():
    pole = Pole()
    for held_ms in range(0, 59000, STEP_MS):
        pole.pass_ms(STEP_MS, button_held_ms=held_ms)
    assert pole.said == []
    for held_ms in range(59000, HOUR_MS // 6, STEP_MS):
        pole.pass_ms(STEP_MS, button_held_ms=held_ms)
    pole.pass_ms(HOUR_MS, 5000, button_held_ms=HOUR_MS)
    assert [event[1:] for event in pole.said] == [("button", "stuck", True)]
    pole.pass_ms(20000, button_held_ms=0)
    assert [event[1:] for event in pole.said][1:] == [("button", "stuck", False)]


def test_a_button_that_chatters_for_minutes_is_a_fault_and_children_who_drum_on_it_are_none():
    pole = Pole()
    pushes = 0
    for half in range(2 * 1800):
        if half % 180 < 60:  # five a second for half a minute, every minute and a half
            pushes = pushes + half % 2 + 2 & 0xFFFF
        pole.pass_ms(STEP_MS, pushes=pushes)
    assert pole.said == []
    began_ms = pole.now_ms
    for half in range(2 * 23000):
        pushes = pushes + 1 + half % 2 & 0xFFFF  # three a second, past 65535
        pole.pass_ms(STEP_MS, pushes=pushes)
    assert [event[1:] for event in pole.said] == [("button", "stuck", True)]
    assert pole.said[0][0] - began_ms <= 121000
    pole.pass_ms(200000, pushes=pushes)
    assert [event[1:] for event in pole.said][1:] == [("button", "stuck", False)]


def wished(pole, ms, reason, crossed=0):
    """For that long the radar tells it; gives what of it is believed, and what is said."""
    believed = set()
    said = []
    for _ in range(ms // STEP_MS):
        ticks = (pole.start_ms + pole.now_ms) % WRAP
        believed.add(pole.health.believe(ticks, reason, crossed))
        said += pole.pass_ms(STEP_MS)
    return believed, said


def test_who_is_told_for_five_minutes_without_end_is_a_ghost_until_the_radar_tells_nobody():
    stuck = ("radar", "stuck")
    for reason in ("track", "presence"):
        pole = Pole()
        assert wished(pole, 300000, reason) == ({reason}, [])
        # From then on for ever, without a change, and it is not believed.
        assert wished(pole, 1000, reason) == ({None}, [stuck + (True,)])
        assert wished(pole, HOUR_MS, reason) == ({None}, [])
        # It flickers.
        for _ in range(20):
            assert wished(pole, 10000, None) == ({None}, [])
            assert wished(pole, 1000, reason) == ({None}, [])
        assert wished(pole, 60000, None) == ({None}, [stuck + (False,)])
        assert wished(pole, 60000, reason) == ({reason}, [])


def test_a_ghost_that_flickers_is_one_as_well():
    pole = Pole()
    for _ in range(40):
        wished(pole, 6000, "track")
        wished(pole, 4000, None)
    assert [event[1:] for event in pole.said] == [("radar", "stuck", True)]


def test_people_who_come_all_day_and_cross_are_no_ghosts():
    pole = Pole()
    for minute in range(4 * 60):
        assert wished(pole, 60000, "track", minute // 4) == ({"track"}, [])
    # Nor are single ones whom a radar sees that can't tell who crosses.
    pole = Pole()
    for _ in range(60):
        assert wished(pole, 100000, "presence") == ({"presence"}, [])
        assert wished(pole, 25000, None) == ({None}, [])


def test_a_radar_that_is_dead_and_was_stuck_is_dead():
    pole = Pole()
    wished(pole, 310000, "track")
    pole.pass_ms(5000, radar_fault="no_answer")
    assert [event[2:] for event in pole.said] == [
        ("stuck", True),
        ("stuck", False),
        ("no_answer", True),
    ]


def test_the_voltage_that_flashes_pull_down_is_no_low_battery():
    random.seed(1)
    pole = Pole()
    for _ in range(300):
        low = random.randint(0, 3) == 0  # lit for 350 of 800 ms, and never so for a second
        pole.pass_ms(STEP_MS, battery_mv=11300 if low else 11700, charging=True)
        pole.pass_ms(STEP_MS, battery_mv=11700, charging=True)
    assert pole.said == []


def test_a_battery_is_low_until_it_is_clearly_above():
    pole = Pole()
    pole.pass_ms(5000, battery_mv=11500)
    pole.pass_ms(300000, battery_mv=11700)
    assert [event[2:] for event in pole.said] == [("low", True)]
    pole.pass_ms(70000, battery_mv=11900)
    assert [event[2:] for event in pole.said] == [("low", True), ("low", False)]


def test_a_battery_whose_voltage_is_not_known_is_neither_raised_nor_cleared():
    pole = Pole()
    pole.pass_ms(600000, battery_mv=None)
    assert pole.said == []
    pole.pass_ms(5000, battery_mv=11500)
    pole.pass_ms(600000, battery_mv=None)
    assert [event[2:] for event in pole.said] == [("low", True)]


def test_a_battery_that_nothing_charges_is_told_after_more_than_a_night():
    pole = Pole()
    pole.pass_ms(8 * HOUR_MS, 120000, battery_mv=12500, charging=True)
    pole.pass_ms(41 * HOUR_MS, 120000, battery_mv=12500, charging=False)
    assert pole.said == []
    pole.pass_ms(2 * HOUR_MS, 120000, battery_mv=12500, charging=False)
    assert [event[1:] for event in pole.said] == [("battery", "supply_loss", True)]
    # For ever, without a change: longer than ticks take to come round.
    pole.pass_ms(400 * HOUR_MS, 600000, battery_mv=12500, charging=False)
    assert len(pole.said) == 1
    pole.pass_ms(5000, battery_mv=12500, charging=True)
    assert [event[2:] for event in pole.said][1:] == [("supply_loss", False)]


def test_a_full_battery_need_not_be_charged():
    pole = Pole()
    pole.pass_ms(100 * HOUR_MS, 300000, battery_mv=13300, charging=False)
    assert pole.said == []


def test_without_a_charger_input_or_a_battery_nothing_is_said_of_them():
    pole = Pole(charger=False)
    pole.pass_ms(100 * HOUR_MS, 300000, battery_mv=12500, charging=None)
    pole = Pole(battery=None, charger=False)
    pole.pass_ms(600000, battery_mv=100)
    assert pole.said == []


def test_everything_at_once_is_told_at_once():
    pole = Pole()
    pair = Pair()
    pair.lost = pair.twin = True
    pole.pass_ms(
        3000,
        radar_fault="no_answer",
        car_fault="garbled",
        button_held_ms=HOUR_MS,
        beacon_fault="lamp_failure",
        battery_mv=10000,
        charging=False,
        pair=pair,
    )
    assert len(pole.said) == 7 and all(active for *_, active in pole.said)
    assert max(event[0] for event in pole.said) <= 2000


def test_a_battery_that_cannot_be_is_named():
    for low, full, errors in ((11600, 13200, 0), (11600, 11600, 1), (11600, 11832, 1)):
        cfg = {"battery": {"low_mv": low, "full_mv": full}, "charger": True}
        found = check(cfg)
        assert len(found) == errors, found
        assert not found or "found %d" % full in found[0]
    assert check({"battery": None, "charger": False}) == []
    assert "crosswalk.battery" in check({"battery": None, "charger": True})[0]
