"""The tables of bench_crosswalk, from Encounters (support/crossings.py)."""

import collections
import math

from support.crossings import MEETS_MS

from host_tools.street.crossing_people import CROSSING, OTHERS
from host_tools.street.crossing_sim import WEATHERS

SOON_MS = 300
# From the speed in km/h: the distance in which it stops (2.5 s, then 3.4 m/s2), driven through at
# that speed.
STOPS_S = {30: 3.7, 50: 4.5}
NAMES = ("kerb", "naive", "zone")
CLEAR = ("known_ms", "seen_ms")


def wilson(part, whole):
    """Give (share, least, most) in per cent with 95 % confidence; NaN of nothing."""
    if not whole:
        return (math.nan,) * 3
    z, share = 1.96, part / whole
    base = 1 + z * z / whole
    middle = (share + z * z / (2 * whole)) / base
    half = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole)) / base
    return 100 * share, 100 * max(0, middle - half), 100 * min(1, middle + half)


def share_words(part, whole):
    return "{:.1f} [{:.1f}, {:.1f}]".format(*wilson(part, whole)) if whole else "-"


def at(values, share):
    values = sorted(values)
    return values[int(share * (len(values) - 1))] if values else math.nan


def _ms(values, share):
    value = at(values, share)
    if math.isinf(value):
        return "never"
    return "-" if math.isnan(value) else "{:.0f}".format(value)


def late_ms(encounters, name, since):
    """How long after known_ms or seen_ms each was detected, in ms; never is infinitely late.

    Those that never were clear are left out.
    """
    times = [(it.found_ms(name), getattr(it, since)) for it in encounters]
    return [
        math.inf if found is None else found - clear for found, clear in times if clear is not None
    ]


def leads_s(encounters, name):
    """Seconds from the detection to the kerb line; 0 where there was none before it."""
    found = [(it.found_ms(name), it.kerb_ms) for it in encounters]
    return [0 if at is None else (kerb - at) / 1000 for at, kerb in found]


def possible_s(encounters):
    return [(it.kerb_ms - (it.known_ms or it.kerb_ms)) / 1000 for it in encounters]


def _began(encounters, name):
    return collections.Counter(word for it in encounters for word in it.began(name))


_CROSS = (
    "{:12}{:>6} |{:>20} {:>20} |{:>6} {:>6} {:>5} |{:>6} {:>6} {:>5} |"
    "{:>6} {:>6} {:>6} |{:>7} {:>6} |{:>7} {:>6}"
)
_CROSS_HEAD = (
    *("who crosses", "en-", "detected before", "lit at the", "after", "known", "< 300"),
    *("after", "seen", "< 300", "lead", "lead", "lead", "naive", "naive", "zone", "zone"),
)
_CROSS_UNITS = (
    *("", "coun.", "the kerb line, %", "kerb line, %", "p50 ms", "p95 ms", "ms, %"),
    *("p50 ms", "p95 ms", "ms, %", "p50 s", "p5 s", "could", "det. %", "p50 s", "det. %", "p50 s"),
)


def _crossing_row(kind, those):
    n = len(those)
    hits = sum(it.found_ms("kerb") is not None for it in those)
    plain = []
    for name in NAMES[1:]:
        found = sum(it.found_ms(name) is not None for it in those)
        plain.append("{:.1f}".format(100 * found / n))
        plain.append("{:.1f}".format(at(leads_s(those, name), 0.5)))
    persons = sum(len(it.crossers) for it in those)
    lit = share_words(sum(it.lit["kerb"] for it in those), persons)
    late, seen = (late_ms(those, "kerb", what) for what in CLEAR)
    clear = [sum(getattr(it, what) is not None for it in those) for what in CLEAR]
    soon = [
        "{:.0f}".format(100 * sum(it <= SOON_MS for it in one) / whole) if whole else "-"
        for one, whole in zip((late, seen), clear, strict=True)
    ]
    leads = leads_s(those, "kerb")
    print(
        _CROSS.format(
            *(kind, n, share_words(hits, n), lit),
            *(_ms(late, 0.5), _ms(late, 0.95), soon[0]),
            *(_ms(seen, 0.5), _ms(seen, 0.95), soon[1]),
            *("{:.1f}".format(at(leads, share)) for share in (0.5, 0.05)),
            "{:.1f}".format(at(possible_s(those), 0.5)),
            *plain,
        )
    )


_OTHER = "{:12}{:>6} |{:>20} {:>9} {:>9} |{:>20} {:>9} |{:>20} {:>9}"
_PLAIN = ("naive: dark,", "naive:", "zone: dark,", "zone:")


def _other_row(kind, those):
    n = len(those)
    dark = {name: sum(not it.flashes[name] for it in those) for name in NAMES}
    began = {name: _began(those, name) for name in NAMES}
    print(
        _OTHER.format(
            *(kind, n, share_words(dark["kerb"], n)),
            *("{:.2f}".format(began["kerb"][word] / n) for word in ("false", "kept")),
            *(
                word
                for name in NAMES[1:]
                for word in (
                    share_words(dark[name], n),
                    "{:.2f}".format(began[name]["false"] / n),
                )
            ),
        )
    )


def by_kind(encounters):
    crossing = [it for it in encounters if it.crosses]
    others = [it for it in encounters if not it.crosses]
    if crossing:
        _who_crosses(crossing, others)
    else:
        print("\nby who crosses: nothing of that kind")
    if others:
        _who_does_not(others)
    else:
        print("\nby who does not cross: nothing of that kind")


