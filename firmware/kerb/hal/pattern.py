"""Exact output patterns: levels that follow each other by a clock of the hardware's own.

Nothing that the processor does meanwhile moves an edge: no garbage collection, no stalled loop, no
interrupt. The RP2040 has PIO for it, the ESP32 its RMT.

    Pattern(pin_id, tick_ns, ticks, idle=False, inverted=False)

tick_ns: how long a level lasts at least, the same for all. ticks: how many make up a pattern.
idle: the level before and after. inverted: the pin has the opposite of each level here.
ValueError for what the chip can't do. It takes state machine 0 or RMT channel 0.

    send(levels)     once; levels: a buffer of `ticks` bytes 0 or 1, the last one the idle level.
                     Not while another is on its way
"""

import sys

if sys.platform == "rp2":
    from kerb.hal.pattern_rp2 import Pattern
else:
    from kerb.hal.pattern_rmt import Pattern  # noqa: F401
