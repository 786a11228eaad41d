"""The files of a board whose firmware is a few lines that print a crosswalk's trace."""

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
