"""A simulated gateway that speaks Semtech's UDP packet forwarder protocol, version 2, to a server.

With it a real network server (ChirpStack by its gateway bridge, say) can take the test network's
place; the air must then run in real time:

    forwarder = Forwarder(air, air.node(), eui, ("127.0.0.1", 1700))
    while True:
        air.run(now_us())
        forwarder.poll(now_us())  # every few ms

The protocol: PROTOCOL.TXT of github.com/Lora-net/packet_forwarder. It authenticates nobody: on the
loopback only, unless you know better. `tmst` is the lower 32 bits of the air's microseconds.
"""

import base64
import json
import os
import socket
import time

from host_tools.lora.air import airtime_us

PUSH_DATA = 0
PUSH_ACK = 1
PULL_DATA = 2
PULL_RESP = 3
PULL_ACK = 4
TX_ACK = 5
_VERSION = 2
_KEEPALIVE_US = 10_000_000
_STAT_US = 30_000_000
_LATEST_US = 1_000  # a frame must be told at least so long before it is to be sent,
_EARLIEST_US = 128_000_000  # and at most so long
_LOWEST_HZ = 137_000_000
_HIGHEST_HZ = 1_020_000_000
_LARGEST = 65_535
_PATIENCE = 1000  # datagrams that may wait for their answer
_MASK = 0xFFFF_FFFF
# What reading somebody's JSON may end with.
_NONSENSE = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)


class Forwarder:
    """One gateway: a node of an air, an EUI (8 bytes, most significant first), a server's address.

    pulled: whether the server has ever answered a PULL_DATA. Counts: received, forwarded: frames
    heard and told; pushed, acknowledged: datagrams with such or with statistics; asked, sent:
    frames that the server wanted sent, and that were; bad: datagrams that are none of the
    protocol. max_dbm: the most that it sends with.
    """

    def __init__(self, air, node, eui, server, max_dbm=27):
        self.air = air
        self._node = node
        self._eui = bytes(eui)
        self._max_dbm = max_dbm
        self._pull_us = None
        self._stat_us = None
        self._waits = []  # tokens of PUSH_DATAs without their answer
        self._planned = []  # [(start_us, end_us)]
        self.pulled = False
        self.received = 0
        self.forwarded = 0
        self.pushed = 0
        self.acknowledged = 0
        self.asked = 0
        self.sent = 0
        self._told = (0,) * 6
        self.bad = 0
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.sock.connect(server)
        air.listeners.append(self._on_air)

    def close(self):
        """Leaves the air and the server."""
        self.air.listeners.remove(self._on_air)
        self.sock.close()

    def poll(self, now_us):
        """Does what is due at that time of the air: keep-alives, statistics, frames to be sent."""
        if self._pull_us is None or now_us - self._pull_us >= _KEEPALIVE_US:
            self._pull_us = now_us
            self._say(PULL_DATA, b"")
        if self._stat_us is None or now_us - self._stat_us >= _STAT_US:
            self._stat_us = now_us
            self._push({"stat": self._statistics()})
        while True:
            try:
                data = self.sock.recv(_LARGEST)
            except (BlockingIOError, ConnectionRefusedError):
                return
            if not self._take(data, now_us):
                self.bad += 1

    def _statistics(self):
        """What has happened since the last ones."""
        now = (
            self.received,
            self.forwarded,
            self.asked,
            self.sent,
            self.pushed,
            self.acknowledged,
        )
        received, forwarded, asked, sent, pushed, acknowledged = (
            new - old for new, old in zip(now, self._told, strict=True)
        )
        self._told = now
        return {
            "time": time.strftime("%Y-%m-%d %H:%M:%S GMT", time.gmtime()),
            "rxnb": received,
            "rxok": received,
            "rxfw": forwarded,
            "ackr": round(100.0 * acknowledged / pushed, 1) if pushed else 100.0,
            "dwnb": asked,
            "txnb": sent,
        }

    def _on_air(self, sent):
        if sent.down or sent.node is self._node:
            return
        packet = self.air.outcome(sent, self._node)
        if packet is None:
            return
        self.received += 1
        frame, rssi_dbm, snr_db = packet
        heard = {
            "tmst": sent.end_us & _MASK,
            "chan": 0,
            "rfch": 0,
            "freq": sent.freq_hz / 1e6,
            "stat": 1,
            "modu": "LORA",
            "datr": "SF{}BW{}".format(sent.sf, sent.bw_hz // 1000),
            "codr": "4/5",
            "rssi": rssi_dbm,
            "lsnr": float(snr_db),
            "size": len(frame),
            "data": base64.b64encode(frame).decode(),
        }
        self.forwarded += 1
        self._push({"rxpk": [heard]})

    def _push(self, document):
        token = self._say(PUSH_DATA, json.dumps(document).encode())
        self.pushed += 1
        self._waits.append(token)
        if len(self._waits) > _PATIENCE:
            self._waits.pop(0)

    def _say(self, kind, rest, token=None):
        token = os.urandom(2) if token is None else token
        try:
            self.sock.send(bytes([_VERSION]) + token + bytes([kind]) + self._eui + rest)
        except (BlockingIOError, ConnectionRefusedError):
            pass  # as a datagram that is lost
        return token

    def _take(self, data, now_us):
        """Obeys a datagram of the server; False: it is none."""
        if len(data) < 4 or data[0] != _VERSION:
            return False
        token, kind = data[1:3], data[3]
        if kind == PULL_ACK:
            self.pulled = True
        elif kind == PUSH_ACK:
            if token in self._waits:
                self._waits.remove(token)
                self.acknowledged += 1
        elif kind == PULL_RESP:
            try:
                error = self._send(json.loads(data[4:].decode())["txpk"], now_us)
            except _NONSENSE:
                return False
            answer = {"txpk_ack": {"error": error or "NONE"}}
            self._say(TX_ACK, json.dumps(answer).encode(), token)
        else:
            return False
        return True

    def _send(self, asked, now_us):
        """Puts a frame of the server into the air; gives the protocol's word for why not."""
        self.asked += 1
        frame = base64.b64decode(asked["data"].rstrip("=") + "==")  # padding is optional
        if asked["modu"] != "LORA":
            raise ValueError("not LoRa")
        sf, _, bw_khz = asked["datr"][2:].partition("BW")
        sf, bw_hz = int(sf), int(bw_khz) * 1000
        if not 7 <= sf <= 12 or bw_hz not in (125_000, 250_000, 500_000):
            raise ValueError("no data rate")
        freq_hz, dbm = round(asked["freq"] * 1e6), int(asked.get("powe", self._max_dbm))
        if asked.get("imme"):
            start_us = now_us + _LATEST_US
        else:
            start_us = now_us + ((asked["tmst"] - now_us + (1 << 31) & _MASK) - (1 << 31))
        if start_us < now_us + _LATEST_US:
            return "TOO_LATE"
        if start_us > now_us + _EARLIEST_US:
            return "TOO_EARLY"
        if dbm > self._max_dbm:
            return "TX_POWER"
        if not _LOWEST_HZ <= freq_hz <= _HIGHEST_HZ:
            return "TX_FREQ"
        end_us = start_us + airtime_us(sf, bw_hz, len(frame), not asked.get("ncrc"))
        self._planned = [it for it in self._planned if it[1] > now_us]
        if any(it[0] < end_us and it[1] > start_us for it in self._planned):
            return "COLLISION_PACKET"
        self._planned.append((start_us, end_us))
        self.sent += 1
        down = bool(asked.get("ipol"))
        self.air.transmit(self._node, start_us, frame, freq_hz, sf, bw_hz, dbm, down)
        return ""
