"""`kerb lora`: what the labels say, and that a key is made and not shown."""

import argparse
import json
import os
import random
import re
import stat
from xml.etree import ElementTree as ET

import pytest

from host_tools import config_files, exits
from host_tools.lora import command, keys, label

# The example that TR005 gives of all parts.
WHOLE = "LW:D0:1122334455667788:AABBCCDDEEFF0011:AABB1122:OAABBCCDDEEFF:SYYWWNNNNNN:PFOOBAR:CAF2C"
JOIN, DEV = "1122334455667788", "AABBCCDDEEFF0011"


def _run(*argv):
    parser = argparse.ArgumentParser()
    command.register(parser.add_subparsers())
    args = parser.parse_args(["lora", *map(str, argv)])
    return args.run(args)


def _reason(*argv):
    with pytest.raises(exits.Failure) as caught:
        _run(*argv)
    return caught.value.reason


def test_the_text_is_that_of_the_recommendation():
    assert label.text(JOIN, DEV, "AABB1122", "AABBCCDDEEFF", "YYWWNNNNNN", "FOOBAR") == WHOLE
    short = label.text(JOIN, DEV)
    assert re.fullmatch("LW:D0:1122334455667788:AABBCCDDEEFF0011:00000000:C[0-9A-F]{4}", short)


def test_the_checksum_is_the_one_that_every_list_of_crcs_gives():
    assert label.checksum("123456789") == "4B37"
    assert label.checksum("") == "FFFF"


def test_euis_may_be_written_as_people_write_them():
    for written in ("aabbccddeeff0011", "AA-BB-CC-DD-EE-FF-00-11", "aa:bb:cc:dd:ee:ff:00:11"):
        assert label.eui("dev-eui", written) == DEV
    assert label.eui("join-eui", "0" * 16) == "0" * 16
    for wrong in ("", "aabb", DEV + "00", "G" * 16, "0" * 16):
        with pytest.raises(exits.Failure) as caught:
            label.eui("dev-eui", wrong)
        assert caught.value.reason.startswith("dev-eui: found ")
        assert caught.value.code == exits.USAGE


def test_what_would_break_the_text_apart_is_refused_and_named():
    rng = random.Random(1)
    for _ in range(300):
        word = "".join(chr(rng.randint(32, 126)) for _ in range(rng.randint(1, 44)))
        try:
            said = label.text(JOIN, DEV, serial=word)
        except exits.Failure as failure:
            assert failure.reason.startswith("serial: found ")
        else:
            assert said.split(":")[5:-1] == ["S" + word]
    for name in ("owner", "proprietary"):
        with pytest.raises(exits.Failure) as caught:
            label.text(JOIN, DEV, **{name: "A:B"})
        assert caught.value.reason.startswith(name + ": found 'A:B'")
    with pytest.raises(exits.Failure) as caught:
        label.text(JOIN, DEV, "1122")
    assert caught.value.reason.startswith("profile: found '1122'")


def test_the_picture_has_the_code_in_its_smallest_mode_and_the_numbers_for_people():
    picture = label.svg(WHOLE)
    root = ET.fromstring(picture)
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["DevEUI " + DEV, "JoinEUI " + JOIN, "S/N YYWWNNNNNN"]
    assert "path" in picture and root.attrib["width"].endswith("mm")
    assert label._code(WHOLE).mode == "alphanumeric"
    assert "▄" in label.terminal(WHOLE)


def test_the_numbers_are_no_wider_than_the_label():
    for serial in ("", "1", "X" * 40):
        root = ET.fromstring(label.svg(label.text(JOIN, DEV, serial=serial)))
        width_mm = float(root.attrib["width"][:-2])
        for line in root.iter("{http://www.w3.org/2000/svg}text"):
            # A letter of the usual monospace fonts is 0.6 of their size wide.
            assert len(line.text) * 0.61 * float(line.attrib["font-size"]) < width_mm


def test_the_command_shows_or_writes_a_label(capsys, tmp_path):
    options = ["--dev-eui", DEV, "--join-eui", JOIN, "--serial", "YYWWNNNNNN"]
    options += ["--profile", "aabb1122", "--owner", "AABBCCDDEEFF", "--proprietary", "FOOBAR"]
    assert _run("label", *options) == exits.OK
    shown = capsys.readouterr().out
    assert shown.splitlines()[-1] == WHOLE and "▄" in shown
    picture = tmp_path / "new" / "label.svg"
    assert _run("label", *options, "--svg", picture) == exits.OK
    assert capsys.readouterr().out == WHOLE + "\n"
    assert picture.read_text() == label.svg(WHOLE)


