"""Somebody goes along ten lamps that tell each other over a radio that loses one in five."""

import random

import world
from kerb.apps import presence
from kerb.apps.presence import Presence
from kerb.system.schema import validate
from support.fakeair import Air
from support.peers import Device

HEAP = "4m"
LAMPS = 10
APART_M = 30
SENSOR_M = 8
DIM, FULL = 200, 1000


class Lamp:
    """Presence and Peer as the app puts them together; the app ticks once a second."""

    def __init__(self, air, position, **given):
        given.setdefault("street", "Hafenstr")
        given["position"] = position
        clean, errors = validate(presence.SCHEMA, {"presence": given}, presence.check)
        assert not errors
        self.x_m = position * APART_M
        self.presence = Presence(clean["presence"])
        self.device = Device(air, "lamp-%d" % position)
        self.peer = self.device.peer
        self.peer.on_message = self.heard
        self.phase_ms = random.randint(0, 24) * 40
        self.uptime_s = 0
        self.level = DIM

    def heard(self, kind, sender, payload, age_ms):
        if kind != presence.KIND or not self.presence.heard(self.uptime_s, payload):
            return False
        self.level = self.presence.level(self.uptime_s, DIM)
        return True

    def step(self, ms, walkers_m):
        if ms % 1000 == self.phase_ms:
            self.uptime_s = ms // 1000
            near = any(abs(x - self.x_m) <= SENSOR_M for x in walkers_m)
            self.presence.look(self.uptime_s, near)
            told = self.presence.message(self.uptime_s)
            if told:
                self.peer.send(presence.KIND, told)
            self.level = self.presence.level(self.uptime_s, DIM)
        self.peer.look()


def street(loss_percent, **given):
    w = world.World()
    air = Air(loss_percent)
    return w, air, [Lamp(air, n, **given) for n in range(LAMPS)]


def walk(w, lamps, speed_mm_s, backwards=False):
    """Each second of the walk: (where he is in m, the levels)."""
    seen = []
    end_m = (LAMPS - 1) * APART_M
    x_mm = -20000
    ms = 0
    while x_mm < (end_m + 20) * 1000:
        x_m = x_mm / 1000
        x_m = end_m - x_m if backwards else x_m
        for lamp in lamps:
            lamp.step(ms, (x_m,))
        if ms % 1000 == 0:
            seen.append((x_m, [lamp.level for lamp in lamps]))
        w.advance_ms(40)
        ms += 40
        x_mm += speed_mm_s * 40 // 1000
    for _ in range(5000):  # until all is dim again
        for lamp in lamps:
            lamp.step(ms, ())
        w.advance_ms(40)
        ms += 40
    return seen


def test_the_light_is_ahead_of_whoever_goes_along_the_street_and_dim_behind_and_far_ahead():
    random.seed(6)
    for speed_mm_s, backwards in ((700, False), (1400, True), (4000, False), (7000, True)):
        w, air, lamps = street(20, hold_s=30)
        steps = 0
        lit = 0
        for x_m, levels in walk(w, lamps, speed_mm_s, backwards):
            forward = x_m if not backwards else (LAMPS - 1) * APART_M - x_m
            if not SENSOR_M < forward < (LAMPS - 1) * APART_M:
                continue  # nobody could have seen him yet, or there is no lamp ahead
            steps += 1
            lit += sum(level == FULL for level in levels)
            if backwards:
                levels = levels[::-1]
            here = int(forward) // APART_M
            assert levels[here] == FULL, (speed_mm_s, forward, levels)
            assert levels[here + 1] == FULL, (speed_mm_s, forward, levels)
            # And not further than two lamps from where he is seen.
            far = int(forward + SENSOR_M) // APART_M + 3
            assert all(level == DIM for level in levels[far:]), (forward, levels)
        assert steps > 30
        if speed_mm_s == 1400:
            assert lit / steps < 6  # of ten
        assert all(lamp.level == DIM for lamp in lamps)


def test_a_lamp_without_its_neighbours_still_lights_whom_it_sees():
    random.seed(7)
    w, air, lamps = street(100)
    for x_m, levels in walk(w, lamps, 1400):
        for lamp, level in zip(lamps, levels):
            if abs(x_m - lamp.x_m) < SENSOR_M - 3:
                assert level == FULL, (x_m, levels)


def test_a_lamp_on_another_street_stays_dim():
    random.seed(8)
    w, air, lamps = street(0)
    other = Lamp(air, 5, street="Hafenweg")
    for _ in walk(w, lamps[:5], 1400):
        assert other.level == DIM
    assert air.count > 0
    while other.device.end.inbox:
        other.peer.look()
        assert other.level == DIM
    assert other.peer.forged == 0 and other.peer._senders == {}
