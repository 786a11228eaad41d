"""When a receive window opens and how long it waits (TS001-1.0.4 3.3), from the timing error.

The network sends a downlink's preamble of 8 symbols at a nominal time after the end of the uplink.
By this board's clock that is anywhere within +-error of where it is expected:

    error_us = delay_s * ppm + jitter_us

with the delay since the end of the uplink, the clock's error (10000 ppm are 1 %) and the sum of
all latencies: from the end of the transmission to its time being taken, and from the window's
time to the radio being open. The radio gives up when it has not recognised a preamble within the
window, and needs `min_symbols` (m) of the 8 for that. With T the length of a symbol, the window
open from -early to -early + symbols * T around the expected beginning of the preamble must hold

    the latest preamble   -early + symbols * T >= error + m * T
    the earliest one      -early <= -error + (8 - m) * T     (m of its symbols are still to come)

The shortest window that does is symbols = 2 * error / T + 2 * m - 8, its middle on the preamble's
middle, four symbols after its expected beginning: early = symbols * T / 2 - 4 * T. Rounded up to
whole symbols, and never below m, as nothing can be recognised in less.
"""

from kerb.uplink.lorawan.airtime import symbol_us


def opening(sf, bw_hz, error_us, min_symbols=6):
    """(early_us, symbols): open so much before the expected beginning, wait for so many symbols.

    early_us may be negative: with an exact clock the beginning of the preamble need not be heard,
    and each symbol slept through saves current. min_symbols is the radio's, 4 to 8.
    """
    symbol = symbol_us(sf, bw_hz)
    needed = 2 * min_symbols - 8 - (-2 * error_us // symbol)
    symbols = max(min_symbols, needed)
    return symbols * symbol // 2 - 4 * symbol, symbols
