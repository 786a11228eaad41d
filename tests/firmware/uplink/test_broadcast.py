"""UDP broadcast on sockets that fail by order, in virtual time."""

import errno
import sys
import time

import world


class Sock:
    def __init__(self, net):
        self.net = net
        self.options = []
        self.closed = False
        self.blocking = True

    def setblocking(self, flag):
        self.blocking = flag

    def setsockopt(self, level, option, value):
        self.options.append((level, option, value))

    def bind(self, address):
        if self.net.bind_error:
            raise OSError(self.net.bind_error, "fake")
        self.bound = address

    def sendto(self, data, address):
        assert not self.closed and not self.blocking
        if self.net.error or address == self.net.gone:
            raise OSError(self.net.error or errno.EHOSTUNREACH, "fake")
        self.net.sent.append((data, address))

    def recvfrom(self, size):
        assert not self.closed and not self.blocking
        if self.net.error:
            raise OSError(self.net.error, "fake")
        return self.net.incoming.pop(0)[:size], self.net.sender

    def close(self):
        self.closed = True


class Net:
    """The modules `socket` and `select`, and the link."""

    AF_INET, SOCK_DGRAM, SOL_SOCKET, SO_REUSEADDR, SO_BROADCAST, POLLIN = 2, 2, 3, 4, 5, 1

    def __init__(self):
        self.is_up = True
        self.address = "10.0.0.255"
        self.socks = []
        self.sent = []
        self.incoming = []
        self.error = self.bind_error = self.gone = None
        self.sender = ("10.0.0.7", 47110)

    def up(self):
        return self.is_up

    def broadcast(self):
        return self.address

    def getaddrinfo(self, host, port):
        return [(2, 2, 17, "", (host, port))]

    def socket(self, family, kind):
        assert (family, kind) == (self.AF_INET, self.SOCK_DGRAM)
        self.socks.append(Sock(self))
        return self.socks[-1]

    # select.poll()
    def poll(self, timeout=None):
        if timeout is None:
            return self
        assert timeout == 0
        return [1] if self.incoming or self.error else []

    def register(self, sock, events):
        pass


def made():
    """(Broadcast, Net) in a new world."""
    world.World()
    net = Net()
    before = {name: sys.modules.get(name) for name in ("socket", "select")}
    sys.modules.pop("kerb.uplink.broadcast", None)
    for name in before:
        sys.modules[name] = net
    try:
        from kerb.uplink.broadcast import Broadcast
    finally:
        sys.modules.pop("kerb.uplink.broadcast", None)
        for name, module in before.items():
            if module:
                sys.modules[name] = module
            else:
                del sys.modules[name]
    return Broadcast(net, 19269), net


def test_it_sends_to_all_and_hears_all():
    air, net = made()
    net.incoming += [b"one", b"x" * 500]
    assert air.up() and air.send(b"hello")
    assert net.sent == [(b"hello", ("10.0.0.255", 19269))]
    assert air.receive() == b"one"
    assert len(air.receive()) == 128
    assert air.receive() is None
    assert len(net.socks) == 1
    assert net.socks[0].bound == ("0.0.0.0", 19269)
    assert net.socks[0].options == [(3, 4, 1), (3, 5, 1)]


def test_without_a_link_there_is_no_socket_and_with_the_next_a_new_one():
    air, net = made()
    net.is_up = False
    assert not air.send(b"x") and air.receive() is None and not net.socks
    net.is_up = True
    assert air.send(b"x")
    net.is_up = False
    assert air.receive() is None and net.socks[0].closed
    net.is_up = True
    net.address = "10.1.0.255"
    assert air.send(b"y")
    assert net.sent[-1] == (b"y", ("10.1.0.255", 19269)) and len(net.socks) == 2


def test_a_link_that_has_no_address_yet_is_asked_again():
    air, net = made()
    net.address = None
    assert not air.send(b"x") and air.faults == 0
    net.address = "10.0.0.255"
    time.sleep_ms(1000)
    assert air.send(b"x")


def test_a_socket_that_fails_is_replaced_after_a_second():
    for error in (errno.EIO, errno.ENOMEM, 113):
        air, net = made()
        assert air.send(b"1")
        net.error = error
        if error == errno.EIO:
            assert air.receive() is None
        else:
            assert not air.send(b"2")
        assert net.socks[0].closed and air.faults == 1
        net.error = None
        assert not air.send(b"3") and len(net.socks) == 1
        time.sleep_ms(1000)
        assert air.send(b"4") and len(net.socks) == 2


def test_a_socket_that_fails_a_week_after_it_was_opened_is_replaced_at_once_too():
    for days in (6, 7, 9, 12):
        air, net = made()
        assert air.send(b"1")
        for _ in range(days):
            world.current().advance_ms(86400000)
        net.error = errno.EIO
        assert not air.send(b"2") and net.socks[0].closed
        net.error = None
        time.sleep_ms(1000)
        assert air.send(b"3") and len(net.socks) == 2, days


def test_a_socket_that_is_full_or_empty_stays():
    air, net = made()
    assert air.send(b"1")
    net.error = errno.EAGAIN
    assert not air.send(b"2") and air.receive() is None
    net.error = None
    assert air.send(b"3") and len(net.socks) == 1


def test_whoever_it_aims_at_is_told_by_his_own_address_too_until_he_or_the_link_is_gone():
    air, net = made()
    air.aim()  # nobody was heard yet
    assert air.send(b"1")
    net.incoming += [b"one"]
    air.receive()
    assert air.send(b"2")
    air.aim()
    assert air.send(b"3")
    all_, one = ("10.0.0.255", 19269), net.sender
    assert net.sent == [(b"1", all_), (b"2", all_), (b"3", one), (b"3", all_)]
    net.sent.clear()
    net.gone = one
    assert air.send(b"4") and air.send(b"5") and air.faults == 1
    assert net.sent == [(b"4", all_), (b"5", all_)] and len(net.socks) == 1
    net.gone = None
    air.aim()
    net.is_up = False
    assert not air.send(b"6")
    net.is_up = True
    net.sent.clear()
    assert air.send(b"7")
    assert net.sent == [(b"7", all_)]


def test_a_port_that_is_taken_is_tried_once_a_second():
    air, net = made()
    net.bind_error = errno.EADDRINUSE
    for _ in range(500):
        assert not air.send(b"x") and air.receive() is None
        time.sleep_ms(20)
    assert 9 <= len(net.socks) <= 11 and all(sock.closed for sock in net.socks)
    net.bind_error = None
    time.sleep_ms(1000)
    assert air.send(b"x")
