"""`kerb street --radio lora`: the real firmware, a simulated air, a network, the city's broker."""

import json
import os
import subprocess
import sys

import pytest
from support import street_run

from host_tools import exits, paths
from host_tools.lora import packets

_RECORD_BYTES, _LORATAP_BYTES, _FILE_BYTES = 16, 15, 24


@pytest.fixture
def street():
    """street(*args) starts a street whose devices speak LoRaWAN."""
    with street_run.runs("--radio", "lora") as start:
        yield start


def _frames(path):
    """The frames of a capture."""
    data = path.read_bytes()
    at = _FILE_BYTES
    while at < len(data):
        size = int.from_bytes(data[at + 8 : at + 12], "little")
        yield data[at + _RECORD_BYTES + _LORATAP_BYTES : at + _RECORD_BYTES + size]
        at += _RECORD_BYTES + size


def test_a_light_joins_is_dimmed_and_answers_over_the_air(street, runtime, tmp_path):
    captured = tmp_path / "street.pcap"
    run = street("--runtime", runtime, "--time", "19:30", "--pcap", str(captured))
    run.until("lora", "lamp-0001 has joined")
    run.until_all(("event", "boot:"), ("event", "light_state: level 100 %"))
    run.type("level 40 for 10m")
    run.until_all(("event", "light_state: level 40 %"), ("result", "set_level: ok"))
    run.type("all level 20")
    run.until("result", "by one downlink")
    run.until("event", "light_state: level 20 %, power_state low, reason command")
    run.type("quit")
    run.until("they agreed while heard")
    run.until("Good.")
    assert run.end() == exits.OK
    assert not [line for line in run.history if " error " in line and "no answer" not in line]
    frames = list(_frames(captured))
    assert packets.read_join_request(frames[0])
    assert sum(packets.read_data(frame) is not None for frame in frames) > 6


def test_what_happens_while_the_gateway_is_off_is_told_afterwards(street):
    run = street("--time", "23:00")
    run.until_all(("event", "status:"), ("event", "light_state: level 50 %"))
    run.type("group south level 20")
    run.until_all(
        ("error", "group/south: no device is in it"), ("set_level: no device is in group/south",)
    )
    run.type("net off")
    run.until("network", "cut")
    run.type("walker")
    run.until("console", "no acknowledgement")
    run.type("net on")
    run.until("event", "light_state:", "reason presence")
    run.type("quit")
    run.end()


def test_the_printed_command_shows_a_lot_from_another_terminal(street):
    run = street("--app", "parking")
    words = run.until("watch the lot: kerb ").split("watch the lot: kerb ")[1].split()
    secrets = words[words.index("--secrets") + 1]
    assert os.stat(secrets).st_mode & 0o777 == 0o600
    run.until("event", "bay_")
    done = subprocess.run(
        [sys.executable, "-m", "host_tools.cli", *words, "--once", "--json"],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert json.loads(done.stdout)["connected"], done.stderr
    run.type("quit")
    run.end()


def test_a_radio_is_refused_where_there_is_none():
    for args, said in (
        (("--radio", "lora", "--board", "rpi_pico"), "leave --board out"),
        (("--radio", "lora", "--app", "crosswalk", "--poles", "2"), "leave --poles out"),
        (("--pcap", "x.pcap"), "add --radio lora"),
        (("--radio", "lora", "--pcap", "/none/x"), "--pcap /none/x: No such file"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "host_tools.cli", "street", *args],
            cwd=paths.ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == exits.USAGE
        assert said in done.stderr, json.dumps(done.stderr)
