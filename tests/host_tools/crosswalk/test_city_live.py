"""`kerb crosswalk --broker` on a real mosquitto, beside a street with two poles."""

import json
import subprocess
import sys

import pytest
from brokers.parts import Mosquitto
from support import street_run

from host_tools import exits, paths

_DEADLINE_S = 90


def _run(*words):
    return subprocess.run(
        [sys.executable, "-m", "host_tools.cli", "crosswalk", *words],
        capture_output=True,
        text=True,
        timeout=_DEADLINE_S,
        check=False,
        cwd=paths.ROOT,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def broker(need, tmp_path):
    """The place of a mosquitto."""
    made = Mosquitto(need("mosquitto"), tmp_path).start()
    yield "127.0.0.1:{}".format(made.port)
    made.kill()


def test_poles_and_their_reasons_are_told_once_and_live(broker, watching):
    with street_run.runs("--app", "crosswalk", "--runtime", "cpython") as start:
        street = start("--poles", "2", "--broker", broker)
        base = street.until("topics ").split("topics ")[1].removesuffix("/#")
        street.type("people off")
        street.until_all(
            ("event    crosswalk_report",), ("event    crossing-0002 crosswalk_report",)
        )
        done = _run("--broker", broker, "--base", base, "--once", "--json")
        assert done.returncode == exits.OK, done.stderr
        seen = json.loads(done.stdout)
        assert [pole["device"] for pole in seen["poles"]] == ["crossing-0001", "crossing-0002"]
        assert all(pole["online"] and not pole["flashing"] for pole in seen["poles"])
        seen = watching("--broker", broker, "--base", base)
        said = ""
        for line in seen.stdout:
            said += line
            if "is there" in line and said.count("is there") == 2:
                street.type("button")
            if "0001 flashes" in said and "0002 flashes" in said:
                break
        assert ": button" in said, said
        assert ": peer" in said, said
        seen.terminate()
        rest, _ = seen.communicate(timeout=_DEADLINE_S)
        assert seen.returncode == exits.INTERRUPTED
        assert "2 poles, 2 flashing" in rest
        street.type("quit")
        street.until("Good.")


def test_a_broker_without_crosswalks_is_a_failure(broker):
    done = _run("--broker", broker, "--once", "--for", "2s")
    assert done.returncode == exits.FAILED
    assert "no crosswalk was heard of" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--broker", "x:y:z"], "--broker: found"),
        (["--broker", "x", "--base", "a/#"], "--base: found"),
        (["--broker", "x", "--seed", "1"], "leave one out"),
        (["--broker", "x", "--ca", "/nowhere"], "there is no file"),
    ],
)
def test_wrong_usage_is_said_so(words, said):
    done = _run(*words)
    assert done.returncode == exits.USAGE
    assert said in done.stderr
    if "leave" not in said:
        assert "kerb crosswalk --help" in done.stderr
