"""One question to a time server: SNTP, a client's part of RFC 5905 (NTP version 4)."""

import asyncio
import errno
import os
import socket

from kerb.uplink.resolve import exchange, resolve
from micropython import const

_SIZE = const(48)
_MISSES = const(3)
_DAYS_TO_2000 = const(36524)  # from 1900-01-01, where era 0 begins
_ERA_DAYS = const(49710)  # 2^32 s is this long
_ERA_S = const(23296)


def _day_second(b):
    """(day since 2000-01-01, seconds on top) of NTP's seconds in four bytes; nothing beyond 2^31.

    They wrapped in 2036: a value whose top bit is 0 belongs to the era after (RFC 4330, 3).
    """
    high = (b[0] << 8 | b[1]) << 9  # 65536 s = 512 / 675 day
    day = high // 675 - _DAYS_TO_2000
    second = high % 675 * 128 + (b[2] << 8 | b[3])
    if b[0] < 128:
        day += _ERA_DAYS
        second += _ERA_S
    return day, second


class Sntp:
    """A time server. Its name is looked up at first, and when it refused or 3 times failed."""

    def __init__(self, host, port=123):
        self._host = host
        self._port = port
        self._address = None
        self._misses = 0

    async def ask(self, dns, check_in=None, timeout_ms=3000):
        """(day since 2000-01-01, second, round trip in ms), returned as that second begins, UTC.

        `dns` are the addresses of DNS servers; check_in() is called while it waits, but for the
        last second. OSError when no answer came in time or the server has no time to give.
        """
        if self._address is None:
            self._address = await resolve(self._host, self._port, dns, check_in)
            self._misses = 0
        try:
            reply, trip_ms = await self._exchange(check_in, timeout_ms)
            _check(reply)
        except OSError as e:
            # A time-out alone says nothing against the address.
            self._misses += 1
            if self._misses == _MISSES or e.errno == errno.ECONNREFUSED:
                self._address = None
            raise
        self._misses = 0
        day, second = _day_second(reply[40:44])
        ms = ((reply[44] << 8 | reply[45]) * 1000 >> 16) + trip_ms // 2
        await asyncio.sleep_ms(1000 - ms % 1000)
        second += ms // 1000 + 1
        return day + second // 86400, second % 86400, trip_ms

    async def _exchange(self, check_in, timeout_ms):
        """(the server's reply to one question, round trip in ms)."""
        cookie = os.urandom(8)
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            sock.connect(self._address)  # replies of others are dropped
            return await exchange(
                "time server",
                sock,
                b"\x23" + bytes(39) + cookie,  # version 4, client; nothing else of ours
                lambda reply: len(reply) == _SIZE and reply[24:32] == cookie,
                _SIZE,
                timeout_ms,
                check_in,
            )
        finally:
            sock.close()


def _check(reply):
    stratum = reply[1]
    if stratum == 0:  # its code: RATE, DENY ...
        code = "".join(chr(c) for c in reply[12:16] if 32 <= c < 127)
        raise OSError("time server says " + code)
    if reply[0] & 7 != 4 or stratum > 15 or reply[0] >> 6 == 3 or not any(reply[40:48]):
        raise OSError("time server has no time")
