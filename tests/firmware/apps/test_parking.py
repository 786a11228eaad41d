import random

from kerb.apps import parking
from kerb.apps.parking import Bay
from kerb.apps.parking_burst import Burst
from kerb.system.schema import validate
from kerb.uplink import codec


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
        self.cdeg = 2000
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
        for kind, values in self.bay.step(self.ms, burst, self.cdeg, fault):
            payload = codec.encode(kind, values)  # every event is one that can be sent
            assert kind != "bay_state" or len(payload) <= 5
            self.told.append((self.ms // 1000, kind, values))
        self.ms += self.bay.wait_ms

    def come(self, mm, lost=0.1):
        """A car comes under the sensor within 5 s and stands there."""
        begin = self.ms
        while self.ms < begin + 5000:
            left = 5000 - (self.ms - begin)
            above = 600 * (left * left // 1000) // 25000
            burst = [mm + above + random.randint(-4, 4) for _ in range(self.bay.burst)]
            self.step([None if random.random() < lost else it for it in burst])
        return self.hear(mm, 1, lost=lost)

    def states(self):
        return [v["state"] for _, kind, v in self.told if kind == "bay_state"]


def test_a_car_comes_and_goes_and_each_is_said_once():
    lot = Lot()
    assert lot.hear(2500, 20) == "free"
    lot.come(1100)
    assert lot.hear(1100, 600) == "occupied"
    assert lot.hear(2500, 60) == "free"
    assert lot.states() == ["free", "occupied", "free"]
    assert lot.bay.arrivals == 1
    stay_s = [v["stay_s"] for _, kind, v in lot.told if kind == "bay_state"]
    assert stay_s[0] is None and abs(stay_s[1] - 24) < 6 and abs(stay_s[2] - 600) < 6


def test_a_car_that_came_and_stands_is_known_within_five_seconds_and_its_leaving_too():
    for lost in (0, 0.1, 0.3):
        lot = Lot()
        lot.hear(2500, 60, lost=lost)
        assert lot.come(1100, lost=lost) != "unknown"
        assert lot.hear(1100, 4, lost=lost) == "occupied", lost
        lot.hear(1100, 60, lost=lost)
        assert lot.hear(2500, 5, lost=lost) == "free", lost


def test_nobody_who_is_there_for_less_than_eight_seconds_is_a_car():
    for seconds in range(1, 8):
        lot = Lot()
        lot.hear(2500, 60)
        for _ in range(20):
            lot.hear(800, seconds, spread=15)
            lot.hear(2500, 20)
        assert lot.states() == ["free"], seconds


def test_two_people_one_after_the_other_are_no_car_that_comes():
    lot = Lot(mount="post")
    lot.hear(2500, 60)
    for first, then in ((860, 1460), (1460, 700)):
        lot.hear(first, 3)
        lot.hear(then, 4)
        lot.hear(2500, 20)
    assert lot.states() == ["free"]


def test_who_stands_there_and_sways_is_no_car_for_long():
    lot = Lot(mount="post")
    lot.hear(2500, 60)
    for at in (800, 860, 790, 840, 810, 770):
        assert lot.hear(at, 4, spread=10) == "free"


def test_people_who_pass_one_another_or_stand_are_no_car_however_they_are_heard():
    for mount, floor_mm in (("post", 1900), ("kerb", 1400)):
        for seed in range(20):
            lot = Lot(mount=mount, floor_mm=floor_mm)
            lot.hear(floor_mm, 30)
            random.seed(seed)
            near, far = random.randint(300, 600), random.randint(700, 1000)
            end = lot.ms + 8000
            while lot.ms < end:  # now this one is heard, now that one
                mm = random.choice((near, far)) + random.randint(-4, 4)
                lot.step([mm] * lot.bay.burst)
            lot.hear(floor_mm, 30)
            for _ in range(10):  # who stands shifts every few seconds
                lot.hear(near + random.randint(-60, 60), 4, spread=8)
            lot.hear(floor_mm, 30)
            assert lot.states() == ["free"], (mount, seed)


def test_who_comes_nearer_step_by_step_and_stands_in_between_has_not_glided():
    lot = Lot(mount="post", floor_mm=1900)
    lot.hear(1900, 60)
    for mm in (1000, 900, 800, 700, 600):
        assert lot.hear(mm, 6) == "free", mm


def test_a_dead_silent_covered_or_stuck_part_is_unknown_within_a_minute():
    for name in ("no_answer", "no_echo", "blocked", "stuck", "garbled"):
        for mm in (2500, 1100):
            lot = Lot()
            before = lot.hear(mm, 60)
            end = lot.ms + 58000
            while lot.ms < end:
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


def test_a_part_that_dies_is_told_within_a_minute_however_seldom_it_is_asked():
    for idle_s in (1, 10, 20, 30):
        for name in ("no_answer", "no_echo", "blocked", "garbled"):
            lot = Lot(idle_s=idle_s)
            lot.hear(2500, 300)
            dies = lot.ms - 1000 * idle_s  # just after the last burst that was well
            while lot.bay.reason != name:
                if name == "no_answer":
                    lot.step([], name)
                else:
                    lot.step([{"no_echo": None, "blocked": 90, "garbled": 60000}[name]] * 5)
                assert lot.ms - lot.bay.wait_ms - dies <= 60000, (idle_s, name)


def test_a_car_of_which_hardly_an_echo_comes_back_stays_a_car():
    lot = Lot()
    lot.hear(2500, 60)
    lot.come(1500)
    lot.hear(1100, 20, lost=0.9)
    assert lot.bay.state == "occupied"
    assert lot.hear(None, 3600) == "occupied"
    assert lot.hear(2500, 10) == "free"
    assert lot.states() == ["free", "occupied", "free"]


def test_a_car_that_comes_and_is_not_heard_any_more_is_a_car():
    lot = Lot()
    lot.hear(2500, 60)
    lot.hear(1500, 2)
    lot.hear(1450, 1)
    assert lot.hear(None, 3600) == "occupied"
    assert lot.hear(2500, 10) == "free"


def test_a_car_that_leaves_a_ground_which_is_not_heard_is_said_before_that_is_unknown():
    lot = Lot()
    lot.hear(2500, 60)
    lot.hear(2500, 300, lost=0.95)  # fresh snow
    lot.come(1100)
    lot.hear(1100, 600)
    lot.hear(None, 120)
    assert lot.states() == ["free", "occupied", "free", "unknown"]


def test_a_ground_that_sinks_slowly_is_followed_too():
    lot = Lot(mount="kerb", floor_mm=1300)
    for sunk in range(0, 200, 2):
        lot.hear(1300 + sunk, 60)
        lot.come(600)
        assert lot.hear(600, 30) == "occupied" and lot.hear(1300 + sunk, 20) == "free", sunk


def test_a_car_that_was_seen_to_leave_has_left_also_when_all_is_silent_then():
    for mount, seen in (("post", True), ("kerb", True), ("post", False), ("kerb", False)):
        lot = Lot(mount=mount, floor_mm=1800)
        lot.hear(1800, 60)
        lot.come(800)
        assert lot.hear(800, 600) == "occupied"
        for mm in (900, 1050, 1200) if seen else ():
            lot.step([mm] * lot.bay.burst)
        assert lot.hear(None, 10) == ("free" if seen else "occupied"), mount
        assert lot.hear(None, 60) == "unknown"


def test_a_bay_that_falls_silent_is_unknown_within_a_minute_in_the_cold_too():
    for mount in ("post", "kerb", "ceiling"):
        lot = Lot(mount=mount, floor_mm=1800)
        lot.cdeg = -300
        lot.hear(1800, 60)
        assert lot.hear(None, 58) == "unknown", mount


def test_a_car_has_left_that_is_heard_no_more_while_a_risen_ground_is():
    lot = Lot(mount="kerb", floor_mm=1400)
    lot.hear(1400, 60)
    lot.come(590)
    assert lot.hear(590, 3600) == "occupied"
    assert lot.hear(1250, 30) == "free"


def test_silence_above_a_car_that_was_heard_well_is_unknown():
    lot = Lot()
    lot.hear(2500, 60)
    lot.come(1100)
    lot.hear(1100, 600)
    assert lot.hear(None, 58) == "unknown"
    assert lot.hear(1100, 10) == "occupied"
    assert lot.bay.arrivals == 1


def test_an_untold_bay_learns_its_ground_from_the_first_change_whatever_is_there_at_first():
    for first, then in ((1100, 2500), (2500, 1100)):
        lot = Lot(floor_mm=None)
        assert lot.hear(first, 600) == "unknown" and lot.bay.reason == "learning"
        if then == 1100:
            lot.come(then)
        assert lot.hear(then, 40) == ("free" if then == 2500 else "occupied")
        assert abs(lot.bay.baseline_mm - 2500) < 20
        lot.hear(2500, 60)
        lot.come(1100)
        assert lot.hear(1100, 60) == "occupied"
        assert lot.hear(2500, 10) == "free"


def test_the_ground_is_followed_through_snow_and_never_learned_from_a_car():
    lot = Lot()
    for fallen in range(0, 300, 4):  # 8 cm an hour
        lot.hear(2500 - fallen, 180, spread=3)
        assert lot.bay.state == "free", fallen
    assert abs(lot.bay.baseline_mm - 2204) < 30
    lot.come(1100)
    lot.hear(1100, 4 * 3600)
    assert lot.bay.state == "occupied" and abs(lot.bay.baseline_mm - 2204) < 30
    # Ploughed while the car was there.
    assert lot.hear(2500, 20) == "free"
    assert lot.hear(2500, 400) == "free" and abs(lot.bay.baseline_mm - 2500) < 20
    assert lot.states() == ["free", "occupied", "free"]


def test_who_stands_before_a_parked_car_makes_no_ground_of_it():
    lot = Lot(floor_mm=None, mount="post")
    lot.hear(800, 120)
    for _ in range(3):
        assert lot.hear(400, 40) == "unknown"
        assert lot.hear(800, 600) == "unknown" and lot.bay.baseline_mm is None
    assert lot.hear(1900, 30) == "free" and abs(lot.bay.baseline_mm - 1900) < 20


def test_a_ground_that_was_only_a_car_is_forgotten_when_the_next_car_glides_there():
    lot = Lot()
    lot.hear(2500, 60)
    lot.come(1050)
    lot.hear(1050, 120)
    assert lot.bay.calibrate(False) and lot.hear(1050, 60) == "free"  # a mistake
    for mm in (1050, 1100, 1000, 1150):
        assert lot.hear(2500, 400) == "free"
        lot.come(mm)
        assert lot.hear(mm, 1200) == "occupied"


def test_a_ground_that_was_only_a_car_is_held_once_more_at_most_if_no_car_is_seen_to_come():
    lot = Lot()
    lot.hear(1050, 120)
    assert lot.bay.calibrate(False)
    for n in range(5):
        assert lot.hear(2500, 400) == "free"
        lot.hear(1050, 1200)
        assert n < 1 or lot.bay.state == "occupied", n


def test_a_wall_that_was_heard_behind_the_ground_for_a_while_is_no_ground_for_ever():
    lot = Lot(mount="post", floor_mm=1830)
    lot.hear(1830, 60)
    lot.hear(2700, 400)  # above a car that sends nothing back
    assert lot.bay.baseline_mm > 2600
    assert lot.hear(1830, 400) == "free" and abs(lot.bay.baseline_mm - 1830) < 20
    lot.come(800)
    assert lot.hear(800, 600) == "occupied" and lot.hear(1830, 20) == "free"


def test_a_tape_that_is_much_too_long_is_unknown_after_a_minute_and_right_from_the_first_car_on():
    for mount, taped_mm, ground_mm, car_mm in (
        ("post", 2000, 1500, 700),
        ("kerb", 1500, 1250, 600),
        ("ceiling", 3000, 2500, 1100),
    ):
        lot = Lot(mount=mount, floor_mm=taped_mm)
        assert lot.hear(ground_mm, 70) == "unknown"
        assert [v["reason"] for _, kind, v in lot.told if kind == "bay_state"][-1] == "learning"
        lot.bay.floor.keep()
        for n in range(3):
            lot.come(car_mm)
            assert lot.hear(car_mm, 600) == "occupied", (mount, ground_mm, n)
            assert abs(lot.bay.baseline_mm - ground_mm) < 20
            assert lot.hear(ground_mm, 600) == "free", (mount, ground_mm, n)


def test_a_tape_that_is_too_long_or_short_by_less_than_a_vehicle_is_put_right_in_a_minute():
    for mount, taped_mm, ground_mm, car_mm in (
        ("post", 2000, 1740, 800),
        ("kerb", 1500, 1330, 600),
        ("ceiling", 3000, 2650, 1100),
        ("ceiling", 2000, 2350, 1000),
        ("post", 1700, 1900, 800),
        ("kerb", 1100, 1350, 600),
    ):
        lot = Lot(mount=mount, floor_mm=taped_mm)
        assert lot.hear(ground_mm, 70) == "free", (mount, taped_mm)
        assert abs(lot.bay.baseline_mm - ground_mm) < 20
        lot.come(car_mm)
        assert lot.hear(car_mm, 600) == "occupied" and lot.hear(ground_mm, 10) == "free"
        assert lot.bay.arrivals == 1


def test_a_low_thing_on_the_ground_at_first_makes_no_ground_of_itself():
    lot = Lot(mount="post", floor_mm=2000)
    lot.hear(1500, 600)
    assert lot.hear(2000, 30) == "free" and abs(lot.bay.baseline_mm - 2000) < 20


def test_a_tape_that_the_ground_or_a_command_has_borne_out_is_doubted_no_more():
    for calibrated in (False, True):
        lot = Lot(mount="post", floor_mm=2000)
        lot.hear(2000, 5)
        assert not calibrated or lot.bay.calibrate(False)
        record = lot.bay.floor.keep()
        for restarted in (False, True):
            if restarted:
                lot = Lot(mount="post", floor_mm=2000)
                lot.bay.floor.restore(record)
            assert lot.hear(1500, 600) == "occupied"
    record = Lot(mount="post", floor_mm=2000).bay.floor.keep()
    lot = Lot(mount="post", floor_mm=2000)
    lot.bay.floor.restore(record)
    assert lot.hear(1500, 600) == "unknown"


def test_an_installer_can_say_what_is_there():
    lot = Lot(floor_mm=None)
    assert not lot.bay.calibrate(False)
    lot.hear(2500, 20)
    assert lot.bay.calibrate(False) and lot.hear(2500, 3) == "free"
    lot.come(1100)
    assert lot.hear(1100, 10) == "occupied"
    # A new lid: the ground is learned again, from under the car.
    assert lot.bay.calibrate(None) and lot.hear(1100, 30) == "unknown"
    assert lot.bay.calibrate(True) and lot.hear(1100, 30) == "occupied"
    assert lot.hear(2500, 60) == "free" and abs(lot.bay.baseline_mm - 2500) < 20


def test_a_command_is_not_taken_for_what_is_there_no_more():
    for mm, seconds in ((None, 3), (900, 1), (90, 3)):
        for said in (True, False):
            lot = Lot()
            lot.hear(2500, 60)
            lot.hear(mm, seconds)
            assert not lot.bay.calibrate(said), (mm, said)
            assert lot.bay.baseline_mm > 2490
    lot = Lot(idle_s=30)
    lot.hear(2500, 300)
    assert not lot.bay.calibrate(False, lot.ms)  # from before, it may be
    lot.hear(2500, 60)
    assert lot.bay.wait_ms > 20000
    assert not lot.bay.calibrate(False, lot.ms)
    lot.ms -= 29000
    lot.hear(2500, 8)  # asked again, and listening
    assert lot.bay.calibrate(False, lot.ms)


def test_a_nearer_car_does_not_make_a_ground_of_the_car_that_was_told():
    lot = Lot(floor_mm=None)
    lot.hear(1500, 20)
    assert lot.bay.calibrate(True) and lot.hear(1500, 20) == "occupied"
    assert lot.hear(1000, 60) == "occupied" and lot.bay.baseline_mm is None
    assert lot.hear(2500, 30) == "free"


def test_what_went_while_the_part_was_dead_is_not_said_to_be_there():
    lot = Lot()
    lot.hear(2500, 60)
    lot.come(1100)
    lot.hear(1100, 600)
    for _ in range(200):
        lot.step([], "no_answer")
    lot.hear(2500, 10)
    assert lot.states() == ["free", "occupied", "unknown", "free"]
    stay_s = [v["stay_s"] for _, kind, v in lot.told if kind == "bay_state"]
    assert lot.bay.arrivals == 1 and stay_s[2:] == [None, None]


def test_a_burst_is_its_largest_group_and_of_two_as_large_the_nearer():
    it = Burst()
    for readings, mid, size in (
        ([2500, 2504, 1100, 2498], 2500, 3),
        ([1100, 1103, 2500, 2501], 1100, 2),
        ([1000, 1039, 1080, 1120], 1000, 2),
        ([1000, 1100, 1200], 1000, 1),
        ([None, 700, None], 700, 1),
        ([None] * 5, None, 0),
        ([], None, 0),
        ([0, 9000, -3], None, 0),
        ([5] * 40, 5, 16),
    ):
        it.take(readings)
        assert (it.mid_mm, it.size) == (mid, size), (readings, it.mid_mm, it.size)
        assert it.count == min(16, len(readings)) and it.none == readings.count(None)


def test_the_ground_outlives_a_restart_and_other_bytes_do_no_harm():
    lot = Lot(floor_mm=None)
    lot.hear(2500, 20)
    lot.bay.calibrate(False)
    record = lot.bay.floor.keep()
    assert record and lot.bay.floor.keep() is None
    again = Lot(floor_mm=None)
    again.bay.floor.restore(record)
    assert again.hear(1100, 12) == "occupied"
    for n in range(300):
        other = Lot(floor_mm=None)
        other.bay.floor.restore(bytes([random.getrandbits(8) for _ in range(n % 12)]))
        other.bay.floor.restore(record[:-1])
        other.hear(2500, 2)


def test_a_record_from_before_the_config_was_told_another_way_is_left():
    record = Lot(floor_mm=2500).bay.floor.keep()
    for floor_mm in (2500, 2510, 2600, 3100, None):
        lot = Lot(floor_mm=floor_mm)
        lot.bay.floor.restore(record)
        assert lot.bay.baseline_mm == floor_mm


def test_a_calibration_outlives_a_restart_however_far_from_the_tape_it_is():
    for floor_mm in (2500, 3100):
        for found_mm in (2490, 2500, 2470, 2000, 3000):
            lot = Lot(floor_mm=floor_mm)
            lot.hear(2500, 60)
            lot.bay.floor.keep()
            lot.hear(found_mm, 5)
            assert lot.bay.calibrate(False)
            record = lot.bay.floor.keep()
            again = Lot(floor_mm=floor_mm)
            again.bay.floor.restore(record)
            assert abs(again.bay.baseline_mm - found_mm) < 15
            assert again.hear(found_mm, 10) == "free"


def test_a_bay_told_to_learn_still_learns_after_a_restart():
    lot = Lot()
    lot.hear(2500, 20)
    assert lot.bay.calibrate(None)
    record = lot.bay.floor.keep()
    again = Lot()
    again.bay.floor.restore(record)
    assert again.hear(2500, 60) == "unknown" and again.bay.reason == "learning"


def test_any_readings_at_any_time_are_taken():
    for seed in range(10):
        random.seed(seed)
        lot = Lot(floor_mm=None if seed % 2 else 2500, mount=("ceiling", "post", "kerb")[seed % 3])
        for _ in range(600):
            kind = random.randint(0, 5)
            least, most = ((0, 5000), (-5, 70000), (900, 1000), (2480, 2520), (0, 300), (0, 1))[
                kind
            ]
            n = random.randint(0, 40)
            burst = [
                random.randint(least, most) if random.randint(0, 3) else None for _ in range(n)
            ]
            lot.ms += random.randint(0, 100000)
            lot.step(burst, None if n else "no_answer")
            assert lot.bay.state in ("free", "occupied", "unknown")
            assert 100 <= lot.bay.wait_ms <= 120000 and 1 <= lot.bay.burst <= 15


def test_what_is_nearer_than_can_be_measured_has_no_distance():
    lot = Lot()
    lot.hear(2500, 60)
    for _ in range(120):
        lot.step([1] * 5)
    assert (lot.bay.state, lot.bay.reason) == ("unknown", "blocked")
    assert lot.bay.distance_mm is None
    assert [v["distance_mm"] for _, kind, v in lot.told if kind == "bay_report"][-1] is None
    lot.step([230] * 5)
    assert lot.bay.distance_mm == 230


def test_ticks_that_begin_anew_change_nothing():
    lot = Lot()
    lot.ms = (1 << 30) - 30000
    lot.hear(2500, 29)
    state_s = lot.bay.state_s
    lot.ms &= (1 << 30) - 1
    lot.hear(2500, 60)
    assert abs(lot.bay.state_s - state_s - 60) <= 2
