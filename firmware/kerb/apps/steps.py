"""The steps of a dimming schedule, as a config or a command brings them: read, checked, packed.

A step says when and what level: `at` is a local time "22:00" or an anchor of the night with or
without minutes, "sunset", "dusk+30", "midnight-120". Steps stand in the order of the night, noon
to noon. A calendar says on which nights which steps apply:

    "calendar": [
        {"weekdays": "fri,sat", "schedule": [...]},
        {"from": "12-20", "to": "01-05", "schedule": [...]}
    ]

Packed steps are an array of three numbers a step: place of the anchor in ANCHORS, minute, level.
"""

from array import array

from kerb.system import calendar
from kerb.system.schema import Int, List, Obj, Str
from micropython import const

# In the order in which a night meets them, but for the clock's.
ANCHORS = ("clock", "sunset", "dusk", "midnight", "dawn", "sunrise")
CLOCK = const(0)
MAX_STEPS = const(32)
MAX_OFFSET_MIN = const(720)
STEP = const(3)  # numbers a packed step

_DAY_MIN = const(1440)
_FULL = const(1000)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EVERY_DAY = const(127)
# A date without its year is month * 32 + day; this is the count of such numbers.
_YEAR = const(13 * 32)
_AT = "HH:MM, or sunset, dusk, midnight, dawn or sunrise with up to +720 or -720 minutes"
_ORDER = "the order of the night, noon to noon"

SCHEMA = {
    "schedule": List(
        Obj({"at": Str(4, 12), "level_permille": Int(0, _FULL)}), max_items=MAX_STEPS
    ),
}
# The first that matches the date on whose evening the night begins; else `schedule`.
SCHEMA["calendar"] = List(
    Obj(
        {
            # "mon-fri", "sat,sun"
            "weekdays": Str(3, 27, default=None),
            # "MM-DD", both included; from 12-20 to 01-05 is over the new year.
            "from": Str(5, 5, default=None),
            "to": Str(5, 5, default=None),
            "schedule": SCHEMA["schedule"],
        }
    ),
    max_items=16,
)


def number(text):
    """The number in a text of decimal digits, or None."""
    return int(text) if text and all("0" <= c <= "9" for c in text) else None


def when(text):
    """(anchor, minute) of an `at`: for the clock 0..1439, else -720..720. None if it is none."""
    if text[2:3] == ":":
        hour, minute = number(text[:2]), number(text[3:])
        if len(text) != 5 or hour is None or minute is None or hour > 23 or minute > 59:
            return None
        return CLOCK, hour * 60 + minute
    for anchor in range(1, len(ANCHORS)):
        name = ANCHORS[anchor]
        if text == name:
            return anchor, 0
        if text.startswith(name) and text[len(name)] in "+-":
            minute = number(text[len(name) + 1 :])
            if minute is None or minute > MAX_OFFSET_MIN:
                return None
            return anchor, -minute if text[len(name)] == "-" else minute
    return None


def weekdays(text):
    """Bits of the days, Monday lowest, of "mon-fri", "sat,sun" or None for all; None if wrong."""
    if text is None:
        return _EVERY_DAY
    bits = 0
    for part in text.split(","):
        ends = part.split("-")
        if len(ends) > 2 or not all(end in _WEEKDAYS for end in ends):
            return None
        day, last = _WEEKDAYS.index(ends[0]), _WEEKDAYS.index(ends[-1])
        bits |= 1 << day
        while day != last:
            day = (day + 1) % 7
            bits |= 1 << day
    return bits


def of_year(text):
    """month * 32 + day of "MM-DD", or None when no year has that date."""
    month, day = number(text[:2]), number(text[3:])
    if len(text) != 5 or text[2] != "-" or not month or not day or month > 12:
        return None
    return month * 32 + day if day <= calendar.month_days(2000, month) else None


def span(entry):
    """(first, last) of a calendar entry as of_year() gives them; None each where it is wrong."""
    first, last = entry["from"], entry["to"]
    return of_year("01-01" if first is None else first), of_year("12-31" if last is None else last)


def pack(schedule):
    """A checked schedule of the config, packed."""
    packed = array("h")
    for step in schedule:
        packed.extend(array("h", when(step["at"]) + (step["level_permille"],)))
    return packed


