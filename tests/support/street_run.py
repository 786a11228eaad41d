"""`kerb street` as a process, as a person or a script starts it."""

import contextlib
import os
import selectors
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from host_tools import paths

_DEADLINE_S = 90  # the firmware may wait 20 s for a network that was away, and then backs off


class Run:
    """A running `kerb street`, its lines as they come, and its children."""

    def __init__(self, folder, *args):
        self.folder = folder
        self.lines = []
        self.history = []
        self._rest = b""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "host_tools.cli", "street", *args],
            cwd=paths.ROOT,
            env=os.environ | {"TMPDIR": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._selector = selectors.DefaultSelector()
        self._selector.register(self.process.stdout, selectors.EVENT_READ)

    def type(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def until(self, *texts):
        """Read until a line has all `texts`; gives it and forgets those before."""
        return self.until_all(texts)

    def until_all(self, *wanted):
        """Read until there was, in any order, a line for each of `wanted`; gives the last one."""
        end_s = time.monotonic() + _DEADLINE_S
        missing = list(wanted)
        while True:
            while self.lines:
                line = self.lines.pop(0)
                missing = [texts for texts in missing if not all(text in line for text in texts)]
                if not missing:
                    return line
            left_s = end_s - time.monotonic()
            assert left_s > 0, "no line with {} in:\n{}".format(missing, "\n".join(self.history))
            if self._selector.select(left_s):
                data = os.read(self.process.stdout.fileno(), 65536)
                assert data, "ended before a line with {}:\n{}".format(
                    missing, "\n".join(self.history)
                )
                *whole, self._rest = (self._rest + data).split(b"\n")
                self.lines += [line.decode() for line in whole]
                self.history += [line.decode() for line in whole]

    def end(self):
        """Wait for the end; gives the exit code."""
        self.process.communicate(timeout=_DEADLINE_S)
        return self.process.returncode

    def family(self):
        """The process ids of this run's children."""
        listed = Path("/proc/{0}/task/{0}/children".format(self.process.pid)).read_text()
        return [int(pid) for pid in listed.split()]


@contextlib.contextmanager
def runs(*first):
    """Give start(*args), which starts a Run with `first` and these; all are killed at the end."""
    started = []
    with tempfile.TemporaryDirectory(prefix="kerb-test-") as folder:

        def start(*args):
            started.append(Run(Path(folder), "--plain", *first, *args))
            return started[-1]

        yield start
        for run in started:
            run.process.kill()
            run.process.communicate()
