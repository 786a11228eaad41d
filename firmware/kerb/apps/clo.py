"""Constant light output: a lamp begins below full and is driven harder as it fades."""

from kerb.system.schema import Int, List, Obj
from micropython import const

_MAX_POINTS = const(8)
_FULL = const(1000)
_HOUR_S = const(3600)

SCHEMA = {
    # The drive that gives the same light at that age, from the maker's lumen-depreciation curve:
    # straight between two points, level before the first and after the last. None: always full.
    # At least half, so that the least light is not rounded to none.
    "clo": List(
        Obj({"hours": Int(0, 200000), "permille": Int(500, _FULL)}), max_items=_MAX_POINTS
    ),
}


def check(cfg):
    """What the schema cannot say: a list of errors of a config that satisfies SCHEMA."""
    errors = []
    before = -1
    for i, point in enumerate(cfg["clo"]):
        hours = point["hours"]
        if hours <= before:
            errors.append("light.clo[%d].hours: found %d, allowed: above %d" % (i, hours, before))
        before = hours
    return errors


class Clo:
    """What a lamp of a certain age needs; `points` is the config's "clo"."""

    def __init__(self, points):
        self._points = [(point["hours"], point["permille"]) for point in points]
        self._hours = -1
        self.factor_permille = _FULL

    def permille(self, level_permille, burn_s):
        """The drive 0..1000 for `level_permille` 0..1000 of a lamp that has burnt for burn_s.

        Light stays light: only 0 gives 0.
        """
        hours = burn_s // _HOUR_S
        if hours != self._hours:
            self._hours = hours
            self.factor_permille = self._factor(hours)
        return (level_permille * self.factor_permille + _FULL // 2) // _FULL

    def _factor(self, hours):
        before = None
        for point in self._points:
            if hours < point[0]:
                if before is None:
                    return point[1]
                span = point[0] - before[0]
                part = (point[1] - before[1]) * (hours - before[0])
                return before[1] + (part + span // 2) // span
            before = point
        return _FULL if before is None else before[1]
