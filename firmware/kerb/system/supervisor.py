"""Keeps the tasks of the device going, and the watchdog fed only while all of them are well."""

import asyncio
import io
import sys
import time

from kerb.system.boots import Boots
from micropython import const

_LOOK_MS = const(500)
_FIRST_WAIT_MS = const(1000)
_LONGEST_WAIT_MS = const(60000)
_HEALTHY_S = const(60)
# Waits of 0, 1, 2 ... ms: 2 s in all.
_STOP_LOOKS = const(64)
_MAX_WHY = const(80)


class Supervisor:
    """Runs the tasks that were added, for ever.

    A task that ends, by an exception or by returning, is started again after 1 s, then 2 s, and so
    on up to 60 s; once it has run for its minimum run time the next wait is 1 s again.
    A task that runs but does not check in within its deadline is found late in two looks, half a
    second apart; then the watchdog gets no more food and its name is stored for the next boot.

    watchdog: feed(). clock: kerb.system.clock.Clock. reset_cause: as kerb.hal.chip gives it.
    boot_count, safe_mode, last_end: see kerb.system.boots.Boots. What runs in safe mode is decided
    by whoever adds the tasks.
    """

    def __init__(self, watchdog, log, store, clock, reset_cause):
        self._watchdog = watchdog
        self._log = log
        self._clock = clock
        self._boots = Boots(store, reset_cause)
        self.boot_count = self._boots.count
        self.safe_mode = self._boots.safe_mode
        self.last_end = self._boots.last_end
        self._tasks = []
        self._stopping = False

    def add(self, name, make_coro, deadline_ms, min_run_ms=30000):
        """Add a task before run(): the coroutine make_coro(check_in), under a name of its own.

        It must call check_in() at least every deadline_ms, also the first time.
        """
        if any(task.name == name for task in self._tasks):
            raise ValueError("supervisor: two tasks with the name %s" % name)
        self._tasks.append(_Task(name, make_coro, deadline_ms, min_run_ms))

    def restarts(self):
        """{name: how often it was started again} of all tasks."""
        return {task.name: task.restarts for task in self._tasks}

    async def run(self):
        """Start the tasks and look after them until cancelled; then stop() them."""
        for task in self._tasks:
            task.job = asyncio.create_task(self._keep(task))
        try:
            await self._watch()
        finally:
            await self.stop()

    async def stop(self):
        """Cancel all tasks and wait, 2 s at most, until they have ended.

        run() does it when it is cancelled. After a KeyboardInterrupt, which on MicroPython leaves
        asyncio.run() at once, it is for asyncio.run(supervisor.stop()).
        """
        self._stopping = True
        for task in self._tasks:
            if not task.over():
                task.job.cancel()
        # By looking and not by awaiting: a task that waits for one which the KeyboardInterrupt has
        # torn out of the loop can't be awaited, nor can one that catches its cancellation.
        for wait_ms in range(_STOP_LOOKS):
            if all(task.over() for task in self._tasks):
                break
            await asyncio.sleep_ms(wait_ms)
        for task in self._tasks:
            if not task.over():
                self._log.warn("task %s does not stop", task.name)
            elif task.job is not None and task.job.done():
                # CPython complains of a failure that nobody has asked for.
                await _end_of(task.job)

    def ending(self, reason, expected=False):
        """Store why the board is about to be reset; `expected` if that is done on purpose."""
        self._boots.end(reason, expected)

    async def _keep(self, task):
        """One task, again and again."""
        try:
            wait_ms = _FIRST_WAIT_MS
            while True:
                began_s = self._clock.uptime_s()
                task.check_in()
                task.runs = True
                # Here and not in a coroutine of its own, which would cost 100 bytes a task.
                try:
                    await task.make_coro(task.check_in)
                    why = "returned"
                except asyncio.CancelledError:
                    # By stop(), or a cancellation of the task's own that leaked out of it.
                    why = "cancelled"
                except Exception as e:
                    why = _why(e)
                finally:
                    task.runs = False
                if self._stopping:
                    return
                ran_s = self._clock.uptime_s() - began_s
                if ran_s * 1000 >= task.min_run_ms:
                    wait_ms = _FIRST_WAIT_MS
                self._log.error("task %s died after %d s: %s", task.name, ran_s, why)
                await asyncio.sleep_ms(wait_ms)
                wait_ms = min(2 * wait_ms, _LONGEST_WAIT_MS)
                task.restarts += 1
        finally:
            task.torn = True

    async def _watch(self):
        """Feed the watchdog as long as no task is late."""
        began_s = self._clock.uptime_s()
        healthy = False
        suspect = None
        while True:
            late = self._late()
            if late is None:
                self._watchdog.feed()
            elif late is suspect:
                break
            # A first look may find a task late only because another one has held up all of them.
            suspect = late
            # Asked in every look, which is also what keeps the clock from missing a wrap of ticks.
            up_s = self._clock.uptime_s()
            if not healthy and up_s - began_s >= _HEALTHY_S:
                healthy = True
                self._boots.healthy()
            await asyncio.sleep_ms(_LOOK_MS)
        how, why = "late", ""
        if late.job.done():
            how, why = "lost", await _end_of(late.job)
        self._log.error("task %s is %s, the watchdog gets no more food %s", late.name, how, why)
        self._boots.end("%s: %s" % (how, late.name), False)
        while True:
            await asyncio.sleep_ms(_LONGEST_WAIT_MS)

    def _late(self):
        now = time.ticks_ms()
        for task in self._tasks:
            if task.over():
                return task
            if task.runs and time.ticks_diff(now, task.seen) > task.deadline_ms:
                return task
        return None


class _Task:
    def __init__(self, name, make_coro, deadline_ms, min_run_ms):
        self.name = name
        self.make_coro = make_coro
        self.deadline_ms = deadline_ms
        self.min_run_ms = min_run_ms
        self.restarts = 0
        self.job = None
        self.torn = False
        self.runs = False
        self.seen = 0

    def check_in(self):
        self.seen = time.ticks_ms()

    def over(self):
        return self.job is None or self.torn or self.job.done()


async def _end_of(job):
    try:
        await job
    except BaseException as e:
        return _why(e)


def _why(e):
    """An exception in one line: its type and text, and the last place of its traceback."""
    try:
        text = io.StringIO()
        sys.print_exception(e, text)
        lines = [line.strip() for line in text.getvalue().strip().split("\n")]
        places = [line for line in lines if line.startswith("File ")]
        return "%s, %s" % (lines[-1][:_MAX_WHY], places[-1][-_MAX_WHY:])
    except Exception:
        return type(e).__name__
