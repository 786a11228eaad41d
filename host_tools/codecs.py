"""`kerb codec`: what the payloads mean, from the firmware's own table of fields."""

import json
import sys
from pathlib import Path

from host_tools import exits, paths

# One line a kind and a field; the table itself has no room for them on the board. A key with a
# kind goes before one without.
KINDS = {
    "boot": "The device has started.",
    "status": "The device is alive, and how it is; at intervals and on request.",
    "light_state": "The light has changed, or why it is as it is.",
    "light_power": "What the light draws and has drawn.",
    "fault": "A part began or ceased to fail.",
    "command_result": "The answer to a command.",
    "set_level": "Holds the light at a level, whatever the schedule says, for a time.",
    "clear_override": "Ends what set_level began.",
    "set_schedule": "Replaces the dimming schedule of the night.",
    "sync_time": "Asks the network for the time.",
    "send_status": "Asks for a status event.",
    "clear_schedule": "Goes back to the schedule of the config.",
    "bay_state": "A parking bay has changed, or whether that can be told.",
    "bay_report": "How a parking bay is; at intervals.",
    "calibrate": "Tells a parking bay what is there now, for it to know its ground by.",
    "presence": "Says that somebody is there, as the device's own sensor would.",
    "crosswalk_activation": "A crosswalk beacon begins to flash, or begins its period anew.",
    "crosswalk_report": "What a crosswalk beacon has seen and done; at intervals.",
    "activate": "Lets a crosswalk beacon flash for one period.",
}
FIELDS = {
    "again": "true when it was flashing already and the whole period begins anew",
    "anchor": "what minute counts from: clock is local midnight, midnight the middle of the night",
    "active": "true when the fault begins, false when it is over; a boot ends all faults",
    "arrivals": "cars since the start, modulo 65536",
    "baseline_mm": "way from the sensor to the ground of the bay",
    "battery_mv": "of the battery",
    "bay": "which of the device's bays, from 0",
    "boot_count": "starts since the device was set up",
    "by_button": "activations since the start by the push button, modulo 65536",
    "by_peer": "likewise, because the other pole said so",
    "by_presence": "likewise, by a radar that tells presence only",
    "by_track": "likewise, by the path of somebody that the radar saw",
    "burn_s": "time with the light on since the start",
    "car_speed_cm_s": "of the cars since the last report, their mean",
    "cars": "that came this way since the start, modulo 65536",
    "cars_flashing": "those of them that passed while the beacon flashed",
    "charging": "whether the charger says that it charges the battery",
    "clock_age_s": "time since the clock was set",
    "clock_source": "what set the clock",
    "command": "the command that is answered; null: it has no name here",
    "confidence_permille": "how sure the state is; null while it is unknown",
    "current_ma": "current now",
    "detail": "the reason in words, with the wrong key; empty over LoRaWAN",
    "dim_permille": "brightness of the beacon: 1000 by day",
    "distance_mm": "way from the sensor to what is there now; null: no echo",
    "dropped": "events lost since the start because the queue was full; 65535: or more",
    "echoes_percent": "how many of the last measurements had an echo",
    "energy_wh": "energy since the start",
    "estimated": "true when computed from the level, false when measured",
    "firmware": "version of the firmware",
    "for_s": "how long, from when the command was given",
    "flashing": "whether it flashes now",
    "flashing_s": "time with the beacon flashing since the start",
    "heap_free_bytes": "free memory",
    "id": "number that the sender gives a command; its answer carries it back",
    "level_permille": "light level, 1000 is full",
    "issued_s": "when it was given, since 2000-01-01 UTC; null: now. The later of two holds",
    "minute": "when the level begins, minutes after the anchor",
    "part": "what fails",
    "power_factor_permille": "power factor",
    "peer": "the link to the other pole; none: there is no other",
    "pedestrians": "that stepped onto the crossing from this side since the start, modulo 65536",
    "period_s": "how long it flashes from now on",
    "power_mw": "power now",
    "power_state": "as in FIWARE's Streetlight: low is dimmed",
    "reason": "why",
    "reset_cause": "why it started",
    "result": "ok: carried out or begun; refused: not, see reason; unknown: no such command",
    "rssi_dbm": "strength of the network's signal",
    "last_end": "how the boot before ended, where known: a late task, the end of safe mode",
    "state": "as in FIWARE's ParkingSpot",
    "state_s": "how long it has been so",
    "stay_s": "how long the state before lasted, from free to occupied or back; null: not known",
    "steps": "each [anchor, minute, level_permille]",
    "temperature_cdeg": "of the lamp",
    "uptime_s": "time since the start",
    "voltage_mv": "of the mains",
    "waited_ms": "for a car to come",
    "crosswalk_activation.reason": "what asked for it",
    "fault.reason": "how it fails",
    "bay_state.reason": "what decided the state, or why it is unknown",
    "bay_report.reason": "what decided the state, or why it is unknown",
    "bay_report.temperature_cdeg": "of the air at the sensor",
    "fault.bay": "at which of the device's bays, from 0; null: of the whole device",
    "calibrate.state": "what is there now; unknown: the bay forgets its ground and learns it anew",
    "light_state.reason": "what decided the level",
}
EXAMPLES = {
    "boot": {
        "reset_cause": "power_on",
        "boot_count": 12,
        "last_end": "late: app",
        "firmware": "0.1.0",
    },
    "status": {
        "uptime_s": 86400,
        "heap_free_bytes": 102400,
        "dropped": 0,
        "clock_source": "network",
        "clock_age_s": 3600,
        "rssi_dbm": -61,
    },
    "light_state": {"level_permille": 500, "power_state": "low", "reason": "schedule"},
    "light_power": {
        "power_mw": 30500,
        "energy_wh": 1234,
        "burn_s": 43200,
        "estimated": False,
        "voltage_mv": 229800,
        "current_ma": 140,
        "power_factor_permille": 947,
        "temperature_cdeg": 4150,
    },
    "fault": {"part": "light_sensor", "reason": "no_answer", "active": True},
    "command_result": {
        "command": "set_level",
        "id": 513,
        "result": "refused",
        "reason": "bad_payload",
        "detail": "for_s: missing",
    },
    "bay_state": {
        "bay": 0,
        "state": "occupied",
        "reason": "vehicle",
        "confidence_permille": 990,
        "stay_s": 1260,
    },
    "bay_report": {
        "bay": 0,
        "state": "occupied",
        "reason": "vehicle",
        "confidence_permille": 990,
        "state_s": 3600,
        "distance_mm": 1083,
        "baseline_mm": 2504,
        "arrivals": 12,
        "echoes_percent": 94,
        "temperature_cdeg": 1840,
        "battery_mv": 3620,
    },
    "set_level": {"id": 513, "level_permille": 300, "for_s": 3600},
    "clear_override": {"id": 514},
    "set_schedule": {
        "id": 515,
        "steps": [["clock", 1320, 500], ["midnight", 0, 300], ["sunrise", -60, 1000]],
    },
    "sync_time": {"id": 516},
    "send_status": {"id": 517},
    "clear_schedule": {"id": 518, "issued_s": 848664000},
    "presence": {"id": 519},
    "crosswalk_activation": {
        "reason": "track",
        "again": False,
        "waited_ms": 0,
        "period_s": 20,
        "dim_permille": 1000,
    },
    "crosswalk_report": {
        "flashing": False,
        "by_button": 31,
        "by_track": 212,
        "by_presence": 0,
        "by_peer": 187,
        "flashing_s": 9215,
        "pedestrians": 240,
        "cars": 1911,
        "cars_flashing": 127,
        "car_speed_cm_s": 1130,
        "peer": "ok",
        "battery_mv": 12900,
        "charging": "yes",
        "dim_permille": 1000,
    },
    "calibrate": {"id": 520, "bay": 0, "state": "free"},
    "activate": {"id": 521, "issued_s": 848664000},
}


