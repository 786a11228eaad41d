"""Receive windows against their derivation: every preamble that may come is in the window."""

import random

from kerb.uplink.lorawan.airtime import symbol_us
from kerb.uplink.lorawan.window import opening

RATES = ((12, 125000), (10, 125000), (7, 125000), (7, 250000), (7, 500000), (12, 500000))
PREAMBLE = 8


def _seen(opens_us, closes_us, begins_us, symbol):
    """So many whole or part symbols of a preamble fall into a window."""
    ends_us = begins_us + PREAMBLE * symbol
    return max(0, min(closes_us, ends_us) - max(opens_us, begins_us)) / symbol


def _errors(symbol):
    return (0, 1, 20, symbol // 2, symbol, 3 * symbol + 1, 11000, 20000, 170000)


def test_the_earliest_and_the_latest_preamble_have_enough_symbols_in_the_window():
    for sf, bw_hz in RATES:
        symbol = symbol_us(sf, bw_hz)
        for error in _errors(symbol):
            for least in (4, 5, 6, 8):
                early, symbols = opening(sf, bw_hz, error, least)
                closes = symbols * symbol - early
                for begins in (-error, 0, error):
                    assert _seen(-early, closes, begins, symbol) >= least


def test_a_window_of_one_symbol_less_would_miss_one_or_be_too_short_for_any():
    for sf, bw_hz in RATES:
        symbol = symbol_us(sf, bw_hz)
        for error in _errors(symbol):
            for least in (4, 5, 6):
                symbols = opening(sf, bw_hz, error, least)[1] - 1
                # Of all windows of that length the one in the middle is the best there is.
                opens = 4 * symbol - symbols * symbol / 2
                closes = opens + symbols * symbol
                worst = min(_seen(opens, closes, b, symbol) for b in (-error, error))
                assert worst < least


def test_an_exact_clock_sleeps_through_the_first_symbol():
    early_us, symbols = opening(12, 125000, 0)
    assert (early_us, symbols) == (-32768, 6)


def test_a_clock_wrong_by_a_percent_opens_early_and_stays_open_long():
    # 1 s after, 10 ms wrong and up to 10 ms late: 20 ms either way, 40 symbols of SF7 and 4.
    assert opening(7, 125000, 20000) == (18432, 44)
    # At SF12 that is little more than a symbol, and the window as short as one can be.
    assert opening(12, 125000, 20000) == (-32768, 6)


def test_windows_of_rx1_and_rx2_never_overlap_even_at_a_percent():
    for sf, bw_hz in RATES:
        symbol = symbol_us(sf, bw_hz)
        for delay_s in range(1, 16):
            early, symbols = opening(sf, bw_hz, delay_s * 10000 + 10000)
            closes = delay_s * 1000000 - early + symbols * symbol
            early, _ = opening(sf, bw_hz, delay_s * 10000 + 20000)
            assert closes < (delay_s + 1) * 1000000 - early


def test_any_error_within_the_bound_is_caught_by_chance_too():
    random.seed(5)
    for _ in range(300):
        sf, bw_hz = RATES[random.randrange(len(RATES))]
        symbol = symbol_us(sf, bw_hz)
        error = random.randrange(200000)
        early, symbols = opening(sf, bw_hz, error)
        begins = random.randrange(-error, error + 1)
        assert _seen(-early, symbols * symbol - early, begins, symbol) >= 6
