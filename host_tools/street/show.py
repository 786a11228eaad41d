"""Runs a session under a view from start to summary, whatever ends it."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import threading

from host_tools import exits
from host_tools.street import plain, summary

_LAST_ANSWER_S = 2.0
_LAST_RESORT_S = 15.0


class Ending(asyncio.Event):
    """Set when the run is to end; `by` says what did it first: "quit", "time" or "interrupt"."""

    by = "quit"

    def end(self, by):
        if not self.is_set():
            self.by = by
            self.set()


async def show(options, for_s, as_json, on_terminal):
    """Run the street for `for_s` seconds (None: until told) and print the summary.

    Gives the exit code.
    """
    ending = Ending()
    loop = asyncio.get_running_loop()
    session, actions = _make(options)
    timer = loop.call_later(for_s, ending.end, "time") if for_s else None
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _interrupt, ending, session)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # it is under nohup
        # With its terminal closed Textual can't even end: it waits for a thread that died of it.
        hang_up = (_abandon, session) if on_terminal else (_interrupt, ending, session)
        loop.add_signal_handler(signal.SIGHUP, *hang_up)
    try:
        await _start(session, ending)
        if not ending.is_set():
            await _view(session, actions, ending, as_json, on_terminal)
        if ending.by == "time":
            await _ask_status(session, actions)
        result = summary.collect(session, actions, ending.by)
    finally:
        if timer:
            timer.cancel()
        await session.stop()
    # Who reads it may be gone by now: that must not undo what was found out.
    with contextlib.suppress(OSError):
        print(json.dumps(result) if as_json else summary.as_text(result), flush=True)
    return summary.exit_code(result)


def _make(options):
    """Give the session and the actions of what stands in the street."""
    if options.app == "parking":
        from host_tools.street.bay_actions import BayActions
        from host_tools.street.bay_session import BaySession

        session = BaySession(options)
        return session, BayActions(session)
    if options.app == "crosswalk":
        from host_tools.street.crossing_actions import CrossingActions
        from host_tools.street.crossing_session import CrossingSession

        session = CrossingSession(options)
        return session, CrossingActions(session)
    from host_tools.street.actions import Actions
    from host_tools.street.session import Session

    session = Session(options)
    return session, Actions(session)


def _interrupt(ending, session):
    ending.end("interrupt")
    last_resort = threading.Timer(_LAST_RESORT_S, _abandon, (session,))
    last_resort.daemon = True
    last_resort.start()


def _abandon(session):
    """Leave at once: whatever hangs, or a screen that is gone, may keep nobody waiting."""
    session.abandon()
    os._exit(exits.INTERRUPTED)


async def _start(session, ending):
    """Start the session, unless the run is ended first."""
    starting = asyncio.create_task(session.start())
    ended = asyncio.create_task(ending.wait())
    await asyncio.wait({starting, ended}, return_when=asyncio.FIRST_COMPLETED)
    ended.cancel()
    if not starting.done():
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await starting
    else:
        await starting


async def _view(session, actions, ending, as_json, on_terminal):
    if on_terminal:
        from host_tools.street.view import StreetApp  # Textual takes 0.2 s to import

        await StreetApp(session, actions, ending).run_async()
    else:
        out = sys.stderr if as_json else sys.stdout
        await plain.run(session, actions, ending, out, _commands_fd())


def _commands_fd():
    """Give the descriptor to read commands from, or None in a terminal's background."""
    try:
        fd = sys.stdin.fileno()
        if os.isatty(fd) and os.tcgetpgrp(fd) != os.getpgrp():
            return None
    except (AttributeError, OSError, ValueError):
        return None
    return fd


async def _ask_status(session, actions):
    """Get the device's last word on its memory, where it can be had."""
    if not (session.online and session.proxy.is_open):
        return
    before = session.events["status"]
    arrived = asyncio.Event()

    def hear(note):
        if session.events["status"] > before:
            arrived.set()

    session.listen(hear)
    done, _ = await actions.send("send_status", answer_s=_LAST_ANSWER_S)
    if done:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(arrived.wait(), _LAST_ANSWER_S)
    session.unlisten(hear)
