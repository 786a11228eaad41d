"""The brokers of a street: who gets in, and what is left when they end."""

import asyncio
import stat

import pytest
from amqtt.client import MQTTClient
from amqtt.errors import ConnectError

from host_tools import exits
from host_tools.street import broker as brokers

_QUIET = {"auto_reconnect": False, "connection_timeout": 5, "plugins": {}}


async def _log_in(broker, user, password):
    """Tell whether the broker lets a client in."""
    client = MQTTClient(config=_QUIET)
    login = "{}:{}@".format(user, password) if user else ""
    try:
        await client.connect("mqtt://{}{}:{}/".format(login, broker.host, broker.port))
    except ConnectError:
        return False
    await client.disconnect()
    return True


async def _who_gets_in(broker):
    await broker.start()
    account = broker.account
    try:
        return [
            await _log_in(broker, account.user, account.password),
            await _log_in(broker, account.user, "wrong"),
            await _log_in(broker, None, None),
        ]
    finally:
        await broker.close()


@pytest.mark.parametrize("spec", ["embedded", "mosquitto"])
def test_only_the_account_of_this_run_gets_in(spec, tmp_path, need):
    if spec == "mosquitto":
        need("mosquitto")
    broker = brokers.make(spec, tmp_path)
    assert asyncio.run(_who_gets_in(broker)) == [True, False, False]
    assert broker.title.startswith("amqtt" if spec == "embedded" else "mosquitto ")


def test_every_run_has_an_account_of_its_own_that_its_repr_hides():
    accounts = [brokers.Account.random() for _ in range(2)]
    assert accounts[0].password != accounts[1].password
    assert accounts[0].password not in repr(accounts[0])


def test_the_files_of_mosquitto_are_for_their_owner_alone(tmp_path, need):
    need("mosquitto")
    broker = brokers.make("mosquitto", tmp_path)
    asyncio.run(_who_gets_in(broker))
    files = list(tmp_path.iterdir())
    assert files
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert broker.account.password not in file.read_text()


def test_a_missing_mosquitto_is_a_failure_with_a_next_step(tmp_path, monkeypatch):
    monkeypatch.setattr(brokers.paths, "find_executable", lambda name: None)
    with pytest.raises(exits.Failure) as failure:
        asyncio.run(brokers.make("mosquitto", tmp_path).start())
    assert "install" in failure.value.next_step


def test_a_broker_outside_that_does_not_answer_is_a_failure(tmp_path):
    async def act():
        port = await brokers._free_port()
        await brokers.make("127.0.0.1:{}".format(port), tmp_path).start()

    with pytest.raises(exits.Failure, match="no broker at"):
        asyncio.run(act())


@pytest.mark.parametrize("spec", ["", "nonsense", "host:", ":1883", "host:99999", "host:1x"])
def test_what_names_no_broker_is_wrong_usage(spec, tmp_path):
    with pytest.raises(exits.Failure) as failure:
        brokers.make(spec, tmp_path)
    assert failure.value.code == exits.USAGE


def test_a_broker_outside_gets_topics_apart_from_real_devices(tmp_path):
    made = [brokers.make("broker.example:1883", tmp_path) for _ in range(2)]
    assert made[0].base != made[1].base != "kerb"
    assert made[0].account.user is None
