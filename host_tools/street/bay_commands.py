"""The words that a person types at a street with parking bays, and what they mean."""

import re

from host_tools.street import commands
from host_tools.street.bay_live import FAULTS
from host_tools.street.commands import Command

PERSON_S = 5
_MOST_BAYS = 8
_STATES = ("free", "occupied", "unknown")
_DEEPEST_CM = 60
_SNOW_CM = 8

HELP = (
    ("car in | out [BAY]", "let a car come, or leave"),
    ("person [BAY] [for 20s]", "let somebody be in the bay, 5 s"),
    ("traffic on | off", "cars come and go by themselves"),
    ("snow [CM] | off", "let snow lie, 8 cm if not said"),
    ("air -20 | off", "set the temperature of the air"),
    ("sensor dead | ok [BAY]", "break the sensor, or mend it"),
    ("  stuck garbage blocked", "  ... or nan: ways to break it"),
    ("calibrate free [BAY]", "tell the device what is there"),
    ("  occupied unknown", "  ... unknown: learn it anew"),
    ("time 22:00", "set the street's time of day"),
    ("net off | on", "cut the network, or restore it"),
    ("power off | on", "unplug the boards, or plug in"),
    ("sync", "let the device fetch the time"),
    ("status", "ask the devices how they are"),
    ("help, quit", "this list, the end"),
)


def parse(line):
    """Give the Command of a line, None for an empty one. ValueError says what was expected."""
    return commands.parse(line, _PARSERS)


def _bay(words):
    """Take the number of a bay off the end of words; gives it, 1 if there is none."""
    if words and re.fullmatch(r"\d{1,2}", words[-1]):
        number = int(words.pop())
        if not 1 <= number <= _MOST_BAYS:
            raise ValueError("bay {}: expected 1 to {}".format(number, _MOST_BAYS))
        return number
    return 1


def _choice(key, *choices):
    def parser(name, rest):
        number = _bay(rest)
        if len(rest) != 1 or rest[0].lower() not in choices:
            raise ValueError("expected: {} {} [BAY]".format(name, " or ".join(choices)))
        return Command(name, {key: rest[0].lower(), "number": number})

    return parser


def _person(name, rest):
    for_s = PERSON_S
    if len(rest) >= 2 and rest[-2] == "for":
        for_s = commands.seconds(rest[-1])
        del rest[-2:]
    number = _bay(rest)
    if rest:
        raise ValueError("expected: person [BAY] [for DURATION], as in person 2 for 20s")
    return Command(name, {"number": number, "for_s": for_s})


def _snow(name, rest):
    if rest == ["off"]:
        return Command(name, {"cm": 0})
    cm = rest[0] if rest else str(_SNOW_CM)
    if len(rest) > 1 or not cm.isdecimal() or not 1 <= int(cm) <= _DEEPEST_CM:
        raise ValueError("expected: snow CENTIMETRES, 1 to {}, or snow off".format(_DEEPEST_CM))
    return Command(name, {"cm": int(cm)})


def _air(name, rest):
    if rest == ["off"]:
        return Command(name, {"celsius": None})
    if len(rest) != 1 or not re.fullmatch(r"-?\d{1,2}", rest[0]) or not -40 <= int(rest[0]) <= 60:
        raise ValueError("expected: air DEGREES, -40 to 60, or air off")
    return Command(name, {"celsius": int(rest[0])})


_SHARED = ("time", "net", "power", "sync", "status", "help", "quit")
_PARSERS = {
    "car": _choice("to", "in", "out"),
    "person": _person,
    "traffic": commands.choice("on", "off"),
    "snow": _snow,
    "air": _air,
    "sensor": _choice("how", *FAULTS),
    "calibrate": _choice("state", *_STATES),
} | {name: commands.PARSERS[name] for name in _SHARED}
