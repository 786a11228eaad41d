"""What ten years do to a Pico's flash: erases on a chip with littlefs on it, for a whole lamp.

    bench_wear.py [--days 40] [--years 1] [--kb 128] [--storm-days 20] [--seed 1]

First a lamp lives so many days in a simulated street, with the faults, commands, power cuts and
resets that `make bench-light` knows, and all that its firmware writes is taken down: energy and
burning time, levels, overrides and schedules by command, what it learned of its nights, alarms and
boots; the clock and the neighbours are added at their documented rates. Then its writes go, again
and again, through the firmware's Store to flash, for the years given, and the erases are reckoned
up to ten years. The same with a storm: each bound on writes that the firmware sets is used up on
every day. A block of such flash bears 100,000 erases; the run fails when the one that had most had
more than a twentieth of that in the lamp's ten years, or more than half of it in ten of storm.
"""

import argparse
import collections
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [
    str(ROOT / part) for part in (".", "tests", "firmware", "boards/host", "build/lib")
]

from support import wear  # noqa: E402

_YEARS = 10
_BLOCK = 4096


def _lived(name, written, days, runs, blocks, allowed_percent):
    """Prints what so many runs of the writes of `days` come to; whether that is allowed."""
    began = time.monotonic()
    counts = collections.Counter(record for record, _ in written)
    erases = wear.erases(written, runs, blocks)
    factor = _YEARS * 365 / (days * runs)
    total, worst = sum(erases) * factor, max(erases) * factor
    percent = 100 * worst / wear.ENDURANCE
    print(f"{name}: {len(written) / days:,.0f} writes a day")
    for record, count in counts.most_common():
        print(f"    {record:10} {count / days:7.2f}")
    print(
        f"  {days * runs:,} days written ({time.monotonic() - began:.0f} s), reckoned up to"
        f" {_YEARS} years: {len(written) * runs * factor:,.0f} writes, {total:,.0f} erases,\n"
        f"  {worst:,.0f} of the block that had most, {percent:.1f} % of what it bears"
        f" (allowed: {allowed_percent} %)"
    )
    return percent <= allowed_percent


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=int, default=40, help="that the lamp lives (40)")
    parser.add_argument("--years", type=float, default=1, help="that are written to flash (1)")
    parser.add_argument("--storm-days", type=int, default=20, help="the same of a storm (20)")
    parser.add_argument("--kb", type=int, default=128, help="size of the file system (128)")
    parser.add_argument("--seed", type=int, default=1, help="of the street (1)")
    args = parser.parse_args()
    blocks = args.kb * 1024 // _BLOCK
    print(f"littlefs in {args.kb} kB", flush=True)
    runs = max(1, round(args.years * 365 / args.days))
    lamp = wear.of_a_lamp(args.days, args.seed)
    good = _lived("a lamp", lamp, args.days, runs, blocks, 5)
    storm = wear.of_a_storm(args.seed)
    good &= _lived("a storm every day", storm, 1, args.storm_days, blocks, 50)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
