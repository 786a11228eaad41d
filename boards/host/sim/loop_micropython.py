"""MicroPython's own asyncio, waiting by the board's clock.

asyncio.core takes its time from `ticks` and waits in `_io_queue.wait_io_event`: both are replaced.
Its C task queue stamps a task that becomes ready with the *real* ticks, so virtual ticks start
far ahead of any real ones: such a task is then always due, in the order in which it became so.
"""

import gc
from asyncio import core

from sim.vclock import Stuck

_AHEAD_MS = 1 << 50  # 35,000 years of uptime
# An allocation searches the heap from its start: the fuller it may get between two collections,
# the longer each takes. With 64 kB a simulated year is two to six times faster than without.
_GARBAGE = 65536


class _NeverEmpty(dict):
    # Without tasks and streams run_until_complete() ends; a timer's interrupt may still wake one.
    def __bool__(self):
        return True


class _Virtual(core.IOQueue):
    def __init__(self, clock):
        super().__init__()
        self.map = _NeverEmpty()
        self.clock = clock

    def wait_io_event(self, dt):
        clock = self.clock
        if len(self.map):
            super().wait_io_event(0)
            task = core._task_queue.peek()
            if task and task.ph_key <= core.ticks():
                dt = 0
        if dt == 0:
            clock.run_due()
        elif dt > 0:
            clock.step((clock.us() // 1000 + dt) * 1000)
        else:
            self._wait_for_a_task()

    def _wait_for_a_task(self):
        while not core._task_queue.peek():
            if not self.clock.step():
                raise Stuck("deadlock: every task waits, and no event is to come")
            if len(self.map):
                super().wait_io_event(0)


def run(coro, clock):
    """Runs coro to its end in the virtual time of `clock`; tasks it leaves behind are dropped."""
    ticks = core.ticks
    core.new_event_loop()
    core._io_queue = _Virtual(clock)
    core.ticks = lambda: clock.look() // 1000 + _AHEAD_MS
    threshold = gc.threshold()
    if threshold < 0:
        gc.threshold(_GARBAGE)
    try:
        return core.run(coro)
    finally:
        gc.threshold(threshold)
        core.ticks = ticks
        core.new_event_loop()
