"""Waits that grow, that differ from device to device, and that stay within their limits."""

from kerb.uplink.backoff import Backoff


def test_waits_stay_below_a_limit_that_doubles_up_to_the_longest():
    street = [Backoff(1000, 60000, seed) for seed in range(200)]
    for limit in (1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000):
        waits = [backoff.next_ms() for backoff in street]
        assert 0 <= min(waits) < limit // 10
        assert limit * 9 // 10 < max(waits) < limit


def test_waits_are_spread_over_the_whole_range():
    backoff = Backoff(1000, 1000, 5)
    waits = [backoff.next_ms() for _ in range(2000)]
    for low in range(0, 1000, 100):
        share = len([w for w in waits if low <= w < low + 100])
        assert 120 < share < 280


def test_a_reset_begins_with_short_waits_again():
    backoff = Backoff(100, 60000, 5)
    for _ in range(20):
        backoff.next_ms()
    backoff.reset()
    assert backoff.next_ms() < 100


def test_neighbours_of_a_street_do_not_come_back_together():
    waits = [Backoff(60000, 60000, seed).next_ms() for seed in range(100)]
    for start in range(0, 60000, 6000):
        assert 2 <= len([w for w in waits if start <= w < start + 6000]) <= 24


def test_the_same_seed_gives_the_same_waits_and_any_integer_will_do():
    for seed in (0, -5, 65535, 65536, 65537, 131072, 131073, 1 << 64):
        a = Backoff(1000, 8000, seed)
        b = Backoff(1000, 8000, seed)
        waits = [a.next_ms() for _ in range(10)]
        assert waits == [b.next_ms() for _ in range(10)]
        assert len(set(waits)) > 5


def test_a_first_wait_longer_than_the_longest_is_cut():
    assert max(Backoff(5000, 50, seed).next_ms() for seed in range(50)) < 50
