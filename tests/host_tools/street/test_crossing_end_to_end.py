"""`kerb street --app crosswalk` with the real firmware: one pole, and one on each side."""

import json
import subprocess
import sys

import pytest
from support import street_run

from host_tools import exits, paths

_DEADLINE_S = 90


@pytest.fixture
def crossing():
    """crossing(*args) starts a street with a crossing to which nobody comes by himself."""
    with street_run.runs("--app", "crosswalk") as start:

        def quiet(*args):
            run = start(*args)
            run.type("people off")
            names = ["crossing-0001"] + ["crossing-0002"] * ("2" in args)
            run.until_all(*((name + " is online",) for name in names))
            return run

        yield quiet


def test_button_walker_command_and_faults_are_told_as_they_are(crossing, micropython):
    # Both at once: half of it is waiting.
    runs = [crossing("--runtime", "cpython"), crossing("--runtime", "micropython")]
    for line, *told in (
        ("button", "the beacon flashes for", "crosswalk_activation: reason button"),
        ("walk", "crosswalk_activation: reason track"),
        ("activate", "activate: ok"),
        ("lamp out", "fault: part beacon, reason lamp_failure, active"),
        ("lamp ok", "fault: part beacon, reason lamp_failure, not active"),
        ("radar dead", "fault: part radar, reason no_answer, active"),
        ("button", "button: pushed for 1 s, the beacon flashes"),
        ("radar ok", "fault: part radar, reason no_answer, not active"),
        ("battery low", "fault: part battery, reason low, active"),
    ):
        for run in runs:
            run.type(line)
        for run in runs:
            run.until_all(*((text,) for text in told))
    for run in runs:
        run.type("quit")
        run.until("pole 1", "activation")
        run.until("Good.")
        assert run.end() == exits.OK


def test_two_poles_flash_together(crossing):
    run = crossing("--poles", "2", "--runtime", "cpython")
    run.type("button")
    run.until_all(
        ("pole 1: the beacon flashes", "button"),
        ("pole 2: the beacon flashes", "peer"),
    )
    run.type("button 2")
    run.until("result", "button: pushed", "the beacon flashes")
    run.type("walk 3")
    run.until("error", "expected 1 to 2")
    run.type("quit")
    run.until("Good.")
    assert run.end() == exits.OK


def test_the_button_works_without_the_network_and_after_the_power_was_gone(crossing):
    run = crossing("--runtime", "cpython")
    run.type("net off")
    run.until("result", "net: off")
    run.type("button")
    run.until("the beacon flashes for", "button")
    run.type("power off")
    run.until("result", "power: off")
    run.type("button")
    run.until("while the board does not run")
    run.type("power on")
    run.until("board", "starts (reset cause: power_on)")
    run.type("net on")
    run.until("is online")
    run.type("button")
    run.until("result", "the beacon flashes")
    run.type("quit")
    run.until("ran ")
    run.end()


def test_the_summary_of_a_crossing_is_json_for_scripts():
    done = subprocess.run(
        [
            *(sys.executable, "-m", "host_tools.cli", "street", "--app", "crosswalk"),
            *("--for", "12", "--json", "--seed", "4"),
        ],
        cwd=paths.ROOT,
        input="child\nbutton\n",
        capture_output=True,
        text=True,
        timeout=_DEADLINE_S,
        check=False,
    )
    assert done.returncode == exits.OK, done.stdout + done.stderr
    summary = json.loads(done.stdout)
    (pole,) = summary["crossing"]
    assert pole["seen"]["frames"] > 60
    assert pole["seen"]["activations"] >= 1
    assert pole["agrees"]
    assert summary["report"]["by_button"] >= 0
    assert "lamp" not in summary
    assert "bays" not in summary


def test_an_emulated_pico_does_not_have_the_pins():
    done = subprocess.run(
        [
            *(sys.executable, "-m", "host_tools.cli", "street", "--app", "crosswalk"),
            *("--board", "rpi_pico", "--for", "1"),
        ],
        cwd=paths.ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_DEADLINE_S,
        check=False,
    )
    assert done.returncode == exits.USAGE
    assert "crosswalk runs on the host" in done.stderr
