"""What a JSON document may hold, as plain data beside the code that uses it.

A schema is a dict of keys and their kinds:

    SCHEMA = {
        "level_permille": Int(0, 1000, default=1000),
        "site": Obj({"tz": Str(3, 64)}),
        "schedule": List(Obj({...}), max_items=8),
    }

A kind keeps what it was made with in attributes of the same names, so that tools can walk a
schema; `allowed` is that in words.
"""

import json

from micropython import const

_MAX_ERRORS = const(20)
_MAX_SHOWN = const(40)


class REQUIRED:
    """The default of a key that must be there."""


def validate(schema, doc, check=None, hide=False):
    """(clean, errors): `clean` is a copy of `doc` with all defaults, or None if there are errors.

    errors: texts like "light.schedule[1].level_permille: found 1200, allowed: 0 to 1000", all of
    them up to 20. With `hide` they show no value.
    check(clean) -> [errors] is asked once the rest is right, for rules between keys.
    """
    report = _Report(hide)
    clean = Obj(schema).clean(doc, "", report)
    if not report.errors and check is not None:
        report.errors.extend(check(clean))
    return None if report.errors else clean, report.errors


class _Kind:
    def __init__(self, default, allowed):
        self.default = default
        self.allowed = allowed

    def absent(self, path, report):
        if self.default is REQUIRED:
            return report.add(path, "missing", self.allowed)
        return self.default


class Int(_Kind):
    """A whole number from lo to hi; 1.0 and true are none."""

    def __init__(self, lo, hi, default=REQUIRED):
        super().__init__(default, "%d to %d" % (lo, hi))
        self.lo = lo
        self.hi = hi

    def clean(self, value, path, report):
        if type(value) is int and self.lo <= value <= self.hi:
            return value
        return report.wrong(path, value, self.allowed)


class Str(_Kind):
    """Text of lo to hi bytes of UTF-8, without control characters."""

    def __init__(self, lo, hi, default=REQUIRED):
        super().__init__(default, "text of %d to %d bytes" % (lo, hi))
        self.lo = lo
        self.hi = hi

    def clean(self, value, path, report):
        if type(value) is not str or not self.lo <= len(value.encode()) <= self.hi:
            return report.wrong(path, value, self.allowed)
        if any(ord(c) < 0x20 or ord(c) == 0x7F for c in value):
            return report.wrong(path, value, "text without control characters")
        return value


class Hex(_Kind):
    """A key as hex digits: lo to hi bytes, two digits each."""

    def __init__(self, lo, hi, default=REQUIRED):
        super().__init__(default, "%d to %d hex digits" % (2 * lo, 2 * hi))
        self.lo = lo
        self.hi = hi

    def clean(self, value, path, report):
        right = type(value) is str and len(value) % 2 == 0
        if right and self.lo <= len(value) // 2 <= self.hi:
            if all(c in "0123456789abcdefABCDEF" for c in value):
                return value
        return report.wrong(path, value, self.allowed)


class Bool(_Kind):
    """true or false."""

    def __init__(self, default=REQUIRED):
        super().__init__(default, "true or false")

    def clean(self, value, path, report):
        return value if type(value) is bool else report.wrong(path, value, self.allowed)


class Choice(_Kind):
    """One of a few texts."""

    def __init__(self, values, default=REQUIRED):
        super().__init__(default, ", ".join(values))
        self.values = values

    def clean(self, value, path, report):
        if type(value) is str and value in self.values:
            return value
        return report.wrong(path, value, self.allowed)


class Obj(_Kind):
    """An object with a schema of its own. Left out it is None if optional, else taken for {}."""

    def __init__(self, schema, optional=False):
        super().__init__(None, "an object")
        self.schema = schema
        self.optional = optional

    def absent(self, path, report):
        return None if self.optional else self.clean({}, path, report)

    def clean(self, value, path, report):
        if type(value) is not dict:
            return report.wrong(path, value, self.allowed)
        prefix = path + "." if path else ""
        clean = {}
        # Sorted, because MicroPython's dicts have no order and errors should have one.
        for key in sorted(self.schema):
            kind = self.schema[key]
            if key in value:
                clean[key] = kind.clean(value[key], prefix + key, report)
            else:
                clean[key] = kind.absent(prefix + key, report)
        for key in sorted(str(key) for key in value if key not in self.schema):
            known = sorted(self.schema)
            near = _nearest(key, known)
            found = "unknown key" + (", did you mean %s?" % near if near else "")
            report.add(prefix + _cut(key), found, ", ".join(known))
        return clean


class List(_Kind):
    """A list of min_items to max_items of one kind. Left out it is taken for []."""

    def __init__(self, item, max_items, min_items=0):
        super().__init__(None, "a list of %d to %d items" % (min_items, max_items))
        self.item = item
        self.max_items = max_items
        self.min_items = min_items

    def absent(self, path, report):
        return self.clean([], path, report)

    def clean(self, value, path, report):
        if type(value) is not list:
            return report.wrong(path, value, self.allowed)
        if not self.min_items <= len(value) <= self.max_items:
            return report.add(path, "found %d items" % len(value), self.allowed)
        clean = self.item.clean
        return [clean(item, "%s[%d]" % (path, at), report) for at, item in enumerate(value)]


class _Report:
    def __init__(self, hide):
        self.errors = []
        self._hide = hide

    def add(self, path, found, allowed):
        if len(self.errors) < _MAX_ERRORS:
            self.errors.append("%s: %s, allowed: %s" % (path or "document", found, allowed))
        elif len(self.errors) == _MAX_ERRORS:
            self.errors.append("and more errors")

    def wrong(self, path, value, allowed):
        found = "a value that is not shown" if self._hide else _shown(value)
        self.add(path, "found " + found, allowed)


def _shown(value):
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return _cut(json.dumps(value))


def _cut(text):
    return text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "..."


def _nearest(word, known):
    """The known word that is at most two letters added, dropped or changed away, else None."""
    best, best_steps = None, 3
    for other in known:
        if abs(len(other) - len(word)) < best_steps:
            row = list(range(len(other) + 1))
            for i, c in enumerate(word):
                last = row
                row = [i + 1]
                for j, d in enumerate(other):
                    row.append(min(last[j + 1] + 1, row[j] + 1, last[j] + (c != d)))
            if row[-1] < best_steps:
                best, best_steps = other, row[-1]
    return best
