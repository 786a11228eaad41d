"""`kerb flash`: compiles the firmware and brings it onto a board, changed files only."""

import contextlib
import json
import sys
import time
from pathlib import Path

from host_tools import exits

_DESCRIPTION = """\
Compile the firmware for a board and copy what has changed onto it, over its serial port.

The board needs MicroPython. Nothing is fetched: it works without internet. The board keeps its
old firmware until all of the new one has arrived; if the cable is pulled, the next run goes on.
"""
_PLATFORMS = {"unix": "linux"}  # sys.platform, where it isn't the port's name


def register(subparsers):
    """Add `kerb flash` to the command line."""
    parser = subparsers.add_parser(
        "flash", help="bring the firmware onto a board", description=_DESCRIPTION
    )
    parser.add_argument("--board", required=True, help="a folder of boards/, as rpi_pico_w")
    parser.add_argument("--app", required=True, help="what the device does, as light")
    parser.add_argument("--port", help="the serial port; may be left out if there is only one")
    parser.add_argument("--config", type=Path, metavar="FILE", help="becomes config.json")
    parser.add_argument("--secrets", type=Path, metavar="FILE", help="becomes secrets.json")
    parser.add_argument("--dry-run", action="store_true", help="list the files, touch no board")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(run=run)


def run(args):
    """Check everything that can be checked without the board, then flash; gives the exit code."""
    from host_tools import build, config_files
    from host_tools.device import ports

    description = build.describe(args.board, args.app)
    contents = config_files.read(args.config, args.secrets, args.app, description)
    files = build.build(args.board)
    contents |= {name: file.read_bytes() for name, file in files.items()}
    if args.dry_run:
        _print_files(contents, args.json)
        return exits.OK
    port = ports.choose(args.port, ports.attached())
    with _progress(args.json) as progress:
        result = flash(port, description, args.app, contents, progress)
    if args.json:
        print(json.dumps(result))
    else:
        print(_words(result))
    return exits.OK


def flash(port, description, app, contents, progress=lambda done, total: None):
    """Make the board on `port` hold `contents`, {name: bytes}, and reset it; gives the result.

    `description` is its board.json. The result is a dict: port, micropython (its version), files,
    copied (names), unchanged, removed (names), bytes (sent), seconds, notes (texts: what to do
    next). Failure if the board is another one, or is lost: its firmware is the old one then.
    """
    from host_tools.device.files import Files
    from host_tools.device.session import Lost, Refused, Session

    began = time.monotonic()
    arrived = 0
    plan = None
    try:
        with Session(port) as session:
            session.hold_watchdog()
            board = Files(session)
            facts = board.facts()
            _check(facts, description, contents)
            plan = board.compare(contents)
            board.make_room(plan, contents, facts.free_bytes)
            sent = _send(board, plan, contents, progress)
            for _ in sent:
                arrived += 1
            board.commit(plan)
            notes = _notes(board, app, description)
            session.reset()
    except (Lost, KeyboardInterrupt) as end:
        if plan is None:
            raise
        arrived += len(plan.waiting)
        raise _unfinished(end, arrived, len(plan.changed)) from None
    except Refused as refused:
        raise _refusal(str(refused)) from None
    return {
        "port": port,
        "micropython": facts.version,
        "files": len(contents),
        "copied": plan.changed,
        "unchanged": len(contents) - len(plan.changed),
        "removed": plan.stale,
        "bytes": sum(len(contents[name]) for name in plan.changed if name not in plan.waiting),
        "seconds": round(time.monotonic() - began, 1),
        "notes": notes,
    }


def _check(facts, description, contents):
    """Failure if this firmware can't run on this board."""
    wanted = _PLATFORMS.get(description["port"], description["port"])
    if facts.platform != wanted:
        raise exits.Failure(
            "this firmware is for a {} ({}), the board on the port is a {!r}".format(
                description["product"], wanted, facts.platform
            ),
            "give the right --board, or plug in the right one",
        )
    ours = next(data[1] for name, data in contents.items() if name.endswith(".mpy"))
    if facts.mpy != ours:
        theirs = "none" if facts.mpy is None else "version {}".format(facts.mpy)
        raise exits.Failure(
            "the firmware's .mpy files are version {}; MicroPython {} there takes {}".format(
                ours, facts.version, theirs
            ),
            "bring a current MicroPython onto the board: https://micropython.org/download/",
        )


