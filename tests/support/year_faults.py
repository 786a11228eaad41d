"""What goes wrong in a simulated year: the kinds of fault, what should be heard of each, and a
seeded plan of when.
"""

import random

_HOUR_S = 3600
_DAY_S = 86400
_VISIBLE_S = 2700


class Kind:
    """One kind of fault.

    expected: the (part, reason) that has to be raised once, None for a fault that a lamp can't
    have. allowed: what may be raised beside it, because it is true, too. hours: how long it
    lasts; a lamp's fault long enough to meet a night. fine: whether it needs steps of 10 s.
    shows: (lowest, highest) level at which it can be seen at all. by_night: that it can be seen
    under a dark sky only.
    """

    def __init__(
        self,
        name,
        expected,
        begin,
        end,
        hours=(30, 60),
        allowed=(),
        fine=False,
        shows=(0, 1000),
        by_night=False,
    ):
        self.name = name
        self.expected = expected
        self.begin = begin
        self.end = end
        self.hours = hours
        self.allowed = allowed
        self.fine = fine
        self.shows = shows
        self.by_night = by_night

    def can_be_seen(self, level_permille, dark):
        """Whether it shows at this level, with a sky that is dark or not."""
        lowest, highest = self.shows
        return lowest <= level_permille <= highest and (dark or not self.by_night)


def _set(path, bad, good):
    """(begin, end) of a fault that is an attribute of the street: "pole.meter.mode"."""
    *owners, name = path.split(".")

    def setter(value):
        def act(street):
            owner = street
            for part in owners:
                owner = getattr(owner, part)
            setattr(owner, name, value)

        return act

    return setter(bad), setter(good)


def _lamp(name, reason, shows=(300, 1000), **more):
    bad_good = _set("pole.lamp.fault", name, "ok")
    return Kind("lamp " + name, ("lamp", reason), *bad_good, shows=shows, **more)


KINDS = (
    _lamp("out", "lamp_failure"),
    _lamp("partial", "power_too_low"),
    _lamp("overload", "power_too_high"),
    _lamp("pfc", "power_factor_too_low", shows=(900, 1000)),
    _lamp("cycling", "cycling", fine=True, hours=(26, 30)),
    # At night the welded relay's lamp draws more than its dimmed level should.
    _lamp("stuck", "unexpectedly_on", shows=(0, 0), allowed=(("lamp", "power_too_high"),)),
    Kind("lamp hot", ("lamp", "over_temperature"), *_set("pole.lamp.cooling", 0.25, 1.0)),
    Kind("lamp fuse", ("supply", "supply_loss"), *_set("pole.lamp.fault", "fuse", "ok")),
    Kind("brown-out", ("supply", "brown_out"), lambda s: s.reboot("brown_out"), None, (1, 1)),
    Kind("meter dead", ("meter", "no_answer"), *_set("pole.meter.mode", "dead", "ok")),
    Kind("meter garbage", ("meter", "garbled"), *_set("pole.meter.mode", "garbage", "ok")),
    Kind("meter failed", ("meter", "failed"), *_set("pole.meter.mode", "failed", "ok")),
    Kind(
        "thermistor open",
        ("temperature", "lost"),
        *_set("pole.thermistor_fault", "open", None),
    ),
    Kind(
        "thermistor short",
        ("temperature", "lost"),
        *_set("pole.thermistor_fault", "short", None),
    ),
    Kind("motion stuck", ("presence", "stuck"), *_set("pole.pir.stuck", True, None)),
    Kind(
        "light sensor stuck",
        ("light_sensor", "out_of_range"),
        *_set("sensor_fault_mv", 2500, None),
        hours=(40, 70),
        by_night=True,
    ),
    # These must not be taken for a fault of the lamp.
    Kind("light sensor dirty", None, *_set("sensor_part", 0.5, 1.0), hours=(48, 96)),
    Kind("light sensor dead", None, *_set("sensor_dead", True, False), hours=(24, 96)),
)


class Injection:
    """One fault of the year: `kind` from `begin_s` to `end_s`."""

    def __init__(self, kind, begin_s, end_s):
        self.kind = kind
        self.begin_s = begin_s
        self.end_s = end_s
        self.raised = 0
        self.cleared = 0
        self.may_raise = 0 if kind.name == "lamp hot" else 1
        self.delay_s = None
        self.shown_s = 0.0

    @property
    def due(self):
        """Whether it could be seen for long enough that it has to be raised."""
        return self.kind.expected and self.may_raise and self.shown_s >= _VISIBLE_S

    def allows(self, what):
        return what == self.kind.expected or what in self.kind.allowed


def plan(seed, days, kinds=KINDS, every_days=4.5):
    """Give a year's Injections in order, one at a time: each kind in turn, in a shuffled order, at
    random times, with a day or more between two, so that the end of one is seen before the next.
    """
    chance = random.Random("faults {}".format(seed))
    planned, waiting, slot = [], [], 0
    while (slot + 1) * every_days < days:
        if not waiting:
            waiting = list(kinds)
            chance.shuffle(waiting)
        kind = waiting.pop()
        length_s = chance.uniform(*kind.hours) * _HOUR_S
        room_s = (every_days - 1.3) * _DAY_S - length_s
        begin_s = slot * every_days * _DAY_S + chance.uniform(0, max(room_s, 0))
        planned.append(Injection(kind, begin_s, begin_s + length_s))
        slot += 1
    return planned


class Spans:
    """Seeded spans of time, `a_year` of them, each of `hours`: times without a clock, power cuts.

    `at(now_s)` tells whether it is in one; `now_s` rises from call to call.
    """

    def __init__(self, seed, a_year, hours, days):
        chance = random.Random(seed)
        count = round(a_year * days / 365)
        begins = sorted(chance.uniform(0, days * _DAY_S) for _ in range(count))
        self.spans = [(at_s, at_s + chance.uniform(*hours) * _HOUR_S) for at_s in begins]
        self._left = self.spans[::-1]

    def at(self, now_s):
        while self._left and self._left[-1][1] <= now_s:
            self._left.pop()
        return bool(self._left) and self._left[-1][0] <= now_s
