"""Timing at the pins of an emulated Pico, in emulated time: `make bench-timing [MINUTES=1]`.

The signals go on while the interpreter does nothing but collect garbage. The frozen firmware's own
drivers make those of DALI and of the pattern, which is watched for MINUTES; the PWM is machine.PWM
at the lamp's frequency, without the driver. The crosswalk's beacon flashes for MINUTES by the
whole firmware, with its network coming and going (timing_beacon.py). The times from power-on are
the whole firmware's. The picture, build/timing.svg, shows a DALI frame and a repeating pattern as
they were.

The emulator counts the processor's cycles but has no flash cache, whose misses cost a real RP2040
time in code that runs from flash, and no second core. What PWM and PIO make does not depend on
either; the times from power-on do.
"""

import argparse
import base64
import contextlib
import json
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "bench")]

import timing_beacon  # noqa: E402
from timing_picture import draw  # noqa: E402

from host_tools import exits  # noqa: E402
from host_tools.emulator.process import Emulator, Stopped, TooLate  # noqa: E402
from host_tools.emulator.repl import Raised, Repl  # noqa: E402
from host_tools.setup.product import BUILD  # noqa: E402
from host_tools.vboard import image as littlefs  # noqa: E402

PICTURE = BUILD / "timing.svg"
PWM_PIN, DALI_PIN, PATTERN_PIN, SENSOR_PIN = 15, 16, 20, 26
NIGHT_MV = 60
HALF_BIT_US = 1e6 / 2400
# One RRFB sequence in ticks of 50 ms (IA-21), the left lamp's.
FLASH = (1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0)
TICK_MS = 50
MINUTES_AT_LEAST = 0.1  # seven rounds of the pattern
PPP_BLOCKS = 256
CONFIG = {
    "app": "light",
    "name": "lamp-0001",
    "site": {"lat_e7": 351800000, "lon_e7": 1290800000, "tz": "KST-9"},
}
UPLINK = {
    "wifi": {"ssid": "line"},
    "mqtt": {"host": "broker.example"},
    "sntp": {"host": "time.example"},
}
BUSY = """
import gc, time
def busy(ms):
    start = time.ticks_ms()
    count = 0
    while time.ticks_diff(time.ticks_ms(), start) < ms:
        junk = [bytearray(64) for _ in range(20)]
        gc.collect()
        count += 1
    print(count)
"""


def files(**section):
    """The files of a street light, `section` its light section."""
    return {"config.json": json.dumps({**CONFIG, "light": section}).encode()}


@contextlib.contextmanager
def pico(**section):
    """An emulated Pico with the frozen light, at night."""
    image = BUILD / "firmware" / "rpi_pico" / "firmware.uf2"
    with Emulator(image, files(**section)) as emulator:
        emulator.adc(SENSOR_PIN, NIGHT_MV)
        yield emulator


def at_prompt(emulator):
    """Its raw REPL, with busy(ms)."""
    repl = Repl(emulator)
    repl.enter()
    repl.run(BUSY)
    return repl


def collections(repl, ms):
    """Wait for busy(ms); gives how many garbage collections there were."""
    return int(repl.finish(ms * 2 + 5000))


def lamp_pwm():
    """Over levels from 1 to 999 per mille: (worst error of the period, of the high time, both in
    us, collections, levels)."""
    with pico() as emulator:
        repl = at_prompt(emulator)
        repl.run(f"from machine import PWM, Pin\np = PWM(Pin({PWM_PIN}), freq=1000)")
        periods, highs, forced = [], [], 0
        levels = range(1, 1000, 57)
        for permille in levels:
            duty = permille * 65535 // 1000
            repl.run(f"p.duty_u16({duty})")
            repl.start("busy(12)")
            edges = emulator.edges(PWM_PIN, 10)
            forced += collections(repl, 12)
            rises = [ns for level, ns in edges if level == 1]
            falls = [ns for level, ns in edges if level == 0]
            periods += [(b - a) / 1e3 - 1000 for a, b in pairwise(rises)]
            for rise in rises[:-1]:
                fall = min(ns for ns in falls if ns > rise)
                highs.append((fall - rise) / 1e3 - duty / 65.536)
    return worst(periods), worst(highs), forced, len(levels)


