"""What the process of a virtual board runs: the chip from reset to prompt.

    micropython rom.py IMAGE BELL friendly|raw|stopped

IMAGE is the flash, BELL the file descriptor that Ctrl-C comes by. The flash's boot.py and main.py
run unchanged; with "raw" main.py is left out, as after a soft reset from the raw prompt, and with
"stopped" both are. Reset cause and world come by the environment as in boards/host/README.md.

All that is on this machine's disk is loaded before the flash takes its place, like what is built
into a port.
"""

import os
import sys
import vfs
from binascii import unhexlify

import console
import image
import lines  # noqa: F401  repl's, to be let go of with the others
import repl

# boards/host: the parts of the board
import esp32  # noqa: F401
import link
import machine  # noqa: F401
import network  # noqa: F401
import sim
import start
import time  # noqa: F401
from sim.chip import Chip, Gone, Reset
from sim.clock import Clock
from sim.follow_micropython import follow

EXIT_SOFT_RESET_RAW = 47
_OURS = ("console", "image", "lines", "repl", "link", "start")
_OF_TESTS = ("flash_", "loop_", "vclock")


def _load_parts():
    """Load what boards/host would load from the disk when it is first used."""
    for name in os.listdir(sim.__path__):
        if name.endswith(".py") and "cpython" not in name and not name.startswith(_OF_TESTS):
            __import__("sim." + name[:-3])


def _mount(path):
    """Put the flash at /; a blank or broken one is formatted, as rp2's _boot.py does."""
    flash = image.Image(path)
    vfs.umount("/")
    try:
        filesystem = vfs.VfsLfs2(flash, progsize=image.PROGRAM_BYTES)
    except OSError:
        vfs.VfsLfs2.mkfs(flash, progsize=image.PROGRAM_BYTES)
        filesystem = vfs.VfsLfs2(flash, progsize=image.PROGRAM_BYTES)
    vfs.mount(filesystem, "/")
    sys.path[:] = ["", ".frozen", "/lib"]


def _serve(line, mode):
    """Run the board until it is reset; gives the exit code."""
    is_raw = mode == "raw"
    prompt = repl.Repl(line, (Reset, Gone))
    try:
        if mode != "stopped" and prompt.run_file("boot.py") and not is_raw:
            prompt.run_file("main.py")
        while True:
            if is_raw:
                prompt.raw()
            is_raw = False
            prompt.friendly()
            is_raw = True
    except repl.SoftReset:
        line.write(b"MPY: soft reboot\r\n")
        return EXIT_SOFT_RESET_RAW if is_raw else start.EXITS["soft"]


def main():
    """Gives the exit code."""
    path, bell, mode = sys.argv[1:]
    clock = Clock()
    chip = Chip(clock, os.getenv("KERB_RESET_CAUSE"), unhexlify(os.getenv("KERB_UNIQUE_ID")))

    def idle():
        """Time goes on at the prompt: timers fire."""
        try:
            clock.poll()
        except Exception as error:
            sys.print_exception(error)

    line = console.Console(int(bell), idle)
    sys.modules["micropython"] = console.Micropython(line)
    wire = link.Link(chip, os.getenv("KERB_WORLD"))
    try:
        wire.hello()
        _load_parts()
        follow(clock, wire)
        clock.pollers.append(line.hear)
        _mount(path)
        for name in _OURS:
            del sys.modules[name]
        code = _serve(line, mode)
    except (Reset, Gone) as end:
        code = start.exit_code(end, wire)
    except console.Closed:
        code = start.EXIT_GONE
    vfs.umount("/")
    return code


sys.exit(main())
