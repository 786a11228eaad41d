"""How MicroPython is built for a board: which port, from where, in which folders."""

import hashlib
import json
import os
from pathlib import Path

from host_tools import exits, paths
from host_tools.setup import lora_driver, mpy_source, toolchain
from host_tools.setup.product import BUILD, Unavailable

# Set by the make that started this: MicroPython's own makefiles have variables of these names.
_NOT_THEIRS = ("MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL", "BOARD", "BUILD", "PORT")
_FROM_DEBIAN = ("RPI_PICO", "RPI_PICO_PPP")  # the boards for which Debian has the whole SDK
# MicroPython 1.25's day: two builds of the same firmware are the same, byte for byte.
_DATE = "1744675200"


class Recipe:
    """One board's build, from Debian's sources or from the checkout that `mpy_dir` names."""

    def __init__(self, board, mpy_dir=None):
        self.board = board
        description = json.loads((paths.BOARDS / board / "board.json").read_text())
        self.port, self.board_id = description["port"], description["id"]
        self.apps = description["apps"]
        self.lora = description.get("lora")  # the chip whose driver the board needs
        self.own_source = mpy_dir is None
        name = self.board_id
        if mpy_dir is None:
            self.source = mpy_source.HOME
        else:
            self.source = Path(mpy_dir).resolve()
            name += "-" + hashlib.sha256(str(self.source).encode()).hexdigest()[:8]
        self.work = BUILD / "mpy" / name
        self.target = BUILD / "firmware" / board
        bare = "bare" if (self.own_source and board == "rpi_pico") else "bare-" + name
        self.bare_target = BUILD / "firmware" / bare

    def prepare(self):
        """Fetch what is missing; Failure when this board can't be built here, Unavailable."""
        if self.port not in ("rp2", "esp32"):
            raise exits.Failure(
                "{} is no board to flash: its port is {!r}".format(self.board, self.port),
                code=exits.USAGE,
            )
        if not self.own_source:
            if not (self.source / "ports" / self.port / "Makefile").is_file():
                raise exits.Failure(
                    "no MicroPython with the port {} at {}".format(self.port, self.source),
                    "name a checkout of MicroPython: MPY_DIR=~/micropython",
                    exits.USAGE,
                )
        elif self.board_id not in _FROM_DEBIAN:
            raise exits.Failure(
                "{} needs more than Debian's source packages have".format(self.board),
                "name a checkout of MicroPython with its submodules: make firmware BOARD={} "
                "MPY_DIR=~/micropython".format(self.board),
                exits.USAGE,
            )
        if self.lora and self.own_source:
            try:
                lora_driver.modules((self.lora,))
            except Unavailable as why:
                raise exits.Failure(
                    "{} needs the driver of its LoRa chip: {}".format(self.board, why),
                    "repeat with {}=checkout of micropython-lib".format(lora_driver.CHECKOUT),
                ) from None
        if self.port == "rp2":
            toolchain.ensure()
        if self.own_source:
            mpy_source.fetch()

    def manifest(self, kerb):
        """The text of the manifest to freeze: the board's, with Kerb or with the rest alone."""
        board = (paths.BOARDS / self.board / "manifest.py").as_posix()
        text = "include({!r}, kerb={!r})\n".format(board, kerb)
        if self.lora and os.environ.get(lora_driver.CHECKOUT):
            # After MicroPython's own library: from here comes what that lacks.
            text = "add_library('lora', {!r})\n".format(str(lora_driver.home())) + text
        return text

    def commands(self):
        """The commands that build it, one after the other: MicroPython's own makefiles."""
        make = ["make", "-j{}".format(os.cpu_count() or 1), "-C"]
        here = paths.BOARDS / self.board
        # A board that MicroPython does not know brings its C configuration along.
        own = ["BOARD_DIR={}".format(here)] if (here / "mpconfigboard.h").exists() else []
        return [
            # By itself, for the port's makefile would build it with the port's BUILD folder.
            [*make, str(self.source / "mpy-cross")],
            [
                *make,
                str(self.source / "ports" / self.port),
                "BOARD=" + self.board_id,
                *own,
                "BUILD={}".format(self.work),
                "FROZEN_MANIFEST={}".format(self.work / "manifest.py"),
            ],
        ]

    def environment(self):
        """The environment to build in."""
        env = {name: value for name, value in os.environ.items() if name not in _NOT_THEIRS}
        if self.port == "rp2":
            # Else pico-sdk fetches picotool to make the UF2, which host_tools.image.uf2 makes.
            env["CMAKE_ARGS"] = "-DPICO_NO_PICOTOOL=1 " + env.get("CMAKE_ARGS", "")
        if self.own_source:
            env["SOURCE_DATE_EPOCH"] = _DATE
            # It lies within Kerb's checkout, whose version is not MicroPython's.
            env["GIT_CEILING_DIRECTORIES"] = str(self.source.parent)
        return env

    def product(self):
        """The file that the port's makefile leaves: what goes into the flash."""
        return self.work / ("firmware.bin" if self.port == "rp2" else "micropython.bin")

    def inputs(self, kerb):
        """A digest of what goes into an image beside MicroPython, None for a user's checkout.

        Of a checkout nobody knows here what has changed: make finds out.
        """
        if not self.own_source or not self.source.exists():
            return None
        here = paths.BOARDS / self.board
        files = [path for path in here.iterdir() if path.name not in ("README.md", "board.py")]
        files += Path(__file__).parent.glob("*.py")
        if kerb:
            files += [here / "board.py", *paths.FIRMWARE.rglob("*.py")]
            files += (self.source / mpy_source.UMQTT).rglob("*.py")
            if self.lora:
                files += lora_driver.modules((self.lora,)).values()
        digest = hashlib.sha256(self.manifest(kerb).encode())
        for file in sorted(path for path in files if path.is_file()):
            digest.update(str(file).encode() + b"\0" + file.read_bytes() + b"\0")
        return digest.hexdigest()
