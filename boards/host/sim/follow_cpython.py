"""CPython's asyncio in real time, firing the events of the board's clock."""

import asyncio
import selectors


class _RealSelector(selectors.DefaultSelector):
    """Waits for files, and fires the events of the board's clock."""

    def __init__(self, clock):
        super().__init__()
        self.clock = clock

    def select(self, timeout=None):
        event = self.clock.next_us()
        if event is not None:
            wait = max(0, event - self.clock.us()) / 1_000_000
            timeout = wait if timeout is None else min(timeout, wait)
        ready = super().select(timeout)
        self.clock.run_due()
        return ready


class _RealPolicy(asyncio.DefaultEventLoopPolicy):
    def __init__(self, clock, wire):
        super().__init__()
        self.clock = clock
        self.wire = wire

    def new_event_loop(self):
        loop = asyncio.SelectorEventLoop(_RealSelector(self.clock))
        if self.wire is not None:
            loop.add_reader(self.wire.sock, self.wire.poll)
        return loop


def follow(clock, wire):
    """asyncio.run() fires the events of a real clock and hears the wire, if any, from now on."""
    asyncio.set_event_loop_policy(_RealPolicy(clock, wire))
