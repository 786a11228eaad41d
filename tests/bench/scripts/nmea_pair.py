"""COUNT pairs of RMC and GGA read by one parser: nmea_pair.py WHO COUNT WHAT.

WHO is -, kerb, plain, micropygps, light or light_lines: the same without its reader, given whole
lines where all others find them among bytes. Prints what it makes of the first pair (latitude
and longitude in 1e-7 degree, rounded) and what a pair takes: microseconds, each on a heap that
was collected just before, with WHAT = us; bytes, when nothing is collected, with WHAT = bytes.
Any other WHAT just reads them.
"""

import gc
import sys
import time

who, count, what = sys.argv[1], int(sys.argv[2]), sys.argv[3]


def line(body):
    check = 0
    for byte in body:
        check ^= byte
    return b"$%s*%02X\r\n" % (body, check)


def pair(second):
    here = b"3510.8123,N,12904.8123,E"
    clock = b"0927%02d.000" % second
    return (
        line(b"GNRMC," + clock + b",A," + here + b",0.02,31.66,280526,,,A"),
        line(b"GNGGA," + clock + b"," + here + b",1,08,1.1,150.0,M,15.0,M,,"),
    )


pairs = [pair(second) for second in range(60)]

if who == "kerb":
    from kerb.drivers.nmea import Nmea

    nmea = Nmea()
    feed = nmea.feed
    given = [bytearray(b"".join(each)) for each in pairs]

    def one(i):
        buf = given[i % 60]
        feed(buf, len(buf))

    def place():
        return nmea.position()

elif who == "plain":
    from nmea_plain import Plain

    plain = Plain()
    given = [b"".join(each) for each in pairs]

    def one(i):
        for byte in given[i % 60]:
            plain.update(byte)

    def place():
        return plain.lat_e7, plain.lon_e7

elif who == "micropygps":
    from micropyGPS import MicropyGPS

    gps = MicropyGPS()
    given = [b"".join(each) for each in pairs]

    def one(i):
        for byte in given[i % 60]:
            gps.update(chr(byte))

    def place():
        both = gps.latitude, gps.longitude
        return tuple(round((each[0] + each[1] / 60) * 10**7) for each in both)

elif who in ("light", "light_lines"):
    from light_nmea.nmea0183_parser import LightNMEA

    light = LightNMEA()
    if who == "light_lines":

        def one(i):
            for each in pairs[i % 60]:
                light.parse_line(each)

    else:
        from light_nmea.nmea0183_stream import NMEAStreamReader

        class Port:
            """What its reader reads from."""

            def any(self):
                return len(self.given)

            def readinto(self, buf, size):
                given = self.given
                buf[: len(given)] = given
                return len(given)

        port = Port()
        reader = NMEAStreamReader(port)
        given = [b"".join(each) for each in pairs]

        def one(i):
            port.given = given[i % 60]
            reader.read_available(light)

    def place():
        return round(light.latitude * 10**7), round(light.longitude * 10**7)

else:

    def one(i):
        pass

    def place():
        return 0, 0


one(0)
lat_e7, lon_e7 = place()
one(1)
gc.collect()
before = gc.mem_alloc()
us = 0
if what == "bytes":
    gc.disable()
    before = gc.mem_alloc()
    for i in range(count):
        one(i)
    spent = gc.mem_alloc() - before
    # What the loop itself takes, for a board has no small integers beyond 30 bits.
    print(lat_e7, lon_e7, 0, spent / max(count, 1))
else:
    for i in range(count):
        if what == "us":
            gc.collect()
        start = time.ticks_us()
        one(i)
        us += time.ticks_diff(time.ticks_us(), start)
    print(lat_e7, lon_e7, us / max(count, 1), 0)
