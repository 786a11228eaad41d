"""Messages between processes, by UDP broadcast on this machine's loopback: no broker is there."""

import socket

import pytest
from brokers import boards, lamps, parts

KEY = "00112233445566778899aabbccddeeff"


@pytest.fixture
def port():
    """A UDP port that nobody uses."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@pytest.fixture
def street(umqtt, port):
    """street(name, runtime, key) starts a device; all are on one port."""
    started = []

    def start(name, runtime, key=KEY):
        argv = boards.argv(runtime)
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


@pytest.fixture
def lamp(port, tmp_path):
    """lamp(position) starts a whole street light; all are on one street without a broker."""
    dead = parts.free_port()
    started = []

    def start(position, runtime="micropython"):
        name = f"lamp-{position}"
        there = {"street": "Hafenstr", "position": position, "hold_s": 10}
        config = {
            "app": "light",
            "name": name,
            "site": {"lat_e7": 351800000, "lon_e7": 1290800000, "tz": "KST-9"},
            "uplink": {
                "wifi": {"ssid": "street"},
                "mqtt": {"host": "127.0.0.1", "port": dead},
                "sntp": {"host": "127.0.0.1", "port": dead},
                "peer": {"port": port},
            },
            "light": {"on_level_permille": 200, "ramp_s": 0, "presence": there},
        }
        secrets = {"peer_key": KEY}
        started.append(lamps.Lamp(boards.argv(runtime), tmp_path / name, config, secrets))
        return started[-1]

    yield start
    for one in started:
        one.kill()


def test_the_next_lamps_rise_for_somebody_whom_they_do_not_see_though_no_broker_is_there(lamp):
    near, next_one, far = lamp(1), lamp(3, "cpython"), lamp(4)
    for one in (near, next_one, far):
        one.wait_for(200)
    near.see(True)
    near.wait_for(1000)
    next_one.wait_for(1000)
    assert far.permille == 200
    far.see(True)
    far.wait_for(1000)
