"""Devices and brokers for the tests here; each is ended with its test."""

import os
import sys
from pathlib import Path

import pytest
from brokers import parts
from runner import absent

from host_tools.setup import micropython
from host_tools.setup.product import Unavailable

_PINNED = parts.ROOT / "build" / "lib"


def _later_umqtt():
    """The folder of micropython-lib's umqtt.simple, from PEERS=folder of checkouts."""
    peers = os.environ.get("PEERS")
    if peers:
        path = Path(peers) / "micropython-lib" / "micropython" / "umqtt.simple"
        if (path / "umqtt" / "simple.py").exists():
            return path
    return pytest.skip("micropython-lib's umqtt.simple is on no package index: give PEERS")


@pytest.fixture(params=["cpython", "micropython"])
def runtime(request):
    """argv that runs a script on each runtime."""
    if request.param == "cpython":
        return [sys.executable]
    try:
        return [
            micropython.find()[0],
            "-X",
            "heapsize=16m",
        ]  # 1,000 kinds of events, kept one by one
    except Unavailable as error:
        return absent(f"micropython: {error}")


@pytest.fixture
def umqtt():
    """The folder of the umqtt.simple that Kerb installs."""
    return _PINNED


@pytest.fixture(params=["1.3.4", "later"])
def each_umqtt(request):
    """The folder of each version of umqtt.simple that Kerb works with."""
    return _PINNED if request.param == "1.3.4" else _later_umqtt()


@pytest.fixture
def device(runtime):
    """device(umqtt, **settings) starts a device."""
    started = []

    def start(umqtt, **settings):
        started.append(parts.Device(runtime, umqtt, **settings))
        return started[-1]

    yield start
    for one in started:
        one.kill()


@pytest.fixture
def mosquitto(tmp_path, need):
    """mosquitto(*config lines) makes a broker that is not started yet."""
    program = need("mosquitto")
    made = []

    def make(*lines):
        made.append(parts.Mosquitto(program, tmp_path, *lines))
        return made[-1]

    yield make
    for one in made:
        one.kill()


@pytest.fixture
def amqtt():
    """amqtt's broker, not started yet."""
    one = parts.Amqtt()
    yield one
    one.kill()


@pytest.fixture
def false_broker():
    """false_broker(*scripts) listens."""
    made = []

    def make(*scripts):
        made.append(parts.FalseBroker(*scripts))
        return made[-1]

    yield make
    for one in made:
        one.close()
