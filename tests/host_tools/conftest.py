"""A virtual board for every test that wants one, and the real mpremote on its port."""

import subprocess
import sys
import time

import pytest
import runner
from support.flashing import CONFIG, some_contents, write
from support.terminal import Terminal

from host_tools.setup import micropython as setup
from host_tools.setup.product import Unavailable
from host_tools.vboard import image
from host_tools.vboard.running import Running

_PATIENCE_S = 180  # only what hangs takes so long, on the slowest machine too


@pytest.fixture
def micropython():
    """The path of unix MicroPython; where it is missing the test is skipped, in CI it fails."""
    try:
        return setup.find()[0]
    except Unavailable as why:
        return runner.absent(str(why))


@pytest.fixture
def board(tmp_path, micropython):
    """A virtual board with a blank flash: a host_tools.vboard.running.Running."""
    flash = tmp_path / "flash.img"
    image.make(flash)
    with Running(flash, tmp_path / "port", micropython) as board:
        yield board


@pytest.fixture
def terminal(board):
    """The board's port in a person's hands, at the friendly prompt."""
    with Terminal(board.port) as line:
        line.prompt()
        yield line


@pytest.fixture
def mpremote(board):
    """mpremote("ls", ":") runs the real one on the board; gives what it printed."""

    def run(*words, code=0, cwd=None):
        done = subprocess.run(
            [sys.executable, "-m", "mpremote", "connect", board.port, *map(str, words)],
            capture_output=True,
            check=False,
            timeout=_PATIENCE_S,
            cwd=cwd,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return (done.stdout + done.stderr).decode().replace("\r\n", "\n")

    return run


@pytest.fixture
def wait_for():
    """wait_for(function) waits until it gives something true, and gives that."""

    def wait(function, patience_s=_PATIENCE_S):
        deadline = time.monotonic() + patience_s
        while not (found := function()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return found

    return wait


@pytest.fixture
def contents():
    """{name: bytes} to bring onto a board."""
    return some_contents()


@pytest.fixture
def config(tmp_path):
    """A config file for a lamp."""
    return write(tmp_path / "lamp.json", CONFIG)
