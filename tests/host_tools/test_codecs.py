import argparse
import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_tools import codecs, exits, paths

CODEC, TABLES = codecs.firmware()
EVENTS = [TABLES.name_of(text) for text in TABLES.EVENTS]
COMMANDS = [TABLES.name_of(text) for text in TABLES.COMMANDS]


def _names():
    """(kind, field name) of everything in the table."""
    for text in TABLES.EVENTS + TABLES.COMMANDS:
        for field in TABLES.parse(text):
            yield TABLES.name_of(text), field[0]
            for part in field[7] if field[1] == "l" else ():
                yield TABLES.name_of(text), part[0]


def _run(*argv):
    parser = argparse.ArgumentParser()
    codecs.register(parser.add_subparsers())
    args = parser.parse_args(["codec", *argv])
    return args.run(args)


def _value(field):
    _, kind, _, lo, hi, step, optional, names = field
    if kind == "e":
        values = st.sampled_from(names)
    elif kind == "b":
        values = st.booleans()
    elif kind == "t":
        values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=hi)
    elif kind == "l":
        row = st.tuples(*[_value(part) for part in names]).map(list)
        values = st.lists(row, min_size=lo, max_size=hi)
    else:
        values = st.integers(lo // step, hi // step).map(lambda n: n * step)
    return st.none() | values if optional else values


def _payloads(table):
    """(table, kind, values) of any kind of the table."""
    return st.sampled_from(table).flatmap(
        lambda text: st.tuples(
            st.just(table),
            st.just(TABLES.name_of(text)),
            st.fixed_dictionaries({field[0]: _value(field) for field in TABLES.parse(text)}),
        )
    )


@given(_payloads(TABLES.EVENTS) | _payloads(TABLES.COMMANDS))
def test_the_host_reads_what_a_device_writes(message):
    table, kind, values = message
    warnings = []
    assert CODEC.decode(CODEC.encode(kind, values, table), warnings, table) == (kind, values)
    assert not warnings


@given(st.binary(max_size=64))
def test_the_host_survives_any_bytes(payload):
    for table in (TABLES.EVENTS, TABLES.COMMANDS):
        kind, values = CODEC.decode(payload, [], table)
        assert isinstance(values, str if kind is None else dict)


@given(st.sampled_from(COMMANDS), st.binary(max_size=600) | st.text().map(str.encode))
def test_any_bytes_for_a_command_give_a_reason(name, payload):
    found, reason, _ = CODEC.command_from_json(name, payload)
    assert found is None and isinstance(reason, str)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(
    st.sampled_from(COMMANDS), st.dictionaries(st.sampled_from([f for _, f in _names()]), _json)
)
def test_any_json_for_a_command_gives_a_command_within_its_ranges_or_a_reason(name, doc):
    found, values, _ = CODEC.command_from_json(name, json.dumps(doc).encode())
    if found is None:
        assert isinstance(values, str)
    else:
        assert CODEC.encode(name, values, TABLES.COMMANDS)


def test_every_kind_and_field_has_its_meaning_and_no_meaning_is_left_over():
    assert set(codecs.KINDS) == set(EVENTS + COMMANDS)
    used = set()
    for kind, name in _names():
        assert codecs.meaning(kind, name)
        special = kind + "." + name
        used.add(special if special in codecs.FIELDS else name)
    assert used == set(codecs.FIELDS)


def test_every_kind_has_an_example_that_is_valid():
    assert set(codecs.EXAMPLES) == set(EVENTS + COMMANDS)
    for kind in EVENTS:
        assert CODEC.encode(kind, codecs.EXAMPLES[kind])
    for kind in COMMANDS:
        assert CODEC.encode(kind, codecs.EXAMPLES[kind], TABLES.COMMANDS)


def test_the_documentation_has_every_kind_field_and_enum_name():
    text = codecs.document()
    for kind, name in _names():
        section = text.split("### {} (".format(kind))[1].split("###")[0]
        assert " {} |".format(name) in section
    for table in TABLES.EVENTS + TABLES.COMMANDS:
        for field in TABLES.parse(table):
            for word in field[7] if field[1] == "e" else ():
                assert "`{}`".format(word) in text
    assert "### light_state (header 0x42)" in text
    assert (
        "| level_permille | 10 bits | 0 to 1000 ‰; all ones `null`, unknown | light level" in text
    )
    assert "`42 7d 08 00` = `" in text


def test_documentation_tables_have_four_columns():
    rows = [line for line in codecs.document().splitlines() if line.startswith("|")]
    assert rows
    assert {row.count("|") for row in rows} == {5}


def test_decode_prints_the_values_as_json(capsys):
    assert _run("decode", "42 7d", "0800") == exits.OK
    assert json.loads(capsys.readouterr().out) == {
        "kind": "light_state",
        **codecs.EXAMPLES["light_state"],
    }
    assert _run("decode", "--downlink", "43 02 04") == exits.OK
    assert json.loads(capsys.readouterr().out) == {"kind": "sync_time", "id": 516}


def test_decode_warns_of_what_it_leaves_out(capsys):
    assert _run("decode", "427d080099") == exits.OK
    assert capsys.readouterr().err == "warning: light_state: 1 bytes more than known\n"


def test_decode_knows_what_a_port_means(capsys):
    values = codecs.EXAMPLES["light_state"]
    for port, text, age in (
        ("2", "427d0800", {}),
        ("12", "0006 427d0800", {"age_s": 60}),
        ("11", "ffff 427d0800", {"age_s": None}),
    ):
        assert _run("decode", "--port", port, text) == exits.OK
        assert json.loads(capsys.readouterr().out) == {"kind": "light_state", **age, **values}
    assert _run("decode", "--port", "13", "fffe427d0800") == exits.OK
    assert capsys.readouterr().err == "warning: age_s: 655340 or more\n"
    assert _run("decode", "--port", "10", "43 02 04") == exits.OK
    assert json.loads(capsys.readouterr().out) == {"kind": "sync_time", "id": 516}
    with pytest.raises(exits.Failure):
        _run("decode", "--port", "13", "ff")


def test_the_script_is_printed_or_written(capsys, tmp_path):
    assert _run("js") == exits.OK
    text = capsys.readouterr().out
    assert "function decodeUplink(" in text
    path = tmp_path / "new" / "kerb.js"
    assert _run("js", "--out", str(path)) == exits.OK
    assert path.read_text() == text
    with pytest.raises(exits.Failure) as caught:
        _run("js", "--out", str(path / "below"))
    assert caught.value.reason.startswith("can't write ")


def test_the_repository_is_written_as_its_folders_are(capsys, tmp_path):
    assert _run("repository", "--out", str(tmp_path), "--vendor", "city") == exits.OK
    assert (tmp_path / "vendor" / "city" / "payload.js").is_file()
    assert (tmp_path / "vendor" / "index.yaml").read_text().count("id: city") == 1


def test_ports_are_those_that_the_firmware_sends_and_listens_on():
    from kerb.uplink.lorawan import transport

    assert codecs.COMMAND_PORT == transport.COMMAND_PORT
    for text in TABLES.EVENTS:
        assert TABLES.priority_of(text) + 1 in codecs.EVENT_PORTS
    assert codecs.LATE_PORTS == tuple(port + 10 for port in codecs.EVENT_PORTS)


def test_the_documentation_names_the_short_forms():
    assert "Shorter forms end before `firmware` or `last_end`." in codecs.document()
    assert codecs.document().count("Shorter forms") == 6


def test_decode_fails_with_the_reason():
    with pytest.raises(exits.Failure) as caught:
        _run("decode", "427d")
    assert (caught.value.reason, caught.value.code) == (
        "light_state: 2 bytes are too short",
        exits.FAILED,
    )
    with pytest.raises(exits.Failure) as caught:
        _run("decode", "42xy")
    assert caught.value.code == exits.USAGE


def test_the_kerb_command_has_it():
    done = subprocess.run(
        [sys.executable, "-m", "host_tools.cli", "codec", "doc"],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.rstrip() == codecs.document().rstrip()
