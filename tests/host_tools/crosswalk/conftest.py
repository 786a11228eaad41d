"""A board whose firmware is a few lines that print a trace, on a virtual board's port."""

import contextlib
import json

import pytest

from host_tools.vboard import image
from host_tools.vboard.running import Running

CONFIG = {
    "app": "crosswalk",
    "crosswalk": {"width_mm": 4000, "length_mm": 7000, "radar": "ld2450"},
}
_DEVICE = """\
import asyncio
from kerb.apps import crosswalk_app
async def work():
    n = 0
    while True:
        n += 1
        if crosswalk_app.TRACE:
            y = 3000 - 100 * (n % 30)
            left = 9000 if y < 1500 else 0
            print('~[%d,%d,%s,[[7,250,%d,0,-1000,"approaching"]],0,null]'
                  % (n * 100, left, '"track"' if left else 'null', y))
        if n == 3:
            print("12 warn: a line of the log")
        await asyncio.sleep_ms(20)
def run(board):
    print("service, trace", crosswalk_app.TRACE)
    try:
        asyncio.run(work())
    except KeyboardInterrupt:
        print("Stopped, outputs safe.")
"""
FIRMWARE = {
    "main.py": "import board\nfrom kerb import device\ndevice.run(board)\n",
    "board.py": "",
    "kerb/__init__.py": "",
    "kerb/apps/__init__.py": "",
    "kerb/apps/crosswalk_app.py": "TRACE = False\n",
    "kerb/device.py": _DEVICE,
}


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
