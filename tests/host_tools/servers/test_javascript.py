"""The JavaScript codec against the firmware's own: bytes made on MicroPython, read in node."""

import datetime as dt
import random
import re

from host_tools import codecs
from host_tools.servers import javascript
from support.wire import random_bytes, random_values

CODEC, TABLES = codecs.firmware()
RECEIVED = dt.datetime(2026, 11, 22, 12, 0, 0, tzinfo=dt.UTC)
ROUNDS = 40


def _received(payload, port, **more):
    moment = RECEIVED.isoformat().replace("+00:00", "Z")
    return {"bytes": list(payload), "fPort": port, "recvTime": moment, **more}


def _late(age_s):
    """(age_s, time, warnings) that a late event is decoded to."""
    if age_s == "?":
        return None, None, []
    steps = (age_s + 5) // 10
    if steps >= 65534:
        return 655340, None, ["age_s: 655340 or more"]
    time = RECEIVED - dt.timedelta(seconds=10 * steps)
    return 10 * steps, time.isoformat().replace("+00:00", "Z"), []


def test_what_the_firmware_sends_on_micropython_is_read_in_node(call, wire_lines):
    calls, wanted = [], []
    for what, kind, values, age_s, text in wire_lines(1, ROUNDS):
        if what == "command":
            continue
        number = TABLES.number_of(TABLES.EVENTS, kind)
        port = TABLES.priority_of(TABLES.EVENTS[number]) + 1
        data = {"v": 1, "kind": kind, "time": "2026-11-22T12:00:00Z", **values}
        warnings = []
        if age_s is not None:
            port += 10
            data["age_s"], data["time"], warnings = _late(age_s)
        calls.append(["decodeUplink", _received(bytes.fromhex(text), port)])
        wanted.append({"data": data, "warnings": warnings, "errors": []})
    assert len(wanted) > ROUNDS * len(TABLES.EVENTS) * 2
    assert len({result["data"]["kind"] for result in wanted}) == len(TABLES.EVENTS)
    for one, result, right in zip(calls, call(calls), wanted, strict=True):
        assert result == right, one


def test_commands_go_both_ways_as_the_firmware_on_micropython_has_them(call, wire_lines):
    commands = [line for line in wire_lines(2, ROUNDS) if line[0] == "command"]
    assert len(commands) == ROUNDS * len(TABLES.COMMANDS)
    there = [["encodeDownlink", {"data": {"kind": kind, **v}}] for _, kind, v, *_ in commands]
    back = [
        ["decodeDownlink", {"bytes": list(bytes.fromhex(c[4])), "fPort": 10}] for c in commands
    ]
    sent, read = call(there), call(back)
    for (_, kind, values, _, text), made, told in zip(commands, sent, read, strict=True):
        payload = bytes.fromhex(text)
        assert made["errors"] == []
        assert (bytes(made["bytes"]), made["fPort"]) == (payload, 10)
        assert len(made["warnings"]) == (len(payload) > 51)
        assert told == {"data": {"kind": kind, **values}, "warnings": [], "errors": []}


def test_what_may_be_unknown_may_be_left_out_of_a_command(call):
    data = {"kind": "set_level", "id": 7, "level_permille": 300, "for_s": 3600}
    (made,) = call([["encodeDownlink", {"data": data}]])
    values = {"id": 7, "level_permille": 300, "for_s": 3600}
    assert bytes(made["bytes"]) == CODEC.encode("set_level", values, TABLES.COMMANDS)


def _payload(rng, table):
    """Bytes that begin as a payload of the table, or a whole one that is damaged."""
    kind = rng.randint(0, 3)
    if kind == 0:
        return random_bytes(rng, rng.randint(0, 40))
    if kind == 1:
        header = 64 | rng.randint(0, len(table))
        return bytes((header,)) + random_bytes(rng, rng.randint(0, 40))
    text = rng.choice(table)
    payload = CODEC.encode(TABLES.name_of(text), random_values(rng, text), table)
    if kind == 2:
        return payload[: rng.randint(0, len(payload))] + random_bytes(rng, rng.randint(0, 2))
    at = rng.randrange(len(payload))
    return payload[:at] + random_bytes(rng, 1) + payload[at + 1 :]