def test_the_euis_may_come_from_a_config(capsys, tmp_path):
    path = tmp_path / "lamp.json"
    path.write_text(json.dumps({"uplink": {"lorawan": {"dev_eui": DEV.lower()}}}))
    assert _run("label", "--config", path) == exits.OK
    said = capsys.readouterr().out.splitlines()[-1]
    assert said.startswith(f"LW:D0:{'0' * 16}:{DEV}:00000000:C")
    for text in ("{}", "[]", "x", '{"uplink": null}', '{"uplink": {"lorawan": {"dev_eui": 5}}}'):
        path.write_text(text)
        assert _reason("label", "--config", path).endswith("has no uplink.lorawan.dev_eui")
    assert _reason("label", "--config", tmp_path / "none").startswith("can't read ")
    assert _reason("label", "--dev-eui", DEV) == "no EUIs"


def test_many_devices_come_from_a_table(capsys, tmp_path):
    table = tmp_path / "devices.csv"
    devs = [f"70B3D57ED00000{n:02X}" for n in range(1, 4)]
    lines = ["serial,dev_eui,join_eui", *(f"S{n},{dev},{JOIN}" for n, dev in enumerate(devs))]
    table.write_text("\n".join(lines))
    out = tmp_path / "labels"
    assert _run("label", "--csv", table, "--out", out) == exits.OK
    said = capsys.readouterr().out.splitlines()
    assert [line.split(":")[3] for line in said] == devs
    assert sorted(path.name for path in out.iterdir()) == [dev + ".svg" for dev in devs]
    assert (out / (devs[1] + ".svg")).read_text() == label.svg(said[1])


def test_a_table_with_one_wrong_line_writes_nothing_and_names_the_line(tmp_path):
    table, out = tmp_path / "devices.csv", tmp_path / "labels"
    for line, reason in (
        ("70B3,1122334455667788,", "line 3: dev-eui: found '70B3'"),
        (f"{DEV},1122334455667788,", f"line 3: dev_eui: {DEV} is there twice"),
        ("70B3D57ED0000001,,", "line 3: join-eui: found ''"),
        ("70B3D57ED0000001,1122334455667788,,more", "line 3: column None: allowed dev_eui"),
    ):
        table.write_text(f"dev_eui,join_eui,serial\n{DEV},{JOIN},1\n{line}\n")
        assert reason in _reason("label", "--csv", table, "--out", out)
        assert not out.exists()
    table.write_text(f'dev_eui,join_eui,owner\n\n{DEV},{JOIN},"1\n2"\n')
    assert "line 4: owner: found" in _reason("label", "--csv", table, "--out", out)
    for text in ("", "dev_eui,join_eui\n\n"):
        table.write_text(text)
        assert _reason("label", "--csv", table, "--out", out) == f"{table}: no device in it"
    assert _reason("label", "--csv", table).startswith("--csv: goes with --out")
    assert _reason("label", "--out", out).startswith("--out: goes with --csv")


def test_a_key_is_random_kept_for_its_owner_and_not_shown(capsys, tmp_path):
    made = set()
    for n in range(20):
        path = tmp_path / str(n) / "secrets.json"
        assert _run("keys", "--secrets", path) == exits.OK
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        key = json.loads(path.read_text())[keys.NAME]
        assert re.fullmatch("[0-9a-f]{32}", key)
        made.add(key)
        said = capsys.readouterr()
        assert key not in said.out + said.err and str(path) in said.err
        assert os.listdir(path.parent) == ["secrets.json"]
    assert len(made) == 20


def test_the_other_secrets_stay_and_the_firmware_takes_the_file(tmp_path):
    path = tmp_path / "secrets.json"
    path.write_text('{"mqtt_password": "hush"}')
    path.chmod(0o644)
    _run("keys", "--secrets", path)
    document = json.loads(path.read_text())
    assert document["mqtt_password"] == "hush"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    settings, _, schema = config_files.firmware()
    assert schema.validate(settings.SECRETS, document, hide=True)[1] == []


def test_a_key_goes_where_a_link_points_to(tmp_path):
    path, link = tmp_path / "secrets.json", tmp_path / "link.json"
    link.symlink_to(path.name)
    for options in ((), ("--replace",)):
        _run("keys", "--secrets", link, *options)
        assert link.is_symlink() and not path.is_symlink()
        assert keys.NAME in json.loads(path.read_text())


def test_a_key_that_is_in_use_stays_unless_it_is_to_be_replaced(tmp_path):
    path = tmp_path / "secrets.json"
    _run("keys", "--secrets", path)
    before = path.read_text()
    reason = _reason("keys", "--secrets", path)
    assert reason.startswith(f"{path} has an app_key already")
    assert path.read_text() == before
    _run("keys", "--secrets", path, "--replace")
    assert path.read_text() != before


def test_a_file_of_something_else_is_left_as_it_is_and_not_shown(tmp_path):
    path = tmp_path / "secrets.json"
    for text in ('["hush"]', '{"app_key": "hush"', "\x00"):
        path.write_text(text)
        reason = _reason("keys", "--secrets", path, "--replace")
        assert "hush" not in reason and reason.endswith("allowed a JSON object")
        assert path.read_text() == text
    assert _reason("keys", "--secrets", path / "below").startswith("can't ")