def worst(errors):
    """The one that is farthest from 0."""
    return max(errors, key=abs)


def dali():
    """(worst error of an edge in us, frames, collections, edges of one frame in us)."""
    with pico(output="dali", ramp_s=0) as emulator:
        emulator.add("bus", "dali", address=5)
        repl = at_prompt(emulator)
        repl.run(
            "import board\nfrom kerb.drivers import dali\n"
            "lamp = dali.DaliLamp(dali.bus_of(board), 5)\nlamp.set_permille(1000)"
        )
        emulator.run(100)
        before = len(emulator.ask("bus", "frames"))
        forced = 0
        for permille in range(0, 1001, 25):
            repl.run(f"lamp.set_permille({permille})")
            repl.start("busy(60)")
            forced += collections(repl, 60)
        frames = len(emulator.ask("bus", "frames")) - before
        if emulator.ask("bus", "faults"):
            raise SystemExit(f"out of the standard: {emulator.ask('bus', 'faults')}")
        repl.start("lamp.set_permille(300)\nbusy(40)")
        edges = emulator.edges(DALI_PIN, 35)
        collections(repl, 40)
        bus = [(1 - level, ns / 1e3) for level, ns in edges]
        return emulator.ask("bus", "worst_ns") / 1e3, frames, forced, bus


def pattern(seconds):
    """Of a repeating pattern: (worst error in us of an edge against the first of its round, error
    of the round as a whole in 1e-6, edges, collections, two rounds in ms)."""
    with pico() as emulator:
        repl = at_prompt(emulator)
        repl.run(
            "import time\nfrom kerb.hal.twin import Twin\n"
            f"t = Twin({PATTERN_PIN}, {PATTERN_PIN + 1}, {TICK_MS * 1000000}, {len(FLASH)})\n"
            f"t.repeat(bytes({FLASH}), time.ticks_ms())"
        )
        emulator.order("watch", pin=PATTERN_PIN)
        repl.start(f"busy({seconds * 1000})")
        forced = collections(repl, seconds * 1000)
        edges = emulator.order("edges_of", pin=PATTERN_PIN)
    places = [i * TICK_MS for i in range(len(FLASH)) if FLASH[i] != FLASH[i - 1]]
    # Begin with the sequence's first edge, the one after the longest dark.
    gaps = [b[1] - a[1] for a, b in pairwise(edges[:9])]
    edges = edges[gaps.index(max(gaps)) + 1 :]
    begin = edges[0][1]
    count = len(places)
    errors = []
    for i, (_, ns) in enumerate(edges):
        start = edges[i - i % count][1]
        errors.append((ns - start) / 1e3 - places[i % count] * 1e3)
    rounds = (len(edges) - 1) // count
    lasted_ms = (edges[rounds * count][1] - begin) / 1e6
    off_ppm = (lasted_ms / (rounds * len(FLASH) * TICK_MS) - 1) * 1e6
    shape = [(level, (ns - begin) / 1e6) for level, ns in edges[: 2 * len(places)]]
    return worst(errors), off_ppm, len(edges), forced, shape


def starts():
    """Milliseconds from power-on to the lit lamp, to the network and to the first report."""
    with pico() as emulator:
        while not (emulator.pwm(PWM_PIN) or [0, 0])[1]:
            emulator.run(5)
        lit_ms = emulator.ms
    image = BUILD / "firmware" / "rpi_pico_ppp" / "firmware.uf2"
    if not image.is_file():
        return lit_ms, None, None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "files")
        config = {"config.json": json.dumps({**CONFIG, "uplink": UPLINK, "light": {}}).encode()}
        littlefs.make(path, config, PPP_BLOCKS)
        blocks = base64.b64encode(path.read_bytes()).decode()
    with Emulator(image) as emulator:
        emulator.order("open", image=str(image), seed=1, files=blocks)
        emulator.add("net", "network", time2000=9800 * 86400)
        emulator.adc(SENSOR_PIN, NIGHT_MV)
        while not emulator.ask("net", "state")["up"]:
            emulator.run(10)
        up_ms = emulator.ms
        while not (events := reports(emulator)):
            emulator.run(10)
        return lit_ms, up_ms, events[0]["ns"] / 1e6


