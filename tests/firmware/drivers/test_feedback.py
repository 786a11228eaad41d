import random

import board
import world
from kerb.drivers.feedback import Feedback

LAMP, SOUNDER = 12, 13


def made():
    w = world.World()
    return w, Feedback(board.pedestrian_lamp(), board.sounder())


def heard(w):
    """Whether the sounder sounds."""
    return 0 < w.pwm(SOUNDER)[1] < 65535


def test_the_lamp_is_lit_exactly_while_the_beacon_flashes():
    w, feedback = made()
    for ms in range(0, 20000, 50):
        flashing = ms // 3000 % 2 == 1
        feedback.step(ms, flashing, ms % 3000 == 0)
        assert w.level(LAMP) == flashing


def test_whoever_is_seen_hears_two_beeps_and_then_nothing():
    w, feedback = made()
    sounds = []
    for ms in range(0, 10000, 20):
        feedback.step(ms, True, ms == 40)
        sounds.append(heard(w))
    beeps = sum(1 for i in range(1, len(sounds)) if sounds[i] and not sounds[i - 1])
    assert beeps == 2
    assert sum(sounds) * 20 == 200
    assert not any(sounds[25:])


def test_who_drums_on_the_button_hears_no_more_than_two_beeps_a_second():
    w, feedback = made()
    sounds = []
    for ms in range(0, 10000, 20):
        feedback.step(ms, True, True)
        sounds.append(heard(w))
    beeps = sum(1 for i in range(1, len(sounds)) if sounds[i] and not sounds[i - 1])
    assert beeps <= 20


def test_nothing_is_shown_of_a_beacon_that_does_not_flash():
    w, feedback = made()
    random.seed(1)
    for ms in range(0, 5000, 20):
        feedback.step(ms, False, random.random() < 0.3)
        assert not heard(w) and w.level(LAMP) == 0
    feedback.step(5000, True, True)
    assert heard(w)
    feedback.step(5020, False, False)
    assert not heard(w)


def test_safe_is_dark_and_silent():
    w, feedback = made()
    feedback.step(0, True, True)
    assert heard(w) and w.level(LAMP) == 1
    feedback.safe()
    assert not heard(w) and w.level(LAMP) == 0


def test_a_beep_long_ago_says_nothing_when_ticks_have_wrapped():
    w, feedback = made()
    feedback.step(0, True, True)
    feedback.step(2000, True, False)
    for ms in range(0, 400, 20):
        feedback.step((1 << 30) - 200 + ms & (1 << 30) - 1, True, False)
        assert not heard(w)


def test_a_pole_may_have_neither():
    world.World()
    feedback = Feedback(None, None)
    feedback.step(0, True, True)
    feedback.safe()
