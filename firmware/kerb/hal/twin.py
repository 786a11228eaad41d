"""A pattern on two pins that goes round and round by the hardware: the lamps of a flashing beacon.

    Twin(first_id, second_id, tick_ns, ticks)

tick_ns: how long a level lasts at least, the same for all. ticks: how many make up a round, at
most 16. second_id: on the RP2040 the pin after the first. Both pins are low from the start. It
takes state machine 0, or RMT channels 0 and 1 and timer 1.

    repeat(levels, began_ms)  from now on as if its rounds had begun at began_ms (ticks_ms): it
                              joins in the middle of the level that it is in. levels: `ticks`
                              bytes, bit 0 the first pin's level, bit 1 the second's. Each ends
                              with 200 ms or more of 0. Takes the place of one that runs
    stop()                    low when the round is over, for good; in its last 60 ms, when the
                              next one is over
    off()                     low at once
    began_ms                  as repeat() was given it; who lets it run for days puts it on by
                              whole rounds, before ticks wrap

The RP2040 needs nobody for it: one state machine of the PIO has both pins, and a round takes as
many of the chip's cycles as it should. Elsewhere RMT makes a round at a time, exactly, and a timer
hands the next one over 40 to 60 ms before it begins. An interpreter that doesn't run for longer
than that (in a flash operation, in a TLS handshake) makes a round begin late, with what is left
of it; what goes out is where it belongs. (RMT's own repetition is of no use: ESP-IDF before 5.5.2
can't end it without ending the ESP32.)
"""

import sys

if sys.platform == "rp2":
    from kerb.hal.twin_rp2 import Twin
else:
    from kerb.hal.twin_rmt import Twin  # noqa: F401
