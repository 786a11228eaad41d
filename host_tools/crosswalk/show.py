"""Runs a Watch under a view until it is to end, and gives the board back."""

import asyncio
import contextlib
import json
import sys

from host_tools import exits, interrupts
from host_tools.crosswalk import trace, words
from host_tools.crosswalk.watch import Watch


async def show(source, how, for_s):
    """Show what `source` tells for `for_s` seconds (None: until a signal); gives the exit code.

    `how`: "screen"; "lines", what changes; "json", a document a line, the last one a summary.
    """
    watch = Watch(source)
    interrupted = interrupts.end_on_signals(watch.ending)
    failure = None
    timer = None
    try:
        if how == "screen" and source.greeting:
            print(source.greeting, file=sys.stderr)
        await _start(watch)
        timer = asyncio.get_running_loop().call_later(for_s, watch.ending.set) if for_s else None
        if watch.scene and not watch.ending.is_set():
            if how == "screen":
                from host_tools.crosswalk.view import CrossingApp  # Textual: 0.2 s to import

                app = CrossingApp(watch)
                await app.run_async()
                if app.interrupted:
                    interrupted.append(True)
            else:
                await _lines(watch, how == "json")
    finally:
        if timer:
            timer.cancel()
        if how == "screen" and watch.scene and source.farewell:
            print(source.farewell, file=sys.stderr)
        failure = await watch.stop()
    if watch.scene:
        _sum_up(watch.scene.summary(), how == "json")
    if failure:
        raise failure
    if interrupted:
        return exits.INTERRUPTED
    return _verdict(watch)


async def _start(watch):
    """Start it, unless it is ended first."""
    starting = asyncio.create_task(watch.start())
    ended = asyncio.create_task(watch.ending.wait())
    await asyncio.wait({starting, ended}, return_when=asyncio.FIRST_COMPLETED)
    ended.cancel()
    if starting.done():
        await starting
    else:
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await starting


async def _lines(watch, as_json):
    """Print until the end."""

    def write(line):
        try:
            print(line, flush=True)
        except OSError:  # `| head` has seen enough, or the terminal is gone
            watch.ending.set()

    if as_json:
        write(json.dumps({"kind": "plan"} | watch.scene.plan._asdict()))
        watch.on_frame = lambda frame: write(
            json.dumps({"kind": "frame"} | trace.as_document(frame))
        )
        watch.on_log = lambda text: write(json.dumps({"kind": "log", "text": text}))
    else:
        for text in watch.lines:
            write(text)
        watch.on_line = write
    await watch.ending.wait()


def _sum_up(summary, as_json):
    # Who reads it may be gone by now.
    with contextlib.suppress(OSError):
        if as_json:
            print(json.dumps({"kind": "summary"} | summary), flush=True)
            return
        print(
            "{}, {blind} blind, {damaged} damaged; {}, {}, the button pressed {}".format(
                words.counted(summary["frames"], "frame"),
                words.counted(summary["tracks"], "track"),
                words.counted(summary["activations"], "activation"),
                words.counted(summary["presses"], "time"),
                **summary,
            ),
            flush=True,
        )


def _verdict(watch):
    scene = watch.scene
    if scene and (scene.frames or (scene.blind and not scene.plan.has_radar)):
        return exits.OK
    if scene and scene.blind:
        print("kerb crosswalk: the radar told nothing", file=sys.stderr)
        print("  next: check its power and its wires", file=sys.stderr)
        return exits.FAILED
    print("kerb crosswalk: no frame came", file=sys.stderr)
    return exits.FAILED