def reports(emulator):
    """What the broker was told, of events."""
    return [m for m in emulator.ask("net", "messages") if "/event/" in m["topic"]]


def minutes(text):
    """A time that holds some rounds of the pattern, for argparse."""
    value = float(text)
    if not MINUTES_AT_LEAST <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not {MINUTES_AT_LEAST:g} or more")
    return value


def main(argv=None):
    """Exit code 1 when a signal is out of its limits, or when it can't be measured."""
    parser = argparse.ArgumentParser(prog="bench-timing", description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=minutes, default=1, help="of the repeating pattern (1)")
    args = parser.parse_args(argv)
    try:
        return measure(int(args.minutes * 60))
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except exits.Failure as failure:
        print(f"bench-timing: {failure.reason}\n  next: {failure.next_step}", file=sys.stderr)
        return failure.code
    except (Stopped, TooLate, Raised, TimeoutError) as error:
        print(f"bench-timing: {error}", file=sys.stderr)
        return exits.FAILED


def measure(seconds):
    """Print the table and draw the picture; gives the exit code."""
    period_us, high_us, pwm_gc, levels = lamp_pwm()
    dali_us, frames, dali_gc, bus = dali()
    edge_us, off_ppm, edges, pattern_gc, shape = pattern(seconds)
    beacon = timing_beacon.measure(seconds)
    lit_ms, up_ms, report_ms = starts()
    rows = [
        ("PWM, 1 kHz: period", f"{period_us:+.3f} us", "", f"{pwm_gc} collections"),
        ("PWM: high time", f"{high_us:+.3f} us", "", f"{levels} levels"),
        (
            "DALI: edge from its place",
            f"{dali_us:+.3f} us",
            f"{HALF_BIT_US / 10:.1f} us",
            f"{frames} frames, {dali_gc} collections",
        ),
        (
            "repeating pattern, 800 ms: edge",
            f"{edge_us:+.3f} us",
            "5000 us",
            f"{edges} edges in {seconds} s, {pattern_gc} collections",
        ),
        ("  its round as a whole", f"{off_ppm:+.1f} ppm", "", "of the crystal's time"),
    ]
    if beacon:
        words = "{edges} edges of {activations} activations, {collections} collections, "
        words += "{writes} files written, {connections} connections"
        rows.append(
            (
                "crosswalk's beacon, RRFB: edge",
                f"{beacon['worst_ms'] * 1000:+.3f} us",
                f"{timing_beacon.ALLOWED_MS * 1000} us",
                words.format(**beacon),
            )
        )
        late = f"{beacon['late_ms']:+.1f} ms"
        rows.append(
            ("  first flash shorter by", late, "", "the loop is busy; in step from then on")
        )
    rows.append(("power-on to lamp lit", f"{lit_ms:.0f} ms", "", "frozen firmware"))
    if report_ms is not None:
        rows.append(("power-on to network", f"{up_ms:.0f} ms", "", "PPP, 115200 bit/s"))
        rows.append(("power-on to first report", f"{report_ms:.0f} ms", "", "MQTT, at the broker"))
    print(f"{'at the pin':32} {'worst':>13} {'allowed':>10}  while")
    for name, value, allowed, how in rows:
        print(f"{name:32} {value:>13} {allowed:>10}  {how}")
    draw(PICTURE, bus, shape)
    print(f"\npicture: {PICTURE.relative_to(ROOT)}")
    print("Emulated time: no misses of the flash cache, no second core.")
    beacon_is_off = beacon and abs(beacon["worst_ms"]) > timing_beacon.ALLOWED_MS
    return 1 if abs(dali_us) > HALF_BIT_US / 10 or abs(edge_us) > 5000 or beacon_is_off else 0


if __name__ == "__main__":
    sys.exit(main())
