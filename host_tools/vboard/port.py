"""The board's serial port: a pseudo-terminal with a fixed name, and a cable that can be pulled."""

import contextlib
import fcntl
import os
import pty
import struct
import termios
import tty


class Port:
    """A pseudo-terminal that programs open by the name `path`.

    `path` is a link: mpremote never gives up on a silent port whose name begins with /dev/pts/.
    `fd` is our end, None while the cable is pulled.
    """

    def __init__(self, path):
        self.path = path
        self.fd = None
        self._far = None

    def plug(self):
        """Put the cable in: the port appears."""
        self.fd, self._far = pty.openpty()
        tty.setraw(self._far)
        os.set_blocking(self.fd, False)
        # In one step: someone may be waiting for the name to appear.
        new = self.path.with_name(self.path.name + ".new")
        new.unlink(missing_ok=True)
        new.symlink_to(os.ttyname(self._far))
        new.rename(self.path)

    def pull(self):
        """Pull the cable: the port is gone, and whoever has it open gets errors."""
        self.path.unlink(missing_ok=True)
        for fd in (self.fd, self._far):
            if fd is not None:
                os.close(fd)
        self.fd = self._far = None

    def unread(self):
        """Give how many of the board's bytes wait to be read."""
        count = fcntl.ioctl(self._far, termios.TIOCINQ, bytes(4))
        return struct.unpack("i", count)[0]

    def forget(self):
        """Throw away the board's bytes that nobody has read."""
        with contextlib.suppress(OSError):
            termios.tcflush(self._far, termios.TCIFLUSH)
