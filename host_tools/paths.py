"""Where the pieces of a Kerb checkout are, and which programs can run the firmware."""

import os
import shutil
import sys
from pathlib import Path

from host_tools import exits
from host_tools.setup import micropython
from host_tools.setup.product import Unavailable

ROOT = Path(__file__).resolve().parent.parent
FIRMWARE = ROOT / "firmware"
BOARDS = ROOT / "boards"
HOST_START = BOARDS / "host" / "start.py"


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


def find_runtime(wanted="auto"):
    """Choose what runs the firmware: "micropython" or "cpython" as asked, "auto" the better one.

    Raises Failure when the one asked for by name is not there.
    """
    note = ""
    if wanted != "cpython":
        try:
            path, version = micropython.find()
            return Runtime("micropython", path, ".".join(map(str, version)))
        except Unavailable as why:
            if wanted == "micropython":
                raise exits.Failure(
                    "no MicroPython: {}".format(why), "run `make setup`, or use --runtime cpython"
                ) from None
            note = "MicroPython could not be had ({}): running on CPython".format(why)
    version = ".".join(map(str, sys.version_info[:3]))
    return Runtime("cpython", sys.executable, version, note)
