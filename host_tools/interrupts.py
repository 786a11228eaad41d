"""Ctrl-C, SIGTERM and a terminal that is closed, for who shows something until then."""

import asyncio
import signal


def end_on_signals(ending):
    """Have each of these signals set `ending`, an asyncio.Event; gives a list that is no longer
    empty from then on.
    """
    interrupted = []

    def interrupt():
        interrupted.append(True)
        ending.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, interrupt)
    return interrupted
