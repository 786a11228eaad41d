"""The sun's errors and its cost: `make bench-sun [PEERS=folder] [ARGS=--quick]`.

Errors of the firmware's code in emulated single precision, on every day of 2020 to 2039 (--quick:
every 23rd), against NOAA's equations in double precision and against an ephemeris (pyerfa).
PEERS holds a checkout of micropython-samples, whose sun_moon runs the same days. Instructions
need valgrind, the figures of the chip the emulator; everything is compiled by the same mpy-cross.
"""

import bisect
import os
import sys
from collections import Counter
from math import sqrt
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / part) for part in ("", "firmware", "boards/host", "tests")]

import cpython  # noqa: E402, F401
import sun_cost  # noqa: E402
from support import float32, noaa  # noqa: E402
from support.ephemeris import Ephemeris  # noqa: E402

_DAYS = range(7305, 14610)
_NEAR_DAYS = 3
_PLACES = (("Busan", 35.18, 129.08), ("Bonn", 50.73, 7.1), ("Tromso", 69.65, 18.96))
_BANDS = (0, 10, 20, 30, 40, 50, 55, 60, 65, 67, 70, 75, 80, 85)
_ZENITHS = (("sunrise, sunset", 9083), ("civil dawn, dusk", 9600))


def our_events(module, latitude, longitude, zenith_cdeg, days):
    """{event: its times}, in seconds since 2000-01-01."""
    place = round(latitude * 1e7), round(longitude * 1e7)
    return _gather(days, lambda day: module.events(day, *place, zenith_cdeg))


def true_events(position, latitude, longitude, zenith_cdeg, days):
    sun = noaa.Sun(latitude, longitude, position)
    return _gather(days, lambda day: sun.events(day, zenith_cdeg / 100))


def _gather(days, of_day):
    found = {}
    for day in days:
        events = of_day(day)
        if type(events) is str:
            found[day] = events
            continue
        found[day] = [time is not None and day * 86400 + time for time in events]
    return found


def compare(ours, theirs):
    """(errors in s, events that only one of them has) of two answers of _gather()."""
    errors, missed = [], 0
    for day, expected in theirs.items():
        found = ours[day]
        if type(found) is not type(expected):
            missed += 1
        elif type(found) is str:
            missed += found != expected
        else:
            for a, b in zip(found, expected):
                if (a is False) != (b is False):
                    missed += 1
                elif a is not False:
                    errors.append(a - b)
    return errors, missed


def rms(errors):
    return sqrt(sum(e * e for e in errors) / len(errors)) if errors else 0.0


def worst(errors):
    return max(map(abs, errors), default=0.0)


def bands(single, references, step):
    for title, zenith_cdeg in _ZENITHS:
        print(f"Errors in s by latitude, {title}; north and south, every {step} days of 20 years")
        print(f"  {'':8} {'NOAA in double':>28}   {'pyerfa':>28}")
        print("  latitude" + f" {'worst':>9} {'rms':>9} {'missed':>9}  " * 2)
        for latitude in _BANDS:
            days = _DAYS[:: step or 1]
            cells = []
            for position in references.values():
                errors, missed = [], 0
                for sign, longitude in ((1, 129.08), (-1, -71.0)):
                    args = (sign * latitude, longitude, zenith_cdeg, days)
                    more = compare(our_events(single, *args), true_events(position, *args))
                    errors += more[0]
                    missed += more[1]
                cells.append(f"{worst(errors):9.1f} {rms(errors):9.2f} {missed:9d}")
            print(f"  {latitude:8} {cells[0]}   {cells[1]}", flush=True)


def _near_seasons(truth):
    """Days within three days of one on which the sun begins or ceases to rise or to set."""
    days = sorted(truth)
    kinds = [v if type(v) is str else "whole" if all(v) else "half" for v in truth.values()]
    near = set()
    for before, after, day in zip(kinds, kinds[1:], days[1:]):
        if before != after:
            near.update(range(day - _NEAR_DAYS, day + _NEAR_DAYS))
    return near


