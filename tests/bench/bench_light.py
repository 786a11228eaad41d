"""A year of street lights with faults: `make bench-light [ARGS="--seeds 3 --days 365"]`.

Each row is a whole year of the firmware's light on CPython, at 60 s a step: weather, mains sags,
walkers, commands, power cuts, watchdog resets, times without a clock, and a fault of every kind
every few days, at times that the seed decides. "Both gone" are dark minutes while the clock was
lost and the light sensor had broken at bright, at once: no firmware can know the time then.

Exit code 1 when a fault was missed or told twice, something was alarmed that was not there, or the
lamp was dark at night, lit by day or at a wrong level by the firmware's doing.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [
    str(ROOT / part) for part in (".", "tests", "firmware", "boards/host", "build/lib")
]

from support.year import PLACES, Year  # noqa: E402

_ROW = "{:8} {:>4} {:>5} {:>7} {:>7} {:>7} {:>6} {:>6} {:>7} {:>7} {:>7} {:>8} {:>8} {:>6}"
_HEAD = _ROW.format(
    *("place", "seed", "days", "faults", "raised", "missed", "twice", "false", "dark", "lit by"),
    *("wrong", "both", "energy", "took"),
)
_UNITS = _ROW.format(
    *("", "", "", "", "", "", "", "alarms", "min", "day min", "min", "gone min", "error %", "s"),
)


def _year(place, seed, days, step_s):
    """One year, as a dictionary of plain values."""
    year = Year(seed, place, days, step_s=step_s).run()
    lamp, energy = year.pole.lamp, year.device.light.energy
    kinds = collections.defaultdict(list)
    for injection in year.injections:
        if injection.kind.expected:
            kinds[injection.kind.name].append(
                [bool(injection.due), bool(injection.raised), injection.delay_s]
            )
    due = [injection for injection in year.injections if injection.due]
    metered_j = lamp.energy_j * year.pole.meter.gain
    return {
        "place": place,
        "seed": seed,
        "days": days,
        "due": len(due),
        "raised": sum(bool(injection.raised) for injection in due),
        "missed": year.missed,
        "twice": [str(what) for _, what in year.repeats],
        "false": [str(what) for _, what, _ in year.alarms],
        "dark_min": year.dark_min,
        "day_min": year.day_min,
        "wrong_min": year.wrong_min,
        "blind_min": year.blind_min,
        "night_h": year.night_min / 60,
        "clockless_h": year.clockless_min / 60,
        "boots": year.boots,
        "blacked_out": year.blacked_out,
        "energy_error": energy.energy_wh * 3600 / metered_j - 1,
        "burn_error": energy.burn_s / lamp.burn_s - 1,
        "writes": year.device.writes,
        "took_s": year.took_s,
        "kinds": kinds,
        "good": year.good,
    }


def _row(it):
    return _ROW.format(
        *(it["place"], it["seed"], it["days"], it["due"], it["raised"], len(it["missed"])),
        *(len(it["twice"]), len(it["false"]), *(round(it[n]) for n in _MINUTES)),
        *("{:+.2f}".format(100 * it["energy_error"]), round(it["took_s"])),
    )


_MINUTES = ("dark_min", "day_min", "wrong_min", "blind_min")


def _by_fault(years):
    """The second table: each kind of fault over all years."""
    print("\n{:20} {:>8} {:>6} {:>7}  {}".format("fault", "visible", "raised", "missed", "after"))
    for name in sorted({name for it in years for name in it["kinds"]}):
        seen = [one for it in years for one in it["kinds"].get(name, ()) if one[0]]
        delays = sorted(one[2] / 60 for one in seen if one[2] is not None)
        raised = sum(one[1] for one in seen)
        after = ""
        if delays:
            after = "{:.0f} min median, {:.0f} min longest".format(
                delays[len(delays) // 2], delays[-1]
            )
        print(
            "{:20} {:8} {:6} {:7}  {}".format(name, len(seen), raised, len(seen) - raised, after)
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="years a place (1)")
    parser.add_argument("--first", type=int, default=1, metavar="SEED", help="first seed (1)")
    parser.add_argument("--days", type=int, default=365, metavar="N", help="of a year (365)")
    parser.add_argument("--place", choices=tuple(PLACES), help="only there (default: 3 of them)")
    parser.add_argument("--step", type=int, default=60, metavar="S", help="seconds a step (60)")
    parser.add_argument("--json", action="store_true", help="print the facts as JSON")
    args = parser.parse_args()
    places = [args.place] if args.place else list(PLACES)[:3]
    jobs = [
        (place, seed, args.days, args.step)
        for seed in range(args.first, args.first + args.seeds)
        for place in places
    ]
    years = []
    if not args.json:
        print(_HEAD + "\n" + _UNITS, flush=True)
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        for it in pool.map(_year, *zip(*jobs, strict=True)):
            years.append(it)
            if not args.json:
                print(_row(it), flush=True)
    if args.json:
        print(json.dumps(years))
    else:
        _by_fault(years)
        _sum_up(years)
    return 0 if all(it["good"] for it in years) else 1


def _sum_up(years):
    total = {name: sum(it[name] for it in years) for name in ("night_h", "clockless_h", "boots")}
    print(
        "\n{:.0f} h of night looked at, {:.0f} h of them without a clock; {} starts, {} after a"
        " power cut;".format(*total.values(), sum(it["blacked_out"] for it in years))
    )
    print(
        "energy within {:.2f} % of the meter's, burning time within {:.2f} %;"
        " {:.0f} writes to flash a day".format(
            100 * max(abs(it["energy_error"]) for it in years),
            100 * max(abs(it["burn_error"]) for it in years),
            sum(it["writes"] for it in years) / sum(it["days"] for it in years),
        )
    )
    for it in years:
        for name in ("missed", "twice", "false"):
            if it[name]:
                counted = collections.Counter(it[name])
                words = ", ".join("{} x {}".format(n, what) for what, n in counted.items())
                print("{} seed {}: {}: {}".format(it["place"], it["seed"], name, words))
    print("Good." if all(it["good"] for it in years) else "NOT GOOD")


if __name__ == "__main__":
    sys.exit(main())
