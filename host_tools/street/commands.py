"""The words that a person types at the street, and what they mean."""

import re
from typing import NamedTuple

from host_tools.street import luminaire, meter

LEVEL_FOR_S = 3600
_LONGEST_S = 86400
_MAX_STEPS = 16
_ANCHORS = ("sunset", "sunrise", "dusk", "dawn", "midnight")
_MAX_OFFSET_MIN = 720
_HOTTEST_DEG = 150
_UNITS_S = {"s": 1, "m": 60, "h": 3600}

HELP = (
    ("level 40 [for 10m]", "set 40 %; for 1 h if not said"),
    ("auto", "end what `level` began"),
    ("schedule 22:00=50 dawn=100", "dim by these steps, up to 16"),
    ("schedule config", "dim by the config's steps again"),
    ("group north level 40", "the same to a group; or `all`"),
    ("time 22:00", "set the street's time of day"),
    ("time 2026-06-21 22:00", "and its date"),
    ("net off | on", "cut the network, or restore it"),
    ("power off | on", "unplug the pole, or plug it in"),
    ("lamp out | cycling | ok", "break the lamp, or mend it"),
    ("  partial stuck overload", "  ... other ways to break it"),
    ("meter dead | garbage | ok", "break the meter, or mend it"),
    ("heat 95 | off", "blow hot air on its sensor"),
    ("walker", "let somebody walk by"),
    ("presence", "say that somebody is coming"),
    ("sync", "let the device fetch the time"),
    ("status", "ask the device for its status"),
    ("help, quit", "this list, the end"),
)


class Command(NamedTuple):
    """One parsed line."""

    name: str
    values: dict


def parse(line, parsers=None):
    """Give the Command of a line, None for an empty one. ValueError says what was expected.

    `parsers`: of the words that are known, those of a street with a light if left out.
    """
    parsers = parsers or PARSERS
    words = line.split()
    if not words:
        return None
    name, rest = words[0].lower(), words[1:]
    if name == "exit":
        name = "quit"
    if name not in parsers:
        known = ", ".join(parsers)
        raise ValueError("unknown command {!r}: known are {}".format(words[0][:20], known))
    return parsers[name](name, rest)


def percent(text):
    """Give per-mille for "40", "40%" or "12.5"; ValueError outside 0 to 100."""
    found = re.fullmatch(r"(\d{1,3})(?:\.(\d))?%?", text)
    permille = int(found[1]) * 10 + int(found[2] or 0) if found else None
    if permille is None or permille > 1000:
        raise ValueError("level {!r}: expected a percentage, 0 to 100".format(text))
    return permille


def seconds(text):
    """Give seconds for "90", "90s", "10m" or "2h"; ValueError outside 1 s to 24 h."""
    found = re.fullmatch(r"(\d{1,5})([smh]?)", text)
    length_s = int(found[1]) * _UNITS_S[found[2] or "s"] if found else 0
    if not 1 <= length_s <= _LONGEST_S:
        raise ValueError("duration {!r}: expected 1s to 24h, as in 90s, 10m, 2h".format(text))
    return length_s


def clock_time(text):
    """Give (hour, minute, second) for "22:00" or "22:00:30"."""
    found = re.fullmatch(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", text)
    parts = tuple(int(part or 0) for part in found.groups()) if found else (24, 0, 0)
    if parts[0] > 23 or parts[1] > 59 or parts[2] > 59:
        raise ValueError("time {!r}: expected HH:MM, 00:00 to 23:59".format(text))
    return parts


def calendar_day(text):
    """Give (year, month, day) for "2026-06-21"."""
    found = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text)
    if not found:
        raise ValueError("date {!r}: expected YYYY-MM-DD".format(text))
    return tuple(int(part) for part in found.groups())


def _time(name, rest):
    if len(rest) == 1:
        return Command(name, {"day": None, "clock": clock_time(rest[0])})
    if len(rest) == 2:
        return Command(name, {"day": calendar_day(rest[0]), "clock": clock_time(rest[1])})
    raise ValueError("expected: time HH:MM, or time YYYY-MM-DD HH:MM")


