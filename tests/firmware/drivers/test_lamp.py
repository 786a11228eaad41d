from kerb.drivers.lamp import Lamp, arc_level, curve_permille


class Duty:
    def __init__(self):
        self.written = []

    def duty_u16(self, duty):
        self.written.append(duty)


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
    pwm = Duty()
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


def test_duty_is_within_half_a_step_of_16_bits_for_every_arc_level():
    pwm = Duty()
    lamp = Lamp(pwm)
    for level in range(85, 255):
        lamp.set_permille(curve_permille(level))
        assert abs(pwm.written[-1] - 65.535 * curve_permille(level)) <= 0.51, level


def test_the_same_level_again_does_not_touch_the_output():
    pwm = Duty()
    lamp = Lamp(pwm)
    for _ in range(3):
        lamp.set_permille(300)
    assert len(pwm.written) == 1
