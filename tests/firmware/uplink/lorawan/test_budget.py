"""Joins stay within the specification's limits, whatever happens to the power."""

from kerb.uplink.lorawan import airtime, budget

HOUR_S = 3600
# The limits: from and to in hours, ms.
LIMITS = [(0, 1, 36000), (1, 11, 36000)]
LIMITS += [(11 + 24 * day, 35 + 24 * day, 8700) for day in range(4)]


class Dice:
    """The same numbers on each runtime."""

    def __init__(self, seed):
        self._x = (seed * 7919 + 12345) % 65536 + 1

    def __call__(self, n):
        self._x = self._x * 75 % 65537
        return self._x * n // 65537


def join_us(dice):
    return airtime.us(7 + dice(6), 125000, 23)


def spend(spent_ms, us):
    return spent_ms + us // 1000 + 1


def test_the_limits_of_the_first_hour_ten_hours_and_each_day_are_used_and_kept():
    dice = Dice(5)
    true_s = on_s = spent_ms = 0
    sent_us = [0] * len(LIMITS)
    while true_s < 107 * HOUR_S:
        us = join_us(dice)
        step_s = budget.wait_s(on_s, spent_ms, us)
        if step_s:
            assert 0 < step_s <= 86400
        else:
            spent_ms = spend(spent_ms, us)
            for i, (start, end, _) in enumerate(LIMITS):
                if start * HOUR_S <= true_s < end * HOUR_S:
                    sent_us[i] += us
            step_s = 2 + dice(20)
        true_s += step_s
        on_s, spent_ms = budget.rolled(on_s, spent_ms, step_s)
        assert on_s < 35 * HOUR_S
    for us, (_, _, most_ms) in zip(sent_us, LIMITS):
        assert most_ms * 1000 - 1500000 < us <= most_ms * 1000


def test_a_power_cut_at_any_time_gives_no_more():
    """What time has passed since the last record is lost: the limits hold for the true time."""
    for seed in range(3):
        dice = Dice(seed)
        true_s = on_s = spent_ms = 0
        kept = (0, 0)
        sent = []
        while true_s < 60 * HOUR_S:
            if dice(4) == 0:
                true_s += dice(1000)
                on_s, spent_ms = kept
            us = join_us(dice)
            step_s = min(budget.wait_s(on_s, spent_ms, us), HOUR_S)
            if not step_s:
                spent_ms = spend(spent_ms, us)
                kept = on_s, spent_ms
                sent.append((true_s, us))
                step_s = 2 + dice(20)
            true_s += step_s
            on_s, spent_ms = budget.rolled(on_s, spent_ms, step_s)
        for hours, most_us in ((1, 36000000), (11, 72000000), (35, 80700000), (59, 89400000)):
            assert sum([us for at_s, us in sent if at_s < hours * HOUR_S]) <= most_us


def test_a_lamp_with_power_only_at_night_gets_its_joins_if_it_keeps_the_hours():
    on_s = spent_ms = joins = 0
    for _ in range(20):
        for _ in range(12):
            kept = on_s, spent_ms
            if not budget.wait_s(on_s, spent_ms, 8600000):
                spent_ms = spend(spent_ms, 8600000)
                joins += 1
                kept = on_s, spent_ms
            on_s, spent_ms = budget.rolled(on_s, spent_ms, HOUR_S)
        on_s, spent_ms = kept  # the last hour of the night is lost
    assert joins >= 4 + 4 + 6


def test_months_between_two_joins():
    on_s, spent_ms = budget.rolled(0, 0, 100)
    spent_ms = spend(spent_ms, 35000000)
    assert budget.wait_s(on_s, spent_ms, 1500000) == 3500
    on_s, spent_ms = budget.rolled(on_s, spent_ms, 90 * 86400)
    assert spent_ms == 0 == budget.wait_s(on_s, spent_ms, 8000000)
    spent_ms = spend(spent_ms, 8000000)
    assert 0 < budget.wait_s(on_s, spent_ms, 1500000) <= 86400
    assert budget.wait_s(on_s, spent_ms, 600000) == 0
