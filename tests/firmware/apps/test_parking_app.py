"""The thin coroutine around the bays: what it makes of its parts."""

import time

import vtime
import world
from kerb.apps import parking
from kerb.apps.parking_app import App
from kerb.system.schema import validate
from kerb.uplink import codec


class Ranger:
    """One that says `mm` (None: nothing, and is dead), 10 ms after it was asked."""

    every_ms, ready_ms = 60, 10
    temperature_cdeg = None

    def __init__(self, mm, smooths=False):
        self.mm = mm
        self.smooths = smooths
        self.begins = 0

    def begin(self):
        self.begins += 1

    def poll(self, now_ms):
        self.alive = self.mm is not None
        self.fault = None if self.alive else "no_answer"
        self.distance_mm = self.mm
        return True


class Battery:
    mv = 3600

    def read_mv(self):
        return self.mv


class Device:
    """An app with bays at 2500 mm, what it sends, and its time."""

    def __init__(self, rangers, battery=None, idle_s=1, **more):
        given = {"bays": [{"floor_mm": 2500} for _ in rangers], "idle_s": idle_s}
        section, errors = validate(parking.SCHEMA, given, parking.check)
        assert not errors, errors
        self.world = world.World()
        self.sent = []
        bays = [parking.Bay(section, number) for number in range(len(rangers))]
        self.app = App(bays, rangers, None, battery, self, self, self.send, self, **more)

    def send(self, kind, values):
        self.sent.append((kind, values))

    def uptime_s(self):
        return self.world.now_ms() // 1000

    def get(self, name):
        return None

    def put(self, name, record):
        return True

    def run(self, seconds):
        end = self.uptime_s() + seconds
        while self.uptime_s() < end:
            self.app.tick()
            self.world.advance_ms(max(1, self.app.nap_ms))

    def faults(self):
        return [values for kind, values in self.sent if kind == "fault"]

    def states(self):
        return [
            (values["bay"], values["state"], values["reason"])
            for kind, values in self.sent
            if kind == "bay_state"
        ]


def test_a_part_that_smooths_may_say_the_same_for_half_an_hour_and_one_that_does_not_is_stuck():
    device = Device([Ranger(2500, smooths=True), Ranger(2500)])
    device.run(1800)
    assert [state for state in device.states() if state[0] == 0] == [(0, "free", "ground")]
    assert device.states()[-1] == (1, "unknown", "stuck")
    device.run(3600)
    assert device.states()[-1] == (0, "unknown", "stuck")


def test_a_part_that_smooths_is_not_measured_more_often_for_saying_the_same():
    ranger = Ranger(2500, smooths=True)
    device = Device([ranger])
    device.run(60)
    ranger.begins = 0
    device.run(100)
    assert 0 < ranger.begins < 320  # 3 a second


def test_a_fault_says_at_which_bay():
    rangers = [Ranger(2500, smooths=True), Ranger(2500, smooths=True)]
    device = Device(rangers)
    device.run(20)
    rangers[1].mm = None
    device.run(400)
    told = {"part": "ranger", "reason": "no_answer", "active": True, "bay": 1}
    assert device.faults() == [told]
    rangers[0].mm = None
    device.run(400)
    assert device.faults() == [told, dict(told, bay=0)]
    rangers[1].mm = 2500
    device.run(400)
    assert device.faults()[2:] == [dict(told, active=False)]


class Supply:
    """The switch in the rangers' supply: knows when it was on."""

    def __init__(self):
        self.since_ms = None
        self.on_ms = self.times = 0

    def on(self):
        assert self.since_ms is None
        self.since_ms = time.ticks_ms()
        self.times += 1

    def off(self):
        self.on_ms += time.ticks_diff(time.ticks_ms(), self.since_ms)
        self.since_ms = None


class Switched(Ranger):
    """A ranger that needs 300 ms with power before it works."""

    supply = None

    def begin(self):
        super().begin()
        assert self.supply.since_ms is not None
        assert time.ticks_diff(time.ticks_ms(), self.supply.since_ms) >= 300


def test_the_rangers_have_power_while_they_measure_and_not_much_longer():
    supply = Supply()
    rangers = [Switched(2500 + n, smooths=True) for n in range(2)]
    for ranger in rangers:
        ranger.supply = supply
    device = Device(rangers, supply=supply, wake_ms=300, idle_s=10)
    device.run(60)
    supply.on_ms = supply.times = 0
    device.run(600)
    assert [state[1] for state in device.states()] == ["free", "free"]
    assert 55 <= supply.times <= 125  # both at once, or each for itself
    assert supply.on_ms < 600_000 // 10


def test_a_battery_is_reported_and_low_is_said_once_and_taken_back_with_a_margin():
    battery = Battery()
    device = Device([Ranger(2500, smooths=True)], battery, low_mv=3300)
    device.run(30)
    reports = [values for kind, values in device.sent if kind == "bay_report"]
    assert reports and all(values["battery_mv"] == 3600 for values in reports)
    told = {"part": "battery", "reason": "low", "active": True}
    for mv, seconds, faults in (
        (3200, 30, []),  # a cold start of the radio
        (3600, 30, []),
        (3290, 120, [told]),
        (3350, 1200, [told]),
        (3280, 1200, [told]),
        (3420, 1200, [told, dict(told, active=False)]),
        (200, 30, [told, dict(told, active=False)]),
    ):
        battery.mv = mv
        device.run(seconds)
        assert device.faults() == faults, mv
    device.app.report()
    assert device.sent[-1][1]["battery_mv"] is None  # a wire is off
    device.run(60)
    assert device.faults()[2:] == [dict(told, reason="out_of_range")]
    battery.mv = 24_000
    device.run(10)
    device.app.report()
    assert device.sent[-1][1]["battery_mv"] == 20_460
    codec.encode(*device.sent[-1])


def test_within_a_burst_nothing_is_slept_through():
    naps = []

    async def nap(ms):
        naps.append((device.app._at, ms))
        device.world.advance_ms(max(1, ms))

    class Ended(Exception):
        pass

    def check_in():
        if device.uptime_s() > 60:
            raise Ended

    device = Device([Ranger(2500, smooths=True)], nap=nap, idle_s=10)
    try:
        vtime.run(device.app.run(check_in), device.world)
    except Ended:
        pass
    assert len(naps) > 15
    assert all(at is None and ms <= 3000 for at, ms in naps)
    assert max(ms for _, ms in naps) == 3000
