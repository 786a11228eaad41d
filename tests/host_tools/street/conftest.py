"""A street whose firmware is stub_board.py, for what a real firmware won't do on demand."""

import asyncio
import contextlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import runner

from host_tools import paths
from host_tools.setup import micropython
from host_tools.setup.product import Unavailable
from host_tools.street import flash, run
from host_tools.street.actions import Actions
from host_tools.street.pins import of_host_board
from host_tools.street.session import Session
from host_tools.street.world import Site

_STUB = Path(__file__).with_name("stub_board.py")
_DEADLINE_S = 15


async def _until(condition, deadline_s=_DEADLINE_S):
    """Wait until `condition()` is true; fail when it isn't in time."""
    async with asyncio.timeout(deadline_s):
        while not condition():  # noqa: ASYNC110  any condition has no event
            await asyncio.sleep(0.02)


@pytest.fixture
def until():
    """`await until(condition)`: waits with a generous deadline, fails when it passes."""
    return _until


@pytest.fixture(params=["micropython", "cpython"])
def runtime(request):
    """The name of a runtime that is there."""
    if request.param == "micropython":
        try:
            micropython.find()
        except Unavailable as why:
            runner.absent(str(why))
    return request.param


class Street:
    """A running Session over the stub, and the Actions on it."""

    def __init__(self, options):
        self.session = Session(options)
        self.actions = Actions(self.session)
        self.until = _until

    def said(self, text):
        """Tell whether something that happened has `text` in it."""
        return any(text in note.text for note in self.session.notes)


@pytest.fixture
def options():
    """Options for a Session over the stub, at 22:00 in Busan."""
    return run.Options(
        site=Site(35.18, 129.08, "KST-9"),
        start_utc=datetime(2026, 11, 22, 13, tzinfo=UTC),
        runtime=paths.Runtime("cpython", sys.executable, "stub"),
        heap_kb=384,
        broker="embedded",
        pins=of_host_board(),
        start=_STUB,
    )


@pytest.fixture
def misbehave(monkeypatch):
    """misbehave(lie=True) makes the stub of the next street do what stub_board.py lists."""
    write = flash.write

    def set_faults(**faults):
        def write_with_faults(folder, *documents):
            made = write(folder, *documents)
            (made / "stub.json").write_text(json.dumps(faults))
            return made

        monkeypatch.setattr(flash, "write", write_with_faults)

    return set_faults


@pytest.fixture
def street(options):
    """`async with street() as it:` runs a Street and takes it down."""

    @contextlib.asynccontextmanager
    async def running(**changes):
        for name, value in changes.items():
            setattr(options, name, value)
        it = Street(options)
        try:
            await it.session.start()
            yield it
        finally:
            await it.session.stop()

    return running
