"""Events and commands as bytes and as JSON, by the table in kerb.uplink.fields.

The first byte is the version (upper 2 bits) and the number of the kind (lower 6); then come the
fields of the kind without gaps, highest bit first; the last byte is filled up with zeros. The same
module is the host's decoder.

Where a frame has no room for a whole event it ends earlier, at one of the places that the table
marks (see shorten); what it then lacks is not among its values.

A payload that is longer than its kind is one from later firmware: of an event the known part is
used and the rest is named in the warnings; a command is refused, because half of it is not what
the sender wants. The same goes for an enum code that has no name here.
"""

import json

from micropython import const

from kerb.uplink.fields import COMMANDS, EVENTS, name_of, number_of, parse

VERSION = const(1)
KIND = const(63)  # the bits of the header with the number of the kind
MAX_COMMAND_BYTES = const(512)

_SHOWN = const(18)


def wrong(field, value):
    """Why `value` can't stand in a field (of fields.parse), as text that names it, or None."""
    name, kind, _, lo, hi, _, optional, names = field
    if value is None and optional:
        return None
    found = size = value
    if kind == "e":
        right = value in names
        allowed = ", ".join(names)
    elif kind == "b":
        right = value is True or value is False
        allowed = "true, false"
    elif kind == "t":
        right = isinstance(value, str) and len(value) <= hi
        right = right and all(" " <= c <= "~" for c in value)
        allowed = "%d printable ASCII characters" % hi
    else:
        if kind == "l":
            size = None
        if kind == "l" and isinstance(value, list):
            found = size = len(value)
            for n, row in enumerate(value):
                if not isinstance(row, list) or len(row) != len(names):
                    return "%s[%d]: allowed a list of %d" % (name, n, len(names))
                for part, v in zip(names, row):
                    error = wrong(part, v)
                    if error:
                        return "%s[%d].%s" % (name, n, error)
        right = type(size) is int and lo <= size <= hi  # type(): True is an int on CPython
        allowed = "%d to %d" % (lo, hi)
    if right:
        return None
    try:
        found = json.dumps(found)[:_SHOWN]
    except Exception:  # nested too deep, or nothing of JSON
        found = type(found).__name__
    return "%s: found %s, allowed %s" % (name, found, allowed)


def _put(buf, at, bits, number):
    """Appends the low `bits` of `number` at bit `at`; gives the bit after them."""
    while bits:
        if not at & 7:
            buf.append(0)
        free = 8 - (at & 7)
        n = min(free, bits)
        bits -= n
        buf[-1] |= ((number >> bits) & ((1 << n) - 1)) << (free - n)
        at += n
    return at


def _get(buf, at, bits):
    """The unsigned number of `bits` at bit `at`; IndexError where the payload ends."""
    number = 0
    while bits:
        left = 8 - (at & 7)
        n = min(left, bits)
        bits -= n
        number = number << n | (buf[at >> 3] >> (left - n)) & ((1 << n) - 1)
        at += n
    return number