def _level(name, rest):
    if len(rest) == 1:
        return Command(name, {"level_permille": percent(rest[0]), "for_s": LEVEL_FOR_S})
    if len(rest) == 3 and rest[1] == "for":
        return Command(name, {"level_permille": percent(rest[0]), "for_s": seconds(rest[2])})
    raise ValueError("expected: level PERCENT [for DURATION], as in level 40 for 10m")


def moment(text):
    """Give (anchor, minute) for "22:00", "sunset" or "midnight-120"."""
    found = re.fullmatch(r"([a-z]+)([+-]\d{1,3})?", text)
    if not found:
        hour, minute, _ = clock_time(text)
        return "clock", hour * 60 + minute
    anchor, offset_min = found[1], int(found[2] or 0)
    if anchor not in _ANCHORS or abs(offset_min) > _MAX_OFFSET_MIN:
        raise ValueError(
            "time {!r}: expected HH:MM, or {} with at most +720 or -720 minutes".format(
                text, ", ".join(_ANCHORS)
            )
        )
    return anchor, offset_min


def _schedule(name, rest):
    if rest == ["config"]:
        return Command(name, {"steps": None})
    steps = []
    for word in rest:
        at, equals, level = word.lower().partition("=")
        if not equals:
            raise ValueError("step {!r}: expected HH:MM=PERCENT or sunset+30=PERCENT".format(word))
        steps.append((*moment(at), percent(level)))
    if not 1 <= len(steps) <= _MAX_STEPS:
        raise ValueError(
            "expected 1 to {} steps, as in schedule 18:00=100 22:00=50".format(_MAX_STEPS)
        )
    return Command(name, {"steps": steps})


def _group(name, rest):
    wanted = 2 if name == "group" else 1
    if len(rest) < wanted or rest[wanted - 1].lower() not in _TO_GROUPS:
        text = "expected: {} and one of {}, as in {} level 40"
        whom = "group NAME" if name == "group" else name
        raise ValueError(text.format(whom, ", ".join(_TO_GROUPS), whom))
    if name == "group" and not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", rest[0]):
        raise ValueError("group {!r}: expected letters, digits, - and _".format(rest[0][:33]))
    to = "group/" + rest[0] if name == "group" else name
    return Command("group", {"to": to, "command": parse(" ".join(rest[wanted - 1 :]))})


def _heat(name, rest):
    if rest == ["off"]:
        return Command(name, {"cdeg": None})
    if len(rest) != 1 or not re.fullmatch(r"-?\d{1,3}", rest[0]):
        raise ValueError("expected: heat DEGREES, as in heat 95, or heat off")
    if not -_HOTTEST_DEG / 3 <= int(rest[0]) <= _HOTTEST_DEG:
        raise ValueError("heat {}: expected -50 to 150 degrees".format(rest[0]))
    return Command(name, {"cdeg": int(rest[0]) * 100})


def choice(*words):
    """Give the parser of a name that one of `words` follows."""

    def parser(name, rest):
        if len(rest) != 1 or rest[0].lower() not in words:
            raise ValueError("expected: {} {}".format(name, " or ".join(words)))
        return Command(name, {"to": rest[0].lower()})

    return parser


def _bare(name, rest):
    if rest:
        raise ValueError("{} takes nothing more, found {!r}".format(name, rest[0]))
    return Command(name, {})


_TO_GROUPS = ("level", "auto", "schedule", "presence", "status")
PARSERS = {
    "time": _time,
    "level": _level,
    "auto": _bare,
    "schedule": _schedule,
    "net": choice("on", "off"),
    "power": choice("on", "off"),
    "group": _group,
    "all": _group,
    "lamp": choice(*luminaire.FAULTS),
    "meter": choice(*meter.MODES),
    "heat": _heat,
    "walker": _bare,
    "presence": _bare,
    "sync": _bare,
    "status": _bare,
    "help": _bare,
    "quit": _bare,
}
