"""Flash and RAM of each app, frozen, as .mpy and as source: `make bench-memory [HOURS=1]`.

The firmware runs on MicroPython's rp2 build on the emulated chip, joined to its network by PPP,
so that its uplink has lwIP's own sockets and its broker. The heap is read from outside out of the
garbage collector's table, while the firmware runs on undisturbed. Of a phase are given:

    live      the least in use in its last minute: what is left after a collection
    peak      the most in use in it, garbage that is not collected yet among it
    free      the largest free block at its worst moment

PPP's board has lwIP in its static RAM, so that its heap is smaller than the Pico's, as a Pico W's
is, and 2 kB of what is in use are the buffers of the line's UART: the budget is for the rest,
because a Wi-Fi chip's driver has its buffers outside of the heap.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "bench")]

import modules  # noqa: E402

from host_tools import build as compiling  # noqa: E402
from host_tools import exits, paths  # noqa: E402
from host_tools.image import build, sizes  # noqa: E402
from host_tools.setup import emulator  # noqa: E402
from host_tools.setup.product import Unavailable, run  # noqa: E402
from host_tools.setup.umqtt import MODULE as UMQTT  # noqa: E402
from host_tools.vboard import image as littlefs  # noqa: E402

BOARD = "rpi_pico_ppp"
BLOCKS = 256  # of its file system, as in its mpconfigboard.h
TIME_2000_S = 9800 * 86400 + 7 * 3600  # 2026-10-31 07:00 UTC, 16:00 in Korea

# Of the frozen firmware; the first two are bytes that may be in use, the last must be free.
LIVE_BUDGET = 45 * 1024
LINE = 2 * 1024
FREE_BUDGET = 100 * 1024

CONFIG = {
    "name": "lamp-1",
    "groups": ["north"],
    "site": {"lat_e7": 351800000, "lon_e7": 1290800000, "tz": "KST-9"},
}
APPS = {  # each app's own section
    "light": {
        "schedule": [
            {"at": "22:00", "level_permille": 500},
            {"at": "00:00", "level_permille": 300},
            {"at": "05:00", "level_permille": 1000},
        ]
    },
    "parking": {"ranger": "hc_sr04", "bays": [{"mount": "ceiling", "floor_mm": 2600}]},
    "crosswalk": {"width_mm": 4000, "length_mm": 7000},
}
PARTS = {  # on its pins: {name: [kind, options]}
    "crosswalk": {"radar": ["ld2450", {"uart": 1}], "button": ["button", {"pin": 19}]},
}
UPLINK = {
    "wifi": {"ssid": "line"},
    "mqtt": {"host": "broker.example"},
    "sntp": {"host": "time.example"},
}


def firmware(kind):
    """{path on the board: bytes} of the firmware as "mpy" or "source"; nothing when frozen."""
    if kind == "frozen":
        return {}
    if kind == "mpy":
        return {name: path.read_bytes() for name, path in compiling.build(BOARD).items()}
    contents = {"board.py": (paths.BOARDS / BOARD / "board.py").read_bytes()}
    contents["lib/umqtt/simple.py"] = UMQTT.read_bytes()
    for path in paths.FIRMWARE.rglob("*.py"):
        if path.name != "manifest.py":
            name = path.relative_to(paths.FIRMWARE).as_posix()
            contents[name] = path.read_bytes()
    return contents


def flash_bytes(contents):
    """What files take of a flash: whole blocks."""
    return sum(-(-len(data) // 4096) * 4096 for data in contents.values())


def measure(folder, contents, phases, parts=None):
    """Run the image of `folder` with these files and parts; gives the phases' results."""
    node, _ = emulator.find()
    with tempfile.TemporaryDirectory() as scratch:
        blocks = Path(scratch, "files")
        littlefs.make(blocks, contents, BLOCKS)
        order = {
            "image": str(folder / "firmware.uf2"),
            "blocks": str(blocks),
            "symbols": sizes.symbols(folder / "firmware.elf"),
            "time2000": TIME_2000_S,
            "phases": phases,
            "parts": parts or {},
        }
        script = Path(__file__).with_name("scripts") / "memory.mjs"
        said = run([node, script, json.dumps(order)], "the emulator failed")
    return [json.loads(line) for line in said.splitlines()]


def config(app, uplink):
    """The files that every variant has."""
    doc = {**CONFIG, "app": app, app: APPS[app]}
    if uplink:
        doc["uplink"] = UPLINK
    return {"config.json": json.dumps(doc).encode(), "secrets.json": b"{}"}


