"""Zone against zoneinfo, given the same string as a TZif footer, and against the C library."""

import io
import json
import random
import struct
import subprocess
import sys
from datetime import datetime, timedelta
from datetime import timezone as fixed
from zoneinfo import ZoneInfo

from kerb.system.timezone import Zone

RUNTIMES = ("cpython",)

# The TZ strings of places whose clocks change in ways of their own (footers of tzdata 2025b).
STRINGS = (
    "KST-9",
    "<+0330>-3:30",
    "<-0930>9:30",
    "CET-1CEST,M3.5.0,M10.5.0/3",
    "GMT0BST,M3.5.0/1,M10.5.0",
    "EST5EDT,M3.2.0,M11.1.0",
    "NST3:30NDT,M3.2.0,M11.1.0",
    "AEST-10AEDT,M10.1.0,M4.1.0/3",
    "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
    "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45",
    "<-04>4<-03>,M9.1.6/24,M4.1.6/24",
    "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
    "IST-2IDT,M3.4.4/26,M10.5.0",
    "EET-2EEST,M3.4.4/50,M10.4.4/50",
    "EET-2EEST,M4.5.5/0,M10.5.4/24",
    "<+00>0<+02>-2,M3.5.0/1,M10.5.0/3",
    "IST-1GMT0,M10.5.0,M3.5.0/1",
)

# zoneinfo is a day wrong for n, and for J59 in leap years; the C library is right for those.
RARE_STRINGS = (
    "AAA+05:15:30BBB4:00:10,J59/0:30:15,J60/1:02:03",
    "CCC-3DDD,J60,J300/3",
    "EEE3FFF2,59/2,300",
    "GGG-13HHH-14,J20/-20,J360/-167",
    "III3JJJ,0,J1/5",
    "KKK3LLL,59,60",
)


def oracle(posix_tz):
    # RFC 8536: two empty blocks of type "no transitions, one local type", then the footer.
    block = b"TZif2" + bytes(15) + struct.pack(">6L", 0, 0, 0, 0, 1, 1) + bytes(6 + 1)
    return ZoneInfo.from_file(io.BytesIO(block * 2 + b"\n" + posix_tz.encode() + b"\n"))


def pair(when):
    since = when.replace(tzinfo=fixed.utc) - datetime(2000, 1, 1, tzinfo=fixed.utc)
    return since.days, since.seconds


def changes(zone, year):
    """The moments of a year, in UTC, at which the oracle's offset changes."""
    found = []
    when = datetime(year, 1, 1, tzinfo=fixed.utc)
    while when.year == year:
        after = when + timedelta(days=1)
        if when.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            lo, hi = when, after
            while hi - lo > timedelta(seconds=1):
                middle = lo + (hi - lo) // 2
                middle = middle.replace(microsecond=0)
                same = middle.astimezone(zone).utcoffset() == lo.astimezone(zone).utcoffset()
                lo, hi = (middle, hi) if same else (lo, middle)
            found.append(hi)
        when = after
    return found


def agree(posix_tz, ours, theirs, when):
    expected = when.astimezone(theirs)
    day, second, is_dst = ours.to_local(*pair(when))
    assert (day, second) == pair(expected), (posix_tz, when.isoformat(), expected.isoformat())
    assert is_dst == bool(expected.dst()), (posix_tz, when.isoformat(), expected.isoformat())
    # datetime reads a time in a gap with fold 0 by the offset before the change, as we do.
    back = expected.replace(fold=0).astimezone(fixed.utc)
    assert ours.to_utc(day, second) == pair(back), (posix_tz, when.isoformat())


def test_every_zone_is_right_to_the_second_at_each_change_from_2000_to_2099():
    for posix_tz in STRINGS:
        ours, theirs = Zone(posix_tz), oracle(posix_tz)
        expected = 2 if "," in posix_tz else 0
        for year in range(2000, 2100):
            found = changes(theirs, year)
            assert len(found) == expected, (posix_tz, year, found)
            for change in found:
                for by_s in (-7200, -3601, -3600, -60, -1, 0, 1, 60, 3599, 3600, 7200):
                    agree(posix_tz, ours, theirs, change + timedelta(seconds=by_s))


def test_every_zone_is_right_in_every_minute_of_the_days_around_its_changes():
    for posix_tz in STRINGS:
        ours, theirs = Zone(posix_tz), oracle(posix_tz)
        for year in (2000, 2026, 2028, 2099):
            for change in changes(theirs, year):
                for minute in range(-1440, 1441):
                    agree(posix_tz, ours, theirs, change + timedelta(minutes=minute))


def test_local_times_that_never_come_are_read_as_datetime_reads_them():
    for posix_tz in STRINGS:
        ours, theirs = Zone(posix_tz), oracle(posix_tz)
        for year in (2000, 2026, 2099):
            for change in changes(theirs, year):
                start = change.astimezone(theirs).replace(tzinfo=None, fold=0)
                for minute in range(-180, 181):
                    local = start + timedelta(minutes=minute)
                    utc = local.replace(tzinfo=theirs).astimezone(fixed.utc)
                    assert ours.to_utc(*pair(local)) == pair(utc), (posix_tz, local)


def test_every_zone_is_right_at_random_moments_in_any_order():
    chance = random.Random(2)
    for posix_tz in STRINGS:
        ours, theirs = Zone(posix_tz), oracle(posix_tz)
        for _ in range(3000):
            when = datetime(2000, 1, 2, tzinfo=fixed.utc)
            when += timedelta(seconds=chance.randrange(36523 * 86400))
            agree(posix_tz, ours, theirs, when)


LOCALTIME = """
import calendar, json, sys, time
print(json.dumps([
    (calendar.timegm(local) - 946684800, local.tm_isdst > 0)
    for local in (time.localtime(946684800 + s) for s in json.load(sys.stdin))
]))
"""


def test_the_rarer_forms_of_rules_are_right_as_the_c_library_is():
    chance = random.Random(3)
    for posix_tz in STRINGS + RARE_STRINGS:
        ours = Zone(posix_tz)
        asked = [chance.randrange(36525 * 86400) for _ in range(2000)]
        for minute in range(0, 366 * 1440, 20):
            asked.append(9496 * 86400 + minute * 60 - chance.randrange(3))
        told = subprocess.run(
            (sys.executable, "-c", LOCALTIME),
            input=json.dumps(asked),
            env={"TZ": posix_tz},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for since, (local, is_dst) in zip(asked, json.loads(told)):
            expected = (*divmod(local, 86400), is_dst)
            assert ours.to_local(*divmod(since, 86400)) == expected, (posix_tz, since)
