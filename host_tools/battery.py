"""`kerb battery`: how long a parking sensor lives on a battery, by a stated model of its currents.

The firmware's own Bay says when it measures and what it reports, over days of the simulated bay
(host_tools/street/bay.py); each thing it does costs a charge:

    charge of a day = standby of all parts + measurements x (ranger's + processor's) + radio

When it is awake is the firmware's own: kerb.system.power and kerb.drivers.rangers give their
times, and how long the processor takes for its work was measured on the emulated RP2040, where a
test (tests/emulated/test_sleep.py) holds this model to it. How long a report by Wi-Fi takes, with
joining, logging in and the three seconds in which it listens, is an estimate.

Currents, in mA, typical ones of the data sheets at room temperature; where a sheet gives a range
its worse end. Cold, ageing and a weak network cost more: the capacity is derated for that.

- HC-SR04 15 working, 2 quiet; JSN-SR04T 30 and 5. A02YYUW 8, MB7389 3.4 on average, and both
  range whether they are asked or not. A switch in their supply makes quiet 0.
- RP2040 on a Pico: 25 awake, 1.3 in light sleep (the board's regulator included). ESP32 module
  with its radio off: 40 awake, 0.8 in light sleep; a DevKit's LED and USB chip draw far more.
- Wi-Fi besides: 60 (Pico W) and 80 (ESP32) while it joins and talks, 15 and 20 while it is joined
  and saves power between beacons.
"""

import argparse
import json
import typing

from host_tools import codecs, exits

_H = 3600.0
_DAY_S = 86_400
_YEAR_D = 365.25
_MAX_DAYS = 60


class Ranger(typing.NamedTuple):
    """What one draws, from ping to ping, and how long the last of a burst takes."""

    working_ma: float
    quiet_ma: float
    ping_s: float
    last_s: float


class Board(typing.NamedTuple):
    """What a board draws, and its radio besides: while it talks, and while it is joined."""

    awake_ma: float
    asleep_ma: float
    talking_ma: float
    joined_ma: float


RANGERS = {
    "hc_sr04": Ranger(15, 2, 0.076, 0.03),
    "jsn_sr04t": Ranger(30, 5, 0.076, 0.045),
    "jsn_serial": Ranger(30, 5, 0.116, 0.1),
    "a02yyuw": Ranger(8, 8, 0.116, 0.1),
    "mb7389": Ranger(3.4, 3.4, 0.166, 0.15),
}
BOARDS = {
    "rpi_pico_w": Board(25, 1.3, 60, 15),
    "rpi_pico": Board(25, 1.3, 0, 0),
    "esp32_devkit": Board(40, 0.8, 80, 20),
}
# Sleep is in pieces; after each all tasks have their turn, after a burst the bay is weighed.
PIECE_S, TURN_S, WEIGH_S = 3.0, 0.02, 0.02
SESSION_S = 7.0
_STATUS_S = 3600
_DERATED = 0.7
_SELF_DISCHARGE = 0.02  # of what is left, in a year
WAYS = {
    "awake": (False, False),
    "sleep": (True, False),
    "sleep, ranger_switch": (True, True),
}

_DESCRIPTION = """\
How long a parking sensor lives on a battery, computed from a stated model of its currents and from
what the firmware does in days of a simulated bay.
"""
_EPILOG = """\
The three columns are what the config's section `parking` says: nothing of it; "sleep": true; and
"ranger_switch": true besides. A Pico without radio reports to nobody.

  kerb battery --ranger a02yyuw --mount post --idle-s 10 --capacity-mah 19000
"""


def awake_s(ranger, use):
    """Give for how many seconds a day the processor of a device that sleeps is awake, but for its
    reports; `use` has bursts and pings a day. While the ranger wakes up it sleeps.
    """
    return ranging_s(ranger, use) + use["bursts"] * WEIGH_S + _DAY_S / PIECE_S * TURN_S


