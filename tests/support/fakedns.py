"""A DNS server on sockets without a network, in virtual time.

`Dns` stands in for the module `socket` of kerb.uplink.resolve. It gives what `reply(query)` makes
of a question: a list of datagrams, none when it is silent.
"""

import errno
import time


def answer(query, *records, code=0, flags=0x8180):
    """The answer to a query; a record is (owner, type, data), by default the address 192.0.2.1."""
    if not code and not records:
        records = ((b"\xc0\x0c", 1, bytes((192, 0, 2, 1))),)
    out = query[:2] + bytes((flags >> 8, flags & 0xF0 | code)) + b"\0\1\0" + bytes((len(records),))
    out += b"\0\0\0\0" + query[12:]
    for owner, kind, data in records:
        out += owner + bytes((0, kind)) + b"\0\1\0\0\1\x2c" + bytes((0, len(data))) + data
    return out


class Dns:
    AF_INET = 2
    SOCK_DGRAM = 2

    def __init__(self, reply=None):
        self.reply = reply or (lambda query: [answer(query)])
        self.delay_ms = 5
        self.taken = False  # the port that the device would like to ask from
        self.fault = {}  # by server: the error that asking it raises
        self.asked = []  # (server, query, own port) of each
        self.open = 0

    def getaddrinfo(self, host, port):
        """Of an address only: of a name it would block."""
        assert all(0 <= int(part) < 256 for part in host.split(".")), host
        return [(2, 1, 6, "", (host, port))]

    def socket(self, family, kind):
        assert (family, kind) == (self.AF_INET, self.SOCK_DGRAM)
        self.open += 1
        return _Socket(self)


class _Socket:
    def __init__(self, dns):
        self._dns = dns
        self._port = 0
        self._replies = []

    def setblocking(self, flag):
        assert flag is False

    def bind(self, address):
        if self._dns.taken:
            raise OSError(errno.EADDRINUSE, "fake")
        self._port = address[1]

    def connect(self, address):
        self._server = address[0]
        assert address[1] == 53

    def send(self, query):
        self._dns.asked.append((self._server, bytes(query), self._port))
        self._sent = time.ticks_ms()
        if self._server in self._dns.fault:
            return
        self._replies = list(self._dns.reply(bytes(query)))

    def recv(self, size):
        if self._server in self._dns.fault:
            raise OSError(self._dns.fault[self._server], "fake")
        waited_ms = time.ticks_diff(time.ticks_ms(), self._sent)
        if not self._replies or waited_ms < self._dns.delay_ms:
            raise OSError(errno.EAGAIN, "fake")
        return self._replies.pop(0)[:size]

    def close(self):
        self._dns.open -= 1
