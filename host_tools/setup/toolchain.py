"""The compiler for the RP2040 and what else MicroPython's build needs, from the machine's Debian.

python -m host_tools.setup.toolchain      as root: installs what is missing (410 MB, a minute)
"""

import os
import shutil
import sys
from pathlib import Path

from host_tools.setup.product import Unavailable, run, say

_COMPILER = "arm-none-eabi-gcc"
# A program or a file that the compiler finds, and the Debian package that it is in.
_PROGRAMS = {
    _COMPILER: "gcc-arm-none-eabi",
    "cmake": "cmake",
    "make": "make",
    "gcc": "gcc",  # for mpy-cross, which runs here
}
_FILES = {
    "nano.specs": "libnewlib-arm-none-eabi",
    "libstdc++.a": "libstdc++-arm-none-eabi-newlib",  # CMake tries the C++ compiler, too
}


def _found(name):
    """True if the compiler knows where one of its own files is: else it repeats the bare name."""
    said = run([_COMPILER, f"-print-file-name={name}"], f"{_COMPILER} does not run")
    return Path(said.strip()).is_absolute()


def missing():
    """The Debian packages that are not there yet, sorted."""
    packages = {package for program, package in _PROGRAMS.items() if not shutil.which(program)}
    if _PROGRAMS[_COMPILER] in packages:
        return sorted({*packages, *_FILES.values()})
    return sorted({*packages, *(package for name, package in _FILES.items() if not _found(name))})


def ensure():
    """Install what is missing if this is root; else Unavailable with the command to give."""
    packages = missing()
    if not packages:
        return
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Unavailable(
            "missing for MicroPython's build: {0}\n"
            "  Next step: install them (Debian: sudo apt-get install {0})".format(
                " ".join(packages)
            )
        )
    say(f"installing {' '.join(packages)} (410 MB, a minute) ...")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        run(["apt-get", "update", "-qq"], "apt's lists can't be read", quiet)
    except Unavailable as error:  # of one of many sources, perhaps, that nobody needs here
        say(str(error))
    run(command, "apt-get can't install what is missing", quiet)


def main():
    """Install it; exit code 1 with the reason when it can't be had."""
    try:
        ensure()
    except Unavailable as error:
        say(f"no toolchain: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
