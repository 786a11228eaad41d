"""`kerb crosswalk`: the command line of a crossing that is watched from above."""

import argparse
import sys

from host_tools import exits

_DESCRIPTION = """\
Show a crossing from above while its beacon works: who its radar follows, what the firmware thinks
of each, whether the beacon flashes, for how long, and why.

With --port it is the board there. It is reset, and works on as always while you watch; in the end
it is reset again, and works as before. Without, it is a simulated crossing that the firmware's own
code looks at (rings show who is really there); `kerb street --app crosswalk` runs a whole device.
With --broker it tells what all poles of a city say: activations with their reasons, and faults.
"""
_EPILOG = """\
On the map: the road on top, = the kerb at the crossing, shaded the waiting area, R the radar
between the beacon's two lamps, dots the border of what the radar sees. A letter is somebody who is
followed, with the direction and the way they came.

With --json each line is a document: first the `plan` of the crossing, then a `frame` for each of
the radar's (ten a second), `log` for what the board prints, at last a `summary`. Units are in the
names; x is along the kerb, y positive on the pavement. With --broker it is a line for each change
with all poles; null is what is not known.

Log in with KERB_MQTT_USER and KERB_MQTT_PASSWORD, or as the device whose secrets.json is given;
anonymously without.

Exit codes: 0 frames of the radar came; 1 none did, or the firmware ended; 2 wrong usage; 3 no
board, or it was lost; 4 the port is in use; 130 interrupted.
"""
_ONCE_S = 10.0
_BASE = "kerb"
_SIMULATED = ("seed", "kind", "speed")
_CITY = ("base", "ca", "secrets", "once")


def register(subparsers):
    """Add `kerb crosswalk` to the command line."""
    parser = subparsers.add_parser(
        "crosswalk",
        help="show a crossing from above, live from a board or simulated",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", help="the board's serial port")
    simulated = parser.add_argument_group("simulated crossing")
    simulated.add_argument("--seed", type=int, metavar="N", help="encounter N (default: any)")
    simulated.add_argument(
        "--kind", metavar="KIND", help="as cross, child, bus; street: people without end (default)"
    )
    simulated.add_argument(
        "--speed", type=_speed, metavar="X", help="X times as fast (1); 0: at once"
    )
    city = parser.add_argument_group("a city's crosswalks")
    city.add_argument(
        "--broker", metavar="HOST[:PORT]", help="tell what the poles on this broker say"
    )
    city.add_argument("--base", metavar="TOPIC", help="root of the topics (kerb)")
    city.add_argument(
        "--ca", metavar="FILE", help="authorities that the broker is proved by: speak TLS"
    )
    city.add_argument(
        "--secrets", metavar="FILE", help="log in as the device whose secrets.json this is"
    )
    city.add_argument("--once", action="store_true", help="ask the poles, print a table, and end")
    output = parser.add_argument_group("output")
    output.add_argument("--for", dest="for_s", metavar="TIME", help="end after so long: 90s, 10m")
    output.add_argument("--plain", action="store_true", help="print lines, also on a terminal")
    output.add_argument("--json", action="store_true", help="print JSON, a line for each frame")
    parser.set_defaults(run=run)


def _speed(text):
    value = float(text)
    if not 0 <= value <= 1000:
        raise ValueError(text)
    return value


def _check(args):
    """Failure for options that say nothing, or that are of another thing than is to be shown."""
    for name in ("port", "broker", "ca", "secrets"):
        if getattr(args, name) == "":
            raise _usage("--{}: found nothing, allowed: its name".format(name), "name it")
    of = "broker" if args.broker is not None else "port" if args.port is not None else None
    if of == "broker" and args.port is not None:
        raise _usage("--port names a board, --broker a city", "leave one out")
    wrong = _given(args, _SIMULATED) if of else []
    if wrong:
        raise _usage(
            "{}: of a simulated crossing, but --{} is given".format(", ".join(wrong), of),
            "leave one out",
        )
    wrong = _given(args, _CITY) if of != "broker" else []
    if wrong:
        raise _usage(
            "{}: of a city's crosswalks, but no --broker is given".format(", ".join(wrong)),
            "name its --broker, or leave that out",
        )


def _given(args, names):
    found = {name: getattr(args, name) for name in names}
    return [
        "--" + name for name, value in found.items() if value is not None and value is not False
    ]


def _usage(reason, next_step):
    return exits.Failure(reason, next_step + "; see `kerb crosswalk --help`", exits.USAGE)


def _source(args):
    """Give the board, or the simulated crossing, that is to be shown."""
    if args.port is not None:
        from host_tools.crosswalk.source import BoardSource

        return BoardSource(args.port)
    from host_tools.crosswalk.replay import ReplaySource

    seed, kind = args.seed, args.kind
    if seed is None:
        import random

        seed, kind = random.randrange(10000), kind or "street"
    return ReplaySource(seed, kind, 1.0 if args.speed is None else args.speed)


def _city(args, for_s):
    """Tell of a city's poles; gives the exit code."""
    import asyncio

    from host_tools.crosswalk import city_show
    from host_tools.parking.command import broker_of

    if args.base is None:
        args.base = _BASE
    once_s = (for_s or _ONCE_S) if args.once else None
    return asyncio.run(city_show.show(broker_of(args), once_s, for_s, args.json))


def run(args):
    """Watch the crossing; gives the exit code."""
    import asyncio

    from host_tools.crosswalk import show
    from host_tools.street import commands

    _check(args)
    try:
        for_s = commands.seconds(args.for_s) if args.for_s else None
    except ValueError as error:
        raise exits.Failure(
            "--for: {}".format(error), "see `kerb crosswalk --help`", exits.USAGE
        ) from None
    if args.broker is not None:
        return _city(args, for_s)
    streams = (sys.stdin, sys.stdout, sys.stderr)
    on_terminal = all(stream is not None and stream.isatty() for stream in streams)
    how = "json" if args.json else "lines"
    if on_terminal and not (args.plain or args.json):
        how = "screen"
    return asyncio.run(show.show(_source(args), how, for_s))
