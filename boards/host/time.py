"""MicroPython's time module on the virtual board: ticks and sleeps go by the board's clock.

CPython never imports this file, its own time is built in: there cpython.py adds the names to it.
"""

import sys

import utime
from utime import *  # noqa: F403

_core = sys.modules.get("asyncio.core")
if _core is not None and not hasattr(_core, "run"):
    # asyncio asks, while it is being imported: it keeps the machine's ticks, as its C code does.
    del sys.modules["time"]
else:
    if _core is None:
        _this = sys.modules["time"]
        sys.modules["time"] = utime
        import asyncio.core  # noqa: F401

        sys.modules["time"] = _this
    from sim.clock import (  # noqa: F401
        sleep,
        sleep_ms,
        sleep_us,
        ticks_add,
        ticks_diff,
        ticks_ms,
        ticks_us,
    )

    ticks_cpu = ticks_us
