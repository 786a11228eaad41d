"""Which positions are believed: the good ones, and no other."""

import random
import time

from kerb.drivers.fixes import SCHEMA, Gate
from kerb.drivers.nmea import Nmea
from kerb.system import schema
from support.gnss import burst, feed, line, nothing

LAT, LON = 351802057, 1290802057
M_E7 = 90  # of a metre north


class Sky:
    """A receiver's epochs before a gate, a second apart."""

    def __init__(self, lat_e7=LAT, lon_e7=LON, **words):
        cfg, errors = schema.validate(SCHEMA, words)
        assert not errors
        self.gate = Gate(cfg)
        self.nmea = Nmea()
        self.now_ms = time.ticks_ms()
        self.second = 50000
        self.lat_e7, self.lon_e7 = lat_e7, lon_e7

    def pass_s(self, seconds):
        self.second += seconds
        self.now_ms = time.ticks_add(self.now_ms, 1000 * seconds)

    def say(self, data):
        self.pass_s(1)
        assert feed(self.nmea, data) == 1
        return self.gate.judge(self.nmea, self.now_ms)

    def see(self, north_m=0, east_m=0, **words):
        """A place so far from where it is, and some trembling."""
        lat_e7 = self.lat_e7 + north_m * M_E7 + self.second % 3
        return self.say(burst(self.second + 1, lat_e7, self.lon_e7 + east_m * 110, **words))

    def reason(self, *args, **words):
        self.see(*args, **words)
        return self.gate.reason

    def settle(self):
        # The first epoch is complete before its GSA, if that is the first one.
        feed(self.nmea, nothing(self.second) + nothing(self.second + 1))
        self.pass_s(1)
        assert self.reason() == "unconfirmed"
        assert self.see()
        return self


def test_good_fixes_are_passed_on_as_they_came_once_a_second_one_agrees():
    sky = Sky().settle()
    for _ in range(20):
        fix = sky.see(speed_kn="1.00")
        assert fix is sky.gate.fix and sky.gate.reason is None
        assert fix.lat_e7 == LAT + (sky.second - 1) % 3 and fix.lon_e7 == LON
        assert (fix.second, fix.day, fix.at_ms) == (sky.second, 9644, sky.now_ms)
        assert (fix.speed_mm_s, fix.accuracy_mm) == (514, 5500)


def test_each_thing_that_makes_a_fix_bad_has_its_reason():
    sky = Sky().settle()
    assert sky.reason(satellites=3) == "satellites"
    assert sky.reason(hdop="5.1") == "hdop" and sky.reason(hdop="0.0") == "hdop"
    assert sky.reason(fix=1) == "no_fix"
    assert sky.reason(fix=2) is None
    assert sky.say(nothing(sky.second + 1)) is None and sky.gate.reason == "no_fix"
    assert sky.see()
    sky = Sky(min_satellites=6, max_hdop_centi=200, min_fix_type=3).settle()
    assert sky.reason(satellites=5) == "satellites" and sky.reason(hdop="2.1") == "hdop"
    assert sky.reason(fix=2) == "fix_type" and sky.reason() is None


def test_what_is_reckoned_or_simulated_is_not_believed():
    sky = Sky().settle()
    for quality in (b"6", b"7", b"8"):
        said = burst(sky.second + 1, LAT, LON).split(b"\r\n")
        body = said[1][1:-3].replace(b",1,08,", b"," + quality + b",08,")
        assert sky.say(said[0] + b"\r\n" + line(body) + said[2] + b"\r\n") is None
        assert sky.gate.reason == "reckoned"


