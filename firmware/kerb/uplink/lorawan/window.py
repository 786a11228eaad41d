"""When a receive window opens and how long it waits (TS001-1.0.4 3.3), from the timing error.

The network begins a downlink's preamble of 8 symbols a nominal time after the end of the uplink.
Of two things that this board does wrong

    drift_us = delay_s * ppm, either way: its clock since the end of the uplink (10000 ppm are 1 %)
    late_us, one way: the latencies from the end of the transmission to its time being taken, and
    from the window's time to the radio being open; the most that they can be together

it knows the limits only, so that the preamble begins anywhere from late + drift before to drift
after the time at which it is expected. The radio gives up when it has not recognised a preamble
within the window, and needs m = min_symbols of the 8 for that. With T the length of a symbol, the
window, open from -early to -early + symbols * T around the expected time, must hold

    the earliest preamble   -early <= -late - drift + (8 - m) * T    (m symbols still to come)
    the latest one          -early + symbols * T >= drift + m * T

The shortest window that does is symbols = (2 * drift + late) / T + 2 * m - 8, rounded up to whole
ones, and never less than m. Its middle is in the middle of all the preambles that may come, four
symbols and half of the latencies from the expected time: early = (symbols * T + late) / 2 - 4 * T.
"""

from kerb.uplink.lorawan.airtime import symbol_us


def opening(sf, bw_hz, drift_us, late_us=0, min_symbols=6):
    """(early_us, symbols): open so much before the expected time, wait for so many symbols.

    early_us may be negative: with an exact clock the beginning of the preamble need not be heard,
    and each symbol slept through saves current. min_symbols is the radio's, 4 to 8.
    """
    symbol = symbol_us(sf, bw_hz)
    needed = 2 * min_symbols - 8 - (-(2 * drift_us + late_us) // symbol)
    symbols = max(min_symbols, needed)
    return (symbols * symbol + late_us) // 2 - 4 * symbol, symbols
