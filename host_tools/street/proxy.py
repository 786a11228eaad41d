"""The street's network as a TCP proxy between board and broker, so that it can be cut for real.

While it is cut, bytes under way stay where they are, without a word to either end, and new
connections are refused. When it is restored, what was held moves on, like a radio link that
comes back after a fade: whether the connection is still worth anything is for its ends to find.
"""

import asyncio
import socket

_CHUNK_BYTES = 4096


class Proxy:
    """Relays 127.0.0.1:`port` to the broker. `connections` counts those that were relayed."""

    def __init__(self, broker_host, broker_port):
        self._broker = (broker_host, broker_port)
        self._place = None
        self._server = None
        self._open = asyncio.Event()
        self._relays = set()
        self.port = 0
        self.connections = 0
        self.bytes_up = 0
        self.bytes_down = 0

    @property
    def is_open(self):
        return self._open.is_set()

    async def start(self):
        """Take a free port and start to relay; gives the port."""
        # A second socket keeps the port ours while the listener is closed.
        self._place = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._place.bind(("127.0.0.1", 0))
        self.port = self._place.getsockname()[1]
        await self.restore()
        return self.port

    async def cut(self):
        """Let nothing through any more and refuse what is new."""
        self._open.clear()
        if self._server:
            self._server.close()
            self._server = None

    async def restore(self):
        """Let everything through again."""
        if self._server is None:
            self._server = await asyncio.start_server(
                self._accept, "127.0.0.1", self.port, reuse_address=False, reuse_port=True
            )
        self._open.set()

    async def close(self):
        await self.cut()
        for task in tuple(self._relays):
            task.cancel()
        await asyncio.gather(*self._relays, return_exceptions=True)
        if self._place:
            self._place.close()

    async def _accept(self, reader, writer):
        task = asyncio.current_task()
        self._relays.add(task)
        try:
            await self._relay(reader, writer)
        except (OSError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._relays.discard(task)

    async def _relay(self, reader, writer):
        onward_reader, onward_writer = await asyncio.open_connection(*self._broker)
        self.connections += 1
        try:
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(self._pump(reader, onward_writer, up=True))
                pumps.create_task(self._pump(onward_reader, writer, up=False))
        except* OSError:
            pass
        finally:
            onward_writer.transport.abort()
            writer.transport.abort()

    async def _pump(self, reader, writer, up):
        while True:
            try:
                data = await reader.read(_CHUNK_BYTES)
            except OSError:
                data = b""
            await self._open.wait()
            if not data:
                writer.write_eof()
                return
            writer.write(data)
            if up:
                self.bytes_up += len(data)
            else:
                self.bytes_down += len(data)
            await writer.drain()
