"""When the lamp and the report are the same, and for how long they may differ."""

import pytest

from host_tools.street.agreement import GRACE_S, Agreement, agree


@pytest.mark.parametrize(
    ("reported", "light", "same"),
    [
        (0, 0, True),
        (1000, 1000, True),
        (500, 505, True),  # the nearest DALI step to 50 % gives 50.5 %
        (1, 1.0, True),
        (500, 515, False),
        (1000, 970, False),
        (0, 1, False),
        (1, 0, False),
        (100, 50, False),
    ],
)
def test_a_report_and_a_light_are_compared_within_a_dali_step(reported, light, same):
    assert agree(reported, light) is same


class _Scene:
    def __init__(self):
        self.now_s = 0.0
        self.agreement = Agreement(monotonic=lambda: self.now_s)

    def after(self, seconds, reported, light, heard=True):
        self.now_s += seconds
        self.agreement.observe(reported, light, heard)
        return self.agreement


def test_a_difference_shorter_than_a_report_takes_is_no_breach():
    scene = _Scene()
    scene.after(0, 1000, 1000)
    scene.after(1, 1000, 400)
    assert not scene.after(GRACE_S - 1.5, 1000, 400).late
    agreement = scene.after(0.1, 400, 400)
    assert agreement.compared
    assert agreement.now
    assert not agreement.broken


def test_a_longer_one_is_a_breach_for_good():
    scene = _Scene()
    scene.after(0, 1000, 400)
    assert scene.after(GRACE_S + 0.1, 1000, 400).late
    assert scene.agreement.broken
    assert not scene.after(1, 400, 400).late
    assert scene.agreement.broken


def test_what_an_unheard_device_said_is_not_compared():
    scene = _Scene()
    scene.after(0, 1000, 400, heard=False)
    agreement = scene.after(60, 1000, 400, heard=False)
    assert agreement.now is None
    assert not agreement.compared
    assert not agreement.broken


def test_a_device_that_said_nothing_yet_is_not_compared():
    scene = _Scene()
    scene.after(0, None, 400)
    assert not scene.after(60, None, 400).compared
