"""Two whole crosswalk poles, each a process, hear each other over sockets: no broker is there.

How exactly they are in step is measured in virtual time, in tests/firmware.
"""

import socket

import pytest
from brokers import boards, parts, poles

SECRETS = {"peer_key": "00112233445566778899aabbccddeeff"}


@pytest.fixture(params=["udp", "espnow"])
def pole(request, tmp_path):
    """pole(number, runtime, key) starts one; all are on one port and, if by ESP-NOW, one ether."""
    dead = parts.free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    started = []

    def start(number, runtime="micropython", secrets=SECRETS):
        config = {
            "app": "crosswalk",
            "name": f"hafenstr-7-{number}",
            "site": {"lat_e7": 351800000, "lon_e7": 1290800000, "tz": "KST-9"},
            "uplink": {
                "wifi": {"ssid": "street"},
                "mqtt": {"host": "127.0.0.1", "port": dead},
                "sntp": {"host": "127.0.0.1", "port": dead},
                "peer": {"over": request.param, "port": port},
            },
            "crosswalk": {
                "width_mm": 4000,
                "length_mm": 2000,
                "least_s": 5,
                "radar": "none",
                "crossing": "Hafenstr 7",
                "pole": number,
            },
        }
        folder = tmp_path / str(len(started))
        ether = port if request.param == "espnow" else None
        started.append(
            poles.Pole(boards.argv(runtime), folder, config, secrets, len(started), ether)
        )
        started[-1].wait_for_network()
        return started[-1]

    yield start
    for one in started:
        one.kill()


def test_both_flash_whichever_button_is_pushed_and_the_one_that_is_left_does_alone(pole):
    a, b = pole(1), pole(2, "cpython")
    stranger = pole(2, secrets={"peer_key": "ff" * 16})
    a.push()
    b.wait_for_rounds()
    for one in (a, b):
        one.wait_for_dark()
    b.push()
    a.wait_for_rounds()
    a.kill()
    b.wait_for_rounds(1)  # to the end
    b.wait_for_dark()
    b.push()
    b.wait_for_rounds()
    assert stranger.rounds == 0
