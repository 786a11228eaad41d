"""One question to a time server: SNTP, a client's part of RFC 5905 (NTP version 4)."""

import asyncio
import errno
import os
import socket
import time

from micropython import const

_SIZE = const(48)
_LOOK_MS = const(5)
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
    """A time server. Its name is looked up, which blocks, at first and after a failure."""

    def __init__(self, host, port=123):
        self._host = host
        self._port = port
        self._info = None

    async def ask(self, timeout_ms=3000):
        """(day since 2000-01-01, second, round trip in ms), returned as that second begins, UTC.

        OSError when no answer came in time or the server has no time to give.
        """
        info = self._info or socket.getaddrinfo(self._host, self._port, 0, socket.SOCK_DGRAM)[0]
        self._info = None
        cookie = os.urandom(8)
        sock = socket.socket(info[0], socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            sock.connect(info[-1])  # replies of others are dropped
            start = time.ticks_ms()
            sock.send(b"\x23" + bytes(39) + cookie)  # version 4, client; nothing else of ours
            while True:
                try:
                    reply = sock.recv(_SIZE)
                except OSError as e:
                    if e.errno != errno.EAGAIN:
                        raise
                    reply = b""
                trip_ms = time.ticks_diff(time.ticks_ms(), start)
                if len(reply) == _SIZE and reply[24:32] == cookie:
                    break
                if trip_ms >= timeout_ms:
                    raise OSError("no answer from the time server")
                await asyncio.sleep_ms(_LOOK_MS)
        finally:
            sock.close()
        _check(reply)
        self._info = info
        day, second = _day_second(reply[40:44])
        ms = ((reply[44] << 8 | reply[45]) * 1000 >> 16) + trip_ms // 2
        await asyncio.sleep_ms(1000 - ms % 1000)
        second += ms // 1000 + 1
        return day + second // 86400, second % 86400, trip_ms


def _check(reply):
    stratum = reply[1]
    if stratum == 0:  # its code: RATE, DENY ...
        code = "".join(chr(c) for c in reply[12:16] if 32 <= c < 127)
        raise OSError("time server says " + code)
    if reply[0] & 7 != 4 or stratum > 15 or reply[0] >> 6 == 3 or not any(reply[40:48]):
        raise OSError("time server has no time")