def test_a_receiver_that_repeats_itself_is_not_believed():
    sky = Sky().settle()
    same = burst(sky.second + 1, LAT + 5, LON)
    assert sky.say(same)
    reasons = []
    for _ in range(4):
        sky.say(same)
        reasons.append(sky.gate.reason)
    # The same time once more may be two sentences of one second.
    assert reasons[1:] == ["stale"] * 3
    assert sky.see()
    # Its time goes back.
    assert sky.say(burst(sky.second - 400, LAT, LON)) is None and sky.gate.reason == "stale"
    # Its time goes on, it says that it moves, and it does not.
    sky = Sky().settle()
    for n in range(5):
        sky.say(burst(sky.second + 1, LAT + 5, LON, speed_kn="3.0"))
        assert (sky.gate.reason == "stale") == (n > 0)
    # It stands, and says for long the very same.
    sky = Sky().settle()
    reasons = []
    for _ in range(40):
        sky.say(burst(sky.second + 1, LAT + 5, LON))
        reasons.append(sky.gate.reason)
    assert reasons == [None] * 30 + ["stale"] * 10
    assert sky.reason() == "unconfirmed" and sky.see()


def test_midnight_is_no_time_that_goes_back():
    sky = Sky()
    sky.second = 86390
    for n in range(15):
        sky.pass_s(1)
        feed(sky.nmea, burst(sky.second % 86400, LAT + n, LON))
        sky.gate.judge(sky.nmea, sky.now_ms)
        assert sky.gate.reason is None or n < 2


def test_a_jump_that_nothing_can_drive_is_refused_and_believed_only_if_it_stays():
    sky = Sky().settle()
    assert sky.reason(10000) == "jump" and sky.reason(0, -10000) == "jump"
    assert sky.reason() is None
    for _ in range(8):
        assert sky.reason(200 + 2 * sky.second % 7) == "jump" and sky.reason() is None
    reasons = [sky.reason(10000) for _ in range(14)]
    assert reasons[:9] == ["jump"] * 9 and reasons[10:] == [None] * 4


def test_walkers_cars_and_trains_are_no_jump():
    for m_s in (1, 14, 36, 85):
        sky = Sky().settle()
        for n in range(60):
            assert sky.see(n * m_s), (m_s, n, sky.gate.reason)


def test_after_a_pause_a_second_one_has_to_agree():
    sky = Sky().settle()
    sky.pass_s(60)
    assert sky.reason(900) == "unconfirmed"
    assert sky.reason(5) == "unconfirmed" or sky.gate.reason is None
    assert sky.see(6) and sky.see(6)
    sky.pass_s(60)
    # Farther than anything drives in a minute.
    assert sky.reason(9000) == "jump"
    # After hours nothing is known.
    sky.pass_s(7000)
    assert sky.reason(90000) == "unconfirmed" and sky.see(90000)


def test_jumps_are_measured_right_at_the_antimeridian_the_poles_and_on_the_equator():
    for lat_e7, lon_e7 in (
        (0, 1799999990),
        (0, -1799999990),
        (899990000, 0),
        (-899990000, 1700000000),
        (0, 0),
        (600000000, -1290802057),
    ):
        sky = Sky(lat_e7, lon_e7).settle()
        for n in range(1, 8):
            east = lon_e7 + n * 30
            east = east - 3600000000 if east > 1800000000 else east
            assert sky.say(burst(sky.second + 1, lat_e7 + n, east)), (lat_e7, lon_e7, n)
            # Across the antimeridian and back.
            if abs(lon_e7) > 1790000000:
                assert sky.say(burst(sky.second + 1, lat_e7 - n, -lon_e7)), (lon_e7, n)
        sky.say(burst(sky.second + 1, lat_e7 // 2 + 9, lon_e7 // 2 + 5000000))
        assert sky.gate.reason == "jump"
    # A degree of longitude is half as long at 60 degrees.
    for lat, refused in ((0, True), (60, False)):
        sky = Sky(lat * 10000000, 0).settle()
        sky.say(burst(sky.second + 1, lat * 10000000, 15000))
        assert (sky.gate.reason == "jump") == refused


def test_under_outliers_of_all_sizes_no_outlier_beyond_reach_is_passed_on():
    for seed in range(6):
        random.seed(seed)
        sky = Sky().settle()
        good = passed = 0
        for _ in range(200):
            outlier = random.random() < 0.2
            away_m = random.choice((1, -1)) * random.randrange(400, 50000) if outlier else 0
            fix = sky.see(away_m + random.randrange(-9, 10))
            good += not outlier
            if fix:
                passed += 1
                assert abs(fix.lat_e7 - LAT) < 400 * M_E7, (seed, away_m)
        assert passed >= good - 1
