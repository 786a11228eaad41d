"""The READMEs say what is so: their links, commands and examples, held against the code."""

import json
import re
from pathlib import Path

from host_tools import cli
from kerb import settings
from kerb.uplink import codec

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()


def test_every_link_leads_to_a_file():
    for page in (ROOT / "README.md", *ROOT.glob("boards/*/README.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page}: {target}"


def test_the_example_config_is_one_that_the_firmware_takes():
    example = re.search(r"```json\n(.*?)```", README, re.DOTALL).group(1)
    assert settings.check_config(json.loads(example)) == []


def test_the_example_of_lorawan_is_one_that_the_firmware_takes():
    example = re.search(r"```json\n(.*?)```", README, re.DOTALL).group(1)
    lorawan = re.search(r'^    ("lorawan": .*)$', README, re.MULTILINE).group(1)
    doc = json.loads(example) | {"uplink": json.loads("{" + lorawan + "}")}
    del doc["light"]["presence"]["street"], doc["light"]["presence"]["position"], doc["groups"]
    assert settings.check_config(doc) == []


def test_the_secrets_are_named_as_the_firmware_names_them():
    sentence = re.search(r"`secrets.json` has (.*?);", README, re.DOTALL).group(1)
    assert set(re.findall(r"`(\w+)`", sentence)) == set(settings.SECRETS)


def test_the_example_command_is_one_that_the_firmware_understands():
    name, payload = re.search(r"/command/(\w+) -m '(.*?)'", README).groups()
    assert codec.command_from_json(name, payload.encode())[0] == name


def test_every_make_target_and_kerb_command_that_is_named_exists():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"(?:^    |`)make ([a-z-]+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    commands = cli.parser().format_help()
    for command in re.findall(r"`kerb ([a-z]+)", README):
        assert re.search(rf"^    {command}\b", commands, re.MULTILINE), command


def test_the_map_names_every_room_and_no_other():
    drawn = README[README.index("## Map of the code") :]
    kerb = ROOT / "firmware" / "kerb"
    rooms = {path.parent.name for path in kerb.glob("*/__init__.py")}
    assert set(re.findall(r"^        (\w+)/", drawn, re.MULTILINE)) == rooms
    for name in re.findall(r"^        (\w+\.py)", drawn, re.MULTILINE):
        assert (kerb / name).exists(), name
    for name in re.findall(r"^      (\w+)/", drawn, re.MULTILINE):
        assert any((ROOT / room / name).is_dir() for room in ("firmware", "boards", "host_tools"))