def test_any_bytes_are_read_as_the_firmware_reads_them_or_refused_for_the_same_reason(call):
    rng = random.Random(3)
    events = [_payload(rng, TABLES.EVENTS) for _ in range(4000)]
    commands = [_payload(rng, TABLES.COMMANDS) for _ in range(4000)]
    calls = [["decodeUplink", _received(payload, 2)] for payload in events]
    calls += [["decodeDownlink", {"bytes": list(p), "fPort": 10}] for p in commands]
    results = call(calls)
    refused = 0
    for payload, result in zip(events, results, strict=False):
        warnings = []
        kind, values = CODEC.decode(payload, warnings)
        if kind is None:
            assert (result["errors"], "data" in result) == ([values], False), payload.hex()
            refused += 1
        else:
            data = {"v": 1, "kind": kind, "time": "2026-11-22T12:00:00Z", **values}
            assert result == {"data": data, "warnings": warnings, "errors": []}, payload.hex()
    assert 500 < refused < 3500
    for payload, result in zip(commands, results[len(events) :], strict=True):
        kind, values, _ = CODEC.command_from_bytes(payload)
        if kind is None:
            assert (result["errors"], "data" in result) == ([values], False), payload.hex()
        else:
            assert result == {"data": {"kind": kind, **values}, "warnings": [], "errors": []}


def _anything(rng, depth=0):
    """A value that JSON has."""
    kind = rng.randint(0, 6 if depth < 3 else 4)
    if kind == 0:
        return rng.choice((None, True, False, "", 0, -1, 1.5, 500.0, 1e300, 86401, 65535, 1 << 32))
    if kind == 1:
        return rng.randint(-9, 70000)
    if kind == 2:
        return rng.choice(("clock", "dusk", "free", "x" * 30, "\u2603", "\0", '"'))
    if kind == 3:
        return rng.choice(([], {}, [[]], [["clock", 0, 0]], [["clock", 0]]))
    return [_anything(rng, depth + 1) for _ in range(rng.randint(0, 3))]


def test_any_json_is_a_command_within_its_ranges_or_an_error_that_names_the_field(call):
    rng = random.Random(4)
    names = sorted({f[0] for text in TABLES.COMMANDS for f in TABLES.parse(text)} | {"x"})
    docs = []
    for _ in range(3000):
        text = rng.choice(TABLES.COMMANDS)
        doc = random_values(rng, text) if rng.randint(0, 9) else {}
        for _ in range(rng.randint(0, 2)):
            doc[rng.choice(names)] = _anything(rng)
        if doc and rng.randint(0, 3) == 0:
            doc.pop(rng.choice(list(doc)))
        docs.append((TABLES.name_of(text), doc))
    calls = [["encodeDownlink", {"data": {"kind": kind, **doc}}] for kind, doc in docs]
    taken = 0
    for (kind, doc), result in zip(docs, call(calls), strict=True):
        # JavaScript has one kind of number: 500.0 is 500 there.
        whole = {
            k: int(v) if isinstance(v, float) and v.is_integer() else v for k, v in doc.items()
        }
        number = TABLES.number_of(TABLES.COMMANDS, kind)
        error = CODEC.wrong_values(TABLES.parse(TABLES.COMMANDS[number]), whole)
        if error is None:
            made = CODEC.encode(kind, whole, TABLES.COMMANDS)
            assert (result["errors"], bytes(result["bytes"])) == ([], made), doc
            taken += 1
        else:
            assert "bytes" not in result
            assert result["errors"][0].partition(":")[0] == error.partition(":")[0], doc
    assert 500 < taken < 2500


