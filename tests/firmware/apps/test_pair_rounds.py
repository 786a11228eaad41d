"""Two poles on a slow link, by kerb.apps.pair and kerb.apps.crosswalk: how long both flash.

No world, no radio: messages take their time and arrive, some several times.
"""

import random

from kerb.apps.crosswalk import Crosswalk
from kerb.apps.crosswalk_app import App, Parts
from kerb.apps.pair import Pair

TIMEOUT_S = 240
WRAP = 1 << 30
PERIOD_MS = 10400
ROUND_MS = 800
TICK_MS = 20


class Pole:
    """spans: [from, to] of its flashing, in true time."""

    def __init__(self, number, zero_ms, wait_for_car=False):
        self.walk = Crosswalk(PERIOD_MS, ROUND_MS, wait_for_car)
        self.zero_ms = zero_ms
        self.spans = []
        self.cars = None
        self.wants = None
        self.reboot(number)

    def reboot(self, number):
        self.pair = Pair({"crossing": "main", "pole": number})

    def ticks(self, true_ms):
        return (self.zero_ms + true_ms) % WRAP

    def look(self, true_ms):
        """Gives [(ms from now, payload)]."""
        now = self.ticks(true_ms)
        walk, pair = self.walk, self.pair
        pair.blind = self.cars is None
        cars = None if pair.lost or pair.far_blind else self.cars
        was = walk.flashing
        walk.step(now, self.wants and "track", self.wants, cars)
        walk.lead_ms = pair.lead_ms
        if walk.tell:
            walk.tell = False
            payload = pair.activation(now, walk.began_ms, walk.until_ms, walk.reason)
        else:
            payload = pair.tick(now, walk.waiting)
            if pair.waits:
                walk.armed(now)
        self._note(true_ms, was)
        return [(ms, payload) for ms in pair.repeat_ms] if payload else []

    def hear(self, true_ms, payload, age_ms):
        was = self.walk.flashing
        runs = self.pair.heard(self.ticks(true_ms), payload, age_ms)
        if runs:
            self.walk.heard(self.ticks(true_ms), runs[0], runs[1])
            self._note(true_ms, was)

    def push(self, true_ms):
        was = self.walk.flashing
        self.walk.detect(self.ticks(true_ms), "button")
        self._note(true_ms, was)

    def _note(self, true_ms, was):
        lit = self.walk.flashing
        if lit and (not was or not self.spans):
            self.spans.append([true_ms, None])
        elif self.spans and not lit and self.spans[-1][1] is None:
            self.spans[-1][1] = true_ms

    def lit_ms(self, end_ms):
        return sum((end_ms if to is None else to) - since for since, to in self.spans)


def street(each_way_ms, until_ms, at=(), jitter_ms=0, loss_percent=0, poles=None):
    """Both poles, after what `at` orders has been done: (true ms, what to do with a and b)."""
    a, b = poles = poles or (Pole(1, 0), Pole(2, WRAP - 50000))
    air = []
    for now in range(0, until_ms, TICK_MS):
        for when, what in at:
            if when <= now < when + TICK_MS:
                what(a, b, now)
        due = sorted(item[:1] + item[2:] for item in air if item[0] <= now)
        air = [item for item in air if item[0] > now]
        for when, to, payload, age_ms in due:
            poles[to].hear(when, payload, age_ms)
        for i, pole in enumerate(poles):
            for ms, payload in pole.look(now):
                if random.randint(1, 100) > loss_percent:
                    there = now + ms + each_way_ms[i] + random.randint(0, jitter_ms)
                    air.append((there, len(air), 1 - i, payload, ms))
    return a, b


def pushed_a(a, b, now):
    a.push(now)


def pushed_b(a, b, now):
    b.push(now)


def test_one_push_is_one_period_at_both_poles_however_slow_their_link_is():
    random.seed(1)
    for ms in (5, 40, 62, 63, 100, 250, 300, 500, 1000, 1900):
        for jitter_ms in (0, 20):
            a, b = street((ms, ms), 60000, ((9000, pushed_a),), jitter_ms)
            for pole in (a, b):
                lit_ms = pole.lit_ms(60000)
                assert len(pole.spans) == 1, (ms, jitter_ms, pole.spans)
                assert PERIOD_MS - 200 <= lit_ms <= PERIOD_MS + ROUND_MS, (ms, pole.spans)


def test_also_where_one_way_is_slower_than_the_other():
    random.seed(2)
    for ways in ((5, 120), (120, 5), (5, 400), (400, 5), (1, 1900), (1900, 1)):
        a, b = street(ways, 60000, ((9000, pushed_a),))
        for pole in (a, b):
            assert len(pole.spans) == 1, (ways, pole.spans)
            assert pole.lit_ms(60000) <= PERIOD_MS + ROUND_MS, (ways, pole.spans)