def ranging_s(ranger, use, wake_s=0):
    """Give for how long a day its ranger works; where its supply is switched, wakes up as well."""
    more = use["pings"] - use["bursts"]
    return min(_DAY_S, more * ranger.ping_s + use["bursts"] * (ranger.last_s + wake_s))


def charges_mah(ranger, board, sleeps, switches, use, wake_s):
    """Give {what: mAh a day}; `use` has bursts, pings and sessions (of the radio) a day, wake_s is
    how long the ranger takes to be ready.
    """
    works_s = ranging_s(ranger, use, wake_s if switches else 0)
    up_s, talks_s = _DAY_S, _DAY_S
    radio_ma = board.joined_ma
    if sleeps:
        talks_s = use["sessions"] * SESSION_S if board.talking_ma else 0
        up_s = min(_DAY_S, awake_s(ranger, use) + talks_s)
        radio_ma = board.talking_ma
    quiet_ma = 0 if switches else ranger.quiet_ma
    return {
        "ranger": (ranger.working_ma * works_s + quiet_ma * (_DAY_S - works_s)) / _H,
        "processor awake": board.awake_ma * up_s / _H,
        "processor asleep": board.asleep_ma * (_DAY_S - up_s) / _H,
        "radio": radio_ma * min(_DAY_S, talks_s) / _H,
    }


def life_days(capacity_mah, mah_a_day):
    """Give for how many days a battery lasts, derated and with its self-discharge, by the day."""
    left, days = capacity_mah * _DERATED, 0
    while left > mah_a_day and days < 40 * 365:
        left -= mah_a_day + left * _SELF_DISCHARGE / _YEAR_D
        days += 1
    return days


def sessions(events, hold_s):
    """Give how often the radio is on for [(seconds, whether it is urgent)], in order: what is
    routine waits `hold_s` for something to go with.
    """
    count, on_until_s, due_s = 0, -1, None
    for now_s, urgent in events:
        if due_s is not None and now_s >= due_s:
            count, on_until_s, due_s = count + 1, due_s + SESSION_S, None
        if now_s < on_until_s:
            continue
        if urgent:
            count, on_until_s, due_s = count + 1, now_s + SESSION_S, None
        elif due_s is None:
            due_s = now_s + hold_s
    return count + (due_s is not None)


def simulate(mount, condition, days, seed, section):
    """Give {bursts, pings, reports, sessions} a day of the firmware's Bay on a simulated bay.

    Failure for a section that the firmware refuses.
    """
    codecs.firmware()
    from kerb.apps import parking
    from kerb.system import power
    from kerb.system.schema import validate

    from host_tools.street.bay import BaySim

    sim = BaySim(seed, mount, condition, days)
    section = dict(section, bays=[{"mount": mount, "floor_mm": sim.floor_mm()}])
    cfg, errors = validate(parking.SCHEMA, section, parking.check)
    if errors:
        raise exits.Failure("; ".join(errors), "give what is allowed", exits.USAGE)
    bay = parking.Bay(cfg)
    now_ms = bursts = pings = 0
    told = [(at, False) for at in range(0, days * _DAY_S, _STATUS_S)]
    reports = 0
    while now_ms < days * _DAY_S * 1000:
        distances, fault = sim.reading(now_ms / 1000, bay.burst)
        bursts += 1
        pings += bay.burst
        events = bay.step(now_ms, distances, sim.temperature_cdeg(now_ms / 1000), fault)
        if events:
            reports += len(events)
            told.append((now_ms / 1000, events[0][0] == "bay_state"))
        now_ms += bay.wait_ms
    found = {
        "bursts": bursts,
        "pings": pings,
        "reports": reports,
        "sessions": sessions(sorted(told), power.HOLD_S),
    }
    return {what: count / days for what, count in found.items()}


def wake_s(ranger):
    """Give how long the firmware lets a ranger wake up."""
    codecs.firmware()
    from kerb.drivers.rangers import WAKE_MS

    return WAKE_MS[ranger] / 1000


