"""What kerb.settings.forget() leaves of the firmware, in a process of its own: it spoils it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from host_tools import paths
from kerb import settings

_SCRIPT = """
import gc, sys, weakref
sys.path[:0] = {folders!r}
import cpython
from kerb import device, settings
import kerb.uplink.codec, kerb.devices.{app}
from kerb.system import schema
made = settings.schema.Obj
gone = weakref.ref(made), weakref.ref(settings._check), weakref.ref(kerb.devices.{app}.check)
errors = settings.check_config({{}})
assert errors
del made, schema
settings.forget()
gc.collect()
print([one() for one in gone] == [None] * 3)
print(*sorted(name for name in sys.modules if name.split(".")[0] in ("kerb", "rp2")))
"""
# Of these, modules may be imported while a device runs: they keep their places, or are pure.
_LATE_ROOMS = {"uplink", "apps"}


@pytest.mark.parametrize("app", settings.APPS)
def test_what_only_the_start_needs_is_gone_and_the_uplink_stays(app):
    folders = [str(paths.FIRMWARE), str(paths.BOARDS / "host")]
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT.format(folders=folders, app=app)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    gone, left = done.stdout.splitlines()
    assert gone == "True"
    assert left == "kerb kerb.device kerb.uplink kerb.uplink.codec kerb.uplink.fields"


def _imported(nodes):
    """The dotted names of the modules of ours that some nodes of a syntax tree import."""
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            both = node.module, *(f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name for name in both if _file(name).exists())


def _file(name):
    return paths.FIRMWARE / Path(*name.split(".")).with_suffix(".py")


def _tree(path):
    return ast.parse(path.read_text())


def _late(path):
    """What a file imports in its functions."""
    tree = _tree(path)
    return set(_imported(ast.walk(tree))) - set(_imported(tree.body))


def _with_theirs(names):
    """These modules, those that they import at their tops, and so on."""
    found, todo = set(), set(names)
    while todo:
        name = todo.pop()
        found.add(name)
        todo |= set(_imported(_tree(_file(name)).body)) - found
    return found


def test_nothing_that_a_running_device_imports_brings_a_second_copy_of_what_is_in_use():
    late = set()
    for room in ("apps", "system", "uplink"):
        for path in (paths.FIRMWARE / "kerb" / room).glob("*.py"):
            late |= _late(path)
    assert {"kerb.uplink.login", "kerb.apps.dusk"} <= late
    for name in _with_theirs(late):
        assert name.split(".")[1] in _LATE_ROOMS, name
