"""When the level of an input changed: how a short message on one wire is heard.

    Edges(pin_id, window_us, inverted=False, pull=None, unit=1)

window_us: how long it listens, below 65 ms. inverted: the levels are the opposite of the pin's.
pull: "up", "down" or None. unit: which of the chip's state machines it takes, if any.

    start(call, arg)  listens for the window, from now on; call(arg) sends what is to be answered
    ready()           true when the window is over
    runs(into)        how long each level lasted, in us: high at even places of the array('H'),
                      low at odd ones; the first is 0 when it began low. The count; what does not
                      fit is lost

The RP2040 samples with PIO and DMA, to 40 us whatever the processor does. Elsewhere start() itself
listens, to some us: it returns when the window is over, or when nothing more has come for 14 ms.
"""

import sys

if sys.platform == "rp2":
    from kerb.hal.edges_rp2 import Edges
else:
    from kerb.hal.edges_wait import Edges  # noqa: F401
