"""Where to hang the radar: what geometry alone lets anybody know, by mounting; no radar in it."""

import random

from host_tools.street.crossing_people import CROSSING, people
from host_tools.street.crossing_site import Site
from host_tools.street.crossing_truth import Truth

_BESIDE_M, _BACK_M, _HEADINGS_DEG = (0.5, 1.5, 2.5), (0.4, 1.0, 2.0), (20, 35, 50, 65, 80)
_ROW = "{:>9} {:>9} {:>9} {:>9} {:>8} {:>8} {:>8}"


def show(first, seeds, stop_s):
    """Print how long before the kerb line intent is known, for `seeds` who cross, and how many are
    known for stop_s or longer.
    """
    kinds = random.Random(first).choices(list(CROSSING), list(CROSSING.values()), k=seeds)
    print("who crosses is known before the kerb line, by where the radar hangs and looks")
    print(_ROW.format("beside m", "back m", "heading", "never %", "p5 s", "p50 s", "%"))
    for beside_m in _BESIDE_M:
        for back_m in _BACK_M:
            for heading_deg in _HEADINGS_DEG:
                leads = sorted(
                    _lead_s(first + at, kind, beside_m, back_m, heading_deg)
                    for at, kind in enumerate(kinds)
                )
                print(
                    _ROW.format(
                        *(beside_m, back_m, heading_deg),
                        "{:.1f}".format(100 * leads.count(0) / seeds),
                        *("{:.2f}".format(leads[seeds * part // 100]) for part in (5, 50)),
                        "{:.0f}".format(100 * sum(it >= stop_s for it in leads) / seeds),
                    )
                )


def _lead_s(seed, kind, beside_m, back_m, heading_deg):
    width_m = Site(seed).width_m
    side = 1 if seed % 2 else -1
    at = (-side * (width_m / 2 + beside_m), back_m, side * heading_deg)
    site = Site(seed, radar_at=at)
    found = [Truth(site, body) for body in people(kind, site, random.Random(seed)) if body.person]
    found = [it for it in found if it.crosses]
    known = [it.known_ms for it in found if it.known_ms is not None]
    if not known:
        return 0
    return (min(it.kerb_ms for it in found) - min(known)) / 1000
