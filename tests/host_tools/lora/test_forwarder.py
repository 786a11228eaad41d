"""The simulated gateway's UDP protocol, against a server of the test's own on the loopback."""

import base64
import json
import socket

import pytest
import vtime
from support import lora_mac
from support.lora_end import End

from host_tools.lora import forwarder as protocol
from host_tools.lora import packets
from host_tools.lora.air import Air, airtime_us
from host_tools.lora.forwarder import Forwarder

DEV_EUI, JOIN_EUI, APP_KEY = b"\x01dev-eui", b"\x02joineui", bytes(range(16))
EUI = bytes.fromhex("aa555a0000000101")
NET_ID, DEV_ADDR = b"\x13\x00\x00", b"\x01\x02\x03\x26"
SECOND_US = 1_000_000


class Server:
    """What a network server does with one device, in as few lines as that takes.

    frames: the rxpk objects; stats: the stat objects; acks: the words of TX_ACKs.
    """

    def __init__(self, app_key=APP_KEY):
        self.app_key = app_key
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.settimeout(10)
        self.address = self.sock.getsockname()
        self.silent = False
        self.gateway = None
        self.frames, self.stats, self.acks, self.kinds = [], [], [], []
        self.keys = None
        self.fcnt = 0
        self.say = None  # (port, payload) of the next answer

    def take(self):
        """One datagram of the gateway, answered as the protocol says; gives its kind."""
        data, self.gateway = self.sock.recvfrom(65_535)
        version, token, kind = data[0], data[1:3], data[3]
        assert version == 2 and data[4:12] == EUI
        self.kinds.append(kind)
        document = json.loads(data[12:]) if data[12:] else {}
        answer = {protocol.PUSH_DATA: protocol.PUSH_ACK, protocol.PULL_DATA: protocol.PULL_ACK}
        if kind in answer and not self.silent:
            self.sock.sendto(bytes([2]) + token + bytes([answer[kind]]), self.gateway)
        if "stat" in document:
            self.stats.append(document["stat"])
        if "txpk_ack" in document:
            self.acks.append(document["txpk_ack"]["error"])
        for frame in document.get("rxpk", ()):
            self.frames.append(frame)
            self._answer(frame)
        return kind

    def ask(self, **txpk):
        """Asks the gateway to send."""
        data = b"\x02\x12\x34" + bytes([protocol.PULL_RESP])
        self.sock.sendto(data + json.dumps({"txpk": txpk}).encode(), self.gateway)

    def _answer(self, frame):
        phy = base64.b64decode(frame["data"])
        assert len(phy) == frame["size"]
        request = packets.read_join_request(phy)
        if request:
            nonce = 7
            self.keys = packets.session_keys(self.app_key, nonce, NET_ID, request[2])
            answer = packets.join_accept(self.app_key, nonce, NET_ID, DEV_ADDR, 0, 1)
            self.send(frame, answer, 5)
        elif self.say and self.keys:
            answer = packets.data(self.keys, DEV_ADDR, self.fcnt, 3, 0, b"", *self.say)
            self.fcnt += 1
            self.send(frame, answer, 1)

    def send(self, frame, phy, delay_s, **more):
        """A downlink in RX1 of a frame of the gateway's."""
        txpk = {
            "imme": False,
            "tmst": frame["tmst"] + delay_s * SECOND_US & 0xFFFF_FFFF,
            "freq": frame["freq"],
            "rfch": 0,
            "powe": 14,
            "modu": "LORA",
            "datr": frame["datr"],
            "codr": "4/5",
            "ipol": True,
            "ncrc": True,
            "size": len(phy),
            "data": base64.b64encode(phy).decode().rstrip("="),
        }
        self.ask(**{**txpk, **more})


@pytest.fixture
def server():
    server = Server()
    yield server
    server.sock.close()


@pytest.fixture
def gateway(server):
    """A gateway that has introduced itself, and its air."""
    air = Air(1, fade_db=0)
    gateway = Forwarder(air, air.node(), EUI, server.address)
    gateway.poll(0)
    assert [server.take(), server.take()] == [protocol.PULL_DATA, protocol.PUSH_DATA]
    gateway.poll(1)
    yield gateway
    gateway.close()


