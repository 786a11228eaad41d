"""`kerb vboard`: a virtual board to play with, on a serial port."""

import argparse
from pathlib import Path

from host_tools import exits

_DESCRIPTION = """\
Start a virtual board: real MicroPython behind a serial port, with a flash file system and pins.

Whatever works on a board's port works on this one: mpremote, `kerb flash`, a terminal. Ctrl-C
ends it. Without --app its flash is blank; with it, it boots the firmware, with a config that
reports to a broker on this machine (port 1883) if there is one.
"""
_PREFIX = "kerb-vboard-"
_BUSAN = (35.18, 129.08, "KST-9")


def register(subparsers):
    """Add `kerb vboard` to the command line."""
    parser = subparsers.add_parser(
        "vboard",
        help="start a virtual board on a serial port",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--app", help="bring the firmware along, for this app (light, parking, crosswalk)"
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="a config.json of your own")
    parser.add_argument("--secrets", type=Path, metavar="FILE", help="a secrets.json of your own")
    parser.add_argument("--link", type=Path, metavar="PATH", help="the name of the port")
    parser.add_argument(
        "--image",
        type=Path,
        metavar="FILE",
        help="keep its flash in this file; one that is there is taken as it is",
    )
    parser.add_argument("--heap", type=int, default=None, metavar="KB", help="default 512")
    parser.set_defaults(run=run)


def run(args):
    """Run the board until Ctrl-C; gives the exit code."""
    import asyncio

    from host_tools import paths, scratch

    paths.checkout()
    runtime = paths.find_runtime("micropython")
    if args.link and args.link.exists() and not args.link.is_symlink():
        raise exits.Failure(
            "{} is there already, and no port of a virtual board".format(args.link),
            "take another name for --link",
            exits.USAGE,
        )
    folder = scratch.make(_PREFIX)
    try:
        image = args.image or folder / "flash.img"
        if not image.exists():
            _make(image, args)
        elif args.app or args.config or args.secrets:
            raise exits.Failure(
                "{} is there already; --app and --config are for a new one".format(image),
                "leave them out, or take another name for --image",
                exits.USAGE,
            )
        port = (args.link or folder / "port").absolute()
        return asyncio.run(_serve(image.absolute(), port, runtime, args.heap))
    finally:
        scratch.remove(folder)


def _make(image, args):
    """Make the flash: blank, or with the firmware and its config on it."""
    from host_tools.vboard import image as images

    if not args.app:
        if args.config or args.secrets:
            raise exits.Failure(
                "--config and --secrets go with --app", "name the app", exits.USAGE
            )
        images.make(image)
        return
    from host_tools import build, config_files

    build.describe("host", args.app)
    contents = {"config.json": _example(args.app)} | config_files.read(
        args.config, args.secrets, args.app
    )
    files = build.build("host")
    images.make(image, contents | {name: file.read_bytes() for name, file in files.items()})


def _example(app):
    """The config of a device in Busan, as the simulated street gives it."""
    import json

    from host_tools.street import flash
    from host_tools.street.world import Site

    common = flash.common(Site(*_BUSAN), "kerb", 1883, 123)
    if app == "parking":
        made = flash.parking(common, 1, [("ceiling", 2600)], "hc_sr04")
    elif app == "crosswalk":
        made = flash.crosswalk(common, 1, {"width_mm": 4000, "length_mm": 7000})
    else:
        made = flash.light(common)
    return json.dumps(made, indent=1).encode()


async def _serve(image, port, runtime, heap_kb):
    import asyncio
    import signal

    from host_tools.vboard.board import HEAP_KB, Board

    over = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    board = Board(image, port, runtime.path, heap_kb or HEAP_KB, note=_say)
    await board.start()
    try:
        _say("virtual board on {} ({})".format(port, runtime.title))
        _say("try: mpremote connect {} repl".format(port))
        _say("Ctrl-C ends it.")
        await over.wait()
    finally:
        await board.stop()
    return exits.OK


def _say(text):
    print(text, flush=True)
