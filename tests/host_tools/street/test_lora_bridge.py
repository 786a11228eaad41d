"""The bridge between a LoRaWAN network and a broker: which commands go down, and how often."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from host_tools import codecs
from host_tools.street import lora_bridge

_NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
_NOW_S = int((_NOW - datetime(2000, 1, 1, tzinfo=UTC)).total_seconds())
_LEVEL = b'{"id": %d, "level_permille": %d, "for_s": 600}'


class _Network:
    """Keeps (kind, values) of what goes down, as a device would read it."""

    def __init__(self):
        self.to_one, self.to_all = [], []

    def down(self, dev_eui, port, payload, at_us):
        self.to_one.append((dev_eui, *_read(port, payload)))

    def multicast(self, group, port, payload, at_us):
        self.to_all.append(_read(port, payload))


def _read(port, payload):
    assert port == codecs.COMMAND_PORT
    codec, fields = codecs.firmware()
    return codec.decode(payload, [], fields.COMMANDS)


class _Bridge:
    def __init__(self):
        self.network, self.notes = _Network(), []
        self.gateway = SimpleNamespace(deaf=False)
        names = {name: SimpleNamespace(dev_eui=name, class_c=True) for name in ("one", "two")}
        lora = SimpleNamespace(
            network=self.network,
            gateway=self.gateway,
            group="all of them",
            groups={"north"},
            names=names,
            now_us=lambda: 0,
        )
        clock = SimpleNamespace(now=lambda: _NOW)
        self.it = lora_bridge.LoraBridge(
            SimpleNamespace(base="kerb"), lora, clock, lambda *said: self.notes.append(said)
        )

    def command(self, whom, name, payload):
        self.it._command(whom, name, payload)

    def answer(self, whom, number):
        codec, _ = codecs.firmware()
        values = codecs.EXAMPLES["command_result"] | {"id": number}
        payload = codec.encode("command_result", values)
        self.it.on_uplink(whom, SimpleNamespace(payload=payload, port=2, fcnt=0))


@pytest.fixture
def run(monkeypatch):
    """run(work): await work(bridge), whose repeats come as soon as others have had their turn."""
    monkeypatch.setattr(lora_bridge, "_AGAIN_S", 0)
    monkeypatch.setattr(lora_bridge, "_GATEWAY_S", 0)

    async def all_of(work):
        bridge = _Bridge()
        await work(bridge)
        await bridge.it.close()

    return lambda work: asyncio.run(all_of(work))


async def _turns(count=40):
    for _ in range(count):
        await asyncio.sleep(0)


def test_a_command_says_when_it_was_given_and_each_is_later_than_the_one_before(run):
    async def work(bridge):
        bridge.command("one", "set_level", _LEVEL % (1, 400))
        bridge.command("all", "set_level", _LEVEL % (2, 100))
        bridge.command("two", "clear_override", b'{"id": 3, "issued_s": 848664000}')
        bridge.command("two", "send_status", b'{"id": 4}')
        await _turns()
        issued = {values["id"]: values.get("issued_s") for _, _, values in bridge.network.to_one}
        assert issued == {1: _NOW_S, 3: 848664000, 4: None}
        assert {values["issued_s"] for _, values in bridge.network.to_all} == {_NOW_S + 1}

    run(work)


def test_a_newer_command_to_all_ends_the_repeats_of_an_older_one_of_its_sort_alone(run):
    async def work(bridge):
        bridge.command("all", "set_level", _LEVEL % (1, 400))
        bridge.command("group/north", "clear_schedule", b'{"id": 2}')
        await asyncio.sleep(0)
        bridge.command("group/north", "clear_override", b'{"id": 3}')
        await _turns()
        ids = [values["id"] for _, values in bridge.network.to_all]
        assert (ids.count(1), ids.count(2), ids.count(3)) == (1, 4, 4)

    run(work)


def test_a_command_is_repeated_until_that_device_has_answered_it(run):
    async def work(bridge):
        for whom in ("one", "two"):
            bridge.command(whom, "send_status", b'{"id": 7}')
        await asyncio.sleep(0)
        bridge.answer("one", 7)
        bridge.answer("one", 8)  # of a command that nobody gave
        await _turns()
        heard = [whom for whom, _, _ in bridge.network.to_one]
        assert (heard.count("one"), heard.count("two")) == (1, 4)

    run(work)


def test_no_try_is_spent_while_the_gateway_is_off(run):
    async def work(bridge):
        bridge.gateway.deaf = True
        bridge.command("one", "send_status", b'{"id": 7}')
        bridge.command("all", "send_status", b'{"id": 8}')
        await _turns()
        assert bridge.network.to_one == bridge.network.to_all == []
        bridge.gateway.deaf = False
        await _turns()
        assert len(bridge.network.to_one) == len(bridge.network.to_all) == 4

    run(work)


def test_a_group_that_no_device_is_in_is_told_and_nothing_sent(run):
    async def work(bridge):
        bridge.command("group/south", "set_level", _LEVEL % (1, 400))
        await _turns()
        assert bridge.network.to_all == []
        assert bridge.notes == [
            ("error", "a command for group/south: no device is in it"),
        ]

    run(work)
