"""Air time stays within every limit, whenever an hour begins and whatever is reset."""

from time import ticks_add

from kerb.uplink.lorawan import airtime, eu868, in865, kr920, us915
from kerb.uplink.lorawan.airtime import Duty
from kerb.uplink.lorawan.plan import Plan
from kerb.uplink.lorawan.start import spend

HOUR_MS = 3600000
# A frequency of each of EU868's sub-bands and its permille, said once more.
EU868 = ((864000000, 1), (867100000, 10), (868100000, 10), (869000000, 1), (869525000, 100))
EU868 += ((869850000, 10),)


class Dice:
    """The same numbers on each runtime."""

    def __init__(self, seed):
        self._x = (seed * 7919 + 12345) % 65536 + 1

    def __call__(self, n):
        self._x = self._x * 75 % 65537
        return self._x * n // 65537


def make(region=eu868):
    table = region.TABLE
    plan = Plan(table)
    return table, plan, Duty(table, plan)


class Hours:
    """What has been sent, and the most of it in any hour, µs."""

    def __init__(self):
        self._sent = []
        self._total_us = self.worst_us = 0

    def add(self, start_ms, us):
        while self._sent and self._sent[0][0] <= start_ms - HOUR_MS:
            self._total_us -= self._sent.pop(0)[1]
        self._sent.append((start_ms, us))
        self._total_us += us
        self.worst_us = max(self.worst_us, self._total_us)


def some_airtime_us(dice):
    return airtime.us(9 + dice(4), 125000, 13 + dice(51))


def test_each_sub_band_has_its_share_of_any_hour_and_the_others_do_not_matter():
    for hz, permille in EU868:
        dice = Dice(permille)
        table, _, duty = make()
        now_ms = 0
        sent = Hours()
        while now_ms < 3 * HOUR_MS:
            us = some_airtime_us(dice)
            wait_ms = duty.wait_ms(now_ms, hz, us)
            if wait_ms:
                assert 0 < wait_ms <= 300000
                now_ms += wait_ms
                continue
            duty.spent(now_ms, hz, us)
            sent.add(now_ms, us)
            for other_hz, _ in EU868:
                if other_hz != hz:
                    assert duty.wait_ms(now_ms, other_hz, 2700000) == 0
            now_ms += us // 1000 + dice(100000) // permille
        # One frame of 2.8 s may be left that does not fit.
        assert permille * 3600000 - 2800000 < sent.worst_us <= permille * 3600000


def test_a_frame_at_once_after_a_quiet_hour_and_after_another():
    _, _, duty = make()
    for i in range(24):
        assert duty.wait_ms(i, 868100000, 1482752) == 0
        duty.spent(i, 868100000, 1482752)
    assert duty.wait_ms(24, 868100000, 1482752) > 0
    assert duty.wait_ms(24, 868500000, 1482752) > 0  # same sub-band
    assert duty.wait_ms(HOUR_MS + 300000, 868100000, 1482752) == 0


def test_a_share_is_used_to_its_end_and_no_further():
    _, _, duty = make()
    duty.spent(0, 864000000, 3590000)
    assert duty.wait_ms(0, 864000000, 10000) == 0
    assert duty.wait_ms(0, 864000000, 10001) == 300000


def test_a_reset_at_any_time_forgets_no_air_time():
    for seed in range(3):
        dice = Dice(seed)
        table, plan, duty = make()
        stored = duty.pack()
        puts = frames = 0
        now_ms = 0
        sent = Hours()
        while now_ms < 6 * HOUR_MS:
            if dice(20) == 0:
                duty = Duty(table, plan)
                assert spend(duty, stored)
            us = some_airtime_us(dice)
            wait_ms = duty.wait_ms(now_ms, 868100000, us)
            if wait_ms:
                now_ms += wait_ms
                continue
            duty.spent(now_ms, 868100000, us)
            if duty.pack() != stored:
                stored = duty.pack()
                puts += 1
            sent.add(now_ms, us)
            frames += 1
            now_ms += us // 1000 + dice(90000)
        assert sent.worst_us <= 36000000
        assert puts < frames


def test_what_is_stored_seldom_changes():
    _, _, duty = make()
    stored = duty.pack()
    puts = 0
    for minute in range(0, 24 * 60, 10):
        duty.spent(minute * 60000, 868100000, 61696)
        if duty.pack() != stored:
            stored = duty.pack()
            puts += 1
    assert puts == 1


def test_what_is_stored_comes_back_the_same_however_often():
    for seed in range(20):
        dice = Dice(seed)
        table, plan, duty = make()
        plan.max_duty = dice(16)
        for hz, permille in EU868:
            for _ in range(dice(4)):
                duty.spent(dice(100000), hz, some_airtime_us(dice) * permille)
        first = duty.pack()
        for _ in range(3):
            stored = duty.pack()
            assert stored == first
            duty = Duty(table, plan)
            assert spend(duty, stored)
    for wrong in (b"", first[:-1], first + b"\0", b"\xff" * len(first)):
        assert not spend(duty, wrong)
    assert duty.pack() == first


def test_regions_without_duty_cycle_do_not_wait():
    for region, hz in ((kr920, 922100000), (in865, 865985000), (us915, 902300000)):
        table, plan, duty = make(region)
        for i in range(100):
            assert duty.wait_ms(i, hz, 2793472) == 0
            duty.spent(i, hz, 2793472)
        assert max(duty.pack()) == 0
        assert spend(Duty(table, plan), duty.pack())


def test_a_network_can_ask_for_silence_in_all_sub_bands():
    for exponent in range(16):
        _, plan, duty = make()
        plan.max_duty = exponent
        us = 1482752
        duty.spent(0, 868100000, us)
        end_ms = us // 1000
        silence_ms = end_ms * ((1 << exponent) - 1)
        wait_ms = duty.wait_ms(end_ms, 869525000, us)
        if not exponent:
            assert wait_ms == 0
            continue
        assert silence_ms <= wait_ms <= silence_ms + (2 << exponent)
        assert duty.wait_ms(end_ms + wait_ms - 1, 869525000, us) == 1
        assert duty.wait_ms(end_ms + wait_ms, 869525000, us) == 0


def test_silence_is_no_shorter_by_a_reset_and_ends():
    table, plan, duty = make()
    plan.max_duty = 10
    duty.spent(5, 868100000, 1482752)
    left_ms = duty.wait_ms(1500, 868100000, 61696)
    again = Duty(table, plan)
    assert spend(again, duty.pack())
    wait_ms = again.wait_ms(77, 868100000, 61696)
    assert left_ms <= wait_ms <= 2 * left_ms
    assert again.wait_ms(77 + wait_ms, 868100000, 61696) == 0


def test_the_ticks_may_come_around():
    for before_ms in (1, 299999, 300000, 1800000):
        table, plan, duty = make()
        plan.max_duty = 3
        start_ms = ticks_add(0, -before_ms)
        for _ in range(24):
            duty.spent(start_ms, 868100000, 1482752)
        assert duty.wait_ms(ticks_add(start_ms, HOUR_MS - 1), 868100000, 1482752) > 0
        assert duty.wait_ms(ticks_add(start_ms, HOUR_MS + 300000), 868100000, 1482752) == 0
        # After so long that the difference of the ticks has another sign.
        duty.spent(start_ms, 868100000, 1482752)
        assert duty.wait_ms(ticks_add(start_ms, -1000), 868100000, 35000000) == 0
