import time

from kerb.apps.crosswalk import Crosswalk
from kerb.apps.crosswalk_pole import Pole


class Beacon:
    """What it was told, in order."""

    def __init__(self):
        self.told = []
        self.fault = self.which = None

    def start(self, began_ms):
        if self.told[-1:] != [("start", began_ms)]:
            self.told.append(("start", began_ms))

    def stop(self):
        self.told.append("stop")

    def sample(self, now_ms):
        pass

    def safe(self):
        self.told.append("safe")


class Button:
    def __init__(self):
        self.presses = 0

    def pressed(self):
        pushed = self.presses > 0
        self.presses -= pushed
        return pushed


class Feedback:
    def __init__(self):
        self.shown = []

    def step(self, now_ms, flashing, fresh):
        self.shown.append((flashing, fresh))

    def safe(self):
        self.shown.append(None)


class Kept:
    """A flag that a reset leaves."""

    def __init__(self, value=None):
        self.value = value
        self.puts = 0

    def get(self):
        return self.value

    def put(self, value):
        self.value = value
        self.puts += 1


def make(kept=None):
    return Pole(Crosswalk(20000, 800), Beacon(), Button(), Feedback(), kept)


def test_the_button_alone_lets_the_beacon_flash_and_the_pedestrian_sees_it():
    pole = make()
    pole.button.presses = 1
    for ms in range(0, 30000, 50):
        pole.look(ms)
    assert pole.beacon.told == [("start", 0), "stop"]
    assert pole._feedback.shown[0] == (True, True)
    assert pole._feedback.shown[1] == (True, False)
    assert pole._feedback.shown[-1] == (False, False)


def test_the_pedestrian_is_told_nothing_while_both_beacons_are_broken():
    for which, shown in (("left", True), ("both", False)):
        pole = make()
        pole.beacon.fault, pole.beacon.which = "lamp_failure", which
        pole.button.presses = 1
        pole.look(0)
        assert pole.walk.flashing
        assert pole._feedback.shown[-1][0] is shown


def test_a_reset_in_the_middle_of_a_period_begins_a_whole_one_and_one_in_the_dark_does_not():
    for flashed in (True, False, None):
        pole = make(Kept(flashed))
        pole.look(time.ticks_ms())
        assert pole.walk.flashing is (flashed is True)
        assert pole.walk.reason == ("resumed" if flashed else None)


def test_whether_it_flashes_is_kept_at_each_change_and_not_more_often():
    kept = Kept()
    pole = make(kept)
    pole.look(0)
    pole.button.presses = 1
    for ms in range(50, 19000, 50):
        pole.look(ms)
    assert kept.value is True
    for ms in range(19000, 30000, 50):
        pole.look(ms)
    assert kept.value is False
    assert kept.puts == 3


def test_a_stopped_pole_is_dark_and_says_so():
    kept = Kept()
    pole = make(kept)
    pole.button.presses = 1
    pole.look(0)
    pole.safe()
    # Its task may be due once more before it is ended.
    pole.look(20)
    assert kept.value is False
    assert pole.beacon.told[-1] == "safe"
    assert pole._feedback.shown[-1] is None


def test_what_was_seen_holds_for_a_moment_and_what_begins_is_kept_for_who_tells_it():
    pole = make()
    pole.seen(1000, "track", 4, None)
    for ms in range(1000, 30000, 20):
        pole.look(ms)
    assert pole.begun == [("track", False, 0, 20)]
    # 0.4 s after the last word nobody is there any more, and the period begins no more anew.
    assert pole.beacon.told == [("start", 1000), "stop"]
    assert 20 <= pole.walk.flashing_s <= 21


def test_events_that_nobody_takes_do_not_pile_up():
    pole = make()
    for ms in range(0, 10**6, 1000):
        pole.button.presses = 1
        pole.look(ms)
    assert len(pole.begun) == 8