def _who_crosses(crossing, others):
    print("\nby who crosses; clear and not detected before the kerb is infinitely late: 'never'")
    print(_CROSS.format(*_CROSS_HEAD))
    print(_CROSS.format(*_CROSS_UNITS))
    for kind in CROSSING:
        those = [it for it in crossing if it.kind == kind]
        if those:
            _crossing_row(kind, those)
    _crossing_row("all", crossing)
    really, counted = (sum(it) for it in zip(*((len(it.crossers), it.counted) for it in crossing)))
    false = sum(it.counted for it in others)
    print(
        "pedestrians who crossed: {}; counted {}, and {} where nobody crossed".format(
            really, counted, false
        )
    )
    if any(it.told_of for it in crossing):
        untold = sum(not it.told_of for it in crossing)
        clear = [sum(getattr(it, what) is not None for it in crossing) for what in CLEAR]
        print(
            "known before the kerb line from the true path: {} %; seen in the frames: {} %; "
            "encounters of which the part told nobody: {}".format(
                *(share_words(it, len(crossing)) for it in clear), untold
            )
        )
    print("by weather")
    for weather in WEATHERS:
        those = [it for it in crossing if it.weather == weather]
        if those:
            _crossing_row(weather, those)


def _who_does_not(others):
    print("\nby who does not cross")
    print(_OTHER.format("", "en-", "dark,", "false", "turned", *_PLAIN))
    print(_OTHER.format("", "coun.", "%", "each", "back", "%", "false", "%", "false"))
    for kind in OTHERS:
        those = [it for it in others if it.kind == kind]
        if those:
            _other_row(kind, those)
    _other_row("all", others)


def right_flashes(encounters, name):
    """(right, right or turned back, all) of the flashings that began; right, too, are those for
    who was on the road already.
    """
    began = _began(encounters, name)
    right = began["right"] + began["road"]
    return right, right + began["kept"], sum(began.values())


_SELECT = "{:48}{:>24}{:>24}{:>24}"


def selectivity(encounters):
    print("\nof the flashings that began, right, %")
    print(_SELECT.format("", *NAMES))
    crossing = [it for it in encounters if it.crosses]
    others = [it for it in encounters if not it.crosses]
    counted = {name: right_flashes(encounters, name) for name in NAMES}
    for words, at in (("for who crosses or is on the road (strict)", 0), ("or turned back", 1)):
        row = [share_words(counted[name][at], counted[name][2]) for name in NAMES]
        print(_SELECT.format(words, *row))
    road = [(_began(encounters, name)["road"], counted[name][2]) for name in NAMES]
    words = "of them begun when he was on the road already"
    print(_SELECT.format(words, *(share_words(*it) for it in road)))
    for times in (3, 10) if crossing and others else ():
        row = []
        for name in NAMES:
            right, _, whole = right_flashes(crossing, name)
            more, _, rest = right_flashes(others, name)
            weight = times * len(crossing) / max(1, len(others))
            began = whole + weight * rest
            row.append("{:.1f}".format(100 * (right + weight * more) / began) if began else "-")
        words = "strict, with {} who don't cross for one who does".format(times)
        print(_SELECT.format(words, *row))


def stopping(encounters):
    crossing = [it for it in encounters if it.crosses]
    if not crossing:
        return
    print(
        "\nlead before the kerb line against the time to the crossing from the stopping distance\n"
        "(driven at that speed), % of encounters"
    )
    for kmh, needed_s in STOPS_S.items():
        row = [
            100 * sum(it >= needed_s for it in leads) / len(leads)
            for leads in (*(leads_s(crossing, name) for name in NAMES), possible_s(crossing))
        ]
        print(
            "{} km/h, {} s: kerb {:.0f}, naive {:.0f}, zone {:.0f}, "
            "with intent known at once {:.0f}".format(kmh, needed_s, *row)
        )


def waiting(encounters):
    """What it does to wait for a car: to the near lane's cars that meet somebody, and to peace."""
    met = [(it, at_ms) for it in encounters for at_ms in it.met]
    print(
        "\nnear lane's cars that reach the crossing within {} s after somebody is at the kerb\n"
        "line, and did not stop: {}".format(MEETS_MS // 1000, len(met))
    )
    for name, words in (("kerb", "flashing at once"), ("waits", "waiting for a car")):
        row = []
        for needed_s in STOPS_S.values():
            lit = sum(_lit_since(it.flashes[name], at_ms, 1000 * needed_s) for it, at_ms in met)
            row.append("{} s before: {}".format(needed_s, share_words(lit, len(met))))
        began = sum(len(it.flashes[name]) for it in encounters)
        print("{}: lit {}; flashes begun: {}".format(words, ", ".join(row), began))


def _lit_since(flashes, at_ms, long_ms):
    return any(a + long_ms <= at_ms and (not b or b > at_ms) for a, b in flashes)


def road(roads):
    print("\nnear lane, what the car radar's driver and Cars made of it")
    print(
        "{:>12} {:>14} {:>14} {:>32} {:>8} {:>22}".format(
            *("cars an hour", "really passed", "counted", "while flashing, did not stop"),
            *("counted", "told ahead, s p50 p5"),
        )
    )
    for rate in sorted({rate for rate, _ in roads}):
        those = [it for at, it in roads if at == rate]
        ahead = [at for it in those for at in it["ahead_s"]]
        sums = [sum(it[what][at] for it in those) for what in ("cars", "passed") for at in (0, 1)]
        print(
            "{:>12} {:>14} {:>14} {:>32} {:>8} {:>22}".format(
                rate,
                *sums,
                "{:.1f} {:.1f}".format(at(ahead, 0.5), at(ahead, 0.05)),
            )
        )
    print("cars that nobody was told of: {}".format(sum(it["unseen"] for _, it in roads)))
