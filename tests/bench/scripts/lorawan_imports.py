"""What importing each module named keeps of the heap, one after another, and all together."""

import array  # noqa: F401  what comes with the port and others use, too
import asyncio  # noqa: F401
import binascii  # noqa: F401
import gc
import struct  # noqa: F401
import sys
import time  # noqa: F401

import cryptolib  # noqa: F401
import kerb.uplink  # noqa: F401

gc.collect()
start = gc.mem_alloc()
for name in sys.argv[1:]:
    gc.collect()
    before = gc.mem_alloc()
    __import__("kerb.uplink.lorawan." + name)
    gc.collect()
    print(name, gc.mem_alloc() - before)
gc.collect()
print("all", gc.mem_alloc() - start)