def _send(board, plan, contents, progress):
    """Send what is missing, file by file; gives a name for each that has arrived."""
    missing = [name for name in plan.changed if name not in plan.waiting]
    total = sum(len(contents[name]) for name in missing)
    done = 0

    def count(length):
        nonlocal done
        done += length
        progress(done, total)

    for name in missing:
        board.send(name, contents[name], count)
        yield name


def _notes(board, app, description):
    """Say what is left to do before the board can work."""
    if not board.exists("config.json"):
        return ["the board has no config.json yet: repeat with --config and --secrets"]
    document = board.read_json("config.json")
    document = document if isinstance(document, dict) else {}
    found = document.get("app")
    notes = []
    if found != app:
        notes.append(
            "config.json on the board names the app {!r}: repeat with --config".format(found)
        )
    uplink = document.get("uplink")
    if isinstance(uplink, dict) and "lorawan" in uplink:
        notes += _lora_notes(board, description.get("lora"))
    return notes


def _lora_notes(board, chip):
    """Say what LoRaWAN still needs on this board."""
    notes = []
    if not board.exists("secrets.json"):
        notes.append(
            "the board has no secrets.json with LoRaWAN's keys yet: `kerb lora keys --secrets "
            "FILE`, then repeat with --secrets FILE"
        )
    names = ["lib/lora/{}.{}".format(chip, end) for end in ("mpy", "py")]
    if chip is None or any(board.exists(name) for name in names):
        return notes
    return [
        *notes,
        "the board has no driver for its LoRa chip: repeat with MICROPYTHON_LIB=checkout of "
        "micropython-lib, or `mpremote mip install lora-{} lora-sync`".format(chip),
    ]


def _unfinished(end, arrived, changed):
    """Turn the end of the connection, or Ctrl-C, into a Failure that says how far it got."""
    is_lost = isinstance(end, exits.Failure)
    reason = end.reason if is_lost else "interrupted"
    use = "none is in use" if arrived < changed else "they may be in use"
    return exits.Failure(
        "{}: {} of {} changed files had arrived, {}".format(reason, arrived, changed, use),
        "{}repeat: it goes on from there".format("check the cable and " if is_lost else ""),
        end.code if is_lost else exits.INTERRUPTED,
    )


def _refusal(said):
    """Turn an exception on the board into a Failure."""
    last = said.strip().splitlines()[-1]
    if "ENOSPC" in last or "OSError: 28" in last:
        return exits.Failure("the board's flash is full", "remove what isn't needed and repeat")
    return exits.Failure(
        "the board refused: {}".format(last), "reset it by its button and repeat the command"
    )


def _print_files(contents, as_json):
    if as_json:
        print(json.dumps({name: len(data) for name, data in sorted(contents.items())}))
        return
    for name, data in sorted(contents.items()):
        print("{:>7}  {}".format(len(data), name))
    print("{:>7}  bytes in {} files".format(sum(map(len, contents.values())), len(contents)))


def _words(result):
    """The result for people."""
    words = "{}: {} files, {} copied ({} bytes), {} up to date".format(
        result["port"],
        result["files"],
        len(result["copied"]),
        result["bytes"],
        result["unchanged"],
    )
    if result["removed"]:
        words += ", {} old ones removed".format(len(result["removed"]))
    lines = ["{}, {} s; the board was reset".format(words, result["seconds"])]
    return "\n".join(lines + ["  next: " + note for note in result["notes"]])


@contextlib.contextmanager
def _progress(is_quiet):
    """Give progress(done, total), in bytes: a bar on a terminal, nothing elsewhere."""
    if is_quiet or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    columns = (TextColumn("copying"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
