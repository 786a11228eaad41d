"""The street as lines of text: for pipes, logs and scripts. Commands come as lines on stdin."""

import asyncio
import os
import threading

_CHUNK_BYTES = 4096


def format_note(note):
    """Give a note as one line: street time, kind, text."""
    return "{:%H:%M:%S} {:8} {}".format(note.at, note.kind, note.text)


async def run(session, actions, ending, out, stdin_fd):
    """Print what happens to `out` until the event `ending`; `stdin_fd` None reads no commands."""

    def show(note):
        try:
            print(format_note(note), file=out, flush=True)
        except OSError:  # `| head` has seen enough, or the terminal is gone
            ending.end("quit")

    for note in session.notes:
        show(note)
    session.listen(show)
    lines = asyncio.Queue()
    if stdin_fd is not None:
        loop = asyncio.get_running_loop()
        threading.Thread(target=_read_lines, args=(stdin_fd, loop, lines), daemon=True).start()
    obeying = asyncio.create_task(_obey(actions, lines))
    quitting = asyncio.create_task(actions.quit.wait())
    ended = asyncio.create_task(ending.wait())
    try:
        await asyncio.wait({quitting, ended, obeying}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        session.unlisten(show)
        for task in (obeying, quitting, ended):
            task.cancel()


async def _obey(actions, lines):
    while True:
        await actions.run(await lines.get())


def _read_lines(fd, loop, lines):
    """Read in a thread, for a file or a closed terminal can't be waited for in an event loop.

    `os.read`, not sys.stdin: a thread that sits in a buffered read stops Python from ending.
    """
    rest = b""
    while chunk := _read(fd):
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if not _hand_over(loop, lines, line):
                return
    if rest:
        _hand_over(loop, lines, rest)


def _read(fd):
    try:
        return os.read(fd, _CHUNK_BYTES)
    except OSError:
        return b""


def _hand_over(loop, lines, line):
    try:
        loop.call_soon_threadsafe(lines.put_nowait, line.decode(errors="replace"))
    except RuntimeError:  # the loop has ended in the meantime
        return False
    return True
