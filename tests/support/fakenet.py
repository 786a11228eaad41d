"""Sockets without a network, and an MQTT broker behind them, for tests in virtual time.

with Net() as net:          # `socket` and `select` for whatever imports them from here on
    net.broker.silent.add("PUBACK")
    vtime.run(...)
"""

import errno
import sys

from support import fakedns

EINPROGRESS = errno.EINPROGRESS
# Imported again each time, to find the stand-ins.
_LATE = ("kerb.uplink.login", "kerb.uplink.resolve")


class Sock:
    """One connection of the device: what it wrote, write by write, and what is still to come."""

    def __init__(self, net):
        self.net = net
        self.writes = []
        self.incoming = bytearray()
        self.chunk = 1 << 20  # how much one read gets
        self.room = None  # how many more bytes it takes; None: any
        self.eof = False
        self.error = None  # raised by the next reads and writes
        self.blocking = True
        self.closed = False

    def setblocking(self, flag):
        self.blocking = flag

    def setsockopt(self, *args):
        if self.net.no_options:
            raise OSError(errno.EINVAL, "fake")

    def connect(self, address):
        self.net.attempts.append(address)
        assert not self.blocking
        if self.net.connect_error:
            raise OSError(self.net.connect_error, "fake")
        raise OSError(EINPROGRESS, "fake")

    def readinto(self, buf):
        assert not self.closed and len(buf)
        if self.error:
            raise OSError(self.error, "fake")
        n = min(len(buf), len(self.incoming), self.chunk)
        if not n:
            return 0 if self.eof else None
        buf[:n] = self.incoming[:n]
        self.incoming = self.incoming[n:]
        return n

    def write(self, data):
        assert not self.closed and len(data)
        if self.error:
            raise OSError(self.error, "fake")
        if self.net.refused:
            raise OSError(self.net.refused, "fake")
        n = len(data)
        if self.room is not None:
            n = min(n, self.room)
            if not n:
                return None
            self.room -= n
        data = bytes(data[:n])
        self.writes.append(data)
        self.net.broker.take(self, data)
        return n

    def close(self):
        self.closed = True


class Poll:
    """select.poll() that knows when a connection stands."""

    def __init__(self, net):
        self.net = net

    def register(self, sock, events):
        pass

    def poll(self, timeout):
        assert 0 <= timeout <= 1  # ms in which nothing else goes on
        self.net.waits += timeout
        return [] if self.net.black_hole else [(None, 4)]


class Net:
    """Stands in for the modules `socket` and `select` inside a with statement."""

    AF_INET = 2
    SOCK_STREAM = 1
    SOCK_DGRAM = 2
    POLLIN = 1
    POLLOUT = 4

    def __init__(self):
        self.broker = Broker()
        self.socks = []
        self.attempts = []
        self.waits = 0  # ms in all
        self.no_name = self.black_hole = self.no_options = False
        self.names = fakedns.Dns(self._name)
        self.connect_error = self.refused = None
        self.is_up = True

    def up(self):
        """The link's word, as Wifi.up() gives it."""
        return self.is_up

    def dns(self):
        """The link's word, as Wifi.dns() gives it."""
        return ("192.0.2.53",)

    @property
    def lookups(self):
        """How many questions for a name there were."""
        return len(self.names.asked)

    def _name(self, query):
        return [fakedns.answer(query, code=3 if self.no_name else 0)]

    def __enter__(self):
        self.before = {name: sys.modules.get(name) for name in ("socket", "select")}
        for name in self.before:
            sys.modules[name] = self
        self._forget()
        return self

    def __exit__(self, *args):
        for name in self.before:
            if self.before[name]:
                sys.modules[name] = self.before[name]
            else:
                del sys.modules[name]
        self._forget()

    @staticmethod
    def _forget():
        for name in _LATE:
            sys.modules.pop(name, None)

    def getaddrinfo(self, host, port):
        return self.names.getaddrinfo(host, port)

    def socket(self, family, kind):
        if kind == self.SOCK_DGRAM:
            return self.names.socket(family, kind)
        self.socks.append(Sock(self))
        return self.socks[-1]

    def poll(self):
        return Poll(self)


