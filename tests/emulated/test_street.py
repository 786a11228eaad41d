"""`make run BOARD=rpi_pico`: the emulated Pico in the simulated street, with its real broker."""

import json
import subprocess
import sys

from .conftest import image

_PATIENCE_S = 180


def test_the_emulated_pico_comes_up_in_the_street_and_its_lamp_does_what_it_reports():
    image("rpi_pico_ppp")
    argv = [sys.executable, "-m", "host_tools.cli", "street", "--board", "rpi_pico"]
    argv += ["--for", "20", "--json", "--time", "23:00"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=_PATIENCE_S)
    summary = json.loads(done.stdout.splitlines()[-1])
    assert summary["runtime"] == "MicroPython (rp2 on an emulated RP2040)"
    assert summary["came_up_after_s"] is not None, done.stderr
    assert summary["events"]["boot"] >= 1 and summary["crashes"] == 0
    assert summary["lamp"]["agrees"], done.stderr


def test_the_emulated_pico_looks_at_two_bays_and_says_what_is_in_them():
    image("rpi_pico_ppp")
    argv = [sys.executable, "-m", "host_tools.cli", "street", "--board", "rpi_pico"]
    argv += ["--app", "parking", "--for", "60", "--json"]
    done = subprocess.run(
        argv, input="car in\n", capture_output=True, text=True, check=False, timeout=_PATIENCE_S
    )
    summary = json.loads(done.stdout.splitlines()[-1])
    assert summary["events"]["boot"] == 1 and summary["crashes"] == 0, done.stderr
    assert [bay["reported"] for bay in summary["bays"]] == ["occupied"] * 2, done.stderr
    assert all(bay["agrees"] for bay in summary["bays"]), done.stderr