def pack_command(steps):
    """The steps of a command that steps_error() has nothing against, packed."""
    packed = array("h")
    for anchor, minute, level in steps:
        packed.extend(array("h", (ANCHORS.index(anchor), minute, level)))
    return packed


def _clash(a, b):
    """What is wrong with (anchor, minute) b after a, on every night: a word, or None."""
    if CLOCK in (a[0], b[0]):
        if a[0] != b[0]:
            return None
        # Minutes since noon, so that one night is one rising run of numbers.
        apart = (b[1] - _DAY_MIN // 2) % _DAY_MIN - (a[1] - _DAY_MIN // 2) % _DAY_MIN
        return "duplicate_step" if apart == 0 else "wrong_order" if apart < 0 else None
    if a == b:
        return "duplicate_step"
    return "wrong_order" if a[0] >= b[0] and a[1] >= b[1] else None


def _first_clash(moments):
    """(place, word) of the first of (anchor, minute) that clashes with one before it, or None."""
    for i, b in enumerate(moments):
        for a in moments[:i]:
            word = _clash(a, b)
            if word:
                return i, word
    return None


def steps_error(steps):
    """Why steps of a command, [[anchor, minute, level_permille], ..], can't be a schedule:
    "bad_payload", "duplicate_step" or "wrong_order"; None when they can.
    """
    if type(steps) is not list or len(steps) > MAX_STEPS:
        return "bad_payload"
    moments = []
    for step in steps:
        if type(step) is not list or [type(n) for n in step] != [str, int, int]:
            return "bad_payload"
        anchor, minute, level = step
        if anchor not in ANCHORS or not 0 <= level <= _FULL:
            return "bad_payload"
        anchor = ANCHORS.index(anchor)
        lo, hi = (-MAX_OFFSET_MIN, MAX_OFFSET_MIN) if anchor else (0, _DAY_MIN - 1)
        if not lo <= minute <= hi:
            return "bad_payload"
        moments.append((anchor, minute))
    clash = _first_clash(moments)
    return clash and clash[1]


def check(cfg):
    """What the schema cannot say of the keys in SCHEMA: a list of errors."""
    errors = _check_steps("light.schedule", cfg["schedule"])
    before = []
    for i, entry in enumerate(cfg["calendar"]):
        path = "light.calendar[%d]" % i
        found = len(errors)
        days = weekdays(entry["weekdays"])
        if days is None:
            errors.append(
                "%s.weekdays: found '%s', allowed: days like mon-fri or sat,sun"
                % (path, entry["weekdays"])
            )
        first, last = span(entry)
        for key, value in (("from", first), ("to", last)):
            if value is None:
                errors.append(
                    "%s.%s: found '%s', allowed: a date MM-DD that there is"
                    % (path, key, entry[key])
                )
        if (entry["weekdays"], entry["from"], entry["to"]) == (None, None, None):
            errors.append(
                "%s: found none of weekdays, from and to, allowed: one or more of them, because"
                " all other nights have light.schedule" % path
            )
        elif len(errors) == found:
            for j, (other_days, other_first, other_last) in enumerate(before):
                begins, ends = (first - other_first) % _YEAR, (last - other_first) % _YEAR
                within = begins <= ends <= (other_last - other_first) % _YEAR
                if within and days & other_days == days:
                    errors.append(
                        "%s: found nights that are all in calendar[%d], allowed: nights of its own"
                        % (path, j)
                    )
                    break
            before.append((days, first, last))
        errors += _check_steps(path + ".schedule", entry["schedule"])
    return errors


def _check_steps(path, schedule):
    errors = []
    moments = []
    for i, step in enumerate(schedule):
        moment = when(step["at"])
        if moment is None:
            errors.append("%s[%d].at: found '%s', allowed: %s" % (path, i, step["at"], _AT))
        moments.append(moment)
    clash = None if errors else _first_clash(moments)
    if clash:
        i, word = clash
        found = "a second time" if word == "duplicate_step" else "behind a later one"
        errors.append(
            "%s[%d].at: found '%s' %s, allowed: %s" % (path, i, schedule[i]["at"], found, _ORDER)
        )
    return errors
