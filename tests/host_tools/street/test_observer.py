"""The street's MQTT client against brokers that refuse, vanish, or send nonsense."""

import asyncio

import pytest

from host_tools import exits
from host_tools.street import broker as brokers
from host_tools.street import observer as observers
from host_tools.street.patience import end_tasks_of, within


class _Heard:
    def __init__(self):
        self.events = []
        self.online = []
        self.losses = 0

    def observer(self, broker):
        return observers.Observer(
            broker,
            lambda *event: self.events.append(event),
            lambda *online: self.online.append(online),
            self._lost,
        )

    def _lost(self):
        self.losses += 1


def _outside(broker, password):
    """A broker as one outside this process sees it."""
    outside = brokers.OutsideBroker(broker.host, broker.port)
    outside.account = brokers.Account(broker.account.user, password)
    return outside


def test_a_broker_that_refuses_the_street_is_a_failure_with_a_next_step(monkeypatch):
    monkeypatch.setattr(observers, "_CONNECT_S", 1)

    async def act():
        broker = brokers.EmbeddedBroker()
        await broker.start()
        observer = _Heard().observer(_outside(broker, "wrong"))
        try:
            await observer.start()
        finally:
            await observer.close()
            await broker.close()

    with pytest.raises(exits.Failure, match="lets nobody in") as failure:
        asyncio.run(act())
    assert brokers.USER_VARIABLE in failure.value.next_step
    assert "wrong" not in failure.value.reason


def test_what_others_publish_is_heard_and_nonsense_does_not_end_it(until):
    async def act():
        broker = brokers.EmbeddedBroker()
        await broker.start()
        heard = _Heard()
        observer = heard.observer(broker)
        await observer.start()
        for topic, payload in (
            ("kerb/a/event/boot", b"\xff\xfe"),
            ("kerb/a/event/boot", b"[" * 100_000),
            ("kerb/a/event/boot", b"[1]"),
            ("kerb/a/event", b"{}"),
            ("kerb/a/availability", b"online"),
            ("kerb/a/availability", b""),
            ("kerb/a/event/boot", b'{"x": 1}'),
        ):
            await observer._client.publish(topic, payload, qos=1)
        await until(lambda: len(heard.events) == 4)
        assert heard.events == [("a", "boot", None)] * 3 + [("a", "boot", {"x": 1})]
        assert heard.online == [("a", True)]
        await observer.close()
        await broker.close()

    asyncio.run(act())


def test_who_hears_an_event_and_fails_hears_the_next_one(until, caplog):
    async def act():
        broker = brokers.EmbeddedBroker()
        await broker.start()
        heard = []

        def fail(*event):
            heard.append(event)
            raise OverflowError

        observer = observers.Observer(broker, fail, fail, lambda: None)
        await observer.start()
        for topic in ("kerb/a/event/boot", "kerb/a/availability", "kerb/a/event/status"):
            await observer._client.publish(topic, b"{}", qos=1)
        await until(lambda: len(heard) == 3)
        await observer.close()
        await broker.close()

    asyncio.run(act())
    assert "'kerb/a/event/status' says is left" in caplog.text


def test_a_broker_that_dies_is_told_and_the_street_comes_back_when_it_does(tmp_path, need, until):
    need("mosquitto")

    async def act():
        broker = brokers.make("mosquitto", tmp_path)
        await broker.start()
        heard = _Heard()
        observer = heard.observer(broker)
        await observer.start()
        await broker.close()
        await until(lambda: heard.losses == 1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await observer.publish("a", "sync_time", {"id": 1})
        port = broker.port
        brokers._free_port, free_port = _same_port(port), brokers._free_port
        try:
            await broker.start()
        finally:
            brokers._free_port = free_port
        await observer.publish("a", "sync_time", {"id": 1})
        await observer.close()
        await broker.close()

    asyncio.run(act())


def _same_port(port):
    async def free_port():
        return port

    return free_port


def test_patience_ends_with_what_does_not_heed_being_cancelled():
    async def act():
        stubborn = asyncio.Event()

        async def never():
            while not stubborn.is_set():
                try:
                    await stubborn.wait()
                except asyncio.CancelledError:
                    pass

        assert not await within(0.05, never())
        stubborn.set()
        assert await within(1, asyncio.sleep(0))
        assert not await within(1, _raises())

    asyncio.run(act())


async def _raises():
    raise OSError


def test_tasks_of_a_package_are_ended_and_no_others():
    async def act():
        ours = asyncio.create_task(asyncio.sleep(100))
        broker = brokers.EmbeddedBroker()
        await broker.start()
        await end_tasks_of("amqtt")
        codes = [task.get_coro().cr_code.co_filename for task in asyncio.all_tasks()]
        assert not any("/amqtt/" in code for code in codes)
        assert not ours.done()
        ours.cancel()
        await broker.close()

    asyncio.run(act())