def test_wrong_commands_say_what_is_wrong(call):
    level = {"kind": "set_level", "id": 7, "level_permille": 300, "for_s": 3600}
    schedule = {"kind": "set_schedule", "id": 7, "steps": [["clock", 1320, 500]]}
    for data, reason in (
        (None, "data: allowed an object"),
        ([], "data: allowed an object"),
        ({}, "kind: found undefined, allowed set_level, clear_override, "),
        ({"kind": "boot"}, 'kind: found "boot", allowed set_level, '),
        ({"kind": "sync_time"}, "id: missing"),
        ({**level, "level_permille": 1001}, "level_permille: found 1001, allowed 0 to 1000"),
        ({**level, "level_permille": "300"}, 'level_permille: found "300", allowed 0 to 1000'),
        ({**level, "level_permille": True}, "level_permille: found true, allowed 0 to 1000"),
        ({**level, "for_s": 0.5}, "for_s: found 0.5, allowed 1 to 86400"),
        ({**level, "for_s": None}, "for_s: found null, allowed 1 to 86400"),
        ({**level, "lux": 1}, "lux: unknown key, allowed: kind, id, level_permille, for_s, "),
        ({**schedule, "steps": []}, "steps: found 0, allowed 1 to 16"),
        ({**schedule, "steps": [["clock", 0]]}, "steps[0]: allowed a list of 3"),
        (
            {**schedule, "steps": [["noon", 0, 1]]},
            'steps[0].anchor: found "noon", allowed clock, ',
        ),
    ):
        (result,) = call([["encodeDownlink", {"data": data}]])
        assert list(result) == ["warnings", "errors"]
        assert result["errors"][0].startswith(reason), (result, reason)


def test_only_the_ports_of_events_and_commands_are_taken(call):
    ports = [*range(256), None, "2", -1, 2.5]
    event, command = [0, 0, 0x42, 0x7D, 8, 0], [0x43, 2, 4]
    results = call(
        [["decodeUplink", {"bytes": event, "fPort": port}] for port in ports]
        + [["decodeDownlink", {"bytes": command, "fPort": port}] for port in ports]
    )
    for port, result in zip(ports, results, strict=False):
        if port in (11, 12, 13):
            assert result["data"]["kind"] == "light_state"
        elif port in (1, 2, 3):
            assert result["errors"] == ["version: found 0, allowed 1"]
        else:
            assert result["errors"][0].endswith(", allowed 1, 2, 3, 11, 12, 13")
    good = [
        port
        for port, result in zip(ports, results[len(ports) :], strict=True)
        if result.get("data")
    ]
    assert good == [10]


def test_without_a_time_of_reception_an_event_has_none(call):
    payload = [0x42, 0x7D, 8, 0]
    results = call(
        [
            ["decodeUplink", {"bytes": payload, "fPort": 2}],
            ["decodeUplink", {"bytes": payload, "fPort": 2, "recvTime": "never"}],
            ["decodeUplink", {"bytes": [0, 6, *payload], "fPort": 12}],
        ]
    )
    assert [result["data"]["time"] for result in results] == [None, None, None]
    assert results[2]["data"]["age_s"] == 60


def test_garbage_never_throws(call):
    functions = ("decodeUplink", "encodeDownlink", "decodeDownlink")
    assert call([[name, "garbage"] for name in functions]) == [0, 0, 0]


def test_the_script_is_ecmascript_5_and_fits_the_things_stack():
    text = javascript.script()
    assert len(text.encode()) <= 40960
    code = re.sub(r'"(?:[^"\\]|\\.)*"', '""', re.sub(r"//.*", "", text))
    for word in ("let", "const", "class", "import", "export", "async", "of", "require", "=>", "`"):
        found = re.search(rf"\b{word}\b" if word.isalpha() else re.escape(word), code)
        assert not found, word
    assert all(ord(c) < 127 for c in text)
    assert "/* tables */" not in text