def _peer_errors(peer, place, truth):
    """What the peer, which goes by days of UTC, makes of the events of `truth`.

    Gives [(day, error in s)] of the events that have one of its own within half a day of theirs,
    and the days of those without. A second sunrise or sunset in a day of UTC, for which it has no
    room, is not asked of it; nor are the first and the last day.
    """
    found = ([], [])
    clock = peer.RiSet(place[0], place[1])
    days = sorted(truth)
    for day in days:
        clock.mjd = 51544 + day
        for times, second in zip(found, clock.rise_set(True, False)):
            if second is not None:
                times.append(day * 86400 + second)
    errors, missed = [], []
    for i in (0, 1):
        times = [(day, truth[day][i]) for day in days[1:-1] if type(truth[day]) is list]
        times = [(day, time) for day, time in times if time is not False]
        counts = Counter(time // 86400 for _, time in times)
        for day, time in times:
            at = bisect.bisect(found[i], time)
            error = min((t - time for t in found[i][max(0, at - 1) : at + 1]), key=abs)
            if counts[time // 86400] > 1:
                continue
            if abs(error) < 43200:
                errors.append((day, error))
            else:
                missed.append(day)
    return errors, missed


def load_peer(path):
    """sun_moon in single precision, for days that the caller names."""
    peer = float32.load(str(path))
    peer.RiSet.verbose = False
    peer.RiSet.set_time(1767225600)
    return peer


def places(single, references, peer, step):
    print("Sunrise and sunset at three places, s; 'near': within three days of a polar season")
    for name, *place in _PLACES:
        for title, position in references.items():
            truth = true_events(position, *place, 9083, _DAYS[::step])
            near = _near_seasons(truth) if step == 1 else set()
            ours = our_events(single, *place, 9083, _DAYS[::step])
            errors, missed = compare(ours, truth)
            rows = [("kerb", errors, missed, _only(ours, near), _only(truth, near))]
            print(f"  {name}, against {title}")
            print(
                f"    kerb     rms {rms(errors):8.2f}  worst {worst(errors):8.1f}  missed {missed}"
            )
            if near:
                errors, missed = compare(*rows[0][3:])
                print(f"      near   rms {rms(errors):8.2f}  worst {worst(errors):8.1f}  ", end="")
                print(f"missed {missed}  of {len(errors)} events")
            if peer is None or step != 1:
                continue
            errors, missed = _peer_errors(peer, place, truth)
            all_errors = [error for _, error in errors]
            print(
                f"    sun_moon rms {rms(all_errors):8.2f}  worst {worst(all_errors):8.1f}  ",
                end="",
            )
            print(f"missed {len(missed)}")
            if near:
                of_near = [error for day, error in errors if day in near]
                print(
                    f"      near   rms {rms(of_near):8.2f}  worst {worst(of_near):8.1f}  ", end=""
                )
                print(f"missed {sum(day in near for day in missed)}", flush=True)


def _only(events, days):
    return {day: value for day, value in events.items() if day in days}


def main():
    step = 23 if "--quick" in sys.argv else 1
    peer_path = None
    if os.environ.get("PEERS"):
        peer_path = (
            Path(os.environ["PEERS"]).resolve() / "micropython-samples/astronomy/sun_moon.py"
        )
    else:
        print("no PEERS=folder of checkouts: compared with no peer")
    single = float32.load(str(sun_cost.SUN))
    references = {"NOAA in double": noaa.declination_and_equation}
    references["pyerfa"] = Ephemeris(_DAYS[0], _DAYS[-1] + 1)
    bands(single, references, step)
    places(single, references, peer_path and load_peer(peer_path), step)
    sun_cost.show([(name, place) for name, *place in _PLACES], single, peer_path)


if __name__ == "__main__":
    main()