_TYPES = {
    "u": "{} bits",
    "i": "{} bits, two's complement",
    "e": "{} bits, code",
    "b": "1 bit",
    "t": "{} bits count, then ASCII",
    "l": "{} bits count, then the items",
}
_UNITS = (
    ("_permille", "‰"),
    ("_bytes", "bytes"),
    ("_dbm", "dBm"),
    ("_mw", "mW"),
    ("_mv", "mV"),
    ("_ma", "mA"),
    ("_cdeg", "0.01 °C"),
    ("_wh", "Wh"),
    ("_cm_s", "cm/s"),
    ("_s", "s"),
)
_PRIORITIES = (
    "Alarm: goes first, arrives at least once, also after a restart.",
    "State: arrives at least once.",
    "Routine: goes last, may get lost.",
)
_INTRODUCTION = """\
The first byte is the version ({}) in its upper 2 bits and the number of the kind in the lower 6.
The fields follow without gaps, highest bit first; zeros fill up the last byte. More bytes than a
kind has are from later firmware: of an event, read what is known and leave the rest; a command is
refused.

JSON, over MQTT, has the same values. An event also has `v` (the version), `kind`, `seq` (a running
number from 0 at each start, modulo 65536), `time` (UTC of when it happened, `null` when the clock
was not set) and `clock` (what that time comes from: a `clock_source`, or `stored` for an alarm
from before a restart).

Over LoRaWAN an event goes to the port of its priority: {} alarm, {} state, {} routine. One that
happened some time ago goes to the port 10 above ({}, {}, {}) with 2 bytes before it: its age in
steps of 10 s, highest byte first; all ones unknown, one less 655,340 s or more. Where a frame has
no room for the whole event it ends before one of the fields that its kind names, and has nothing
of this field and those after it. Commands come on port {}.

Give `issued_s` when you send a command more than once: a late copy then undoes nothing newer."""

