"""How long a part answers a trigger with a high level: the time of an echo, nobody waiting for it.

    Echo(trigger_id, echo_id, unit=2)

trigger_id, echo_id: the pins; the echo's is pulled down, so that an open wire is low. unit: which
of the chip's state machines it takes, if any.

    start(trigger_us)  triggers for so long as soon as the echo's pin is low, and then its pulse
                       counts. Not while another is under way
    ready()            whether the pulse is over
    take()             its length in us, once
    stop()             gives up what is under way
    level()            the echo's pin, 0 or 1

The RP2040 counts by PIO, to 1 us whatever the processor does. Elsewhere interrupts tell the times
of the edges: to some 50 us while the processor has nothing else to do, and wrong by as long as it
can't look. What is wrong so is now longer and now shorter, which a median of several forgets; and
a pulse whose beginning was missed has the length 0.
"""

import sys

if sys.platform == "rp2":
    from kerb.hal.echo_rp2 import Echo
else:
    from kerb.hal.echo_irq import Echo  # noqa: F401