def heard(gateway, server, start_us=SECOND_US, frame=b"\x40frame"):
    """A frame that the gateway hears and tells: its rxpk."""
    node = gateway.air.node(500)
    sent = gateway.air.transmit(node, start_us, frame, 868_100_000, 7, 125_000, 14)
    gateway.air.run(sent.end_us)
    assert server.take() == protocol.PUSH_DATA
    gateway.poll(sent.end_us)
    return server.frames[-1]


def serve(gateway, server):
    """Lets the server answer each uplink at once."""

    def on_air(sent):
        if not sent.down:
            assert server.take() == protocol.PUSH_DATA
            gateway.poll(sent.end_us)
            while server.take() != protocol.TX_ACK:
                pass  # what is due by the way

    gateway.air.listeners.append(on_air)


def test_a_gateway_introduces_itself_and_keeps_the_way_open(gateway, server):
    assert gateway.pulled and gateway.acknowledged == 1
    for second in range(1, 100):
        gateway.poll(second * SECOND_US)
    for _ in range(9 + 3):
        server.take()
    assert server.kinds[2:].count(protocol.PULL_DATA) == 9
    assert len(server.stats) == 4
    assert server.stats[0].keys() == {"time", "rxnb", "rxok", "rxfw", "ackr", "dwnb", "txnb"}


def test_a_frame_is_told_with_all_that_the_protocol_has_for_it(gateway, server):
    rxpk = heard(gateway, server)
    assert rxpk == {
        "tmst": SECOND_US + airtime_us(7, 125_000, 6),
        "chan": 0,
        "rfch": 0,
        "freq": 868.1,
        "stat": 1,
        "modu": "LORA",
        "datr": "SF7BW125",
        "codr": "4/5",
        "rssi": -108,
        "lsnr": 9.0,
        "size": 6,
        "data": base64.b64encode(b"\x40frame").decode(),
    }
    assert (gateway.received, gateway.forwarded, gateway.acknowledged) == (1, 1, 2)


def test_a_device_joins_and_talks_over_the_protocol(gateway, server):
    end = End(gateway.air, DEV_EUI, JOIN_EUI, APP_KEY)
    serve(gateway, server)
    assert end.join()
    for turn in range(12):
        end.dr = turn % 6
        end.now_us += (turn << 29) % (1 << 33)  # tmst wraps
        server.say = 9, b"answer %d" % turn
        frame = end.up(1, b"up %d" % turn)
        assert (frame.port, frame.payload, end.window) == (9, b"answer %d" % turn, 1)
        phy = packets.read_data(base64.b64decode(server.frames[-1]["data"]))
        assert phy.open(server.keys, turn) and phy.payload == b"up %d" % turn
    assert server.acks == ["NONE"] * 13
    assert (gateway.sent, gateway.asked, gateway.bad) == (13, 13, 0)


