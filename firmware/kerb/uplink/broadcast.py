"""Datagrams to everybody on the same network, by UDP.

The access point has to pass them on: not with "client isolation", and it may hold a broadcast
back until its next DTIM beacon, 100 to 300 ms, while some client of it sleeps. What goes to one
address is not held back, if that one is awake, and is repeated by the Wi-Fi until it has arrived.
"""

import errno
import select
import socket
import time

from micropython import const

MAX_BYTES = const(128)
_RETRY_MS = const(1000)


def _sockaddr(address, port):
    # Of an address it blocks nowhere, and each port takes it.
    return socket.getaddrinfo(address, port)[0][-1]


class Broadcast:
    """The `air` of kerb.uplink.peer.Peer; `link` has up() and broadcast(), its address or None.

    Never blocks and never raises. `faults` counts what the network refused.
    """

    def __init__(self, link, port):
        self._link = link
        self._port = port
        self._sock = self._ask = self._to = self._tried = self._last = self._one = None
        self.faults = 0

    def up(self):
        """Whether there is a network."""
        return self._link.up()

    def aim(self):
        """Whoever was heard last is sent everything to his own address, too, from now on."""
        self._one = self._last

    def send(self, data):
        """True when it is on its way, to whoever hears it."""
        if not self._ready():
            return False
        if self._one:
            try:
                self._sock.sendto(data, self._one)
            except OSError:  # he may have gone: he is heard again before he is told again
                self._one = None
                self.faults += 1
        try:
            self._sock.sendto(data, self._to)
        except OSError as e:
            if e.errno != errno.EAGAIN:
                self._close()
            self.faults += 1
            return False
        return True

    def receive(self):
        """The next datagram, cut at MAX_BYTES, or None. One's own may be among them."""
        if not self._ready():
            return None
        for _ in self._ask(0):
            break
        else:
            return None
        try:
            data, self._last = self._sock.recvfrom(MAX_BYTES)
            return data
        except OSError as e:
            if e.errno != errno.EAGAIN:
                self._close()
                self.faults += 1
            return None

    def _ready(self):
        """Whether there is a socket; it lasts as long as the link."""
        if not self._link.up():
            self._close()
            self._tried = None
            return False
        if self._sock:
            return True
        now = time.ticks_ms()
        # Below 0 it was a week ago: a socket lasts longer than ticks can tell.
        if self._tried is not None and 0 <= time.ticks_diff(now, self._tried) < _RETRY_MS:
            return False
        self._tried = now
        address = self._link.broadcast()
        if not address:
            return False
        try:
            self._open(address)
        except OSError:
            self._close()
            self.faults += 1
        return self._sock is not None

    def _open(self, address):
        self._to = _sockaddr(address, self._port)
        self._sock = sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.bind(_sockaddr("0.0.0.0", self._port))
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        self._ask = getattr(poll, "ipoll", poll.poll)  # the first makes no list each time

    def _close(self):
        if self._sock:
            self._sock.close()
        self._sock = self._last = self._one = None
