"""The board's serial line: bytes in and out, and Ctrl-C.

The line is a terminal; who stands at its other end (host_tools/vboard) takes Ctrl-C out of it
while ISIG is set, and writes it to a pipe instead, the bell. Here the bell is heard where it does
no harm: in sleeps, in asyncio, at the start of a program. A program that does none of these gets a
signal after a while, which can fall into the middle of a garbage collection.
"""

import micropython
import select
import sys
import termios

from asyncio import core

CTRL_C = 3

_OFLAG = 1
_LFLAG = 3
_OPOST_ONLCR = 0o5  # Linux's numbers; a board prints "\n" as "\r\n"
_ISIG = 0o1
_LOOK_MS = 10


class Closed(Exception):
    """The other end of the line is gone for good."""


class Console:
    """The line as the REPL uses it; `bell` is the pipe's file descriptor.

    `idle` is called often while it waits for a byte.
    """

    def __init__(self, bell, idle):
        self._in = sys.stdin.buffer
        self._out = sys.stdout.buffer
        self._idle = idle
        self._early = bytearray()
        self._byte = bytearray(1)
        self._poller = select.poll()
        self._poller.register(self._in, select.POLLIN)
        self._bell = open(bell, "rb")
        self._bell_poller = select.poll()
        self._bell_poller.register(self._bell, select.POLLIN)
        self._is_listening = False
        micropython.kbd_intr(CTRL_C)
        self.interrupts(False)

    def interrupts(self, on):
        """Let Ctrl-C interrupt and "\\n" go out as "\\r\\n", or let all bytes pass unchanged."""
        mode = termios.tcgetattr(0)
        if on:
            mode[_OFLAG] |= _OPOST_ONLCR
            mode[_LFLAG] |= _ISIG
        else:
            mode[_OFLAG] &= ~_OPOST_ONLCR
            mode[_LFLAG] &= ~_ISIG
        termios.tcsetattr(0, termios.TCSANOW, mode)

    def begin(self):
        """A program starts. KeyboardInterrupt if Ctrl-C came just before."""
        self.interrupts(True)
        if not self._is_listening:
            self._is_listening = True
            core.create_task(self._listen())
        while self._poller.poll(0):
            self._early.append(self._receive())
        at = self._early.rfind(bytes((CTRL_C,)))
        if at >= 0:
            self._early = self._early[at + 1 :]
            raise KeyboardInterrupt

    def end(self):
        """The program has ended: a Ctrl-C that it didn't hear is forgotten."""
        self.interrupts(False)
        self._was_rung()

    def hear(self):
        """KeyboardInterrupt if Ctrl-C came."""
        if self._was_rung():
            raise KeyboardInterrupt

    def read(self):
        """Wait for the next byte, as a number."""
        if self._early:
            byte = self._early[0]
            self._early = self._early[1:]
            return byte
        while not self._poller.poll(_LOOK_MS):
            self._idle()
        return self._receive()

    def write(self, data):
        self._out.write(data)

    def _receive(self):
        if not self._in.readinto(self._byte):
            raise Closed
        return self._byte[0]

    def _was_rung(self):
        rung = False
        while self._bell_poller.poll(0):
            if not self._bell.readinto(self._byte):
                raise Closed
            rung = True
        return rung

    def _listen(self):
        """A task that ends with the program that is interrupted."""
        while not self._was_rung():
            yield core._io_queue.queue_read(self._bell)
        self._is_listening = False
        raise KeyboardInterrupt


class Micropython:
    """Stands in for the micropython module: kbd_intr() lets Ctrl-C through as a byte, or not."""

    def __init__(self, console):
        self._console = console

    def __getattr__(self, name):
        return getattr(micropython, name)

    def kbd_intr(self, char):
        self._console.interrupts(char == CTRL_C)
