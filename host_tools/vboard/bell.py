"""Ctrl-C on its way to the chip: a bell that it hears when it can, and a signal if it doesn't."""

import asyncio
import contextlib
import fcntl
import os
import signal
import struct
import termios

_PATIENCE_S = 0.3


class Bell:
    """A pipe. `fd` is the chip's end; `pid()` tells its process, `wanted()` if it takes Ctrl-C."""

    def __init__(self, pid, wanted):
        self.fd, self._near = os.pipe()
        os.set_blocking(self._near, False)
        self._pid = pid
        self._wanted = wanted

    def ring(self):
        """Ring it; insist, with a signal, if the process doesn't hear."""
        with contextlib.suppress(BlockingIOError):
            os.write(self._near, b"\3")
        asyncio.get_running_loop().call_later(_PATIENCE_S, self._insist, self._pid())

    def clear(self):
        """The chip starts anew: what it has not heard is lost."""
        unheard = self._unheard()
        if unheard:
            os.read(self.fd, unheard)

    def close(self):
        os.close(self.fd)
        os.close(self._near)
        self.fd = self._near = None

    def _insist(self, pid):
        if self.fd is not None and pid and pid == self._pid() and self._unheard():
            if self._wanted():
                os.kill(pid, signal.SIGINT)

    def _unheard(self):
        count = fcntl.ioctl(self.fd, termios.FIONREAD, bytes(4))
        return struct.unpack("i", count)[0]