_NAMES = {1: "CONNECT", 3: "PUBLISH", 4: "PUBACK", 8: "SUBSCRIBE", 12: "PINGREQ", 14: "DISCONNECT"}
_ANSWERS = {
    "CONNECT": "CONNACK",
    "SUBSCRIBE": "SUBACK",
    "PUBLISH": "PUBACK",
    "PINGREQ": "PINGRESP",
}


class Packet:
    """One packet of the device: name, flags, body; of a PUBLISH also topic, id, payload."""

    def __init__(self, data, body):
        self.name = _NAMES.get(data[0] >> 4)
        self.flags = data[0] & 15
        self.data = data
        self.body = body
        self.id = None
        if self.name == "PUBLISH":
            n = 2 + (body[0] << 8 | body[1])
            self.topic = str(body[2:n], "utf-8")
            if self.flags & 6:
                self.id = body[n] << 8 | body[n + 1]
                n += 2
            self.payload = body[n:]


class Broker:
    """Takes the device's packets apart and answers each, unless told to be silent.

    silent: answers not given, of CONNACK SUBACK PUBACK PINGRESP. say: what to say in their place.
    """

    def __init__(self):
        self.packets = []
        self._met = []
        self.silent = set()
        self.say = {}
        self._rest = {}

    def take(self, sock, data):
        data = self._rest.pop(id(sock), b"") + data
        while True:
            i = 1
            size = shift = 0
            more = 128
            while more & 128 and i < len(data):
                more = data[i]
                size |= (more & 127) << shift
                shift += 7
                i += 1
            if more & 128 or len(data) < i + size or not data:
                break
            self._answer(sock, Packet(data[: i + size], data[i : i + size]))
            data = data[i + size :]
        self._rest[id(sock)] = data

    def _answer(self, sock, packet):
        assert (sock in self._met) != (packet.name == "CONNECT"), "CONNECT comes first, and once"
        if sock not in self._met:
            self._met.append(sock)
        self.packets.append(packet)
        name = _ANSWERS.get(packet.name)
        if name == "PUBACK" and not packet.id:
            return
        if name is None or name in self.silent:
            return
        sock.incoming += (
            self.say.get(name)
            or {
                "CONNACK": b"\x20\2\0\0",
                "SUBACK": _suback(packet),
                "PUBACK": b"\x40\2" + bytes(((packet.id or 0) >> 8, (packet.id or 0) & 255)),
                "PINGRESP": b"\xd0\0",
            }[name]
        )

    def published(self, end=""):
        """The PUBLISH packets whose topics end with `end`."""
        return [p for p in self.packets if p.name == "PUBLISH" and p.topic.endswith(end)]

    def names(self):
        return [p.name for p in self.packets]


def _suback(packet):
    """Each filter of a SUBSCRIBE is granted with QoS 1."""
    codes = b""
    at = 2
    while packet.name == "SUBSCRIBE" and at < len(packet.body):
        at += 3 + (packet.body[at] << 8 | packet.body[at + 1])
        codes += b"\1"
    return bytes((0x90, 2 + len(codes))) + packet.body[:2] + codes


def message(topic, payload, pid=0, flags=0):
    """A PUBLISH as a broker sends it; with an id its QoS is 1."""
    topic = topic.encode() if isinstance(topic, str) else topic
    body = bytes((len(topic) >> 8, len(topic) & 255)) + topic
    if pid:
        body += bytes((pid >> 8, pid & 255))
        flags |= 2
    body += payload
    size = len(body)
    head = [0x30 | flags]
    while size > 127:
        head.append(size & 127 | 128)
        size >>= 7
    return bytes(head + [size]) + body