def row(app, kind, hours, flash):
    """All figures of one variant, a dict."""
    frozen = kind == "frozen"
    folder, _ = build.build(BOARD, bare=not frozen)
    code = firmware(kind)
    parts = PARTS.get(app)
    alone_phases = [{"name": "alone", "seconds": 70}]
    (alone,) = measure(folder, {**code, **config(app, False)}, alone_phases, parts)
    phases = [{"name": "started", "seconds": 90}]
    if hours:
        phases.append({"name": "used", "seconds": hours * 3600, "busy": True})
    results = measure(folder, {**code, **config(app, True)}, phases, parts)
    if not results[0]["connects"] or results[-1]["resets"]:
        raise exits.Failure("the {} {} did not work: {}".format(kind, app, results[-1]["serial"]))
    return {
        "app": app,
        "kind": kind,
        "flash": flash if frozen else flash_bytes(code),
        "alone": alone,
        **{result["name"]: result for result in results},
    }


def excess(rows):
    """What exceeds a budget, a text each."""
    text = "{}: {} bytes {}, budget {}"
    for row in rows:
        if row["kind"] != "frozen":
            continue
        app, live = row["app"], row["started"]["live"]
        free = row.get("used", row["started"])["largestFree"]
        live -= LINE
        if live > LIVE_BUDGET:
            yield text.format(app, live, "of heap with the uplink started", LIVE_BUDGET)
        if free < FREE_BUDGET:
            yield text.format(app, free, "is the largest free block", FREE_BUDGET)
        if row["flash"] > sizes.KERB_FLASH_BUDGET:
            yield text.format(app, row["flash"], "of flash", sizes.KERB_FLASH_BUDGET)


def table(prompt, rows, hours):
    """The lines for a person, in kB of 1024 bytes."""

    def kb(size):
        return "{:7.1f}".format(size / 1024)

    columns = "{:21} {:>6} | {:14} | {:21}"
    head = columns.format("kB of 1024 bytes", "flash", "no uplink", "uplink started")
    under = " " * 28 + " |   live   peak |   live   peak   free"
    yield head + (" | after {:g} h".format(hours) if hours else "")
    yield under + (" |   live   peak   free" if hours else "")
    for row in rows:
        cells = [kb(row["flash"]), " |", kb(row["alone"]["live"]), kb(row["alone"]["peak"])]
        for name in ("started", "used"):
            seen = row.get(name)
            if seen:
                cells += [" |", kb(seen["live"]), kb(seen["peak"]), kb(seen["largestFree"])]
        yield "{:10} {:10}".format(row["app"], row["kind"]) + "".join(cells)
    yield "frozen, uplink started: {} live at most; {} of the line's UART come on top".format(
        kb(LIVE_BUDGET).strip(), kb(LINE).strip()
    )
    yield "frozen: {} free at least at the end, {} of flash at most".format(
        kb(FREE_BUDGET).strip(), kb(sizes.KERB_FLASH_BUDGET).strip()
    )
    yield "heap: {} of {} kB are in use at the bare prompt".format(
        kb(prompt["live"]).strip(), kb(prompt["total"]).strip()
    )
    spent = rows[0].get("used")
    if spent:
        yield "{:g} h took {:.0f} s, {} connections, {} messages".format(
            hours, spent["wallS"], spent["connects"], spent["messages"]
        )


def show_modules(costs):
    """Print what each module costs, the dearest first."""
    for name, size in sorted(costs.items(), key=lambda item: -item[1]):
        if size:
            print("{:6} {}".format(size, name))
    print("{:6} bytes of heap, all modules imported".format(sum(costs.values())))
    return 0


def hours(text):
    """A time, none or more, for argparse."""
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError("{} is not 0 or more".format(text))
    return value


def main(argv=None):
    """Exit code 1 when a budget is exceeded, or when it can't be measured."""
    parser = argparse.ArgumentParser(prog="bench-memory", description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=hours, default=1, help="simulated hours of use, frozen")
    parser.add_argument("--frozen", action="store_true", help="not .mpy and source")
    parser.add_argument("--modules", action="store_true", help="what each import costs, no more")
    parser.add_argument("--json", action="store_true", help="all figures, for a script")
    args = parser.parse_args(argv)
    try:
        folder, image = build.build(BOARD)
        if args.modules:
            return show_modules(modules.costs(folder / "firmware.uf2"))
        bare, _ = build.build(BOARD, bare=True)
        (prompt,) = measure(bare, {}, [{"name": "prompt", "seconds": 5}])
        kinds = ("frozen",) if args.frozen else ("frozen", "mpy", "source")
        rows = [
            row(app, kind, args.hours if kind == "frozen" else 0, image["app_flash_bytes"][app])
            for app in APPS
            for kind in kinds
        ]
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except (exits.Failure, Unavailable, subprocess.SubprocessError) as error:
        print("bench-memory: {}".format(error), file=sys.stderr)
        return 1
    over = list(excess(rows))
    if args.json:
        print(json.dumps({"prompt": prompt, "rows": rows, "over": over}))
    else:
        print("\n".join(table(prompt, rows, args.hours)))
    for text in over:
        print("bench-memory: over budget: " + text, file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