def _number(least, most, kind=int):
    def take(text):
        value = kind(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(
                "found {}, allowed: {} to {}".format(text, least, most)
            )
        return value

    take.__name__ = kind.__name__
    return take


def register(subparsers):
    """Add `kerb battery` to the command line."""
    parser = subparsers.add_parser(
        "battery",
        help="how long a parking sensor lives on a battery",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--ranger", choices=RANGERS, default="a02yyuw", help="(default: %(default)s)")
    add("--board", choices=BOARDS, default="rpi_pico_w", help="(default: %(default)s)")
    add("--mount", choices=("ceiling", "post", "kerb"), default="post", help="(default: post)")
    add(
        "--condition",
        default="fair",
        help="what the simulated days are like, as in bench-parking (default: %(default)s)",
    )
    add(
        "--idle-s",
        type=_number(1, 30),
        default=10,
        metavar="S",
        help="seconds from burst to burst while nothing changes, 1 to 30 (default: %(default)s)",
    )
    add(
        "--idle-burst",
        type=_number(1, 15),
        default=1,
        metavar="N",
        help="measurements in such a burst, 1 to 15 (default: %(default)s)",
    )
    add(
        "--report-s",
        type=_number(60, 86_400),
        default=21_600,
        metavar="S",
        help="seconds from heartbeat to heartbeat, 60 to 86400 (default: %(default)s)",
    )
    add(
        "--capacity-mah",
        type=_number(100, 1_000_000),
        default=19_000,
        metavar="MAH",
        help="of the battery: 19000 is one lithium D cell, ER34615 (default: %(default)s)",
    )
    add("--days", type=_number(1, _MAX_DAYS), default=3, help="simulated (default: %(default)s)")
    add("--seed", type=int, default=1, help="of the simulation (default: %(default)s)")
    add("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_run)


def _run(args):
    section = {
        "idle_s": args.idle_s,
        "idle_burst": args.idle_burst,
        "burst": max(5, args.idle_burst),
        "report_s": args.report_s,
    }
    try:
        use = simulate(args.mount, args.condition, args.days, args.seed, section)
    except ValueError as error:
        raise exits.Failure(str(error), "choose one of these", exits.USAGE) from None
    ranger, board = RANGERS[args.ranger], BOARDS[args.board]
    answer = {"a_day": use, "capacity_mah": args.capacity_mah}
    for name, (sleeps, switches) in WAYS.items():
        parts = charges_mah(ranger, board, sleeps, switches, use, wake_s(args.ranger))
        total = sum(parts.values())
        days = life_days(args.capacity_mah, total)
        answer[name] = {"mah_a_day": parts, "total_mah_a_day": total, "life_days": days}
    print(json.dumps(answer) if args.json else as_text(args, answer))
    return exits.OK


def as_text(args, answer):
    """Give the answer for people."""
    use = answer["a_day"]
    lines = [
        "{}, {} on {}, {} days of {} weather".format(
            args.board, args.ranger, args.mount, args.days, args.condition
        ),
        "a day: {bursts:.0f} bursts, {pings:.0f} measurements, {reports:.0f} reports, for which"
        " the radio is on {sessions:.0f} times".format(**use),
        "",
        _row("mAh a day", WAYS),
    ]
    ways = [answer[name] for name in WAYS]
    for part in ways[0]["mah_a_day"]:
        lines.append(_row(part, ["{:.2f}".format(way["mah_a_day"][part]) for way in ways]))
    lines += [
        _row("together", ["{:.2f}".format(way["total_mah_a_day"]) for way in ways]),
        _row("life", [_span(way["life_days"]) for way in ways]),
        "",
        "Of {} mAh, {:.0f} % can be had; {:.0f} % a year are lost by themselves.".format(
            args.capacity_mah, 100 * _DERATED, 100 * _SELF_DISCHARGE
        ),
    ]
    return "\n".join(lines)


def _row(name, cells):
    return "{:<18}{:>14}{:>14}{:>24}".format(name, *cells)


def _span(days):
    return "{} days".format(days) if days < 730 else "{:.1f} years".format(days / _YEAR_D)
