"""Receive windows against their derivation: every preamble that may come is in the window."""

import random

from kerb.uplink.lorawan.airtime import opening, symbol_us

RATES = ((12, 125000), (10, 125000), (7, 125000), (7, 250000), (7, 500000), (12, 500000))
PREAMBLE = 8


def _seen(opens_us, closes_us, begins_us, symbol):
    """So many whole or part symbols of a preamble fall into a window."""
    ends_us = begins_us + PREAMBLE * symbol
    return max(0, min(closes_us, ends_us) - max(opens_us, begins_us)) / symbol


def _errors(symbol):
    """(drift, latency) of many kinds."""
    for drift in (0, 1, symbol // 2, 3 * symbol + 1, 11000, 170000):
        for late in (0, 1, 300, symbol, 20001):
            yield drift, late


def test_the_earliest_and_the_latest_preamble_have_enough_symbols_in_the_window():
    for sf, bw_hz in RATES:
        symbol = symbol_us(sf, bw_hz)
        for drift, late in _errors(symbol):
            for least in (4, 5, 6, 8):
                early, symbols = opening(sf, bw_hz, drift, late, least)
                opens = -early
                for begins in (-drift - late, -late, 0, drift):
                    # Half a microsecond may be lost where the middle is between two of them.
                    seen = _seen(opens - 1, opens + symbols * symbol, begins, symbol)
                    assert seen >= least


def test_a_window_of_one_symbol_less_would_miss_one_or_be_too_short_for_any():
    for sf, bw_hz in RATES:
        symbol = symbol_us(sf, bw_hz)
        for drift, late in _errors(symbol):
            for least in (4, 5, 6):
                symbols = opening(sf, bw_hz, drift, late, least)[1] - 1
                # Of all windows of that length the one in the middle is the best there is.
                opens = 4 * symbol - late / 2 - symbols * symbol / 2
                closes = opens + symbols * symbol
                worst = min(_seen(opens, closes, b, symbol) for b in (-drift - late, drift))
                assert worst < least


def test_an_exact_clock_sleeps_through_the_first_symbol():
    early_us, symbols = opening(12, 125000, 0)
    assert (early_us, symbols) == (-32768, 6)


def test_a_clock_wrong_by_a_percent_opens_early_and_stays_open_long():
    # RX1 1 s after: 10 ms either way, 20 symbols of SF7, and 4.
    assert opening(7, 125000, 10000) == (8192, 24)
    # Latencies of up to 20 ms are 20 symbols more; the window opens so much earlier.
    assert opening(7, 125000, 10000, 20000) == (28432, 44)
    # At SF12 that is a little more than one symbol, and the window as short as one can be.
    assert opening(12, 125000, 10000, 20000) == (-22768, 6)


def test_windows_of_rx1_and_rx2_never_overlap_even_at_a_percent():
    for sf, bw_hz in RATES:
        symbol = symbol_us(sf, bw_hz)
        for delay_s in range(1, 16):
            early, symbols = opening(sf, bw_hz, delay_s * 10000, 20000)
            closes = delay_s * 1000000 - early + symbols * symbol
            early, _ = opening(sf, bw_hz, delay_s * 10000 + 10000, 20000)
            assert closes < (delay_s + 1) * 1000000 - early


def test_any_error_within_the_bound_is_caught_by_chance_too():
    random.seed(5)
    for _ in range(300):
        sf, bw_hz = RATES[random.randrange(len(RATES))]
        symbol = symbol_us(sf, bw_hz)
        drift, late = random.randrange(200000), random.randrange(30000)
        early, symbols = opening(sf, bw_hz, drift, late)
        begins = random.randrange(-drift, drift + 1) - random.randrange(late + 1)
        assert _seen(-early - 1, symbols * symbol - early, begins, symbol) >= 6