def _write(buf, at, field, value):
    """Appends a field, checked before, at bit `at`; gives the bit after it."""
    _, kind, bits, _, _, step, _, names = field
    if value is None:
        number = -1 << (bits - 1) if kind == "i" else -1
    elif kind == "e":
        number = names.index(value)
    elif kind == "t" or kind == "l":
        number = len(value)
    else:
        number = (value + step // 2) // step
    at = _put(buf, at, bits, number)
    if kind == "t":
        for c in value:
            at = _put(buf, at, 8, ord(c))
    elif kind == "l":
        for row in value:
            for part, v in zip(names, row):
                at = _write(buf, at, part, v)
    return at


def encode(kind, values, table=EVENTS):
    """The wire bytes of an event (with table=COMMANDS: of a command).

    `values` is a dict by field name; a field that may be unknown may be None or left out; an item
    of a list is the list of its fields. ValueError names the field that is missing or wrong.
    """
    number = number_of(table, kind)
    if number is None:
        raise ValueError("unknown kind '%s'" % kind)
    fields = parse(table[number])
    error = wrong_values(fields, values)
    if error:
        raise ValueError(error)
    buf = bytearray((VERSION << 6 | number,))
    at = 8
    for field in fields:
        at = _write(buf, at, field, values.get(field[0]))
    return bytes(buf)


def wrong_values(fields, values):
    """Why the dict `values` is not one of these fields (of fields.parse), or None."""
    names = []
    for field in fields:
        name = field[0]
        names.append(name)
        if name not in values and not field[6]:
            return name + ": missing"
        error = wrong(field, values.get(name))
        if error:
            return error
    for key in values:
        if key not in names:
            return "%s: unknown key, allowed: %s" % (str(key)[:_SHOWN], ", ".join(names))
    return None


def _read(buf, at, field, warnings):
    """(value, not checked yet, and the bit after it); IndexError where the payload ends."""
    name, kind, bits, _, _, step, optional, names = field
    number = _get(buf, at, bits)
    at += bits
    unknown = 1 << (bits - 1) if kind == "i" else (1 << bits) - 1
    if optional and number == unknown:
        return None, at
    if kind == "b":
        return number == 1, at
    if kind == "e":
        if number < len(names):
            return names[number], at
        warnings.append("%s: code %d has no name here" % (name, number))
        return None, at
    if kind == "t":
        value = "".join([chr(_get(buf, at + 8 * i, 8)) for i in range(number)])
        return value, at + 8 * number
    if kind == "l":
        rows = []
        for _ in range(number):
            row = []
            for part in names:
                v, at = _read(buf, at, part, warnings)
                row.append(v)
            rows.append(row)
        return rows, at
    if kind == "i" and number >= unknown:
        number -= unknown << 1
    return number * step, at


def decode(payload, warnings=None, table=EVENTS):
    """(kind, values by field name) of an event's bytes, or (None, reason); never raises.

    What could be used only in part is appended to the list `warnings`.
    """
    kind, items = _decode(payload, [] if warnings is None else warnings, table)
    return kind, items if kind is None else dict(items)


def _decode(payload, warnings, table):
    """(kind, [(field name, value)]), or (None, reason)."""
    if not payload:
        return None, "empty payload"
    version = payload[0] >> 6
    if version != VERSION:
        return None, "version: found %d, allowed %d" % (version, VERSION)
    number = payload[0] & KIND
    if number >= len(table):
        return None, "kind: found %d, allowed 0 to %d" % (number, len(table) - 1)
    kind = name_of(table[number])
    items = []
    ends = []
    at = 8
    for n, field in enumerate(parse(table[number], ends)):
        if n in ends and (at + 7) >> 3 == len(payload):
            break
        try:
            value, at = _read(payload, at, field, warnings)
        except IndexError:
            return None, "%s: %d bytes are too short" % (kind, len(payload))
        # None is one that may be, or a code without a name, which is in the warnings.
        error = None if value is None else wrong(field, value)
        if error:
            return None, error
        items.append((field[0], value))
    spare = len(payload) - (at + 7) // 8
    if spare:
        warnings.append("%s: %d bytes more than known" % (kind, spare))
    return kind, items


def shorten(payload, max_bytes):
    """The longest form of an event's bytes that has at most `max_bytes`, or None: there is none.

    The event itself where it fits; else it ends before one of the fields marked in the table.
    """
    if len(payload) <= max_bytes:
        return payload
    short = None
    ends = []
    at = 8
    try:
        for n, field in enumerate(parse(EVENTS[payload[0] & KIND], ends)):
            size = (at + 7) >> 3
            if size > max_bytes:
                break
            if n in ends:
                short = bytearray(payload[:size])
                short[-1] &= 0xFF << (-at & 7)  # zeros where the field has begun
            at = _read(payload, at, field, [])[1]
    except IndexError:  # not one of ours, as from later firmware's flash
        return None
    return short and bytes(short)


def late(age_s, payload):
    """An event's bytes after its age: 2 bytes, steps of 10 s, None unknown: all ones.

    For the ports of late events. An age above 655,340 s is sent as that.
    """
    age = 0xFFFF if age_s is None else min(max(age_s + 5, 0) // 10, 0xFFFE)
    return bytes((age >> 8, age & 0xFF)) + payload


def to_json(payload, time=None, clock=None, seq=None):
    """(kind, JSON as bytes, in a fixed order) of an event's bytes, or (None, reason).

    `time` is ISO 8601 text or None, `clock` what that time comes from, `seq` the running number.
    """
    kind, items = _decode(payload, [], EVENTS)
    if kind is None:
        return None, items
    out = ['{"v":%d,"kind":"%s"' % (VERSION, kind)]
    for part in ((("seq", seq), ("time", time), ("clock", clock)), items):
        for name, value in part:
            out.append('"%s":%s' % (name, json.dumps(value)))
    return kind, (",".join(out) + "}").encode()


def command_from_bytes(payload):
    """(name, values, id) of a command's bytes, or (None, reason, id or None); never raises."""
    warnings = []
    name, values = decode(payload, warnings, COMMANDS)
    if name is None:
        return None, values, None
    if warnings:
        return None, warnings[0], values["id"]
    return name, values, values["id"]


def command_from_json(name, payload):
    """(name, values, id) of a command's JSON, or (None, reason, id or None); never raises."""
    number = number_of(COMMANDS, name)
    if number is None:
        return None, "unknown command '%s'" % name[:_SHOWN], None
    if len(payload) > MAX_COMMAND_BYTES:
        return None, "allowed %d bytes" % MAX_COMMAND_BYTES, None
    try:
        # MicroPython takes an object whose end is missing.
        if payload.rstrip()[-1:] != b"}":
            raise ValueError
        values = json.loads(str(payload, "utf-8"))
    except Exception:  # besides ValueError: too deep, too large, a list as a key
        values = None
    if not isinstance(values, dict):
        return None, "allowed a JSON object", None
    fields = parse(COMMANDS[number])
    error = wrong_values(fields, values)
    if error:
        command_id = values.get("id")
        return None, error, None if wrong(fields[0], command_id) else command_id
    for field in fields:
        values.setdefault(field[0], None)
    return name, values, values["id"]
