"""The rooms of the firmware: who may import whom, read from the source.

A reading goes part -> hal -> driver -> app -> event -> uplink, and nothing reaches around: that
is what lets an app run a year in seconds, and a board be added without touching an app.
"""

import ast
from pathlib import Path

import pytest

FIRMWARE = Path(__file__).resolve().parents[1] / "firmware"
KERB = FIRMWARE / "kerb"
HARDWARE = {"machine", "network", "esp32", "esp", "rp2", "bluetooth", "espnow", "neopixel"}
# Their epoch is the port's own: the wall clock's day count has one door.
EPOCH = {"time", "time_ns", "gmtime", "localtime", "mktime"}
EPOCH_OWNERS = {"kerb/hal/wallclock.py", "kerb/system/clock.py"}
# The rooms that each room may import from; kerb/device.py puts everything together.
MAY_IMPORT = {
    "hal": {"hal"},
    "system": {"system"},
    "drivers": {"drivers", "system"},
    "uplink": {"uplink", "system"},
    "apps": {"apps", "system"},
    # Like kerb/device.py, they put pieces together; what they are made of never asks back.
    "devices": {"devices", "apps", "drivers", "hal", "system", "uplink"},
}


def imports(source, package):
    """The dotted names of all modules that a source text imports, at its top or anywhere in it.

    `package` is the dotted name of the package that the source is in, for relative imports.
    """
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")
                parents = parents[: len(parents) - node.level + 1]
                base = ".".join([*parents, base]).rstrip(".")
            names.update(f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "__import__":
            names.update(part.value for part in node.args[:1] if isinstance(part, ast.Constant))
    return names


def rooms_of(names):
    """The rooms of kerb/ among imported names."""
    parts = [name.split(".") for name in names]
    return {words[1] for words in parts if words[0] == "kerb" and len(words) > 1}


def epoch_uses(source, names):
    """The functions of `time` that a source text uses and that count from the port's own epoch."""
    used = {name.split(".")[1] for name in names if name.startswith("time.")}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "time":
            used.add(node.attr)
    return used & EPOCH


def breaches(path, source):
    """What a firmware file at `path` (relative to firmware/) may not import, but does."""
    names = imports(source, ".".join(path.parent.parts))
    room = path.parts[1] if len(path.parts) > 2 and path.parts[0] == "kerb" else None
    found = set()
    if room != "hal":
        found |= {name.split(".")[0] for name in names} & HARDWARE
    if room is not None:
        found |= rooms_of(names) - MAY_IMPORT[room]
    if path.as_posix() not in EPOCH_OWNERS:
        found |= {f"time.{name}" for name in epoch_uses(source, names)}
    return found


@pytest.mark.parametrize(
    "path", sorted(path.relative_to(FIRMWARE) for path in FIRMWARE.rglob("*.py")), ids=str
)
def test_a_firmware_file_imports_only_what_its_room_may(path):
    assert not breaches(path, (FIRMWARE / path).read_text())


def test_every_room_has_its_rule():
    rooms = {path.parent.name for path in KERB.glob("*/*.py")}
    assert rooms <= set(MAY_IMPORT)


@pytest.mark.parametrize(
    ("path", "source", "found"),
    [
        ("kerb/apps/light.py", "from machine import Pin", {"machine"}),
        ("kerb/apps/light.py", "import time\nfrom kerb.hal import pwm", {"hal"}),
        ("kerb/apps/light.py", "from ..drivers.lamp import Lamp", {"drivers"}),
        ("kerb/apps/light.py", "from .. import uplink", {"uplink"}),
        ("kerb/apps/light.py", "def late():\n    import kerb.uplink.codec", {"uplink"}),
        ("kerb/apps/light.py", "from . import sun\nfrom kerb.system import log", set()),
        ("kerb/drivers/lamp.py", "import kerb.hal.pwm, kerb.apps.light", {"hal", "apps"}),
        ("kerb/uplink/wifi.py", "import network", {"network"}),
        ("kerb/uplink/wifi.py", "__import__('network')", {"network"}),
        ("kerb/system/clock.py", "from kerb.hal import wallclock", {"hal"}),
        ("kerb/hal/pwm.py", "import machine\nfrom kerb.drivers import lamp", {"drivers"}),
        ("kerb/device.py", "from kerb.hal import chip\nfrom kerb.apps import light", set()),
        ("kerb/device.py", "import machine", {"machine"}),
        ("main.py", "import rp2", {"rp2"}),
        ("kerb/uplink/sntp.py", "import time\ntime.time()", {"time.time"}),
        ("kerb/uplink/sntp.py", "from time import gmtime, ticks_ms", {"time.gmtime"}),
        ("kerb/system/clock.py", "import time\ntime.gmtime(0)", set()),
    ],
)
def test_reaching_around_is_seen(path, source, found):
    assert breaches(Path(path), source) == found
