"""The words that a person types at a street with a crossing, and what they mean."""

from host_tools.street import commands
from host_tools.street.commands import Command
from host_tools.street.crossing_lamps import FAULTS
from host_tools.street.crossing_live import PEOPLE, RADAR_FAULTS, WEATHERS

PUSH_S = 1
_MOST_POLES = 2

HELP = (
    ("walk | child | wheelchair", "let somebody come and cross"),
    ("  older wait group", "  ... others who cross"),
    ("pass | bus | cyclist", "somebody who does not cross"),
    ("  turn linger dog", "  ... others who don't"),
    ("people on | off", "they come by themselves"),
    ("car", "let a car come"),
    ("button [for 20s]", "push the button, 1 s"),
    ("rain on | heavy | off", "let it rain"),
    ("radar dead | garbage | ok", "break the radar, or mend it"),
    ("cars dead | ok", "break the car radar"),
    ("lamp out | stuck | ok", "break a lamp, or mend it"),
    ("battery low | ok", "let the battery's voltage drop"),
    ("activate", "the city's command to flash"),
    ("time 22:00", "set the street's time of day"),
    ("net off | on", "cut the network, or restore it"),
    ("power off | on", "unplug the poles, or plug in"),
    ("sync, status", "fetch the time; ask the device"),
    ("help, quit", "this list, the end"),
    ("walk 2, radar dead 2 ...", "the same at the other pole"),
)


def parse(line):
    """Give the Command of a line, None for an empty one. ValueError says what was expected."""
    return commands.parse(line, _PARSERS)


def _pole(words):
    """Take the number of a pole off the end of words; gives it, 1 if there is none."""
    if words and words[-1].isdecimal() and len(words[-1]) < 3:
        number = int(words.pop())
        if not 1 <= number <= _MOST_POLES:
            raise ValueError("pole {}: expected 1 to {}".format(number, _MOST_POLES))
        return number
    return 1


def _person(name, rest):
    number = _pole(rest)
    if rest:
        raise ValueError("expected: {} [POLE], found {!r}".format(name, rest[0][:20]))
    return Command("person", {"who": name, "number": number})


def _choice(*choices):
    def parser(name, rest):
        number = _pole(rest)
        if len(rest) != 1 or rest[0].lower() not in choices:
            raise ValueError("expected: {} {} [POLE]".format(name, " or ".join(choices)))
        return Command(name, {"to": rest[0].lower(), "number": number})

    return parser


def _button(name, rest):
    for_s = PUSH_S
    if len(rest) >= 2 and rest[-2] == "for":
        for_s = commands.seconds(rest[-1])
        del rest[-2:]
    number = _pole(rest)
    if rest:
        raise ValueError("expected: button [POLE] [for DURATION], as in button for 20s")
    return Command(name, {"number": number, "for_s": for_s})


def _car(name, rest):
    return Command(name, {"number": _person(name, rest).values["number"]})


_SHARED = ("time", "net", "power", "sync", "status", "help", "quit")
_PARSERS = (
    dict.fromkeys(PEOPLE, _person)
    | {
        "car": _car,
        "people": commands.choice("on", "off"),
        "button": _button,
        "rain": commands.choice(*WEATHERS),
        "radar": _choice(*RADAR_FAULTS),
        "cars": _choice("dead", "ok"),
        "lamp": _choice(*FAULTS),
        "battery": _choice("low", "ok"),
        "activate": _car,
    }
    | {name: commands.PARSERS[name] for name in _SHARED}
)
