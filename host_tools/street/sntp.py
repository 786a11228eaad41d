"""An SNTP server on loopback that serves the street's simulated time (RFC 4330, section 6)."""

import asyncio
import struct
from datetime import UTC, datetime

_PACKET_BYTES = 48
_MODE_CLIENT = 3
_MODE_SERVER = 4
_STRATUM_PRIMARY = 1
_PRECISION = -20  # about a microsecond
_REFERENCE = b"LOCL"  # RFC 4330: an uncalibrated local clock, which is what a simulated one is
_ERA_0 = datetime(1900, 1, 1, tzinfo=UTC)


def timestamp(utc):
    """Give an aware UTC time as the 8 bytes of an NTP timestamp (seconds wrap in 2036)."""
    since = utc - _ERA_0
    seconds = since.days * 86400 + since.seconds
    return struct.pack(">II", seconds & 0xFFFFFFFF, (since.microseconds << 32) // 1_000_000)


def answer(request, utc):
    """Give the reply to one request, or None where the bytes are no client request."""
    if len(request) < _PACKET_BYTES or request[0] & 7 != _MODE_CLIENT:
        return None
    version = request[0] >> 3 & 7
    head = struct.pack(
        ">BBBbII4s",
        version << 3 | _MODE_SERVER,
        _STRATUM_PRIMARY,
        request[2],
        _PRECISION,
        0,
        0,
        _REFERENCE,
    )
    now = timestamp(utc)
    return head + now + request[40:48] + now + now  # reference, originate, receive, transmit


class SntpServer(asyncio.DatagramProtocol):
    """Answers from `clock`, a StreetClock; is silent while not `reachable`."""

    def __init__(self, clock):
        self._clock = clock
        self._transport = None
        self.reachable = True
        self.port = 0
        self.answered = 0

    async def start(self):
        """Listen on a free UDP port of 127.0.0.1; gives the port."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, ("127.0.0.1", 0))
        self.port = self._transport.get_extra_info("sockname")[1]
        return self.port

    def datagram_received(self, data, addr):
        reply = answer(data, self._clock.now()) if self.reachable else None
        if reply:
            self.answered += 1
            self._transport.sendto(reply, addr)

    def close(self):
        if self._transport:
            self._transport.close()