# An event's port over LoRaWAN is its priority + 1, or when it comes late 10 more.
EVENT_PORTS = (1, 2, 3)
LATE_PORTS = (11, 12, 13)
COMMAND_PORT = 10


def firmware():
    """Give the firmware's modules (codec, fields), which also run on the host."""
    paths.checkout()
    for folder in (paths.FIRMWARE, paths.HOST_START.parent):
        if str(folder) not in sys.path:
            sys.path.append(str(folder))
    import cpython  # noqa: F401  the modules of MicroPython that the firmware imports

    from kerb.uplink import codec, fields

    return codec, fields


def meaning(kind, field):
    """Give the line about a field of a kind."""
    return FIELDS.get(kind + "." + field) or FIELDS[field]


def _values(field):
    """What a field can be, in words for the documentation."""
    name, kind, _, lo, hi, step, optional, names = field
    if kind == "e":
        text = ", ".join("{} `{}`".format(code, word) for code, word in enumerate(names))
    elif kind == "b":
        text = "1 `true`, 0 `false`"
    elif kind == "t":
        text = "up to {} characters".format(hi)
    elif kind == "l":
        text = "{} to {} items".format(lo, hi)
    else:
        unit = next((" " + unit for end, unit in _UNITS if name.endswith(end)), "")
        text = "{} to {}{}".format(lo, hi, unit)
        if step > 1:
            text += ", in steps of {}".format(step)
    if optional:
        text += "; {} `null`, unknown".format("least" if kind == "i" else "all ones")
    return text


def _section(codec, fields, table, number, text):
    """The lines of the documentation about one kind."""
    kind = fields.name_of(text)
    rows = []
    ends = []
    for field in fields.parse(text, ends):
        rows.append((field[0], field))
        if field[1] == "l":
            rows += [("↳ " + part[0], part) for part in field[7]]
    example = EXAMPLES[kind]
    payload = codec.encode(kind, example, table)
    if table is fields.EVENTS:
        said = codec.to_json(payload, "2026-11-22T12:00:00Z", "network", 7)[1].decode()
    else:
        said = json.dumps(example, separators=(",", ":"))
    yield "### {} (header 0x{:02X})".format(kind, codec.VERSION << 6 | number)
    yield ""
    yield KINDS[kind]
    if table is fields.EVENTS:
        yield _PRIORITIES[fields.priority_of(text)]
    yield ""
    yield "| field | on the wire | values | meaning |"
    yield "|---|---|---|---|"
    for title, field in rows:
        wire = _TYPES[field[1]].format(field[2])
        yield "| {} | {} | {} | {} |".format(title, wire, _values(field), meaning(kind, field[0]))
    yield ""
    if ends:
        words = ["`{}`".format(rows[n][0]) for n in ends]  # an event has no list
        yield "Shorter forms end before {}.".format(" or ".join(words))
        yield ""
    yield "Example: `{}` = `{}`".format(payload.hex(" "), said)
    yield ""


