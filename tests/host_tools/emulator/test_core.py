"""The emulator's own parts: its core against rp2040js's, and what is round it."""

import json
import os
import subprocess
from pathlib import Path

import pytest
import runner

from host_tools.setup import emulator as setup
from host_tools.setup.product import Unavailable

_CHECKS = Path(__file__).parent


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


def test_the_emulator_ends_with_its_input_also_while_a_board_runs_by_itself(tmp_path):
    try:
        node, home = setup.find()
    except Unavailable as error:
        runner.absent(str(error))
    image = tmp_path / "image.bin"
    image.write_bytes(b"\xfe\xe7\0\0")  # a jump to itself
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
