"""The emulated Pico in place of boards/host/start.py: a board's process in the simulated street.

    KERB_WORLD=127.0.0.1:port python host_tools/emulator/street.py

Run in the folder that is the board's flash, it makes of it a file system of the image with a
network (boards/rpi_pico_ppp), and is the board until its next reset. What the board writes is kept
beside that folder, in pico.flash, for the next start; pico.flash.json has the chip's own number.
"""

import json
import os
import sys
from pathlib import Path

from host_tools import exits, paths
from host_tools.setup import emulator as setup
from host_tools.setup.product import BUILD, Unavailable
from host_tools.vboard import image as littlefs

IMAGE = BUILD / "firmware" / "rpi_pico_ppp" / "firmware.uf2"
START = Path(__file__)
FILE_BLOCKS = 256  # what that image leaves of the flash for files
_SCRIPT = Path(__file__).with_name("world.mjs")
_HERE = "127.0.0.1"
_GATEWAY = "10.0.2.2"  # of the board's network, behind which this machine is


def runtime():
    """What the street needs to know of it; Failure with the next step if something is missing."""
    try:
        setup.find()
    except Unavailable as error:
        raise exits.Failure(str(error), "run `make emulator`") from None
    if not IMAGE.is_file():
        raise exits.Failure(
            "there is no {}".format(os.path.relpath(IMAGE)),
            "run `make firmware BOARD=rpi_pico_ppp`",
        )
    return _Runtime("rp2", sys.executable, "rp2 on an emulated RP2040")


class _Runtime(paths.Runtime):
    @property
    def title(self):
        return "MicroPython ({})".format(self.version)


def _contents(folder):
    """{name: bytes} of the flash folder, with this machine where the board finds it."""
    contents = {}
    for path in folder.rglob("*"):
        if path.is_file():
            contents[path.relative_to(folder).as_posix()] = path.read_bytes()
    config = json.loads(contents["config.json"])
    for part in (config.get("uplink") or {}).values():
        if isinstance(part, dict) and part.get("host") == _HERE:
            part["host"] = _GATEWAY
    contents["config.json"] = json.dumps(config).encode()
    return contents


def main():
    """Become the emulator; never returns."""
    node, home = setup.find()
    flash = Path.cwd().parent / "pico.flash"
    if not flash.exists():
        littlefs.make(flash, _contents(Path.cwd()), FILE_BLOCKS)
    told = {
        "KERB_EMULATOR": str(home),
        "KERB_IMAGE": str(IMAGE),
        "KERB_FLASH": str(flash),
        "KERB_FLASH_BYTES": str(FILE_BLOCKS * littlefs.BLOCK_BYTES),
    }
    os.execve(node, [node, str(_SCRIPT)], {**os.environ, **told})


if __name__ == "__main__":
    sys.exit(main())
