"""The street's network: what a cut does to connections, on real sockets."""

import asyncio
import contextlib

from host_tools.street.proxy import Proxy

_WAIT_S = 5
_SILENCE_S = 0.2


class _Ends:
    """A server that keeps its connections, a proxy before it, and a client."""

    async def __aenter__(self):
        self.accepted = asyncio.Queue()
        self.server = await asyncio.start_server(
            lambda reader, writer: self.accepted.put_nowait((reader, writer)), "127.0.0.1", 0
        )
        self.proxy = Proxy("127.0.0.1", self.server.sockets[0].getsockname()[1])
        self.port = await self.proxy.start()
        return self

    async def __aexit__(self, *_):
        await self.proxy.close()
        self.server.close()

    async def connect(self):
        client = await asyncio.open_connection("127.0.0.1", self.port)
        return client, await asyncio.wait_for(self.accepted.get(), _WAIT_S)


async def _silent(reader):
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(reader.read(100), _SILENCE_S)
        return False
    return True


async def _read(reader):
    return await asyncio.wait_for(reader.read(100), _WAIT_S)


def test_bytes_pass_both_ways_and_are_counted():
    async def scene():
        async with _Ends() as ends:
            (reader, writer), (far_reader, far_writer) = await ends.connect()
            writer.write(b"up")
            assert await _read(far_reader) == b"up"
            far_writer.write(b"down")
            assert await _read(reader) == b"down"
            proxy = ends.proxy
            assert (proxy.connections, proxy.bytes_up, proxy.bytes_down) == (1, 2, 4)

    asyncio.run(scene())


def test_a_cut_is_silent_to_both_ends_and_what_was_under_way_arrives_afterwards():
    async def scene():
        async with _Ends() as ends:
            (reader, writer), (far_reader, far_writer) = await ends.connect()
            await ends.proxy.cut()
            writer.write(b"up")
            far_writer.write(b"down")
            assert await _silent(far_reader)
            assert await _silent(reader)
            await ends.proxy.restore()
            assert await _read(far_reader) == b"up"
            assert await _read(reader) == b"down"

    asyncio.run(scene())


def test_a_close_during_a_cut_is_not_heard_before_it_ends():
    async def scene():
        async with _Ends() as ends:
            (reader, _writer), (_far_reader, far_writer) = await ends.connect()
            await ends.proxy.cut()
            far_writer.close()
            assert await _silent(reader)
            await ends.proxy.restore()
            assert await _read(reader) == b""

    asyncio.run(scene())


def test_new_connections_fail_during_a_cut_and_work_again_on_the_same_port():
    async def scene():
        async with _Ends() as ends:
            for _ in range(3):
                await ends.proxy.cut()
                refused = False
                try:
                    await asyncio.open_connection("127.0.0.1", ends.port)
                except ConnectionRefusedError:
                    refused = True
                assert refused
                await ends.proxy.restore()
                (_reader, writer), (far_reader, _far_writer) = await ends.connect()
                writer.write(b"again")
                assert await _read(far_reader) == b"again"

    asyncio.run(scene())


def test_a_client_is_let_go_when_the_broker_is_gone():
    async def scene():
        async with _Ends() as ends:
            ends.server.close()
            await ends.server.wait_closed()
            reader, _writer = await asyncio.open_connection("127.0.0.1", ends.port)
            gone = False
            try:
                gone = await _read(reader) == b""
            except ConnectionError:
                gone = True
            assert gone
            assert ends.proxy.connections == 0

    asyncio.run(scene())


def test_closing_lets_go_of_both_ends():
    async def scene():
        async with _Ends() as ends:
            (reader, _writer), (far_reader, _far_writer) = await ends.connect()
            await ends.proxy.close()
            for end in (reader, far_reader):
                with contextlib.suppress(ConnectionError):
                    assert await _read(end) == b""

    asyncio.run(scene())
