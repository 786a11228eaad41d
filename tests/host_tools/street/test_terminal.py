"""`kerb street` on a real terminal, with the real firmware."""

import os
import pty
import select
import signal
import sys
import time
from pathlib import Path

import pytest

from host_tools import exits, paths

_DEADLINE_S = 60


class _Terminal:
    """`kerb street` on a terminal of its own, and what came to it, cursor moves included."""

    def __init__(self):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update({"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"})
            os.chdir(paths.ROOT)
            os.execv(sys.executable, [sys.executable, "-m", "host_tools.cli", "street"])
        self._seen = b""

    def until(self, text):
        end_s = time.monotonic() + _DEADLINE_S
        while text not in self._seen:
            ready = select.select([self.fd], [], [], max(0, end_s - time.monotonic()))[0]
            assert ready, "no {} in {}".format(text, self._seen)
            self._seen += os.read(self.fd, 65536)
        self._seen = self._seen.split(text, 1)[1]

    def exit_code(self):
        end_s = time.monotonic() + _DEADLINE_S
        while time.monotonic() < end_s:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = None
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        return None

    def close(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)


@pytest.fixture
def terminal():
    """A running street on a terminal."""
    made = _Terminal()
    yield made
    made.close()


def test_on_a_terminal_a_person_types_sees_and_ends_it(terminal):
    terminal.until(b"online")
    os.write(terminal.fd, b"level 40\r")
    terminal.until(b"set_level: ok")
    os.write(terminal.fd, b"\x03")
    terminal.until(b"Interrupted.")
    assert terminal.exit_code() == exits.INTERRUPTED
    os.close(terminal.fd)


def test_a_terminal_that_is_closed_takes_everything_with_it(terminal):
    terminal.until(b"online")
    listed = Path("/proc/{0}/task/{0}/children".format(terminal.pid)).read_text().split()
    os.close(terminal.fd)
    assert terminal.exit_code() == exits.INTERRUPTED
    _wait_gone(listed)


def _wait_gone(pids):
    end_s = time.monotonic() + _DEADLINE_S
    while any(Path("/proc/{}".format(pid)).exists() for pid in pids):
        assert time.monotonic() < end_s, "still there: {}".format(pids)
        time.sleep(0.02)