def document():
    """Give the documentation of all payloads, as Markdown."""
    codec, fields = firmware()
    lines = [
        "# Payloads",
        "",
        "Printed by `kerb codec doc` from `firmware/kerb/uplink/fields.py`.",
        "",
        _INTRODUCTION.format(codec.VERSION, *EVENT_PORTS, *LATE_PORTS, COMMAND_PORT),
        "",
        "## Events",
        "",
    ]
    for number, text in enumerate(fields.EVENTS):
        lines += _section(codec, fields, fields.EVENTS, number, text)
    lines += ["## Commands", ""]
    for number, text in enumerate(fields.COMMANDS):
        lines += _section(codec, fields, fields.COMMANDS, number, text)
    return "\n".join(lines)


def register(subparsers):
    """Add `kerb codec` to the command line."""
    parser = subparsers.add_parser(
        "codec",
        help="payloads: their documentation, what given bytes mean, codecs for network servers",
        description="What the payloads of events and commands mean, for people and servers.",
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    doc = actions.add_parser("doc", help="print the documentation of all payloads, as Markdown")
    doc.set_defaults(run=_run_doc)
    decode = actions.add_parser("decode", help="print the values of a payload, as JSON")
    decode.add_argument("hex", nargs="+", help="the bytes as hexadecimal digits, spaces allowed")
    decode.add_argument("--downlink", action="store_true", help="it is a command, not an event")
    decode.add_argument(
        "--port",
        type=int,
        choices=sorted((*EVENT_PORTS, *LATE_PORTS, COMMAND_PORT)),
        help="the LoRaWAN port it came on: {} to {} have the age before the event, {} is for "
        "commands".format(LATE_PORTS[0], LATE_PORTS[-1], COMMAND_PORT),
    )
    decode.set_defaults(run=_run_decode)
    js = actions.add_parser(
        "js",
        help="write the codec for The Things Stack and ChirpStack, in JavaScript",
        description="Write the payload codec (decodeUplink, encodeDownlink, decodeDownlink) that "
        "The Things Stack and ChirpStack take as it is.",
    )
    js.add_argument("--out", metavar="FILE", help="where to; without it the script is printed")
    js.set_defaults(run=_run_js)
    repository = actions.add_parser(
        "repository",
        help="write the files of The Things Stack's device repository",
        description="Write the files that The Things Stack's device repository wants of a vendor: "
        "its devices, their profiles and the codec, with examples.",
    )
    repository.add_argument("--out", metavar="DIR", required=True, help="made if it is missing")
    repository.add_argument("--vendor", default="kerb", metavar="ID", help="default: kerb")
    repository.add_argument("--vendor-name", default="Kerb", metavar="NAME", help="default: Kerb")
    repository.set_defaults(run=_run_repository)


def _run_doc(args):
    print(document())
    return exits.OK


def _run_decode(args):
    codec, fields = firmware()
    try:
        payload = bytes.fromhex("".join(args.hex))
    except ValueError:
        raise exits.Failure(
            "not hexadecimal: {}".format(" ".join(args.hex)),
            "give two digits a byte, as in 42 7d 08 00",
            exits.USAGE,
        ) from None
    warnings = []
    age = {}
    if args.port in LATE_PORTS:
        if len(payload) < 2:
            raise exits.Failure("age_s: {} bytes are too short".format(len(payload)))
        steps = int.from_bytes(payload[:2], "big")
        age["age_s"] = None if steps == 0xFFFF else 10 * steps
        if steps == 0xFFFE:
            warnings.append("age_s: {} or more".format(age["age_s"]))
        payload = payload[2:]
    command = args.downlink or args.port == COMMAND_PORT
    kind, values = codec.decode(payload, warnings, fields.COMMANDS if command else fields.EVENTS)
    if kind is None:
        raise exits.Failure(values)
    for warning in warnings:
        print("warning: " + warning, file=sys.stderr)
    print(json.dumps({"kind": kind, **age, **values}))
    return exits.OK


def _run_js(args):
    from host_tools.servers import javascript

    if args.out is None:
        print(javascript.script(), end="")
    else:
        _write({Path(args.out): javascript.script()})
    return exits.OK


def _run_repository(args):
    from host_tools.servers import repository

    files = repository.files(args.vendor, args.vendor_name)
    _write({Path(args.out) / name: text for name, text in files.items()})
    return exits.OK


def _write(files):
    """Write {path: text}, and say so on stderr."""
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            print("wrote {}".format(path), file=sys.stderr)
    except OSError as error:
        raise exits.Failure("can't write {}: {}".format(path, error.strerror)) from None
