"""What importing modules keeps of the heap: lorawan_imports.py MODULE ...

Before and after each it prints the heap in use and, by micropython.qstr_info(), what of it the
names take. The rest of the firmware that every device has is there already, as are its names.
"""

import array  # noqa: F401
import asyncio  # noqa: F401
import binascii  # noqa: F401
import gc
import json  # noqa: F401
import struct  # noqa: F401
import sys
import time  # noqa: F401

import cryptolib  # noqa: F401
import kerb.system.clock
import kerb.system.config
import kerb.system.log
import kerb.system.store
import kerb.system.supervisor
import kerb.uplink.backoff
import kerb.uplink.codec
import kerb.uplink.uplink  # noqa: F401
import micropython

for name in [None] + sys.argv[1:]:
    if name:
        __import__("kerb.uplink.lorawan." + name)
    gc.collect()
    print(gc.mem_alloc())
    micropython.qstr_info()
