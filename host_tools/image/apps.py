"""What each app needs of an image's flash: the modules that a device with it can come to import.

All apps are in one image, and both ways to the city, so each is told by what would be left without
the others' own modules; a device has one app and one way, and of its ways the larger one counts.
"""

import json
import re
from modulefinder import ModuleFinder

from host_tools import paths
from host_tools.setup.product import run

_ROOTS = ("board", "kerb.device")
_WIFI, _LORAWAN = "kerb.devices.by_wifi", "kerb.devices.by_lorawan"
# Imported by names that are put together while it runs.
_STACK = "kerb.uplink.lorawan"


def modules_of(board, app, way=_WIFI):
    """The names of all modules of the firmware that a board with this app may import, a set."""
    other = _WIFI if way == _LORAWAN else _LORAWAN
    folders = [str(paths.FIRMWARE), str(paths.BOARDS / board)]
    finder = ModuleFinder(path=folders, excludes=[other])
    for name in (*_ROOTS, "kerb.devices." + app, way):
        finder.import_hook(name)
    if way == _LORAWAN:
        for path in (paths.FIRMWARE / _STACK.replace(".", "/")).glob("[a-z]*.py"):
            finder.import_hook(_STACK + "." + path.stem)
    return {name for name, module in finder.modules.items() if module.__file__}


def _all_modules():
    for path in paths.FIRMWARE.rglob("*.py"):
        parts = path.relative_to(paths.FIRMWARE).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def ways_of(board):
    """How a device on this board may be tied to the city: modules of kerb.devices."""
    told = json.loads((paths.BOARDS / board / "board.json").read_text())
    if "lora" not in told:
        return (_WIFI,)
    return (_WIFI, _LORAWAN) if "WiFi" in told.get("features", ()) else (_LORAWAN,)


def module_bytes(symbols, modules):
    """{module: bytes} of an image's frozen modules. symbols: what `nm -S` says of its ELF.

    MicroPython's mpy-tool.py names what it freezes after its module. What modules share, texts
    above all, is nobody's.
    """
    by_name = {name.replace(".", "_"): name for name in modules}
    names = "|".join(sorted(by_name, key=len, reverse=True))
    find = re.compile("_({})(_|$)".format(names)).search
    sizes = dict.fromkeys(modules, 0)
    for line in symbols.splitlines():
        words = line.split()
        found = find(words[3]) if len(words) == 4 else None
        if found:
            sizes[by_name[found.group(1)]] += int(words[1], 16)
    return sizes


def flash_bytes(elf, board, apps, added):
    """{app: bytes of flash} of an image in which all these apps together take `added` bytes."""
    needed = [(app, modules_of(board, app, way)) for app in apps for way in ways_of(board)]
    # What no device on this board imports is in the image all the same, and counts for none.
    everything = set().union(*(modules for _, modules in needed), _all_modules())
    symbols = run(["arm-none-eabi-nm", "-S", elf], "{} can't be read".format(elf.name))
    sizes = module_bytes(symbols, everything)
    taken = dict.fromkeys(apps, 0)
    for app, modules in needed:
        size = added - sum(sizes[name] for name in everything - modules)
        taken[app] = max(taken[app], size)
    return taken
