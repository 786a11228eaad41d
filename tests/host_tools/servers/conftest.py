"""The JavaScript codec in node, and payloads made by the firmware on MicroPython."""

import json
import subprocess
from pathlib import Path

import pytest
import runner

from host_tools import paths
from host_tools.servers import javascript
from host_tools.setup import npm
from host_tools.setup.product import Unavailable

_HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def script(tmp_path_factory):
    """The script as a file."""
    path = tmp_path_factory.mktemp("codec") / "kerb.js"
    path.write_text(javascript.script())
    return path


@pytest.fixture
def call(script):
    """call([[function, input], ..]) gives the results; without node the test is skipped."""
    try:
        node = npm.node()
    except Unavailable as why:
        runner.absent(str(why))

    def run(calls, path=script):
        done = subprocess.run(
            [node, _HERE / "call.mjs", path],
            input=json.dumps(calls),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture
def wire_lines(micropython):
    """wire_lines(seed, rounds): what the script of this name prints on MicroPython."""

    def run(seed, rounds):
        done = subprocess.run(
            [micropython, "-X", "heapsize=1m", _HERE / "wire_lines.py", str(seed), str(rounds)],
            env={"MICROPYPATH": f"{paths.FIRMWARE}:{paths.ROOT / 'tests'}:.frozen"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-500:] + done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return run