def test_the_firmware_joins_and_talks_over_the_protocol(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    server.app_key = lora_mac.APP_KEY

    async def play():
        street = lora_mac.Street(seed=6)
        street.air.listeners.clear()  # in the network's place
        gateway = Forwarder(street.air, street.network.gateways[0], EUI, server.address)
        gateway.poll(0)
        assert [server.take(), server.take()] == [protocol.PULL_DATA, protocol.PUSH_DATA]
        serve(gateway, server)
        await street.joined()
        for turn in range(10):
            server.say = 10, b"down %d" % turn
            await street.sent(b"up %d" % turn)
        gateway.close()
        return street.got

    assert vtime.run(play()) == [(10, b"down %d" % turn) for turn in range(10)]
    for turn, rxpk in enumerate(server.frames[-10:]):
        frame = packets.read_data(base64.b64decode(rxpk["data"]))
        assert frame.open(server.keys, turn) and frame.payload == b"up %d" % turn


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({}, "NONE"),
        ({"imme": True}, "NONE"),
        ({"tmst": 0}, "TOO_LATE"),
        ({"tmst": 0xFFFF_FFF0}, "TOO_LATE"),
        ({"tmst": 200 * SECOND_US}, "TOO_EARLY"),
        ({"powe": 30}, "TX_POWER"),
        ({"freq": 1e300}, "TX_FREQ"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_the_protocol_s_word(gateway, server, more, word):
    rxpk = heard(gateway, server)
    server.send(rxpk, b"down", 1, **more)
    gateway.poll(2 * SECOND_US - 100_000)
    assert server.take() == protocol.TX_ACK
    assert server.acks == [word] and gateway.sent == (word == "NONE")


def test_two_frames_at_one_time_cannot_be_sent(gateway, server):
    rxpk = heard(gateway, server)
    for delay_s in (1, 1, 2):
        server.send(rxpk, b"down", delay_s)
    gateway.poll(SECOND_US + 200_000)
    for _ in range(3):
        server.take()
    assert server.acks == ["NONE", "COLLISION_PACKET", "NONE"]


def test_garbage_of_the_server_is_counted_and_nothing_else(gateway, server):
    pull_resp = b"\x02\x00\x00\x03"
    bad = [
        b"",
        b"\x02",
        b"\x01\x00\x00\x04",
        b"\x02\x00\x00\x09",
        pull_resp,
        pull_resp + b"\xff\xfe",
        pull_resp + b"[]",
        pull_resp + b"5",
        pull_resp + b"{}",
        pull_resp + b"[" * 50_000,
        pull_resp
        + b'{"txpk": {"data": "AA", "modu": "LORA", "datr": "SF7BW125", "imme": true,'
        + b' "freq": Infinity, "powe": 5}}',
        pull_resp + b'{"txpk": []}',
        pull_resp + b'{"txpk": {"data": 5}}',
        pull_resp + b'{"txpk": {"data": "!", "modu": "LORA", "datr": "SF99BW125"}}',
        pull_resp + b'{"txpk": {"data": "AA", "modu": "FSK", "datr": 50000, "freq": 868.1}}',
        pull_resp + b'{"txpk": {"data": "AA", "modu": "LORA", "datr": "SF7BW7", "freq": 868.1}}',
        pull_resp + b'{"txpk": {"data": "AA", "modu": "LORA", "datr": "SF7BW125", "imme": true}}',
        pull_resp + b'{"txpk": {"data": "AA", "modu": "LORA", "datr": "SF7BW125", "freq": 1}}',
        pull_resp + b'{"txpk": {"data": "AA", "modu": "LORA", "datr": 7, "tmst": "x", "freq": 1}}',
        pull_resp
        + b'{"txpk": {"data": "AA", "modu": "LORA", "datr": "SF7BW125", "imme": true,'
        + b' "freq": "x", "powe": 5}}',
        pull_resp
        + b'{"txpk": {"data": "AA", "modu": "LORA", "datr": "SF7BW125", "imme": true,'
        + b' "freq": 868.1, "powe": "much"}}',
    ]
    for data in bad:
        server.sock.sendto(data, server.gateway)
    gateway.poll(SECOND_US)
    assert gateway.bad == len(bad) and gateway.sent == 0
    assert heard(gateway, server, 2 * SECOND_US)


def test_a_server_that_is_gone_or_silent_stops_nothing(gateway, server):
    server.silent = True
    heard(gateway, server)
    assert gateway.acknowledged == 1
    server.sock.close()
    node = gateway.air.node(500)
    for i in range(5):
        sent = gateway.air.transmit(
            node, (3 + i) * SECOND_US, b"\x40", 868_100_000, 7, 125_000, 14
        )
        gateway.air.run(sent.end_us)
        gateway.poll(sent.end_us + i * 11 * SECOND_US)
    assert gateway.forwarded == 6


def test_what_other_gateways_send_is_not_told(gateway, server):
    air = gateway.air
    sent = air.transmit(air.node(100), 5, b"\x60", 868_100_000, 7, 125_000, 14, True)
    air.run(sent.end_us)
    assert gateway.received == 0
