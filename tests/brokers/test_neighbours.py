"""Messages between processes, by UDP broadcast on this machine's loopback: no broker is there."""

import socket
import sys

import pytest
from brokers import parts
from runner import absent

from host_tools.setup import micropython
from host_tools.setup.product import Unavailable

KEY = "00112233445566778899aabbccddeeff"


@pytest.fixture
def street(umqtt):
    """street(name, runtime, key) starts a device; all are on one port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    started = []

    def start(name, runtime, key=KEY):
        argv = [sys.executable]
        if runtime == "micropython":
            try:
                argv = [micropython.find()[0]]
            except Unavailable as error:
                absent(f"micropython: {error}")
        one = parts.Device(argv, umqtt, "neighbour.py", name=name, key=key, port=port)
        started.append(one)
        one.wait_for("ready")
        return one

    yield start
    for one in started:
        one.kill()


@pytest.mark.parametrize("other", ["cpython", "micropython"])
def test_processes_hear_each_other_and_no_stranger(street, other):
    a = street("lamp-1", "micropython")
    b = street("lamp-2", other)
    c = street("lamp-3", "micropython")
    stranger = street("lamp-4", "cpython", key="ff" * 16)
    stranger.tell("false")
    a.tell("somebody")
    for one in (b, c):
        assert one.wait_for("heard") == [5, "lamp-1", "somebody"]
    b.tell("came")
    for one in (a, c):
        assert one.wait_for("heard") == [5, "lamp-2", "came"]
    ends = [one.stop() for one in (a, b, c)]
    assert [end["taken"] for end in ends] == [1, 1, 2]
    assert all(end["forged"] > 0 and not end["twin"] for end in ends)
    assert stranger.stop()["taken"] == 0


def test_two_devices_of_one_name_find_out(street):
    a, b = street("lamp-1", "micropython"), street("lamp-1", "cpython")
    a.tell("x")
    assert "called like this one" in b.wait_for("log")
