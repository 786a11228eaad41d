from kerb.drivers.lamp import Lamp, arc_level, curve_permille, least_arc


class Steps:
    """A hal Pwm of so many steps that remembers what was set."""

    def __init__(self, steps=65535):
        self.steps = steps
        self.written = []

    def set_steps(self, high):
        self.written.append(high)


def test_curve_gives_the_percentages_of_the_dali_standard():
    # Level and percent, as IEC 62386-102's curve has them.
    for level, percent in ((1, 0.1), (170, 10.09), (229, 50.5), (254, 100)):
        assert abs(curve_permille(level) / 10 - percent) < 0.001 * percent, level
    assert curve_permille(0) == 0
    assert abs(curve_permille(254) - 1000) < 0.01


def test_every_arc_level_comes_back_from_its_own_output():
    for level in range(85, 255):
        assert arc_level(curve_permille(level)) == level


def test_anything_above_zero_is_light_and_anything_above_full_is_full():
    assert arc_level(0) == 0
    assert arc_level(-5) == 0
    assert arc_level(1) == 1
    assert arc_level(1000) == 254
    assert arc_level(5000) == 254


def test_duty_follows_the_light_output_and_not_the_arc_level():
    pwm = Steps()
    lamp = Lamp(pwm)
    lamp.set_permille(1000)
    lamp.set_permille(500)
    lamp.set_permille(0)
    full, half, off = pwm.written
    assert full == 65535
    # The nearest step to half the light is 50.5 %; DALI level 127 as a duty would be 32767 too,
    # for 3 % of the light.
    assert abs(half - 65535 * 0.5053) < 40
    assert off == 0


def test_duty_is_within_half_a_step_for_every_arc_level_and_every_fineness():
    for steps in (65535, 64516, 6250, 4096):
        pwm = Steps(steps)
        lamp = Lamp(pwm)
        for level in range(1, 255):
            lamp.set_arc(level)
            ideal = steps * 10 ** ((level - 1) * 3 / 253 - 3)
            # The rest is for floats of 24 bits.
            assert abs(pwm.written[-1] - ideal) <= 0.5 + ideal * 1e-6, (steps, level)
        assert pwm.written[-1] == steps


def test_between_the_least_level_and_off_there_is_nothing():
    for least in (0, 1, 7, 50, 100, 101, 333, 500):
        lamp = Lamp(Steps(), least)
        assert curve_permille(least_arc(least)) >= least
        assert least_arc(least) == 1 or curve_permille(least_arc(least) - 1) < least
        given = set()
        for level in range(1001):
            lamp.set_permille(level)
            given.add(lamp.permille)
        assert min(given - {0}) >= least, least
        assert max(given) == 1000
        lamp.set_permille(0)
        assert lamp.permille == 0


def test_the_lamp_says_what_it_gives_since_and_nothing_before_it_was_told():
    lamp = Lamp(Steps())
    assert lamp.permille is None
    for level in range(0, 1001, 50):
        lamp.set_permille(level)
        assert abs(lamp.permille - level) <= 1 + level * 0.014, level


def test_the_same_level_again_does_not_touch_the_output():
    pwm = Steps()
    lamp = Lamp(pwm)
    for _ in range(3):
        lamp.set_permille(300)
    assert len(pwm.written) == 1
