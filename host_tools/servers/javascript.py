"""The payload codec as JavaScript, for network servers: codec.js with the firmware's tables.

The functions are those of the LoRa Alliance's payload codec API (TS013), which The Things Stack
and ChirpStack call: decodeUplink, encodeDownlink, decodeDownlink.
"""

import json
from pathlib import Path

from host_tools import codecs

_SOURCE = Path(__file__).with_name("codec.js")
_PLACE = "/* tables */\n"


def _line(value):
    return json.dumps(value, separators=(", ", ": "))


def _fields(fields, ends=()):
    """The fields of a kind (of fields.parse) as the script has them."""
    rows = []
    for n, (name, kind, bits, lo, hi, step, optional, names) in enumerate(fields):
        more = [_fields(names)] if kind == "l" else [list(names)] if names else []
        rows.append([name, kind, bits, lo, hi, step, int(optional), int(n in ends), *more])
    return rows


def _table(name, texts):
    _, fields = codecs.firmware()
    yield f"var {name} = ["
    for text in texts:
        ends = []
        rows = _fields(fields.parse(text, ends), ends)
        yield f"  [{_line(fields.name_of(text))}, ["
        yield from (f"    {_line(row)}," for row in rows[:-1])
        yield f"    {_line(rows[-1])}"
        yield "  ]]," if text is not texts[-1] else "  ]]"
    yield "];"


def script():
    """Give the script, as text."""
    codec, fields = codecs.firmware()
    lines = [
        f"var VERSION = {codec.VERSION};",
        f"var EVENT_PORTS = {_line(codecs.EVENT_PORTS)};",
        f"var LATE_PORTS = {_line(codecs.LATE_PORTS)};",
        f"var COMMAND_PORT = {codecs.COMMAND_PORT};",
        *_table("EVENTS", fields.EVENTS),
        *_table("COMMANDS", fields.COMMANDS),
        "",
    ]
    before, place, after = _SOURCE.read_text().partition(_PLACE)
    assert place, f"{_SOURCE} has no {_PLACE}"
    return before + "\n".join(lines) + after
