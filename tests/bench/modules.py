"""What importing each module of the frozen firmware costs of the heap, on the emulated chip."""

import ast

from host_tools import paths
from host_tools.emulator.process import Emulator
from host_tools.emulator.repl import Repl

_SCRIPT = """
import gc
def cost(name):
    gc.collect()
    before = gc.mem_alloc()
    try:
        __import__(name)
    except Exception as e:
        return
    gc.collect()
    print(name, gc.mem_alloc() - before)
for name in {names!r}:
    cost(name)
"""


def _imports(path):
    """The modules of kerb that a file imports when it is imported itself."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from ("{}.{}".format(node.module, alias.name) for alias in node.names)


def order():
    """All modules of the firmware, each after those that it imports."""
    files = {}
    for path in sorted((paths.FIRMWARE / "kerb").rglob("*.py")):
        name = ".".join(path.relative_to(paths.FIRMWARE).with_suffix("").parts)
        files[name.removesuffix(".__init__")] = path
    done = ["asyncio", "json", "socket", "tls", "umqtt.simple"]

    def add(name):
        if name in files and name not in done:
            for needed in _imports(files[name]):
                add(needed)
            done.append(name)

    for name in files:
        add(name)
    return done


def costs(image):
    """{module: bytes of heap that its import leaves in use} of a frozen image."""
    with Emulator(image) as pico:
        repl = Repl(pico)
        pico.run(3000)
        repl.enter()
        # At the raw prompt a soft reset runs no main.py.
        repl.type("\x04")
        pico.run(3000)
        pico.wait("raw REPL; CTRL-B to exit\r\n>")
        said = repl.run(_SCRIPT.format(names=order()))
    return {name: int(cost) for name, cost in map(str.split, said.splitlines())}
