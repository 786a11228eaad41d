"""The link to a board's pins: what a board hears when it connects, and what it can't break."""

import asyncio
import contextlib
import json

from host_tools.street.link import Link

_WAIT_S = 5


class _Scene:
    def __init__(self):
        self.heard = []
        self.link = Link(self._hear)

    def _hear(self, message):
        if message.get("wdt") != "feed":
            raise KeyError
        self.heard.append("feed")

    async def __aenter__(self):
        await self.link.start()
        return self

    async def __aexit__(self, *_):
        await self.link.close()

    async def board(self):
        """Connect as a board does; gives (messages up to "go", reader, writer)."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.link.port)
        messages = []
        while not messages or "go" not in messages[-1]:
            messages.append(await _line(reader))
        return messages, reader, writer


async def _line(reader):
    return json.loads(await asyncio.wait_for(reader.readline(), _WAIT_S))


def test_a_board_that_connects_finds_the_street_as_it_is_now():
    async def act():
        async with _Scene() as scene:
            scene.link.set_adc(26, 100)
            scene.link.set_adc(26, 2000)
            scene.link.set_network(True, "street", "key", -60)
            scene.link.set_rtc((9822, 5))
            messages, reader, _writer = await scene.board()
            assert {"adc": 26, "mv": 2000} in messages
            assert {"rtc": [9822, 5]} in messages
            assert len(messages) == 4
            scene.link.set_network(False, "street", "key", -60)
            assert (await _line(reader))["network"] is False
            scene.link.set_rtc(None)
            messages, _reader, _writer2 = await scene.board()
            assert not any("rtc" in message for message in messages)

    asyncio.run(act())


def test_a_board_that_connects_finds_its_scratch_registers_as_they_are_now():
    async def act():
        async with _Scene() as scene:
            scene.link.set_adc(26, 100)
            scene.link.set_scratch({0: 5, 3: 6})
            messages, _reader, _writer = await scene.board()
            assert {"scratch": 0, "value": 5} in messages
            assert {"scratch": 3, "value": 6} in messages
            scene.link.set_scratch({3: 9})
            messages, _reader, _writer2 = await scene.board()
            assert messages == [{"adc": 26, "mv": 100}, {"scratch": 3, "value": 9}, {"go": True}]

    asyncio.run(act())


def test_what_has_not_changed_is_not_said_again():
    async def act():
        async with _Scene() as scene:
            scene.link.set_adc(26, 100)
            _messages, reader, _writer = await scene.board()
            scene.link.set_adc(26, 100)
            scene.link.set_adc(26, 101)
            assert await _line(reader) == {"adc": 26, "mv": 101}

    asyncio.run(act())


def test_garbage_from_a_board_is_counted_and_the_rest_is_heard(until):
    async def act():
        async with _Scene() as scene:
            _messages, _reader, writer = await scene.board()
            writer.write(b'\xff\xfe\n[1]\n{"half\n\n{"wdt": 1}\n{"wdt": "feed"}\n')
            await until(lambda: scene.heard)
            assert scene.heard == ["feed"]
            assert scene.link.bad_lines == 5

    asyncio.run(act())


def test_an_endless_line_ends_the_connection_and_the_next_board_is_served(until):
    async def act():
        async with _Scene() as scene:
            _messages, reader, writer = await scene.board()
            writer.write(b"x" * 200_000)
            with contextlib.suppress(ConnectionError):
                assert await asyncio.wait_for(reader.read(), _WAIT_S) == b""
            await until(lambda: not scene.link.connected)
            messages, _reader, _writer = await scene.board()
            assert messages

    asyncio.run(act())


def test_the_board_of_before_is_let_go_when_a_new_one_connects(until):
    async def act():
        async with _Scene() as scene:
            _messages, reader, _writer = await scene.board()
            _messages, _reader2, writer2 = await scene.board()
            with contextlib.suppress(ConnectionError):
                assert await asyncio.wait_for(reader.read(), _WAIT_S) == b""
            writer2.write(b'{"wdt": "feed"}\n')
            await until(lambda: scene.heard)
            assert scene.link.connected

    asyncio.run(act())
