"""machine.time_pulse_us()."""

from sim import chip


def time_pulse_us(pin, pulse_level, timeout_us=1_000_000):
    """Length of the pulse at pin in µs; -2: it never began, -1: it never ended, in timeout_us."""
    here = chip.current()
    wire = here.pin(pin.id).net
    wire.edge_watchers += 1
    wire.update()
    try:
        if not _wait_for(here.clock, wire, pulse_level, timeout_us):
            return -2
        start = here.clock.us()
        if not _wait_for(here.clock, wire, 1 - pulse_level, timeout_us):
            return -1
        return here.clock.us() - start
    finally:
        wire.edge_watchers -= 1


def _wait_for(clock, wire, level, timeout_us):
    end = clock.us() + timeout_us
    while wire.read() != level:
        if clock.us() >= end:
            return False
        clock.wait(end)
    return True
