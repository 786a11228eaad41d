"""MQTT over TCP or TLS, with umqtt.simple as the protocol's core and none of its waiting.

Topics, below `<base>/<device id>/`: `event/<kind>`; `availability`, retained, "online", or
"offline" by the last will; `command/<name>`, subscribed with QoS 1 in a clean session: a
command for a device that is away is lost, and not obeyed hours late. Commands to several come on
`<base>/group/<group>/command/<name>` and `<base>/all/command/<name>`.
"""

import asyncio
import time
from collections import OrderedDict

from micropython import const
from umqtt.simple import MQTTClient

_NAP_MS = const(20)  # the longest pause between two looks at the socket
_EAGER = const(24)  # looks without a pause after something came
_WINDOW = const(8)  # QoS 1 packets under way, and packets to be sent
_RX_BYTES = const(640)  # the longest packet taken, and the most taken in one look


def packet(head, pid, msg):
    """One packet; `head` begins with its type and room for two bytes of length."""
    pkt = bytearray(head)
    if pid:
        pkt[0] |= 2
        pkt += bytes((pid >> 8, pid & 255))
    pkt += msg
    n = len(pkt) - 3
    if n < 128:
        pkt[1] = pkt[0]
        pkt[2] = n
        return pkt[1:]
    if n >> 14:
        raise ValueError(n)
    pkt[1] = n & 127 | 128
    pkt[2] = n >> 7
    return pkt


