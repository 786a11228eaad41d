"""A board whose firmware is a few lines that print a trace, on a virtual board's port."""

import contextlib
import json
import subprocess
import sys
import threading

import pytest
from support.tracing_board import CONFIG, FIRMWARE

from host_tools import paths
from host_tools.vboard import image
from host_tools.vboard.running import Running


_PATIENCE_S = 90


@pytest.fixture
def watching():
    """watching(*words) starts `kerb crosswalk`; gives the process, which ends with the test, or
    when it is too late.
    """
    with contextlib.ExitStack() as stack:

        def start(*words):
            made = subprocess.Popen(
                [sys.executable, "-m", "host_tools.cli", "crosswalk", *map(str, words)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                stdin=subprocess.DEVNULL,
                text=True,
                cwd=paths.ROOT,
            )
            stack.callback(made.kill)
            timer = threading.Timer(_PATIENCE_S, made.kill)
            timer.start()
            stack.callback(timer.cancel)
            return made

        yield start


@pytest.fixture
def crossing(tmp_path, micropython):
    """crossing(config, {name: text}) gives a running board with a firmware that traces."""
    with contextlib.ExitStack() as stack:

        def start(config=CONFIG, **changed):
            files = FIRMWARE | {"config.json": json.dumps(config)}
            files |= {name.replace("__", "/") + ".py": text for name, text in changed.items()}
            flash = tmp_path / "flash.img"
            image.make(flash, {name: text.encode() for name, text in files.items()})
            return stack.enter_context(Running(flash, tmp_path / "port", micropython))

        yield start
