"""Sunrise and sunset of COUNT days of 2026: day_of_sun.py WHO COUNT LAT LON [bytes].

WHO is -, kerb or peer. Prints what a day takes: microseconds, and bytes; these are right only
with `bytes`, when nothing is collected and the heap must hold them all.
"""

import gc
import sys
import time

who, count = sys.argv[1], int(sys.argv[2])
latitude, longitude = float(sys.argv[3]), float(sys.argv[4])

if who == "kerb":
    from kerb.apps import sun

    lat_e7, lon_e7 = round(latitude * 1e7), round(longitude * 1e7)

    def of_day(day):
        return sun.events(9497 + day, lat_e7, lon_e7)

elif who == "peer":
    import sun_moon

    sun_moon.RiSet.verbose = False
    sun_moon.RiSet.set_time(1767225600)
    place = sun_moon.RiSet(latitude, longitude)

    def of_day(day):
        place.mjd = 61041 + day
        return place.rise_set(True, False)

else:

    def of_day(day):
        return None


of_day(0)
gc.collect()
if "bytes" in sys.argv:
    gc.disable()
before = gc.mem_alloc()
start = time.ticks_us()
for i in range(count):
    of_day(i * 365 // count)
us = time.ticks_diff(time.ticks_us(), start)
gc.enable()
print(us / max(count, 1), (gc.mem_alloc() - before) / max(count, 1))
