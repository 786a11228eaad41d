"""`kerb street`: the command line of the simulated street."""

import argparse
import sys

from host_tools import exits

_DESCRIPTION = """\
Run a device's real firmware in a simulated street: a light with its sky, lamp and meter; with
--app parking a lot of bays with cars, people and snow; with --app crosswalk a crossing with people
and cars; clock, network and broker.

The firmware runs unchanged, in a process of its own, and talks real MQTT and SNTP over loopback.
Simulated are what the sensors and lamps are in, the pins, the watchdog, the Wi-Fi link and the
time of day. On a terminal you see it live and type commands; otherwise it prints lines and takes
commands as lines from stdin (`help` lists them).
"""
_FOREVER_S = 10_000_000
_RANGERS = ("a02yyuw", "mb7389", "jsn_serial", "hc_sr04", "jsn_sr04t")
_ECHO_RANGERS = ("hc_sr04", "jsn_sr04t")
# Parts whose beam is too narrow, or too weak, for where they would hang.
_UNHEARD = {"post": ("hc_sr04", "mb7389"), "kerb": ("hc_sr04",)}
_EPILOG = """\
The heap is counted in the words of this machine: unix MicroPython's are 8 bytes, a board's 4, so
the default of 384 kB stands for about 192 kB on a board.
A broker outside is logged in to with KERB_MQTT_USER and KERB_MQTT_PASSWORD, anonymously without.

Exit codes: 0 the device came up, and what it said of lamp, bays or beacon was so; 1 not so,
and the summary says why; 2 wrong usage; 130 interrupted.
"""


