"""A crosswalk's beacon at the pins while all else happens at once; a part of bench_timing.

The whole frozen firmware runs on an emulated Pico with its network: somebody pushes the button
now and then, the radar tells of people, the connection is lost in every way and made again. Beside
the firmware's own tasks one makes garbage, collects it and logs as often as it can, and writes a
file each 200 times.
"""

import base64
import itertools
import json
import re
import tempfile
from pathlib import Path

from host_tools.emulator.process import Emulator
from host_tools.emulator.repl import Repl
from host_tools.setup.product import BUILD
from host_tools.vboard import image as littlefs
from support.beacon_lamps import LEFT_PIN as LEFT
from support.beacon_lamps import RIGHT_PIN as RIGHT
from support.beacon_lamps import by_rounds

IMAGE = BUILD / "firmware" / "rpi_pico_ppp" / "firmware.uf2"
BUTTON, SENSOR = 19, 26
BLOCKS = 256  # of the board's file system
DARK_MS = 270  # longer than any pause of the pattern
PUSH_EVERY_MS = 17_000
ALLOWED_MS = 5
START_MS = 3000
WRITE_EVERY = 200
CONFIG = {
    "app": "crosswalk",
    "name": "pole-1",
    "site": {"lat_e7": 351800000, "lon_e7": 1290800000, "tz": "KST-9"},
    "crosswalk": {"width_mm": 4000, "length_mm": 7000},
    "uplink": {
        "wifi": {"ssid": "line"},
        "mqtt": {"host": "broker.example", "keepalive_s": 10},
        "sntp": {"host": "time.example"},
    },
}
BUSY = """
import asyncio, board, gc
from kerb import device
with open("config.json", "w") as file:
    file.write({config!r})
async def busy(made):
    count = 0
    while True:
        junk = [bytearray(64) for _ in range(20)]
        gc.collect()
        count += 1
        made.log.warn("%s collections", count)
        if count % {every} == 0:
            made.store.put("busy", bytes(500))
        await asyncio.sleep_ms(20)
async def main():
    made = device.Device(board)
    asyncio.create_task(busy(made))
    await made.run()
asyncio.run(main())
"""


def pole():
    """An emulated Pico with radar and network, and a firmware that knows of no config."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "files")
        littlefs.make(path, {}, BLOCKS)
        blocks = base64.b64encode(path.read_bytes()).decode()
    pico = Emulator(IMAGE)
    pico.start()
    pico.order("open", image=str(IMAGE), seed=1, files=blocks)
    pico.add("net", "network", time2000=9800 * 86400)
    pico.add("radar", "ld2450", uart=1)
    pico.add("button", "button", pin=BUTTON)
    pico.adc(SENSOR, 2500)
    return pico


def activations(edges):
    """The lamps' edges [(ms, pin, level)], split where it is dark."""
    runs = []
    for edge in edges:
        if not runs or edge[0] - runs[-1][-1][0] > DARK_MS:
            runs.append([])
        runs[-1].append(edge)
    return [run for run in runs if any(level for _, _, level in run)]


def errors(run):
    """Of one activation: (ms that its first flash lacks, the farthest of any other edge in ms)."""
    try:
        return by_rounds(run)
    except AssertionError as error:
        raise SystemExit(f"beacon: an edge too many, {error}") from None


def measure(seconds):
    """For so long of the board's time, and until the last push's flashes are over.

    A dict: worst_ms, how far an edge was from its place; late_ms, how much of an activation's
    first flash was missing; edges, activations, collections, writes, connections. None when there
    is no image for it.
    """
    if not IMAGE.is_file():
        return None
    pico = pole()
    try:
        # Without a config its main.py ends at once, and nothing was made that could be in the way.
        repl = Repl(pico)
        repl.enter()
        repl.start(BUSY.format(config=json.dumps(CONFIG), every=WRITE_EVERY))
        for pin in (LEFT, RIGHT):
            pico.order("watch", pin=pin)
        edges = []
        pico.run(START_MS)
        end = pico.ms + 1000 * seconds
        trouble = itertools.cycle(("restart", "lose", "hang_up", "find", None))
        while pico.ms < end:
            what = next(trouble)
            if what in ("lose", "find"):
                pico.tell("net", "lose", all=what == "lose")
            elif what:
                pico.tell("net", what)
            pico.tell("radar", "clear")
            pico.tell("radar", "walk", x_mm=1500, y_mm=4000, vx_mm_s=-300)
            pico.tell("button", "press", ms=60)
            pico.run(PUSH_EVERY_MS)
            for pin in (LEFT, RIGHT):
                edges += [(ns / 1e6, pin, lit) for lit, ns in pico.order("edges_of", pin=pin)]
        counts = re.findall(r"(\d+) collections", pico.serial)
        if not counts or pico.ended:
            raise SystemExit(f"the board did not work: {pico.ended} {pico.serial[-2000:]}")
        runs = activations(sorted(edges))
        found = [errors(run) for run in runs]
        return {
            "late_ms": max(late for late, _ in found),
            "worst_ms": max((worst for _, worst in found), key=abs),
            "edges": sum(len(run) for run in runs),
            "activations": len(runs),
            "collections": int(counts[-1]),
            "writes": int(counts[-1]) // WRITE_EVERY,
            "connections": pico.ask("net", "state")["connects"],
        }
    finally:
        pico.close()
