"""A LoRaWAN device from its imports to its first acknowledged uplink: lorawan_life.py UNTIL.

Prints the heap in use at each step beyond what was there before, collected, up to the step UNTIL:
nothing, imported, made, joined or sent; then the modules of the stack that stay. There is no radio
and no time: what the network says is made here, and sleeping takes none. Needs lorawan_time.py as
`time`.
"""

import asyncio
import gc
import os
import sys
import time

import cryptolib
import kerb.system.log
import kerb.system.store
import kerb.uplink

until = sys.argv[1]


async def sleep_ms(ms):
    time.now_us += max(ms, 0) * 1000


asyncio.sleep_ms = sleep_ms
KEY = bytes(range(16))
log = kerb.system.log.Log(1)
store = kerb.system.store.Store("lorawan-life-%d" % (os.getpid() if hasattr(os, "getpid") else 0))


class Radio:
    fault = None
    answer = None

    async def transmit(self, frame, freq_hz, sf, bw_hz, dbm):
        time.now_us += 100000
        self.answer = accept if frame[0] == 0 else acknowledge
        return time.now_us

    async def receive(self, open_us, symbols, freq_hz, sf, bw_hz):
        time.now_us += 100000
        return self.answer(), -80, 7


def accept():
    from kerb.uplink.lorawan.frames import mic

    body = b"\1\0\0\0\0\0\4\3\2\1\0\1"
    signed = mic(KEY, int.from_bytes(b"\x20" + body, "big"), 13)
    return b"\x20" + cryptolib.aes(KEY, 1).decrypt(body + signed)


def acknowledge():
    from kerb.uplink.lorawan.frames import mic

    head = b"\x60\4\3\2\1\x20\0\0"
    b0 = b"\x49\0\0\0\0\1\4\3\2\1\0\0\0\0\0\x08"
    return head + mic(mac.session.keys[0], int.from_bytes(b0 + head, "big"), 24)


def run(coroutine):
    try:
        while True:
            coroutine.send(None)
    except StopIteration as end:
        return end.value


def step(name):
    gc.collect()
    print(name, gc.mem_alloc() - start)
    return until == name


def life():
    global mac
    if step("nothing"):
        return
    from kerb.uplink.lorawan import radio, region, transport  # noqa: F401
    from kerb.uplink.lorawan.mac import ACKED, SENT, Mac

    table = region.load("EU868")
    if step("imported"):
        return
    ids = bytes(range(8)), bytes(range(8, 16)), KEY
    mac = Mac(table, ids, Radio(), store, log, lambda n: 0)
    if step("made"):
        return
    said = run(mac.join(lambda: None))
    assert said == SENT, said
    if step("joined"):
        return
    said = run(mac.send(1, b"eleven byte", True, lambda: None))
    assert said == ACKED, said
    step("sent")


mac = None
gc.collect()
start = gc.mem_alloc()
try:
    life()
finally:
    for name in ("lora_session", "lora_counts", "lora_join"):
        store.delete(name)
package = "kerb.uplink.lorawan."
print("stays", *[name[len(package) :] for name in sys.modules if name.startswith(package)])
