"""`kerb firmware`: an image to flash, with Kerb frozen into it."""

import json
import os

from host_tools import exits


def register(commands):
    """Add the sub-command `firmware`."""
    parser = commands.add_parser(
        "firmware",
        help="build an image to flash, with Kerb frozen into it",
        description="Build MicroPython with Kerb frozen into it: build/firmware/BOARD/. "
        "rpi_pico is built from Debian's source packages, other boards from the checkout of "
        "MicroPython, with its submodules, that --mpy-dir names.",
    )
    parser.add_argument("--board", required=True, help="a folder of boards/, as rpi_pico")
    parser.add_argument("--mpy-dir", help="a checkout of MicroPython to build from")
    parser.add_argument(
        "--bare", action="store_true", help="the same MicroPython without Kerb, for tests"
    )
    parser.add_argument("--json", action="store_true", help="the sizes for a script")
    parser.set_defaults(run=run)


def run(args):
    """Build it and tell its sizes."""
    from host_tools import build as compiling
    from host_tools.image import build

    if args.board not in compiling.boards():
        raise exits.Failure(
            "no board {!r}".format(args.board),
            "take one of these: {}".format(", ".join(compiling.boards())),
            exits.USAGE,
        )
    target, report = build.build(args.board, args.mpy_dir or None, args.bare)
    if args.json:
        print(json.dumps({**report, "folder": str(target)}))
    else:
        for line in told(target, report):
            print(line)
    return exits.OK


def told(target, report):
    """The lines for a person."""
    name = "firmware.uf2" if (target / "firmware.uf2").exists() else "firmware.bin"
    yield os.path.relpath(target / name)
    yield "  flash  {:7} bytes".format(report["flash_bytes"])
    if "kerb_flash_bytes" in report:
        yield "  Kerb   {:7} bytes of them, with all apps".format(report["kerb_flash_bytes"])
    for app, taken in report.get("app_flash_bytes", {}).items():
        yield "  {:9} {:4} kB of flash and no other app's; the budget is {} kB".format(
            app, -(-taken // 1024), report["app_flash_budget_bytes"] // 1024
        )
    if "heap_bytes" in report:
        yield "  RAM    {:7} bytes static, {} bytes of heap".format(
            report["static_ram_bytes"], report["heap_bytes"]
        )
