"""`kerb light`: the command line of what is asked about a city's lights."""

import argparse
import json
import time
from pathlib import Path

from host_tools import exits

_DESCRIPTION = """\
What a dimming schedule saves in a year, against full light from sunset to sunrise.

The firmware's own sun and schedule say, second by second, when a lamp at the place would burn and
how bright; power is taken as proportional to the level, of --rated-w at 100 %. What people and
faults change (commands, presence, derating) is not in it.
"""
_EPILOG = """\
A schedule is its steps in the order of the night, each WHEN=LEVEL: WHEN a local time HH:MM, or
sunset, dusk, midnight (the middle of the night), dawn or sunrise with minutes after or before it,
as in "sunset+30=80% 23:00=40% dawn-20=100%". Before the first step it is 100 %. Or it is a JSON
file: a device's config.json, which also says where and in which time zone it is, or the
`schedule`, `calendar`, `on_level_permille`, `civil_twilight`, `on_offset_min` and `off_offset_min`
of its light section.

Busan:
  kerb light savings --lat 35.18 --lon 129.08 --tz KST-9 --year 2026 \\
    --schedule "22:00=50% 00:00=30% 05:00=100%" --plot year.png
"""
_FIRST_YEAR, _LAST_YEAR = 2000, 2099


def register(subparsers):
    """Add `kerb light` to the command line."""
    parser = subparsers.add_parser(
        "light", help="what a dimming schedule saves", description="About a city's lights."
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    savings = actions.add_parser(
        "savings",
        help="the year's hours and kWh under a schedule, with a plot",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    savings.add_argument("--lat", type=float, metavar="DEG", help="degrees north, -90 to 90")
    savings.add_argument("--lon", type=float, metavar="DEG", help="degrees east, -180 to 180")
    savings.add_argument(
        "--tz",
        metavar="RULE",
        help="POSIX time zone, as KST-9 (default: as the file says, or whole hours by the "
        "longitude without summer time)",
    )
    savings.add_argument(
        "--schedule", required=True, metavar="STEPS|FILE", help="the steps, or a JSON file"
    )
    savings.add_argument(
        "--year",
        type=int,
        metavar="YYYY",
        help="a year of local time, 2000 to 2099 (default: this one)",
    )
    savings.add_argument(
        "--twilight",
        choices=("official", "civil"),
        help="switch at sunset and sunrise, or at civil dusk and dawn (default: as the file says, "
        "or official); what it is compared with stays sunset to sunrise",
    )
    savings.add_argument(
        "--rated-w",
        type=float,
        default=60.0,
        metavar="W",
        help="power of the lamp at 100 %% in watts (default 60)",
    )
    savings.add_argument(
        "--sample-min",
        type=int,
        metavar="MIN",
        help="reckon from a sample each 1 to 60 minutes, to compare with reckonings that did "
        "(default: to the second)",
    )
    savings.add_argument("--plot", type=Path, metavar="PNG", help="draw the year into this file")
    savings.add_argument("--json", action="store_true", help="print the result as JSON")
    savings.set_defaults(run=run_savings)


def run_savings(args):
    """Reckon and print; gives the exit code."""
    from host_tools.light import inputs, savings

    number = time.localtime().tm_year if args.year is None else args.year
    if not _FIRST_YEAR <= number <= _LAST_YEAR:
        raise _usage("--year: found {}, allowed: 2000 to 2099".format(number))
    if not 0 < args.rated_w <= 100000:
        raise _usage("--rated-w: found {:g}, allowed: above 0, to 100000 W".format(args.rated_w))
    if args.sample_min is not None and not 1 <= args.sample_min <= 60:
        raise _usage("--sample-min: found {}, allowed: 1 to 60".format(args.sample_min))
    if args.plot and not args.plot.absolute().parent.is_dir():
        raise _usage("--plot: there is no folder {}".format(args.plot.parent))
    try:
        plan = inputs.read(args.schedule, args.lat, args.lon, args.tz, args.twilight)
    except ValueError as error:
        raise _usage(str(error)) from None
    year = savings.Year(plan, number, args.sample_min)
    result = year.result(args.rated_w)
    if args.plot:
        from host_tools.light import plot

        try:
            plot.draw(year, result, args.plot)
        except OSError as error:
            raise exits.Failure(
                "{}: {}".format(args.plot, error.strerror), "give another --plot"
            ) from None
        result["plot"] = str(args.plot)
    print(json.dumps(result) if args.json else savings.as_text(result))
    return exits.OK


def _usage(reason):
    return exits.Failure(reason, "see `kerb light savings --help`", exits.USAGE)