def test_two_pushes_one_at_each_pole_last_no_longer_than_the_second_asks_for():
    random.seed(3)
    for ms in (5, 20, 62, 100, 300):
        for later_ms in (0, 20, 100, 400, 700, 3000, 9000):
            at = ((9000, pushed_a), (9000 + later_ms, pushed_b))
            a, b = street((ms, ms), 60000, at, 10)
            ends = [pole.spans[-1][1] for pole in (a, b)]
            asked = 9000 + later_ms + PERIOD_MS
            assert len(a.spans) == len(b.spans) == 1, (ms, later_ms, a.spans, b.spans)
            assert max(ends) <= asked + 2 * ROUND_MS + ms, (ms, later_ms, ends)
            assert min(ends) >= asked - 200 - ms - min(later_ms, ms + 40), (ms, later_ms, ends)
            if ms <= 100:
                assert abs(ends[0] - ends[1]) <= 2 * ms + 40, (ms, later_ms, ends)


def test_both_end_in_the_same_round_when_the_one_that_joined_prolongs_it():
    for ms in (5, 62, 100, 250, 390):
        for later_ms in (2000, 5100, 9300):
            a, b = street((ms, ms), 60000, ((9000, pushed_a), (9000 + later_ms, pushed_b)))
            rounds = [(p.walk.until_ms - p.walk.began_ms) % WRAP for p in (a, b)]
            assert rounds[0] == rounds[1], (ms, later_ms, rounds)


def test_people_at_both_kerbs_for_a_minute_prolong_it_by_one_period_after_the_last():
    random.seed(4)

    def come(a, b, now):
        a.wants = b.wants = 1

    def go(a, b, now):
        a.wants = b.wants = None

    for ms in (5, 62, 100, 300):
        at = ((9000, come), (70000, go))
        a, b = street((ms, ms), 120000, at, 20, 20)
        for pole in (a, b):
            asked = 70000 + PERIOD_MS
            assert len(pole.spans) == 1
            assert asked - 200 <= pole.spans[0][1] <= asked + 2 * ROUND_MS + ms, (ms, pole.spans)


def test_a_pole_that_boots_in_the_middle_joins_the_rounds_and_prolongs_nothing():
    def dies(a, b, now):
        a.walk = Crosswalk(PERIOD_MS, ROUND_MS)
        a.reboot(1)

    for resumes in (False, True):
        at = [(9000, pushed_a), (12000, dies)]
        if resumes:
            at.append((12060, pushed_a))
        a, b = street((8, 8), 60000, at)
        apart = (a.ticks(0) - a.walk.began_ms) - (b.ticks(0) - b.walk.began_ms)
        apart = (apart + 400) % WRAP % ROUND_MS - 400
        assert abs(apart) <= 25, (resumes, apart)
        ends = [pole.spans[-1][1] for pole in (a, b)]
        asked = (12060 if resumes else 9000) + PERIOD_MS
        assert max(ends) <= asked + 2 * ROUND_MS, (resumes, ends)


def test_nobody_waits_for_a_car_when_the_other_poles_radar_is_dead():
    def come(a, b, now):
        a.wants = 1

    def blind(a, b, now):
        b.cars = None

    for blind_ms, begins_ms in ((1000, 9000), (12000, 13000), (50000, 17000)):
        poles = Pole(1, 7, True), Pole(2, 9000, True)
        for pole in poles:
            pole.cars = False
        a, b = street((5, 5), 30000, ((blind_ms, blind), (9000, come)), poles=poles)
        since = a.spans[0][0]
        assert begins_ms - 1000 <= since <= begins_ms + 100, (blind_ms, since)
        assert b.spans


class Radar:
    def poll(self, now):
        return True


class Cars:
    comes = False

    def step(self, now, radar, flashing):
        return self.comes


class Looks:
    """As much of an App as looks at cars."""

    def __init__(self):
        self._walk = Crosswalk(PERIOD_MS, ROUND_MS, True)
        self._parts = Parts()
        self._parts.cars = Cars()
        self._parts.car_radar = Radar()


def test_the_app_asks_for_the_other_poles_cars_and_tells_of_its_own():
    app = Looks()
    assert App._look_at_cars(app, 0) is False  # one pole alone
    app._parts.pair = pair = Pair({"crossing": "main", "pole": 1})
    for lost, far_blind in ((False, False), (False, True), (True, False)):
        pair.lost, pair.far_blind = lost, far_blind
        for comes in (None, False, True):
            app._parts.cars.comes = comes
            told = App._look_at_cars(app, 0)
            assert told is (None if lost or far_blind else comes)
            assert pair.blind == (comes is None)
