"""The street's time server, asked over a real socket."""

import asyncio
import struct
from datetime import UTC, datetime

from host_tools.street import sntp, world

_AT = datetime(2026, 11, 22, 13, 0, 0, 500000, tzinfo=UTC)
_TO_UNIX_S = 2208988800


class _Asker(asyncio.DatagramProtocol):
    def __init__(self):
        self.replies = asyncio.Queue()

    def datagram_received(self, data, addr):
        self.replies.put_nowait(data)


async def _ask(server, request, wait_s=1.0):
    port = await server.start()
    loop = asyncio.get_running_loop()
    asker = _Asker()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: asker, remote_addr=("127.0.0.1", port)
    )
    transport.sendto(request)
    try:
        return await asyncio.wait_for(asker.replies.get(), wait_s)
    except TimeoutError:
        return None
    finally:
        transport.close()
        server.close()


def _server():
    return sntp.SntpServer(world.StreetClock(_AT, monotonic=lambda: 0.0))


def test_a_client_gets_the_streets_time():
    request = b"\x23" + bytes(39) + b"ABCDEFGH"
    reply = asyncio.run(_ask(_server(), request))
    assert len(reply) == 48
    assert reply[0] & 7 == 4
    assert reply[0] >> 3 & 7 == 4, "the version that was asked for"
    assert 1 <= reply[1] <= 15
    assert reply[24:32] == b"ABCDEFGH", "the client's own timestamp comes back"
    seconds, fraction = struct.unpack(">II", reply[40:48])
    assert seconds - _TO_UNIX_S == int(_AT.timestamp())
    assert fraction == 1 << 31


def test_time_after_the_wrap_of_2036_is_of_the_next_era():
    after = datetime(2036, 2, 7, 6, 28, 16, tzinfo=UTC)
    assert sntp.timestamp(after) == bytes(8)


def test_what_is_no_request_gets_no_answer():
    for junk in (b"", b"\x23" * 47, b"\x24" + bytes(47)):
        assert sntp.answer(junk, _AT) is None


def test_a_cut_network_gives_no_answer():
    server = _server()
    server.reachable = False
    assert asyncio.run(_ask(server, b"\x23" + bytes(47), wait_s=0.2)) is None
    assert server.answered == 0
