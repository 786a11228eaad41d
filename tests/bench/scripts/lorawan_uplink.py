"""COUNT confirmed uplinks of 11 bytes: lorawan_uplink.py WHO COUNT WHAT.

WHO is -, kerb, kerb_down (the same as downlinks read), lemariva or gerezoltan. Prints the first
frame in hex and what a frame takes: microseconds, right with WHAT = us, each on a heap that was
collected just before; bytes, right with WHAT = bytes, when nothing is collected and the heap must
hold them all. Any other WHAT just makes them.
"""

import gc
import sys
import time
from binascii import hexlify, unhexlify

who, count, what = sys.argv[1], int(sys.argv[2]), sys.argv[3]
NWK = unhexlify("44024241ed4ce9a68c6a8bc055233fd3")
APP = unhexlify("ec925802ae430ca77fd3dd73cb2cc588")
ADDRESS = unhexlify("49be7df1")  # most significant byte first
DATA = b"eleven byte"
made = None

if who.startswith("kerb"):
    from kerb.uplink.lorawan import frames

    keys, on_air = (NWK, APP), bytes(reversed(ADDRESS))
    if who == "kerb":

        def one(fcnt):
            return frames.build(keys, on_air, fcnt, True, 0, b"", 1, DATA)

    else:
        down = b"\x60" + on_air + b"\0\0\0\1" + DATA
        value = int.from_bytes(down, "big") ^ frames.stream(APP, 1, on_air, 0, 11)
        down = value.to_bytes(20, "big")
        value |= int.from_bytes(b"\x49\0\0\0\0\1" + on_air + b"\0\0\0\0\0\x14", "big") << 160
        down += frames.mic(NWK, value, 36)

        def one(fcnt):
            return down if frames.read_down(keys, on_air, 0, down)[6] == DATA else None

elif who == "lemariva":
    import sx127x

    # Its radio is left out, and its printing; it can't make confirmed frames.
    sx127x.__DEBUG__ = False

    class Settings:
        device_address = bytearray(ADDRESS)
        network_key = bytearray(NWK)
        app_key = bytearray(APP)

    class Radio:
        _ttn_config = Settings()
        _fport = 1

        def send_packet(self, frame, length, timeout):
            self.frame, self.length = frame, length

    radio = Radio()
    send = sx127x.SX127x.send_data

    def one(fcnt):
        send(radio, DATA, 11, fcnt)
        return radio.frame[: radio.length]

elif who == "gerezoltan":
    import LoRaWAN
    from LoRaWAN.MHDR import MHDR

    address, nwk, app, data = list(ADDRESS), list(NWK), list(APP), list(DATA)

    def one(fcnt):
        frame = LoRaWAN.new(nwk, app)
        fields = {"fport": 1, "devaddr": address, "fcnt": fcnt, "data": data}
        frame.create(MHDR.CONF_DATA_UP, fields)
        return bytes(frame.to_raw())

else:

    def one(fcnt):
        return b""


first = hexlify(one(0)).decode() or "-"
gc.collect()
before = gc.mem_alloc()
us = 0
if what == "bytes":
    gc.disable()
for i in range(count):
    if what == "us":
        gc.collect()
    start = time.ticks_us()
    one(i)
    us += time.ticks_diff(time.ticks_us(), start)
gc.enable()
print(first, us / max(count, 1), (gc.mem_alloc() - before) / max(count, 1))
