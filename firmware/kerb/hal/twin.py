"""A pattern on two pins that goes round and round by the hardware: the lamps of a flashing beacon.

    Twin(first_id, second_id, tick_ns, ticks, unit=0)

tick_ns: how long a level lasts at least, the same for all. ticks: how many make up a round, at
most 16. second_id: on the RP2040 the pin after the first. unit: which state machine or timer it
takes. Both pins are low from the start.

    repeat(levels, began_ms)  from now on as if its rounds had begun at began_ms (ticks_ms): it
                              joins in the middle of the level that it is in. levels: `ticks`
                              bytes, bit 0 the first pin's level, bit 1 the second's. Each ends
                              with 200 ms or more of 0. Takes the place of one that runs
    stop()                    low when the round is over, for good
    off()                     low at once

The RP2040 needs nobody for it: one state machine of the PIO has both pins, and a round takes as
many of the chip's cycles as it should. Elsewhere RMT makes a round at a time, exactly, and a timer
has the next one ready while the last is dark: an interpreter that doesn't run for longer than that
(it is in a flash operation, or a TLS handshake) leaves a round dark, and the next are where they
belong. (RMT's own repetition cannot be ended: as of ESP-IDF 5 it ends the ESP32.)
"""

import sys

if sys.platform == "rp2":
    from kerb.hal.twin_rp2 import Twin
else:
    from kerb.hal.twin_rmt import Twin  # noqa: F401
