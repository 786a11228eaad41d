"""pytest plugin: a test file under tests/firmware/ is one file that runs on several runtimes.

Such a file holds plain `def test_...():` or `async def test_...():` functions with bare asserts,
and nothing of pytest. Each becomes one item for each runtime, its id ending with the runtime's
name: `test_x[cpython]`, `test_x[micropython]`. Each runs with an empty folder of its own as the
working directory; an async one runs in virtual time (boards/host/vtime). Constants of the file:

    RUNTIMES = ("cpython",)   where it runs, if not on every default runtime; say why beside it.
                              Default are cpython and micropython, and with --emulated also rp2
                              for files that it can run (tests/rp2.py)
    HEAP = "192k"             heap of the MicroPython process (default 1m: a word there is
                              twice as long as a board's)
    TIMEOUT_S = 120           how long one of its tests may take

A runtime, or another part from outside, that is missing on this machine skips a test with the
reason; where CI=true it fails the test.
"""

import ast
import contextlib
import functools
import gc
import inspect
import os
import shutil
import signal
import tempfile
from collections import Counter
from types import SimpleNamespace

import pytest
from runtimes import EMULATED, NATIVE, RUNTIMES

from host_tools.setup.product import Unavailable

LEFT_OUT = pytest.StashKey()  # {runtime: {reason: how many test functions}} of what was collected
_DEFAULTS = {
    "RUNTIMES": None,
    "HEAP": "1m",
    "TIMEOUT_S": 120,
}


def absent(reason):
    """End the running test because something is missing: a skip, or in CI a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def need(command):
    """The path of a command of this machine that the running test needs; see absent()."""
    # Debian keeps servers in sbin, which is not on every user's PATH.
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin"])
    path = shutil.which(command, path=places)
    if path is None:
        absent(f"{command} is not installed")
    return path


def read(path):
    """The settings and the test functions of a file, without importing it."""
    values = dict(_DEFAULTS)
    functions = []
    for node in ast.parse(path.read_bytes(), path).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if node.targets[0].id in values:
                values[node.targets[0].id] = ast.literal_eval(node.value)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith("test"):
                is_async = isinstance(node, ast.AsyncFunctionDef)
                functions.append(
                    SimpleNamespace(name=node.name, line=node.lineno, is_async=is_async)
                )
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            raise pytest.Collector.CollectError(f"{path}: test functions only, no test classes")
    settings = SimpleNamespace(**{name.lower(): value for name, value in values.items()})
    return settings, functions


def share(path, settings, functions, runtime):
    """(those of a file's test functions that run on a runtime, {reason: how many don't})."""
    fit = []
    left_out = Counter()
    for function in functions:
        if settings.runtimes is None:
            reason = runtime.why_not(path, function.name)
        else:
            reason = None if runtime.name in settings.runtimes else "of other RUNTIMES"
        if reason is None:
            fit.append(function)
        else:
            left_out[reason] += 1
    return fit, left_out


@contextlib.contextmanager
def _empty_folder():
    """An empty working directory for the block."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory(prefix="kerb-test-") as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


class NoEnd(BaseException):
    """A test takes too long. No Exception: firmware that handles faults must not handle this."""


