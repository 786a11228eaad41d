"""Runs a Watch under a view until it is to end."""

import asyncio
import contextlib
import json
import sys
import time

from host_tools import exits, interrupts
from host_tools.parking import words
from host_tools.street.patience import end_tasks_of

_JSON_EVERY_S = 1.0


async def show(watch, how, for_s, as_json):
    """Show a lot for `for_s` seconds (None: until a signal). `how`: "screen", "lines" or "once".

    Gives the exit code.
    """
    ending = asyncio.Event()
    interrupted = interrupts.end_on_signals(ending)
    lines = _Lines(watch, ending, as_json) if how == "lines" else None
    try:
        await watch.start()
        if how == "once":
            settling = asyncio.create_task(watch.settle(for_s))
            ended = asyncio.create_task(ending.wait())
            await asyncio.wait({settling, ended}, return_when=asyncio.FIRST_COMPLETED)
            settling.cancel()
            ended.cancel()
        else:
            timer = asyncio.get_running_loop().call_later(for_s, ending.set) if for_s else None
            if lines:
                await lines.run()
            else:
                from host_tools.parking.view import LotApp  # Textual takes 0.2 s to import

                app = LotApp(watch, ending)
                await app.run_async()
                if app.interrupted:
                    interrupted.append(True)
            if timer:
                timer.cancel()
        lot = watch.snapshot()
    finally:
        await watch.close()
        await end_tasks_of("amqtt")
    # Who reads it may be gone by now.
    with contextlib.suppress(OSError):
        if not as_json:
            print(words.table(lot), flush=True)
        elif how == "once":
            print(json.dumps(lot), flush=True)
    if interrupted:
        return exits.INTERRUPTED
    heard = any(bay["heard_s"] is not None for bay in lot["bays"])
    if not heard:
        print("kerb parking: no bay was heard of", file=sys.stderr)
    return exits.OK if heard else exits.FAILED


class _Lines:
    """Each change as a line; in JSON the whole lot, at most once a second."""

    def __init__(self, watch, ending, as_json):
        self._watch = watch
        self._ending = ending
        self._as_json = as_json
        self._changed = asyncio.Event()
        watch.on_change = self._hear

    def _hear(self, text):
        if self._as_json:
            self._changed.set()
            return
        lot = self._watch.lot.counts(time.monotonic())
        self._print("{}  {}  [{}]".format(time.strftime("%H:%M:%S"), text, words.totals(lot)))

    def _print(self, line):
        try:
            print(line, flush=True)
        except OSError:  # `| head` has seen enough, or the terminal is gone
            self._ending.set()

    async def run(self):
        """Print until the end."""
        if not self._as_json:
            await self._ending.wait()
            return
        ended = asyncio.create_task(self._ending.wait())
        while not ended.done():
            changed = asyncio.create_task(self._changed.wait())
            await asyncio.wait({changed, ended}, return_when=asyncio.FIRST_COMPLETED)
            changed.cancel()
            if self._changed.is_set():
                self._changed.clear()
                self._print(json.dumps(self._watch.snapshot()))
                # What comes at once is told at once.
                await asyncio.wait({ended}, timeout=_JSON_EVERY_S)
        if self._changed.is_set():
            self._print(json.dumps(self._watch.snapshot()))
