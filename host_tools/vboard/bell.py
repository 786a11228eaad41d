"""Ctrl-C on its way to the chip: a bell that it hears when it can, and a signal if it doesn't.

The signal interrupts MicroPython's own C code too. If that was a garbage collection the process
dies of it, or hangs until the next Ctrl-C; `has_insisted` tells that this is why.
"""

import asyncio
import contextlib
import fcntl
import os
import signal
import struct
import termios

_PATIENCE_S = 0.3


class Bell:
    """A pipe. `fd` is the chip's end; `pid()` tells its process, or None."""

    def __init__(self, pid):
        self.fd, self._near = os.pipe()
        os.set_blocking(self._near, False)
        self._pid = pid
        self._timer = None
        self.has_insisted = False

    def ring(self):
        """Ring it; insist, with a signal, if the process doesn't hear."""
        if not self._unheard():
            self._forget()
        with contextlib.suppress(BlockingIOError):
            os.write(self._near, b"\3")
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_PATIENCE_S, self._insist)

    def clear(self):
        """The chip starts anew: what it has not heard is lost."""
        self._forget()
        unheard = self._unheard()
        if unheard:
            os.read(self.fd, unheard)

    def close(self):
        self._forget()
        os.close(self.fd)
        os.close(self._near)
        self.fd = self._near = None

    def _forget(self):
        """What was rung before was heard."""
        if self._timer:
            self._timer.cancel()
        self._timer = None
        self.has_insisted = False

    def _insist(self):
        self._timer = None
        pid = self._pid()
        if pid and self._unheard():
            os.kill(pid, signal.SIGKILL if self.has_insisted else signal.SIGINT)
            self.has_insisted = True

    def _unheard(self):
        count = fcntl.ioctl(self.fd, termios.FIONREAD, bytes(4))
        return struct.unpack("i", count)[0]