class Mqtt(MQTTClient):
    """The transport of uplink.Uplink; `status` tells a technician how far it got.

    Its owner sets on_ack(n) and on_message(name, payload) before it runs.
    `link.up()`: is there a network at all; `link.dns()`: the addresses of its DNS servers. `tls`:
    names of files as {"ca": .., "cert": .. or None, "key": .. or None}, read at each connection
    (see trust.py), or None. A server's name is looked up before the first connection, and after
    one that was refused or three that failed. `groups` are the names of those it belongs to.

    Of umqtt.simple are wait_msg(), which takes messages and PINGRESP apart and acknowledges QoS 1,
    ping() and the fields of the client. Ours is the rest: connecting, subscribing, publishing with
    its window and resends, cutting the stream into packets, and the other acknowledgements.
    """

    text = True
    setblocking = bool  # umqtt calls it before each packet: there is nothing to set

    def __init__(
        self,
        link,
        backoff,
        log,
        base,
        client_id,
        server,
        port=0,
        user=None,
        password="",
        keepalive=60,
        tls=None,
        groups=(),
    ):
        super().__init__(client_id, server, port, user, password, keepalive, tls)
        self.link = link
        self.backoff = backoff
        self.log = log
        self.topic = base + "/" + client_id + "/"
        self.groups = groups
        self.heads = {}  # by kind: where its packets begin
        self.flow = OrderedDict()  # by id: [packet, ticks when sent]
        self.rx = bytearray(_RX_BYTES)
        self.sock = self  # umqtt reads one whole packet from it, and writes
        self.address = self.stream = None
        self.connects = self.sent = self.acked = self.resent = self.skipped = self.faults = 0
        self.late_ms = 10000  # for each answer of the broker
        self.open = True
        self.status = "off"

    def up(self):
        return self.status == "up"

    def publish(self, kind, msg, qos=0):
        """Take an event to be sent at the next look at the socket, within 20 ms.

        None: not now; 0: taken; n: taken, and on_ack(n) follows when the broker has it.
        """
        # A frame of more than 11 words would come from the heap, which costs more than all else.
        if self.status != "up" or len(self.tx) >= _WINDOW or (qos and len(self.flow) >= _WINDOW):
            return None
        head = self.heads.get(kind)
        if not head:
            topic = (self.topic + "event/" + kind).encode()
            head = bytearray(5)
            head[0] = 0x30
            head[4] = len(topic)
            self.heads[kind] = head = head + topic
        if qos:
            qos = self.pid % 65535 + 1
            while qos in self.flow:
                qos = qos % 65535 + 1
            self.pid = qos
        msg = packet(head, qos, msg)
        if qos:
            self.flow[qos] = [msg, time.ticks_ms()]
        self.tx.append(msg)
        self.sent += 1
        return qos

    def read(self, n):
        """What umqtt reads comes from the packet under its eyes, and from there only."""
        at = self.at
        self.at = end = at + n
        if end > self.end:
            raise OSError("malformed")
        return bytes(self.rx[at:end])

    def write(self, msg=None):
        """Send, or go on sending. TLS wants the same bytes again, so packets are not joined."""
        tx = self.tx
        if msg:
            tx.append(msg)
        while tx:
            msg = tx[0]
            n = self.stream.write(msg)
            if n is None:
                return
            if n < len(msg):
                tx[0] = msg[n:]
            else:
                tx.pop(0)

    def close(self):
        """Say "offline" and DISCONNECT, in so far as that goes at once; run() ends."""
        self.open = False
        if self.up():
            self.status = "off"
            try:
                self.write(self.lw_msg)
            except OSError:
                pass  # the last will says it

    def rest(self):
        """DISCONNECT, so that nobody takes it for lost; run() is back when the network is."""
        if self.up():
            self.status = "resting"
            self.backoff.reset()
            try:
                self.write(b"\xe0\0")
            except OSError:
                pass  # then the last will says that it is lost

    def held(self):
        """Whether no connection may be begun now; its owner may put another function here.

        The arithmetic of TLS takes the processor for a second or more.
        """
        return False

    async def run(self, check_in):
        """Connect, and connect again, until close()."""
        ticks = time.ticks_ms
        late = time.ticks_diff
        pause = 0
        while self.open:
            start = ticks()
            while self.open and (
                late(ticks(), start) < pause or not self.link.up() or self.held()
            ):
                check_in()
                await asyncio.sleep_ms(_NAP_MS)
            try:
                from kerb.uplink.login import log_in

                await log_in(self, check_in)
                now = ticks()
                half = self.keepalive * 500
                while self.status == "up":
                    check_in()
                    self.look()
                    if self.tx:
                        self.write()
                    if late(ticks(), now) >= _NAP_MS:
                        now = ticks()
                        for n in self.flow:
                            if late(now, self.flow[n][1]) > self.late_ms:
                                raise OSError("no PUBACK")
                            break
                        if late(now, self.last) > half + self.late_ms:
                            raise OSError("silence")
                        if late(now, self.next) > half:
                            self.next = now
                            self.ping()
                            self.backoff.reset()  # it lasted
                    await asyncio.sleep_ms(min(self.idle, _NAP_MS))
            except (OSError, AssertionError, ValueError) as e:  # TLS and UTF-8 raise ValueError
                self.faults += 1
                self.status += ": %s" % e
                self.log.warn("mqtt %s", self.status)
            finally:
                if self.stream:
                    self.stream.close()
                if self.up():
                    self.status = "off"
            pause = self.backoff.next_ms()

    def look(self):
        """Go on sending, take what came."""
        if not self.link.up():
            raise OSError("no network")
        if self.tx:
            self.write()
        self.idle += 1
        rx = self.rx
        fill = self.fill
        if self.idle < 0 and self.flow:
            self.poll.poll(1)  # an answer is due: 1 ms that is the system's, not a busy loop's
        got = None if self.tx else self.stream.readinto(memoryview(rx)[fill:] if fill else rx)
        if got is None:
            return
        if not got:
            raise OSError("closed")
        fill += got
        self.idle = -_EAGER
        at = min(self.skip, fill)
        self.skip -= at
        while True:
            i = at + 1
            n = 128
            end = shift = 0
            while n > 127 and i < fill:
                n = rx[i]
                i += 1
                end |= (n & 127) << shift
                shift += 7
                if shift > 28:
                    raise OSError("malformed")
            end += i
            if n > 127 or end > fill:
                break
            self.at = at
            self.end = end
            self.last = time.ticks_ms()
            self.head = rx[at]
            self.wait_msg()
            if self.at == at + 1:  # umqtt saw its type and left it
                self.res = res = rx[at:end]
                if res[0] == 0x40 and len(res) == 4:  # PUBACK
                    n = res[2] << 8 | res[3]
                    if self.flow.pop(n, None):
                        self.acked += 1
                        self.on_ack(n)
            at = end
        if fill - at == _RX_BYTES:  # a packet longer than the buffer
            i += 2 + (rx[i] << 8 | rx[i + 1])
            if rx[0] & 0xF4 != 0x30 or i + 2 > fill:
                raise OSError("malformed")
            if rx[0] & 2:  # acknowledge, or the broker would soon send no more
                self.write(bytes((0x40, 2, rx[i], rx[i + 1])))
            self.skipped += 1
            self.skip = end - fill
            at = fill
        rx[: fill - at] = rx[at:fill]
        self.fill = fill - at
