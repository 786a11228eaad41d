"""CPython's asyncio, waiting by the board's clock, as exact in time as MicroPython's: whole ms."""

import asyncio
import selectors

from sim.vclock import Stuck


class _VirtualSelector(selectors.SelectSelector):
    """Waits by moving virtual time; watches no file."""

    def __init__(self, clock):
        super().__init__()
        self.clock = clock

    def select(self, timeout=None):
        clock = self.clock
        if timeout is None:
            if not clock.step():
                raise Stuck("deadlock: every task waits, and no event is to come")
        elif timeout <= 0:
            clock.run_due()
        else:
            ms = -(-round(timeout * 1_000_000) // 1000)
            clock.step((clock.us() // 1000 + ms) * 1000)
        return ()


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self, clock):
        super().__init__(_VirtualSelector(clock))
        self.clock = clock
        self._clock_resolution = 1e-6
        self.set_exception_handler(self._report)

    def time(self):
        return self.clock.look() // 1000 / 1000

    def _report(self, loop, context):
        """Says nothing of what ends a board's run; who ran it has it, as what run() raised.

        A task that nobody awaited has it too and says so when it is collected, which may be at
        any moment: in the middle of a compilation, logging it ends CPython 3.11.
        """
        exc = context.get("exception")
        if exc is None or isinstance(exc, Exception):
            loop.default_exception_handler(context)

    def _write_to_self(self):
        pass  # nothing waits in a real select()


def run(coro, clock):
    """Runs coro to its end in the virtual time of `clock`; tasks it leaves behind are cancelled.

    After a reset they are not: a board that is reset runs no `finally`.
    """
    loop = _VirtualLoop(clock)
    try:
        return loop.run_until_complete(coro)
    finally:
        left = asyncio.all_tasks(loop)
        if clock.dead is None:
            for task in left:
                task.cancel()
            if left:
                loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        else:
            for task in left:
                task._log_destroy_pending = False
            clock.graveyard = left  # a collected coroutine would run its `finally`
        loop.close()
