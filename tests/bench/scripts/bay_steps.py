"""Steps of a parking bay through recorded bursts, in the file bursts.json: [config, bursts].

Prints microseconds a step, bytes allocated a step, and bytes of the bay itself.
"""

import gc
import json
import time

from kerb.apps.parking import Bay

with open("bursts.json") as file:
    cfg, bursts = json.load(file)

gc.collect()
before = gc.mem_alloc()
bay = Bay(cfg)
gc.collect()
own = gc.mem_alloc() - before
for at, burst in enumerate(bursts):  # to where it is calm
    bay.step(at * 1000, burst, 2000)
gc.collect()
gc.disable()
start_ms = len(bursts) * 1000
before = gc.mem_alloc()
start = time.ticks_us()
for at, burst in enumerate(bursts):
    bay.step(start_ms + at * 1000, burst, 2000)
us = time.ticks_diff(time.ticks_us(), start)
allocated = gc.mem_alloc() - before
gc.enable()
print(us / len(bursts), allocated / len(bursts), own)
