"""What each app needs of an image's flash: the modules that a device with it can come to import.

All apps are in one image, so each is told by what would be left without the others' own modules.
"""

import re
from modulefinder import ModuleFinder

from host_tools import paths
from host_tools.setup.product import run

_ROOTS = ("board", "kerb.device")


def modules_of(board, app):
    """The names of all modules of the firmware that a board with this app may import, a set."""
    finder = ModuleFinder(path=[str(paths.FIRMWARE), str(paths.BOARDS / board)])
    for name in (*_ROOTS, "kerb.devices." + app):
        finder.import_hook(name)
    return {name for name, module in finder.modules.items() if module.__file__}


def _all_modules():
    """The names of all modules of the firmware, a set."""
    files = (path.relative_to(paths.FIRMWARE) for path in paths.FIRMWARE.rglob("*.py"))
    return {".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in files}


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
    needed = {app: modules_of(board, app) for app in apps}
    # Modules that no app imports yet are nobody's, too.
    everything = set().union(*needed.values(), _all_modules())
    symbols = run(["arm-none-eabi-nm", "-S", elf], "{} can't be read".format(elf.name))
    sizes = module_bytes(symbols, everything)
    return {
        app: added - sum(sizes[name] for name in everything - modules)
        for app, modules in needed.items()
    }
