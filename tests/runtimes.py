"""Where a firmware test can run. A new runtime is one more subclass of Runtime in RUNTIMES."""

import functools
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import rp2

from host_tools.setup import micropython

_INSIDE = Path(__file__).with_name("inside.py")
# A result line starts with this; everything else that the process prints is the test's own.
_MARK = b"\x02"


class Outcome:
    """What became of one test: `failure` is None or the text to show; `output` what it printed."""

    def __init__(self, failure, output):
        self.failure = failure
        self.output = output


class Runtime:
    """One way to run the functions of a test file.

    name: the runtime's word in test ids, in a file's RUNTIMES and as a pytest marker.
    default: whether a file that names no RUNTIMES runs on it.
    asked_for: whether this run wants it at all (pytest's --emulated).
    why_not(path, test): why a file that names no RUNTIMES does not run on it, or one test of it,
        in some words; None: it does.
    version(): in words; raises host_tools.setup.product.Unavailable with the reason.
    open(path, settings, pythonpath): a channel to where that test file runs, with the methods
        run(function, timeout_s), which gives an Outcome, and close(). NATIVE has none.
    """

    name = ""
    default = True
    asked_for = True

    def why_not(self, path, test=None):
        return None if self.default else "not a default runtime"


class CPython(Runtime):
    """This process: pytest itself calls the functions."""

    name = "cpython"

    def version(self):
        return ".".join(str(part) for part in sys.version_info[:3])


class MicroPython(Runtime):
    """MicroPython's unix port: one process for each file, with a heap of its own size."""

    name = "micropython"

    @functools.cached_property
    def _found(self):
        return micropython.find()

    def version(self):
        return ".".join(str(part) for part in self._found[1])

    def open(self, path, settings, pythonpath):
        argv = [self._found[0], "-X", f"heapsize={settings.heap}", str(_INSIDE), str(path)]
        return Process(argv, {"MICROPYPATH": ":".join([*map(str, pythonpath), ".frozen"])})


class Rp2(Runtime):
    """MicroPython's rp2 build on the emulated RP2040: see tests/rp2.py."""

    name = "rp2"
    default = False
    asked_for = False

    def why_not(self, path, test=None):
        return rp2.why_not(path, test)

    def version(self):
        return rp2.version()

    def open(self, path, settings, pythonpath):
        return rp2.Board(path)


class Process:
    """A channel to inside.py: starts it when the first test comes, and again after a failure.

    A test that failed may have left the heap or the modules in any state, one that crashed or
    hung has left no process: in each case the next test gets a fresh one.
    """

    def __init__(self, argv, env):
        self._argv = argv
        self._env = {**os.environ, **env}
        self._process = None

    def run(self, function, timeout_s):
        """Run one function of the file, in an empty folder of its own; gives its Outcome."""
        if self._process is None:
            self._process = subprocess.Popen(
                self._argv,
                env=self._env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                bufsize=0,
            )
        with tempfile.TemporaryDirectory(prefix="kerb-test-") as folder:
            order = {"name": function.name, "is_async": function.is_async, "folder": folder}
            try:
                self._process.stdin.write(json.dumps(order).encode() + b"\n")
            except BrokenPipeError:
                pass  # it ended while it started: the reading below tells how
            outcome = self._await(timeout_s)
        if outcome.failure is not None:
            self.close()
        return outcome

    def _await(self, timeout_s):
        """Collect output until the result line, the end of the process or the time limit."""
        output = b""
        interrupted = False
        deadline = time.monotonic() + timeout_s
        while True:
            start = output.rfind(_MARK)
            if start >= 0 and output.endswith(b"\n"):
                failure = json.loads(output[start + 1 :])["failure"]
                output = output[:start]
                break
            left_s = deadline - time.monotonic()
            if left_s > 0 and select.select([self._process.stdout], [], [], left_s)[0]:
                data = self._process.stdout.read(65536)
                if not data:
                    failure = f"the process ended: {self._ending()}"
                    break
                output += data
            elif left_s <= 0 and not interrupted:
                # A keyboard interrupt makes it tell where it hangs.
                interrupted = True
                self._process.send_signal(signal.SIGINT)
                deadline = time.monotonic() + 2
            elif left_s <= 0:
                failure = ""
                break
        if interrupted:
            failure = f"no end after {timeout_s} s\n{failure}"
        return Outcome(failure, output.decode(errors="replace"))

    def _ending(self):
        code = self._process.wait()
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"

    def close(self):
        """End the process, if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.stdin.close()
            self._process.stdout.close()
            self._process.wait()
            self._process = None


NATIVE = CPython()
EMULATED = Rp2()
RUNTIMES = (NATIVE, MicroPython(), EMULATED)
