"""Boards with a program of the test's own on their flash."""

import contextlib

import pytest

from host_tools.vboard import image
from host_tools.vboard.running import Running


@pytest.fixture
def flashed(tmp_path, micropython):
    """flashed(main.py's text, more files) gives a running board that has it on its flash."""
    with contextlib.ExitStack() as stack:

        def start(main, **contents):
            flash = tmp_path / "flash.img"
            files = {name + ".py": text.encode() for name, text in contents.items()}
            image.make(flash, {"main.py": main.encode()} | files)
            return stack.enter_context(Running(flash, tmp_path / "port", micropython))

        yield start