def register(subparsers):
    """Add `kerb street` to the command line."""
    parser = subparsers.add_parser(
        "street",
        help="run a light, a parking lot or a crossing in a simulated street",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    ending = parser.add_argument_group("output")
    ending.add_argument(
        "--for",
        dest="for_s",
        type=_seconds,
        metavar="SECONDS",
        help="end by itself, with a summary",
    )
    ending.add_argument("--plain", action="store_true", help="print lines, also on a terminal")
    ending.add_argument(
        "--json", action="store_true", help="print only the summary, as JSON, on stdout"
    )
    street = parser.add_argument_group("street")
    street.add_argument(
        "--time", metavar="HH:MM", help="the time of day it begins at (default: now)"
    )
    street.add_argument(
        "--date", metavar="YYYY-MM-DD", help="the day it begins on (default: today)"
    )
    street.add_argument(
        "--lat", type=float, default=35.18, metavar="DEG", help="degrees north (Busan)"
    )
    street.add_argument(
        "--lon", type=float, default=129.08, metavar="DEG", help="degrees east (Busan)"
    )
    street.add_argument("--tz", default="KST-9", metavar="RULE", help="POSIX time zone (KST-9)")
    bays = parser.add_argument_group("parking")
    bays.add_argument(
        "--bays", type=_bays, default=2, metavar="N", help="1 to 8, two on each board (2)"
    )
    bays.add_argument(
        "--ranger", choices=_RANGERS, help="a02yyuw (default); on a Pico hc_sr04 or jsn_sr04t"
    )
    bays.add_argument("--mount", choices=("ceiling", "post", "kerb"), default="ceiling")
    crossing = parser.add_argument_group("crosswalk")
    crossing.add_argument(
        "--poles", type=int, choices=(1, 2), default=1, help="one pole (default), or both sides'"
    )
    crossing.add_argument(
        "--seed", type=int, default=1, metavar="N", help="of the crossing and its people (1)"
    )
    device = parser.add_argument_group("device and broker")
    device.add_argument(
        "--app",
        choices=("light", "parking", "crosswalk"),
        default="light",
        help="what stands in the street",
    )
    device.add_argument(
        "--board",
        choices=("host", "rpi_pico"),
        default="host",
        help="the virtual board (default), or an emulated Raspberry Pi Pico, its network a wire",
    )
    device.add_argument(
        "--radio",
        choices=("wifi", "lora"),
        default="wifi",
        help="how devices reach the broker: MQTT over Wi-Fi (default), or LoRaWAN, through a"
        " simulated air and a test network",
    )
    device.add_argument(
        "--pcap",
        metavar="FILE",
        help="with --radio lora: write every frame on the air for Wireshark (LoRaTap)",
    )
    device.add_argument("--runtime", choices=("auto", "micropython", "cpython"), default="auto")
    device.add_argument(
        "--heap",
        type=_heap,
        default=384,
        metavar="KB",
        help="MicroPython's heap in kB (default 384)",
    )
    device.add_argument(
        "--broker",
        default="embedded",
        metavar="B",
        help="embedded (default), mosquitto, or HOST:PORT",
    )
    parser.set_defaults(run=run)


def _seconds(text):
    value = float(text)
    if not 0 < value < _FOREVER_S:
        raise ValueError(text)
    return value


def _bays(text):
    value = int(text)
    if not 1 <= value <= 8:
        raise ValueError(text)
    return value


def _heap(text):
    value = int(text)
    if not 64 <= value <= 1048576:
        raise ValueError(text)
    return value


class Options:
    """What a Session needs to know; see there."""

    app, radio, pcap = "light", "wifi", None
    bays, ranger, mount = 2, "a02yyuw", "ceiling"
    poles, seed = 1, 1

    def __init__(self, site, start_utc, runtime, heap_kb, broker, pins, start):
        self.site = site
        self.start_utc = start_utc
        self.runtime = runtime
        self.heap_kb = heap_kb
        self.broker = broker
        self.pins = pins
        self.start = start


def start_time(site, date, time, now_utc):
    """Give the aware UTC time of `--date` and `--time` at a site; None means as it is now."""
    from datetime import UTC, datetime

    from host_tools.street import commands

    now = site.local(now_utc)
    if date is None and time is None:
        return now_utc
    year, month, day = commands.calendar_day(date) if date else (now.year, now.month, now.day)
    clock = commands.clock_time(time) if time else (now.hour, now.minute, now.second)
    return datetime(year, month, day, *clock, tzinfo=site.zone).astimezone(UTC)


def options(args):
    """Turn parsed arguments into Options; Failure with code USAGE for values that can't be."""
    from datetime import UTC, datetime

    from host_tools import paths
    from host_tools.street import pins
    from host_tools.street.world import Site

    paths.checkout()
    try:
        site = Site(args.lat, args.lon, args.tz)
        start_utc = start_time(site, args.date, args.time, datetime.now(UTC))
    except ValueError as error:
        raise exits.Failure(str(error), "see `kerb street --help`", exits.USAGE) from None
    if not 2026 <= start_utc.year < 2100:
        raise exits.Failure(
            "the street's year is {}: devices take only 2026 to 2099 for true".format(
                start_utc.year
            ),
            "set this machine's clock, or give --date",
            exits.USAGE,
        )
    if args.ranger in _UNHEARD.get(args.mount, ()):
        raise exits.Failure(
            "--ranger {}: from a {} its beam does not hear the ground".format(
                args.ranger, args.mount
            ),
            "give --ranger jsn_sr04t or jsn_serial",
            exits.USAGE,
        )
    ranger = args.ranger
    if ranger is None:
        ranger = _RANGERS[0]
        if args.board == "rpi_pico":
            ranger = "hc_sr04" if args.mount == "ceiling" else "jsn_sr04t"
    if args.board == "rpi_pico" and args.app == "parking" and ranger not in _ECHO_RANGERS:
        raise exits.Failure(
            "--ranger {}: its serial line is the emulated Pico's network".format(ranger),
            "give --ranger {}".format(" or ".join(_ECHO_RANGERS)),
            exits.USAGE,
        )
    if args.board == "rpi_pico" and args.app == "crosswalk":
        raise exits.Failure(
            "the street does not reach all pins of an emulated Pico: {} runs on the host".format(
                args.app
            ),
            "leave --board out",
            exits.USAGE,
        )
    if args.pcap and args.radio != "lora":
        raise exits.Failure("--pcap: only a radio's frames", "add --radio lora", exits.USAGE)
    if args.radio == "lora" and (args.board == "rpi_pico" or args.poles == 2):
        raise exits.Failure(
            "--radio lora: {}".format(
                "the emulated Pico's network is a wire"
                if args.board == "rpi_pico"
                else "two poles talk to each other by Wi-Fi"
            ),
            "leave --{} out".format("board" if args.board == "rpi_pico" else "poles"),
            exits.USAGE,
        )
    if args.pcap:
        _check_writable(args.pcap)
    if args.board == "rpi_pico":
        from host_tools.emulator import street

        runtime, start = street.runtime(), street.START
    else:
        runtime, start = paths.find_runtime(args.runtime), paths.HOST_START
    # The Pico is wired as the virtual board is.
    board_pins = pins.of_host_board()
    made = Options(site, start_utc, runtime, args.heap, args.broker, board_pins, start)
    made.app, made.radio, made.pcap = args.app, args.radio, args.pcap
    made.bays, made.ranger, made.mount = args.bays, ranger, args.mount
    made.poles, made.seed = args.poles, args.seed
    return made


def _check_writable(path):
    """Failure unless frames can be written there."""
    try:
        open(path, "wb").close()
    except OSError as error:
        raise exits.Failure(
            "--pcap {}: {}".format(path, error.strerror),
            "name a file that can be written",
            exits.USAGE,
        ) from None


def run(args):
    """Run the street; gives the exit code."""
    import asyncio

    from host_tools.street import show

    # Textual reads stdin and draws on stderr.
    streams = (sys.stdin, sys.stdout, sys.stderr)
    all_ttys = all(stream is not None and stream.isatty() for stream in streams)
    on_terminal = all_ttys and not args.plain and not args.json
    return asyncio.run(show.show(options(args), args.for_s, args.json, on_terminal))
