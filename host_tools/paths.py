"""Where the pieces of a Kerb checkout are, and which programs can run the firmware."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from host_tools import exits

ROOT = Path(__file__).resolve().parent.parent
FIRMWARE = ROOT / "firmware"
BOARDS = ROOT / "boards"
BUILD = ROOT / "build"
HOST_START = BOARDS / "host" / "start.py"
MICROPYTHON_BUILT = BUILD / "micropython" / "micropython"
MICROPYTHON_OLDEST = (1, 25)
_VERSION_QUESTION = (
    "from sys import implementation as i\n"
    "print('%s %d.%d.%d' % ((i.name,) + tuple(i.version[:3])))"
)
_ASK_TIMEOUT_S = 10


class Runtime:
    """A program that can run the firmware on this machine.

    `kind` is "micropython" or "cpython", `path` the program, `version` its number as text, and
    `note` says why it was taken where that is not what was asked for ("" otherwise).
    """

    def __init__(self, kind, path, version, note=""):
        self.kind = kind
        self.path = str(path)
        self.version = version
        self.note = note

    @property
    def title(self):
        name = "MicroPython (unix)" if self.kind == "micropython" else "CPython"
        return "{} {}".format(name, self.version)


def checkout():
    """Give the checkout's root, or raise Failure when the firmware is not beside this package."""
    if not HOST_START.is_file() or not FIRMWARE.is_dir():
        raise exits.Failure(
            "no firmware at {}".format(ROOT),
            "run `kerb` from the environment that `make setup` makes in a git checkout",
        )
    return ROOT


def find_executable(name):
    """Look a program up in PATH, and in the folders of services that only root has there."""
    path = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/usr/local/sbin"
    return shutil.which(name, path=path)


def micropython_version(path):
    """Ask a program for its MicroPython version: (major, minor, patch), None when it isn't one."""
    try:
        asked = subprocess.run(
            [str(path), "-c", _VERSION_QUESTION],
            check=False,
            capture_output=True,
            text=True,
            timeout=_ASK_TIMEOUT_S,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.fullmatch(r"micropython (\d+)\.(\d+)\.(\d+)", asked.stdout.strip())
    return tuple(int(part) for part in found.groups()) if found else None


def find_micropython():
    """Give (path, version tuple, "") of a usable unix MicroPython, or (None, None, why not)."""
    candidates = [MICROPYTHON_BUILT] if MICROPYTHON_BUILT.is_file() else []
    on_path = find_executable("micropython")
    if on_path:
        candidates.append(Path(on_path))
    why = "there is none in {} or on PATH".format(MICROPYTHON_BUILT.parent)
    for candidate in candidates:
        version = micropython_version(candidate)
        if version and version[:2] >= MICROPYTHON_OLDEST:
            return candidate, version, ""
        found = (
            ".".join(map(str, version)) if version else "not MicroPython, or not able to run here"
        )
        why = "{} is {}, needed is {}.{} or newer".format(candidate, found, *MICROPYTHON_OLDEST)
    return None, None, why


def find_runtime(wanted="auto"):
    """Choose what runs the firmware: "micropython" or "cpython" as asked, "auto" the better one.

    Raises Failure when the one asked for by name is not there.
    """
    if wanted != "cpython":
        path, version, why = find_micropython()
        if path:
            return Runtime("micropython", path, ".".join(map(str, version)))
        if wanted == "micropython":
            raise exits.Failure(
                "no MicroPython: " + why, "run `make setup`, or use --runtime cpython"
            )
    note = (
        ""
        if wanted == "cpython"
        else "MicroPython could not be had ({}): running on CPython".format(why)
    )
    return Runtime("cpython", sys.executable, ".".join(map(str, sys.version_info[:3])), note)
