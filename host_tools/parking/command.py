"""`kerb parking`: the command line of a lot that is watched live."""

import argparse
import json
import sys

from host_tools import exits

_DESCRIPTION = """\
Show a parking lot live from the city's broker: how many bays are free, turnover, mean stay, and
each bay's state and age.

On a terminal it is a table that stays up to date; elsewhere a line for each change. Every device
is asked once how its bays are. A bay that was not heard of, whose device is offline or silent for
too long, is unknown, never its last state.
"""
_EPILOG = """\
Turnover and stays are counted while it runs: arrivals per bay and day over the hours in which the
bay's state was known, and the mean of the stays that ended. The age of a state is by the device's
own clock as far as that can be believed, else from when it was heard.

With --json each change (at most one a second) is a line with the whole lot: time, connected,
total, free, occupied, unknown, arrivals, watched_bay_h, turnover_bay_day, stays, mean_stay_s and
bays, a list; null is what is not known. Units are in the names.

Log in with KERB_MQTT_USER and KERB_MQTT_PASSWORD, or as the device whose secrets.json is given;
anonymously without.

  kerb parking --broker city.example:8883 --ca city.pem
  kerb parking --broker 127.0.0.1:1883 --once --json

Exit codes: 0 bays were heard of; 1 none was, or the broker is not there; 2 wrong usage; 130
interrupted.
"""
_PORT, _TLS_PORT = 1883, 8883
_ONCE_S = 10.0


def register(subparsers):
    """Add `kerb parking` to the command line."""
    parser = subparsers.add_parser(
        "parking",
        help="show a parking lot live from the broker",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--broker", required=True, metavar="HOST[:PORT]", help="of the city")
    parser.add_argument(
        "--base", default="kerb", metavar="TOPIC", help="root of the topics (kerb)"
    )
    parser.add_argument(
        "--ca", metavar="FILE", help="authorities that the broker is proved by: speak TLS"
    )
    parser.add_argument(
        "--secrets", metavar="FILE", help="log in as the device whose secrets.json this is"
    )
    parser.add_argument(
        "--expect",
        action="append",
        default=[],
        metavar="DEVICE[:BAYS]",
        help="a device, and how many bays it has (1), that is in the list before it is heard of",
    )
    parser.add_argument(
        "--silent-after",
        default="150m",
        metavar="TIME",
        help="a bay is unknown when nothing was heard for so long (150m): as 90s, 10m, 3h",
    )
    parser.add_argument(
        "--no-ask", action="store_true", help="only listen: ask no device how its bays are"
    )
    output = parser.add_argument_group("output")
    output.add_argument("--once", action="store_true", help="print the lot as it is, and end")
    output.add_argument("--for", dest="for_s", metavar="TIME", help="end after so long: 90s, 10m")
    output.add_argument("--plain", action="store_true", help="print lines, also on a terminal")
    output.add_argument("--json", action="store_true", help="print JSON, a line for each change")
    parser.set_defaults(run=run)


class CityBroker:
    """A broker as host_tools.street's client wants it; its repr shows no password."""

    def __init__(self, host, port, base, account, ca=None):
        self.host = host
        self.port = port
        self.title = "{}:{}".format(host, port)
        self.base = base
        self.account = account
        self.ca = ca


def _usage(reason, command="parking"):
    return exits.Failure(reason, "see `kerb {} --help`".format(command), exits.USAGE)


def broker_of(args):
    """Give the CityBroker that a command's --broker, --base and --ca name; Failure for none."""
    import os

    from host_tools.street import broker as brokers

    host, colon, port = args.broker.rpartition(":")
    if not colon or args.broker.endswith("]"):
        host, port = args.broker, str(_TLS_PORT if args.ca else _PORT)
    host = host.strip("[]")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        allowed = "--broker: found {!r}, allowed: HOST or HOST:PORT"
        raise _usage(allowed.format(args.broker), args.command)
    if not args.base or set(args.base) & set("+#"):
        allowed = "--base: found {!r}, allowed: a topic without + and #"
        raise _usage(allowed.format(args.base), args.command)
    if args.ca and not os.path.isfile(args.ca):
        raise _usage("--ca: there is no file {}".format(args.ca), args.command)
    account = brokers.Account(
        os.environ.get(brokers.USER_VARIABLE), os.environ.get(brokers.PASSWORD_VARIABLE)
    )
    if args.secrets:
        account = brokers.Account(*_login(args.secrets, args.command))
    return CityBroker(host, int(port), args.base.strip("/"), account, args.ca)


def _login(path, command):
    """Give (user, password), None for none, of a device's secrets.json; never shows them."""
    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        return [document.get(key) for key in ("mqtt_user", "mqtt_password")]
    except (OSError, ValueError, AttributeError):
        reason = "--secrets: {} is no secrets.json that can be read".format(path)
        raise _usage(reason, command) from None


def _lot(args):
    from host_tools.parking.lot import Lot

    lot = Lot(_seconds("--silent-after", args.silent_after))
    for text in args.expect:
        device, _, count = text.partition(":")
        if not device or not (count or "1").isdecimal() or not 1 <= int(count or 1) <= 8:
            raise _usage("--expect: found {!r}, allowed: DEVICE or DEVICE:1 to 8".format(text))
        lot.expect(device, int(count or 1))
    return lot


def _seconds(option, text):
    from host_tools.street import commands

    try:
        return commands.seconds(text)
    except ValueError as error:
        raise _usage("{}: {}".format(option, error)) from None


def run(args):
    """Watch the lot; gives the exit code."""
    import asyncio

    from host_tools.parking import show
    from host_tools.parking.watch import Watch

    for_s = _seconds("--for", args.for_s) if args.for_s else None
    if args.once and for_s is None:
        for_s = _ONCE_S
    watch = Watch(broker_of(args), _lot(args), ask=not args.no_ask)
    streams = (sys.stdin, sys.stdout, sys.stderr)
    on_terminal = all(stream is not None and stream.isatty() for stream in streams)
    how = "once" if args.once else "lines"
    if on_terminal and not (args.plain or args.json or args.once):
        how = "screen"
    return asyncio.run(show.show(watch, how, for_s, args.json))