@contextlib.contextmanager
def _time_limit(limit_s):
    """Break a block off with NoEnd in the line where it hangs."""

    def alarm(_signal, _frame):
        raise NoEnd(f"no end after {limit_s} s")

    before = signal.signal(signal.SIGALRM, alarm)
    signal.setitimer(signal.ITIMER_REAL, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _in_virtual_time(function):
    @functools.wraps(function)
    def call():
        import vtime

        vtime.run(function())

    return call


class FirmwareFile(pytest.Module):
    """A test file of the firmware: its functions, once for each of its runtimes."""

    def collect(self):
        self.settings, functions = read(self.path)
        self._channels = {}
        wanted = self.settings.runtimes
        unknown = set(wanted or ()) - {runtime.name for runtime in RUNTIMES}
        if unknown:
            raise self.CollectError(f"{self.path}: RUNTIMES names {sorted(unknown)}")
        for runtime in RUNTIMES:
            if not runtime.asked_for:
                continue
            fit, left_out = share(self.path, self.settings, functions, runtime)
            self.config.stash[LEFT_OUT].setdefault(runtime.name, Counter()).update(left_out)
            if not fit:
                continue
            for item in self._items(fit, runtime):
                item.add_marker(runtime.name)
                item.user_properties.append(("runtime", runtime.name))
                yield item

    def _items(self, functions, runtime):
        if runtime is NATIVE:
            for item in super().collect():
                if inspect.iscoroutinefunction(item.obj):
                    item.obj = _in_virtual_time(item.obj)
                yield item
            return
        for function in functions:
            name = f"{function.name}[{runtime.name}]"
            yield RemoteItem.from_parent(
                self,
                name=name,
                nodeid=f"{self.nodeid}::{name}",
                function=function,
                runtime=runtime,
            )

    def channel(self, runtime):
        """The one channel of this file to a runtime."""
        if runtime.name not in self._channels:
            pythonpath = self.config.getini("pythonpath")
            self._channels[runtime.name] = runtime.open(self.path, self.settings, pythonpath)
        return self._channels[runtime.name]

    def teardown(self):
        for channel in self._channels.values():
            channel.close()
        self._channels.clear()
        super().teardown()


class RemoteFailure(Exception):
    """A test failed in another process; the text is what to show."""


class RemoteItem(pytest.Item):
    """A function of a firmware test file that runs in a process of another runtime."""

    def __init__(self, *, function, runtime, **kwargs):
        super().__init__(**kwargs)
        self._function = function
        self._runtime = runtime

    def runtest(self):
        try:
            self._runtime.version()
        except Unavailable as error:
            absent(f"{self._runtime.name}: {error}")
        channel = self.parent.channel(self._runtime)
        outcome = channel.run(self._function, self.parent.settings.timeout_s)
        if outcome.output:
            self.add_report_section("call", self._runtime.name, outcome.output)
        if outcome.failure is not None:
            raise RemoteFailure(outcome.failure)

    def repr_failure(self, excinfo, style=None):
        if isinstance(excinfo.value, RemoteFailure):
            return f"{self._runtime.name}: {excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self):
        return self.path, self._function.line - 1, self.name


class Firmware:
    """The plugin itself, for the test files under one folder."""

    def __init__(self, folder):
        self._folder = folder

    @pytest.hookimpl
    def pytest_configure(self, config):
        EMULATED.asked_for = config.getoption("--emulated")
        config.stash[LEFT_OUT] = {}
        config.addinivalue_line("markers", "emulated: drives the pins of the emulated RP2040")
        for runtime in RUNTIMES:
            config.addinivalue_line("markers", f"{runtime.name}: runs on {runtime.name}")

    @pytest.hookimpl
    def pytest_pycollect_makemodule(self, module_path, parent):
        if self._folder in module_path.parents:
            return FirmwareFile.from_parent(parent, path=module_path)
        return None

    @pytest.hookimpl
    def pytest_generate_tests(self, metafunc):
        if isinstance(metafunc.definition.parent, FirmwareFile):
            metafunc.fixturenames.append("runtime")
            metafunc.parametrize("runtime", [NATIVE.name])

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem):
        if not isinstance(pyfuncitem.parent, FirmwareFile):
            return (yield)
        import world

        world.clear()  # one that an earlier test made would leave virtual time on
        try:
            with _empty_folder(), _time_limit(pyfuncitem.parent.settings.timeout_s):
                return (yield)
        except BaseException:
            # A coroutine that is collected while pytest parses the source of the failure ends
            # CPython 3.11's parser (SystemError), and with it the whole run.
            gc.collect()
            raise

    @pytest.hookimpl
    def pytest_report_header(self):
        words = []
        for runtime in RUNTIMES:
            if not runtime.asked_for:
                continue
            try:
                words.append(f"{runtime.name} {runtime.version()}")
            except Unavailable as error:
                words.append(f"{runtime.name} MISSING ({error})")
        return "firmware runtimes: " + ", ".join(words)

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter):
        counts = {}
        for outcome in ("passed", "failed", "skipped", "error"):
            for report in terminalreporter.stats.get(outcome, ()):
                runtime = dict(getattr(report, "user_properties", ())).get("runtime")
                if runtime:
                    by_outcome = counts.setdefault(runtime, {})
                    by_outcome[outcome] = by_outcome.get(outcome, 0) + 1
        words = [
            f"{runtime} " + " ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
            for runtime, outcomes in counts.items()
        ]
        if words:
            terminalreporter.write_line("firmware tests: " + ", ".join(words))
        # Of the default runtimes a file itself says where it runs.
        left_out = terminalreporter.config.stash[LEFT_OUT].get(EMULATED.name)
        if left_out:
            words = [f"{count} {reason}" for reason, count in sorted(left_out.items())]
            terminalreporter.write_line(f"not on {EMULATED.name}: " + ", ".join(words))
