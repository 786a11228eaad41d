"""The device repository's files: each holds to the rules of its schema, restated here."""

import re

import pytest
import yaml

from host_tools import codecs, exits
from host_tools.servers import repository

CODEC, TABLES = codecs.firmware()
FILES = repository.files()
IDENTIFIER = re.compile(r"[a-z0-9](-?[a-z0-9]){2,35}")
FILE = re.compile(r"[a-z0-9_-]+\.[a-z0-9]+")


def _read(name):
    return yaml.safe_load(FILES["vendor/kerb/" + name])


def _devices():
    return {name: _read(name + ".yaml") for name in _read("index.yaml")["endDevices"]}


def test_there_is_a_file_for_everything_named_and_no_other():
    named = {"vendor/index.yaml", "vendor/kerb/index.yaml", "vendor/kerb/payload.js"}
    for name, device in _devices().items():
        named.add(f"vendor/kerb/{name}.yaml")
        for version in device["firmwareVersions"]:
            for profile in version["profiles"].values():
                named |= {f"vendor/kerb/{profile[key]}.yaml" for key in ("id", "codec")}
    for number in _read("index.yaml")["profileIDs"].values():
        named |= {f"vendor/kerb/{number[key]}.yaml" for key in ("id", "codec")}
    assert named == set(FILES)


def test_every_identifier_and_file_name_is_one_that_the_repository_takes():
    (vendor,) = yaml.safe_load(FILES["vendor/index.yaml"])["vendors"]
    assert vendor == {"id": "kerb", "name": "Kerb"}
    for path in FILES:
        name = path.rpartition("/")[2]
        assert FILE.fullmatch(name)
        assert IDENTIFIER.fullmatch(name.rpartition(".")[0])


def test_there_is_a_device_in_both_classes_for_every_board_with_a_lora_radio():
    assert {"pico_lora_sx1262", "lilygo_tbeam", "heltec_v3"} <= set(repository.boards())
    devices = _devices()
    words = {"light": "street light", "parking": "parking", "crosswalk": "crosswalk"}
    assert len(devices) == 2 * len(repository.boards())
    for name, device in devices.items():
        assert "kerb" not in device["name"].lower()
        apps = repository.boards()[name[: -len("-class-a")].replace("-", "_")]["apps"]
        offered = {app for app in words if words[app] in device["description"].lower()}
        assert offered == set(apps)
        (version,) = device["firmwareVersions"]
        assert isinstance(version["version"], str)
        assert set(version["profiles"]) == {
            "EU863-870",
            "KR920-923",
            "AS923",
            "US902-928",
            "IN865-867",
        }
        for region, profile in version["profiles"].items():
            assert profile["lorawanCertified"] is False
            assert profile["id"].startswith(name[-len("class-a") :])
            assert profile["id"].rpartition("-")[2][:2] == region.lower()[:2]
        assert device["productURL"].startswith("https://")
        assert set(device["keyProvisioning"]) <= {"custom", "join server", "manifest"}
        allowed = {"bluetooth", "nfc", "wifi", "ethernet", "serial", "firmware"}
        assert set(device["keyProgramming"]) <= allowed
        assert device["keySecurity"] in ("none", "read protected", "secure element")
        assert set(device["firmwareProgramming"]) <= {"serial", "fuota lorawan", "fuota other"}


def test_a_profile_says_what_the_firmware_is():
    numbers = _read("index.yaml")["profileIDs"]
    assert list(numbers) == [str(n + 1) for n in range(10)]
    for number in numbers.values():
        profile = _read(number["id"] + ".yaml")
        assert profile["macVersion"] == "1.0.4"
        assert profile["regionalParametersVersion"] == "RP002-1.0.4"
        assert profile["supportsJoin"] and profile["supports32bitFCnt"]
        assert not profile["supportsClassB"]
        assert profile["supportsClassC"] == number["id"].startswith("class-c")
        assert ("classCTimeout" in profile) == profile["supportsClassC"]
        assert isinstance(profile["maxEIRP"], int)
    powers = {
        name: _read(f"class-a-{name}.yaml")["maxEIRP"] for name in ("eu868", "kr920", "us915")
    }
    assert powers == {"eu868": 16, "kr920": 14, "us915": 22}


def _cases():
    """(function, example) of all examples."""
    document = _read("payload-codec.yaml")
    assert list(document) == ["uplinkDecoder", "downlinkEncoder", "downlinkDecoder"]
    functions = ("decodeUplink", "encodeDownlink", "decodeDownlink")
    for function, part in zip(functions, document.values(), strict=True):
        assert part["fileName"] == "payload.js"
        for example in part["examples"]:
            yield function, example


def test_examples_have_what_the_schema_wants():
    for function, example in _cases():
        assert set(example) == {"description", "input", "output"}
        given, output = example["input"], example["output"]
        for side in (given, output):
            if "bytes" in side:
                assert all(0 <= octet <= 255 for octet in side["bytes"]) and side["bytes"]
                assert 1 <= side["fPort"] <= 255
        if not output["errors"]:
            assert isinstance(output.get("data", output.get("bytes")), dict | list), function


def test_the_examples_show_every_kind_of_event_and_command_and_short_and_late_ones():
    uplinks = [e["output"].get("data") for f, e in _cases() if f == "decodeUplink"]
    shown = [data for data in uplinks if data]
    assert {data["kind"] for data in shown} == {TABLES.name_of(t) for t in TABLES.EVENTS}
    assert [data["age_s"] for data in shown if "age_s" in data] == [1200, None]
    assert None in uplinks  # an error
    for text in TABLES.EVENTS:
        kind = TABLES.name_of(text)
        forms = [data for data in shown if data["kind"] == kind and "age_s" not in data]
        assert len(forms) == 1 + text.count("/")
    commands = [e["input"]["data"]["kind"] for f, e in _cases() if f == "encodeDownlink"]
    assert commands == [TABLES.name_of(t) for t in TABLES.COMMANDS]


def test_the_script_gives_what_the_examples_say(call, tmp_path):
    path = tmp_path / "payload.js"
    path.write_text(FILES["vendor/kerb/payload.js"])
    cases = list(_cases())
    assert len(cases) > 40
    results = call([[function, example["input"]] for function, example in cases], path)
    for (function, example), result in zip(cases, results, strict=True):
        assert result == example["output"], (function, example)


def test_another_vendor_has_its_own_folder_and_a_wrong_id_is_refused():
    files = repository.files("city-of-x", "City of X")
    assert {name.split("/")[1] for name in files} == {"index.yaml", "city-of-x"}
    for wrong in ("Kerb", "k", "a--b", "-abc", "../etc", "x" * 37, ""):
        with pytest.raises(exits.Failure) as caught:
            repository.files(wrong)
        assert caught.value.code == exits.USAGE
