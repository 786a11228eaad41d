"""Carries bytes between the board's port and its chip, each way in order and none lost."""

import asyncio
import os
import pty
import termios
import tty

_PIECE_BYTES = 4096
# As the rp2 port does it, with more patience: who takes no piece for so long is taken for absent.
_PATIENCE_S = 2
_CTRL_C = b"\3"
_LFLAG = 3
_CHARACTERS = 6


class Line:
    """Both directions between a Port and the chip, whose end is the terminal `chip_fd`.

    Ctrl-C calls `interrupt()` instead, while the chip has its terminal's ISIG set. The chip has to
    wait while a reader on the port is slow. Where nobody reads it never waits: the port then holds
    only what it said last.
    """

    def __init__(self, port, interrupt):
        self._port = port
        self._interrupt = interrupt
        self._fd, self.chip_fd = pty.openpty()
        os.set_blocking(self._fd, False)
        self.clear()
        self._loop = asyncio.get_running_loop()
        self._to_chip = b""
        self._to_port = b""
        self._giving_up = None
        self._is_absent = False
        self._loop.add_reader(self._fd, self._from_chip)
        self.attach()

    def clear(self):
        """The chip starts anew: what it has not read is lost."""
        tty.setraw(self.chip_fd, termios.TCSAFLUSH)
        mode = termios.tcgetattr(self.chip_fd)
        for key in (termios.VINTR, termios.VQUIT, termios.VSUSP):
            mode[_CHARACTERS][key] = b"\0"
        termios.tcsetattr(self.chip_fd, termios.TCSANOW, mode)

    def interrupts(self):
        """Tell whether the chip lets Ctrl-C interrupt now."""
        return bool(termios.tcgetattr(self.chip_fd)[_LFLAG] & termios.ISIG)

    def attach(self):
        """The port is there (again): take what comes from it."""
        if self._port.fd is not None:
            self._loop.add_reader(self._port.fd, self._from_port)

    def detach(self):
        """The port is about to go: what waits for it is lost."""
        if self._port.fd is not None:
            self._loop.remove_reader(self._port.fd)
            self._drop()

    def close(self):
        """End it; the port stays."""
        self.detach()
        self._loop.remove_writer(self._fd)
        self._loop.remove_reader(self._fd)
        os.close(self._fd)
        os.close(self.chip_fd)

    def _from_port(self):
        self._is_absent = False
        data = os.read(self._port.fd, _PIECE_BYTES)
        if _CTRL_C in data and self.interrupts():
            data = data.replace(_CTRL_C, b"")
            self._interrupt()
        self._to_chip = data
        self._push_to_chip()

    def _push_to_chip(self):
        """Write what can be written; until the rest can, nothing more is taken from the port."""
        self._loop.remove_writer(self._fd)
        self._to_chip = self._to_chip[_write(self._fd, self._to_chip) :]
        if self._to_chip:
            self._loop.add_writer(self._fd, self._push_to_chip)
            if self._port.fd is not None:
                self._loop.remove_reader(self._port.fd)
        elif self._port.fd is not None:
            self._loop.add_reader(self._port.fd, self._from_port)

    def _from_chip(self):
        data = os.read(self._fd, _PIECE_BYTES)
        if self._port.fd is None:
            return
        if self._is_absent:
            if self._port.unread():
                self._port.forget()
            else:
                self._is_absent = False
        self._to_port = data
        self._push_to_port()

    def _push_to_port(self):
        """As the other way, but not for ever."""
        self._to_port = self._to_port[_write(self._port.fd, self._to_port) :]
        if not self._to_port:
            self._drop()
            return
        self._loop.remove_reader(self._fd)
        self._loop.add_writer(self._port.fd, self._push_to_port)
        if not self._giving_up:
            self._giving_up = self._loop.call_later(_PATIENCE_S, self._give_up)

    def _give_up(self):
        self._is_absent = True
        self._drop()

    def _drop(self):
        """Forget what waits for the port and listen to the chip again."""
        self._to_port = b""
        if self._giving_up:
            self._giving_up.cancel()
            self._giving_up = None
        self._loop.remove_writer(self._port.fd)
        self._loop.add_reader(self._fd, self._from_chip)


def _write(fd, data):
    """Write what fits; give its length."""
    try:
        return os.write(fd, data)
    except BlockingIOError:
        return 0
