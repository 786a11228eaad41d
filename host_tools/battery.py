"""`kerb battery`: how long a parking sensor lives on a battery, by a stated model of its currents.

The firmware's own Bay says when it measures and what it reports, over days of the simulated bay
(host_tools/street/bay.py); each thing it does costs a charge:

    charge of a day = standby of all parts + measurements x (ranger's + processor's) + reports

Currents, in mA, typical ones of the data sheets at room temperature; where a sheet gives a range
its worse end. Cold, ageing and a weak network cost more: the capacity is derated for that.

- HC-SR04 15 working, 2 quiet; JSN-SR04T 30 and 5: both want a switch in their supply, with which
  quiet is 0, and 100 ms to wake up a burst. A02YYUW 8 working, 0.015 quiet by its switch.
  MB7389 3.4 on average while it ranges.
- RP2040 on a Pico: 25 awake, 1.3 in light sleep (the board's regulator included). ESP32 with its
  radio off: 40 awake, 0.8 in light sleep, on a board without LEDs.
- SX1262 at 14 dBm: 90 sending, 5 receiving, 0.002 asleep. A report is 13 bytes of LoRaWAN more
  than its payload; at SF9 it sends for 0.19 s, and listens twice for 0.03 s.
"""

import argparse
import collections
import json
import typing

from host_tools import codecs, exits

_H = 3600.0
_DAY_S = 86_400
_YEAR_D = 365.25
_MAX_DAYS = 60


class Ranger(typing.NamedTuple):
    """What one draws, how long a measurement takes, and how long it wakes up before a burst."""

    working_ma: float
    quiet_ma: float
    ping_s: float
    wake_s: float


class Board(typing.NamedTuple):
    """What a board draws."""

    awake_ma: float
    asleep_ma: float


RANGERS = {
    "hc_sr04": Ranger(15, 0, 0.075, 0.1),
    "jsn_sr04t": Ranger(30, 0, 0.075, 0.1),
    "jsn_serial": Ranger(30, 0, 0.115, 0.1),
    "a02yyuw": Ranger(8, 0, 0.115, 0.3),
    "mb7389": Ranger(3.4, 0, 0.165, 0.2),
}
BOARDS = {"rpi_pico": Board(25, 1.3), "esp32_devkit": Board(40, 0.8)}
_SENDING_MA, _RECEIVING_MA, _RADIO_ASLEEP_MA = 90, 5, 0.002
_SENDING_S, _RECEIVING_S = 0.19, 0.06
_DERATED = 0.7
_SELF_DISCHARGE = 0.02  # of what is left, in a year

_DESCRIPTION = """\
How long a parking sensor lives on a battery, computed from a stated model of its currents and from
what the firmware does in days of a simulated bay.
"""
_EPILOG = """\
The firmware of today does not sleep: between two measurements its processor waits, awake. The
first figure is of that. The second is of the same board in light sleep between the bursts, which
is what the hardware allows. Wi-Fi is not meant for a battery: reports count as LoRaWAN's.

  kerb battery --ranger a02yyuw --mount post --idle-s 10 --capacity-mah 19000
"""


def charges_mah(ranger, board, sleeps, use):
    """Give {what: mAh a day}; `use` has bursts, pings and reports a day.

    The processor is awake while it measures (`sleeps`), or always.
    """
    ranging_s = use["pings"] * ranger.ping_s + use["bursts"] * ranger.wake_s
    awake_s = min(_DAY_S, ranging_s + use["reports"] * (_SENDING_S + 2)) if sleeps else _DAY_S
    return {
        "ranger": ranger.working_ma * ranging_s / _H + ranger.quiet_ma * 24,
        "processor awake": board.awake_ma * awake_s / _H,
        "processor asleep": board.asleep_ma * (_DAY_S - awake_s) / _H,
        "radio": use["reports"] * (_SENDING_MA * _SENDING_S + _RECEIVING_MA * _RECEIVING_S) / _H
        + _RADIO_ASLEEP_MA * 24,
    }


def life_days(capacity_mah, mah_a_day):
    """Give for how many days a battery lasts, derated and with its self-discharge, by the day."""
    left, days = capacity_mah * _DERATED, 0
    while left > mah_a_day and days < 40 * 365:
        left -= mah_a_day + left * _SELF_DISCHARGE / _YEAR_D
        days += 1
    return days


def simulate(mount, condition, days, seed, section):
    """Give {bursts, pings, reports} a day of the firmware's Bay on a simulated bay.

    Failure for a section that the firmware refuses.
    """
    codecs.firmware()
    from kerb.apps import parking
    from kerb.system.schema import validate

    from host_tools.street.bay import BaySim

    sim = BaySim(seed, mount, condition, days)
    section = dict(section, bays=[{"mount": mount, "floor_mm": sim.floor_mm()}])
    cfg, errors = validate(parking.SCHEMA, section, parking.check)
    if errors:
        raise exits.Failure("; ".join(errors), "give what is allowed", exits.USAGE)
    bay = parking.Bay(cfg)
    now_ms = 0
    use = collections.Counter()
    while now_ms < days * _DAY_S * 1000:
        distances, fault = sim.reading(now_ms / 1000, bay.burst)
        use["bursts"] += 1
        use["pings"] += bay.burst
        use["reports"] += len(
            bay.step(now_ms, distances, sim.temperature_cdeg(now_ms / 1000), fault)
        )
        now_ms += bay.wait_ms
    return {what: use[what] / days for what in ("bursts", "pings", "reports")}


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
    add("--board", choices=BOARDS, default="rpi_pico", help="(default: %(default)s)")
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
    answer = {"a_day": use, "capacity_mah": args.capacity_mah}
    for name, sleeps in (("awake", False), ("sleeping", True)):
        parts = charges_mah(RANGERS[args.ranger], BOARDS[args.board], sleeps, use)
        total = sum(parts.values())
        days = life_days(args.capacity_mah, total)
        answer[name] = {"mah_a_day": parts, "total_mah_a_day": total, "life_days": days}
    if args.json:
        print(json.dumps(answer))
    else:
        print(as_text(args, answer))
    return exits.OK


def as_text(args, answer):
    """Give the answer for people."""
    use = answer["a_day"]
    lines = [
        "{}, {} on {}, {} days of {} weather".format(
            args.board, args.ranger, args.mount, args.days, args.condition
        ),
        "a day: {:.0f} bursts, {:.0f} measurements, {:.0f} reports".format(
            use["bursts"], use["pings"], use["reports"]
        ),
        "",
        "{:<20}{:>14}{:>18}".format("mAh a day", "as it is", "in light sleep"),
    ]
    awake, asleep = answer["awake"], answer["sleeping"]
    for part in awake["mah_a_day"]:
        lines.append(
            "{:<20}{:>14.2f}{:>18.2f}".format(
                part, awake["mah_a_day"][part], asleep["mah_a_day"][part]
            )
        )
    lines += [
        "{:<20}{:>14.2f}{:>18.2f}".format(
            "together", awake["total_mah_a_day"], asleep["total_mah_a_day"]
        ),
        "{:<20}{:>14}{:>18}".format("life", _span(awake["life_days"]), _span(asleep["life_days"])),
        "",
        "Of {} mAh, {:.0f} % can be had; {:.0f} % a year are lost by themselves.".format(
            args.capacity_mah, 100 * _DERATED, 100 * _SELF_DISCHARGE
        ),
        "As it is: this firmware does not sleep between measurements yet.",
    ]
    return "\n".join(lines)


def _span(days):
    return "{} days".format(days) if days < 730 else "{:.1f} years".format(days / _YEAR_D)
