"""What ten years of counting energy do to a Pico's flash: erases on a chip with littlefs on it.

    bench_wear.py [--years 10] [--kb 128] [--every-s 300]

The firmware's Counters write through its Store as a lamp does that burns day and night, whose
totals change all the time. A block of such flash bears 100,000 erases; the run fails when the one
that had most had more than a twentieth of that.
"""

import argparse
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "boards/host"), str(ROOT / "firmware")]

import cpython  # noqa: E402, F401  what CPython lacks
import flash  # noqa: E402

from kerb.system import counters  # noqa: E402
from kerb.system.store import Store  # noqa: E402

_ENDURANCE = 100_000
_ALLOWED = _ENDURANCE // 20


class CountedFlash(flash.Flash):
    """Knows how often each block was erased."""

    def __init__(self, blocks):
        super().__init__(blocks)
        self.erases = [0] * blocks

    def erase(self, block):
        self.erases[block] += 1
        super().erase(block)


def wear(years, blocks, every_s):
    """(writes, erases of each block) of so many years."""
    chip = CountedFlash(blocks)
    chip.mount("/flash")
    try:
        store = Store("/flash/data")
        # What else is on a device's flash stays where it is.
        for name in ("boots", "clock", "schedule", "override", "nights"):
            store.put(name, bytes(30))
        with open("/flash/config.json", "wb") as f:
            f.write(bytes(1500))
        kept = counters.Counters(store, "energy", 3, every_s)
        writes = 0
        for now_s in range(0, int(years * 365 * 86400), every_s):
            kept.values[0] = now_s // 60 & 0x7FFFFFF
            kept.values[1] = now_s * 997 % 3600000
            kept.values[2] = now_s
            writes += kept.keep(now_s)
    finally:
        chip.unmount()
    return writes, chip.erases


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--years", type=float, default=10)
    parser.add_argument("--kb", type=int, default=128, help="size of the file system")
    parser.add_argument("--every-s", type=int, default=counters.EVERY_S)
    args = parser.parse_args()
    began = time.monotonic()
    writes, erases = wear(args.years, args.kb * 1024 // flash.BLOCK, args.every_s)
    worst = max(erases)
    print(
        f"{args.years:g} years, a write every {args.every_s} s, littlefs in {args.kb} kB:\n"
        f"{writes} writes, {sum(erases)} erases, {worst} of the block that had most,"
        f" {100 * worst / _ENDURANCE:.1f} % of what it bears\n"
        f"a power cut costs at most {args.every_s} s of counting; took"
        f" {time.monotonic() - began:.0f} s"
    )
    if worst > _ALLOWED:
        sys.exit(f"allowed: {_ALLOWED}")


if __name__ == "__main__":
    main()
