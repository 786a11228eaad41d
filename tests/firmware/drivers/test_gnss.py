"""The receiver as a part: found at its rate, put to sleep, told what to say, its faults told."""

import time

from kerb.drivers import receivers
from kerb.drivers.fixes import Fix
from kerb.drivers.gnss import SCHEMA, Gnss
from kerb.system import schema
from support.gnss import Receiver, burst


class Switch:
    """A supply's switch and the receiver behind it."""

    def __init__(self, part):
        self.part = part

    def on(self):
        self.part.asleep = False

    def off(self):
        self.part.asleep = True


class Day:
    """A driver before a receiver, and the time that passes for both."""

    def __init__(self, part=None, supplied=False, **words):
        self.part = part or Receiver()
        cfg, errors = schema.validate(SCHEMA, words)
        assert not errors
        self.gnss = Gnss(self.part, cfg, Switch(self.part) if supplied else None)
        self.now_ms = time.ticks_ms()
        self.epochs = 0

    def run(self, seconds):
        for _ in range(seconds):
            self.part.tick()
            for _ in range(4):
                self.now_ms = time.ticks_add(self.now_ms, 250)
                self.epochs += self.gnss.poll(self.now_ms)
        return self.gnss

    def wake(self):
        self.gnss.wake(self.now_ms)
        return self


def test_it_wakes_and_tells_a_fix_and_the_time():
    gnss = Day().run(3)
    assert (gnss.fix, gnss.reason, gnss.alive) == (None, "asleep", False)
    day = Day()
    gnss = day.wake().run(5)
    part = day.part
    assert gnss.alive and gnss.fault is None and gnss.reason is None
    fix = gnss.fix
    assert (fix.lat_e7, fix.lon_e7) == (part.lat_e7, part.lon_e7)
    assert (fix.satellites, fix.hdop_centi, fix.fix_type, fix.accuracy_mm) == (8, 110, 3, 5500)
    assert gnss.utc() == (9644, part.second) and gnss.last is fix
    assert receivers.sentences("ublox") in part.heard
    assert day.epochs >= 4


def test_its_rate_is_found_by_itself_and_kept():
    for rate in receivers.BAUDS:
        day = Day(Receiver(rate))
        gnss = day.wake().run(24)
        assert gnss.alive and gnss.baud == rate and gnss.fix, rate
        gnss.sleep(day.now_ms)
        day.run(20)
        gnss = day.wake().run(4)
        assert gnss.baud == rate and gnss.fix, rate


def test_a_receiver_that_is_not_there_or_babbles_is_told_apart_within_half_a_minute():
    part = Receiver()
    part.silent = True
    day = Day(part)
    gnss = day.wake().run(25)
    assert (gnss.fault, gnss.reason, gnss.fix) == ("no_answer", "no_answer", None)
    # It comes back.
    part.silent = False
    assert day.run(25).fix and gnss.fault is None
    day = Day(Receiver(31250))
    gnss = day.wake().run(25)
    assert (gnss.fault, gnss.alive) == ("garbled", False)
    day.part.rate = 38400
    assert day.run(25).fix and gnss.baud == 38400


def test_one_that_falls_silent_gives_no_fix_and_is_looked_for():
    day = Day()
    assert day.wake().run(5).fix
    day.part.silent = True
    gnss = day.run(4)
    assert gnss.fix is None and not gnss.alive and gnss.last
    day.part.silent = False
    assert day.run(30).fix


def test_it_sleeps_by_each_makers_command_and_wakes():
    for kind in receivers.KINDS:
        day = Day(Receiver(kind=kind), receiver=kind)
        gnss = day.wake().run(4)
        gnss.sleep(day.now_ms)
        assert day.part.asleep and receivers.sleep(kind, 0) in day.part.heard
        gnss = day.run(60)
        assert (gnss.fix, gnss.reason, gnss.fault) == (None, "asleep", None)
        assert day.wake().run(3).fix, kind


def test_one_that_does_not_sleep_is_told_again_and_then_is_a_fault():
    day = Day()
    gnss = day.wake().run(4)
    day.part.deaf = True
    gnss.sleep(day.now_ms)
    assert day.run(5).fault is None
    assert day.run(18).fault == "sleepless"
    for old in (False, True):
        assert day.part.heard.count(receivers.sleep("ublox", 0, old)) >= 2
    assert gnss.fix is None and gnss.reason == "asleep"
    # One that wakes by itself after its time is sent to sleep again and is none.
    day = Day()
    gnss = day.wake().run(4)
    gnss.sleep(day.now_ms, 600)
    for _ in range(6):
        day.run(600)
        day.part.asleep = False
        day.run(8)
        assert day.part.asleep and gnss.fault is None


def test_an_old_u_blox_is_put_to_sleep_by_its_own_form_which_is_kept():
    for deaf_to, known in ((False, True), (True, False)):
        day = Day()
        day.part.ignores = receivers.sleep("ublox", 0, deaf_to)
        gnss = day.wake().run(4)
        for turn in range(3):
            gnss.sleep(day.now_ms)
            day.run(8)
            assert day.part.asleep and gnss.fault is None, (deaf_to, turn)
            assert day.wake().run(4).fix
        asked = day.part.heard.count(receivers.sleep("ublox", 0, deaf_to))
        assert asked <= 1 and day.part.heard.count(receivers.sleep("ublox", 0, known)) == 3


def test_a_supply_that_is_switched_needs_no_command():
    day = Day(supplied=True)
    gnss = day.wake().run(4)
    assert gnss.fix
    gnss.sleep(day.now_ms)
    before = day.part.heard
    assert day.part.asleep and day.run(30).fault is None and day.part.heard == before
    assert day.wake().run(4).fix


def test_receivers_whose_weeks_have_rolled_over_are_put_right():
    day = Day()
    gnss = day.wake().run(4)
    fix = gnss.fix
    gnss.fix = Fix(fix[0], fix[1], fix.day - 7168, *fix[3:])
    assert gnss.utc() == (9644, day.part.second)


def test_nothing_is_waited_for_however_much_comes():
    day = Day()
    gnss = day.wake().run(3)
    day.part._waiting = burst(1, 0, 0) * 60
    size = len(day.part._waiting)
    gnss.poll(day.now_ms)
    assert size - len(day.part._waiting) <= 1024 + 64


def test_commands_are_those_of_the_makers_manuals():
    # As u-center and the manuals print them.
    assert receivers.start("ublox", "hot") == bytes.fromhex("b56206040400000002001068")
    assert receivers.start("ublox", "cold") == bytes.fromhex("b56206040400ffff02000e61")
    assert receivers.start("mtk", "hot") == b"$PMTK101*32\r\n"
    assert receivers.start("mtk", "warm") == b"$PMTK102*31\r\n"
    assert receivers.start("mtk", "cold") == b"$PMTK103*30\r\n"
    assert receivers.start("casic", "hot") == b"$PCAS10,0*1C\r\n"
    assert receivers.sleep("mtk", 9) == b"$PMTK161,0*28\r\n"
    assert receivers.sleep("casic", 0) == receivers.nmea(b"PCAS12,65535")
    assert receivers.sleep("ublox", 0, True).hex() == "b5620241080000000000020000004d3b"
    ms = (86400000).to_bytes(4, "little")
    assert ms + b"\x02\0\0\0" in receivers.sleep("ublox", 86400, True)
    assert ms + b"\x06\0\0\0\x08\0\0\0" in receivers.sleep("ublox", 86400)
    for kind in receivers.KINDS:
        try:
            receivers.start(kind, "tepid")
            raise SystemExit("tepid")
        except ValueError:
            pass
