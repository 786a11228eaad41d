"""The emulator's own parts: its core against rp2040js's, and what is round it."""

import json
import os
import socket
import subprocess
from pathlib import Path

import pytest
import runner

from host_tools.setup import emulator as setup
from host_tools.setup.product import Unavailable

_CHECKS = Path(__file__).parent
_STILL = b"\xfe\xe7\0\0"  # an image: a jump to itself


@pytest.fixture(scope="module")
def check():
    """check("core_check.mjs", ...) runs it in node and gives the lines that it printed."""
    try:
        node, _ = setup.find()
    except Unavailable as error:
        runner.absent(str(error))

    def run(name, *words):
        argv = [node, _CHECKS / name, *map(str, words)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run


@pytest.mark.parametrize("seed", [1, 2])
def test_every_kind_of_instruction_does_what_it_does_on_rp2040js(check, seed):
    lines = check("core_check.mjs", 40_000, seed)
    end = json.loads(lines[-1])
    assert end["wrong"] == 0, "\n".join(lines)
    assert end["kinds"] >= 65


def test_the_serial_port_the_flash_and_the_pins_are_as_the_datasheets_say(check):
    assert check("parts_check.mjs")[-1] == "all well"


@pytest.fixture
def hello(tmp_path):
    """hello(cause, seed) starts the street's board, gives the id that it says, and ends it."""
    try:
        node, home = setup.find()
    except Unavailable as error:
        runner.absent(str(error))
    (tmp_path / "image.bin").write_bytes(_STILL)
    flash = tmp_path / "pico.flash"
    flash.write_bytes(bytes(4096))

    def start(cause="power_on", seed=None):
        with socket.create_server(("127.0.0.1", 0)) as world:
            told = {
                "KERB_EMULATOR": str(home),
                "KERB_IMAGE": str(tmp_path / "image.bin"),
                "KERB_FLASH": str(flash),
                "KERB_FLASH_BYTES": "4096",
                "KERB_RESET_CAUSE": cause,
                "KERB_WORLD": "127.0.0.1:{}".format(world.getsockname()[1]),
            }
            if seed is not None:
                told["KERB_SEED"] = str(seed)
            world.settimeout(60)
            argv = [node, setup.SOURCES / "world.mjs"]
            with subprocess.Popen(argv, env={**os.environ, **told}) as process:
                try:
                    far, _ = world.accept()
                    with far, far.makefile() as lines:
                        return json.loads(lines.readline())["id"]
                finally:
                    process.kill()

    start.kept = tmp_path / "pico.flash.json"
    return start


def test_a_chip_in_the_street_keeps_its_number_over_resets_and_its_seed_makes_it(hello):
    number = hello()
    assert hello("watchdog") == hello("power_on", seed=7) == number
    assert json.loads(hello.kept.read_text()) == {"id": number, "starts": 3}
    hello.kept.unlink()
    assert hello() == number
    hello.kept.unlink()
    assert hello(seed=7) != number


def test_the_emulator_ends_with_its_input_also_while_a_board_runs_by_itself(tmp_path):
    try:
        node, home = setup.find()
    except Unavailable as error:
        runner.absent(str(error))
    image = tmp_path / "image.bin"
    image.write_bytes(_STILL)
    with subprocess.Popen(
        [node, setup.SOURCES / "control.mjs"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "KERB_EMULATOR": str(home)},
    ) as process:
        for order in ({"do": "open", "image": str(image)}, {"do": "go"}):
            process.stdin.write(json.dumps(order).encode() + b"\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            assert "error" not in answer, answer
        assert answer["result"] > 0  # its port
        process.stdin.close()
        try:
            assert process.wait(60) == 0
        finally:
            process.kill()
