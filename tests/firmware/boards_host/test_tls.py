"""The tls module, the same on MicroPython (its own) and on CPython (the stand-in)."""

import random
import socket
import time

import tls
import world
from support import certs
from support.raised import raised


class Pair:
    """A client and a server on the loopback, both non-blocking."""

    def __init__(self):
        world.clear()
        listener, address = listening()
        self.client = socket.socket()
        self.client.connect(address)
        self.server = listener.accept()[0]
        listener.close()
        for sock in (self.client, self.server):
            sock.setblocking(False)

    def close(self):
        self.client.close()
        self.server.close()


def listening():
    """A listening socket and its address; MicroPython's unix sockets don't tell a free port."""
    while True:
        listener = socket.socket()
        port = 20_000 + random.getrandbits(13)
        address = socket.getaddrinfo("127.0.0.1", port)[0][-1]
        try:
            listener.bind(address)
            listener.listen(1)
            return listener, address
        except OSError:
            listener.close()


def wrapped(pair, ca=certs.CA, name="localhost", device=False, ask=False):
    """(client stream, server stream) with the handshake still to come."""
    server = tls.SSLContext(tls.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certs.SERVER, certs.SERVER_KEY)
    if ask:
        server.load_verify_locations(certs.CA)
        server.verify_mode = tls.CERT_REQUIRED
    client = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(ca)
    client.verify_mode = tls.CERT_REQUIRED
    if device:
        client.load_cert_chain(certs.DEVICE, certs.DEVICE_KEY)
    return (
        client.wrap_socket(pair.client, server_hostname=name, do_handshake_on_connect=False),
        server.wrap_socket(pair.server, server_side=True, do_handshake_on_connect=False),
    )


def until(step, limit=2000):
    """What step() gives once it is not None."""
    for _ in range(limit):
        result = step()
        if result is not None:
            return result
        time.sleep_ms(1)
    raise AssertionError("nothing came")


def shake(client, server, message=b"hello"):
    """Sends message from client to server, and the handshake before it; what arrived."""
    state = [None]

    def step():
        if state[0] is None:
            state[0] = client.write(message)
        return server.read(100)

    return until(step)


def client_shakes(client, server):
    """Goes on with the handshake until the client can write or raises; the server's woes are not
    looked at."""
    server_works = [True]

    def step():
        if server_works[0]:
            try:
                server.read(1)
            except (OSError, ValueError):
                server_works[0] = False
        return client.write(b"x")

    until(step)


def test_nothing_blocks_while_the_other_end_is_silent():
    pair = Pair()
    client, _ = wrapped(pair)
    start = time.ticks_ms()
    assert client.read(10) is None
    assert client.write(b"x") is None
    assert client.readinto(bytearray(4)) is None
    assert time.ticks_diff(time.ticks_ms(), start) < 500
    pair.close()


def test_bytes_go_both_ways_after_the_handshake():
    pair = Pair()
    client, server = wrapped(pair)
    assert shake(client, server) == b"hello"
    assert server.write(b"and back") == 8
    buf = bytearray(20)
    assert until(lambda: client.readinto(buf)) == 8
    assert bytes(buf[:8]) == b"and back"
    assert client.read(1) is None
    pair.close()


def test_more_than_one_record_arrives_whole():
    pair = Pair()
    client, server = wrapped(pair)
    shake(client, server)
    data = bytes(range(256)) * 300
    sent = 0
    got = b""
    for _ in range(20_000):
        if sent < len(data):
            sent += client.write(data[sent:]) or 0
        part = server.read(4096)
        if part:
            got += part
        if len(got) >= len(data):
            break
    assert got == data
    pair.close()


def test_a_server_of_another_ca_is_refused():
    pair = Pair()
    client, server = wrapped(pair, ca=certs.OTHER_CA)
    raised(ValueError, client_shakes, client, server)
    pair.close()


def test_a_server_of_another_name_is_refused():
    pair = Pair()
    client, server = wrapped(pair, name="broker.example")
    raised(ValueError, client_shakes, client, server)
    pair.close()


def test_a_server_that_asks_gets_the_device_certificate():
    pair = Pair()
    client, server = wrapped(pair, device=True, ask=True)
    assert shake(client, server) == b"hello"
    pair.close()


def test_a_server_that_asks_refuses_a_device_without_certificate():
    pair = Pair()
    client, server = wrapped(pair, ask=True)
    raised((ValueError, OSError), shake, client, server)
    pair.close()


def test_the_end_of_the_other_end_is_an_empty_read():
    pair = Pair()
    client, server = wrapped(pair)
    shake(client, server)
    server.write(b"bye")
    assert until(lambda: client.read(3)) == b"bye"
    client.close()
    pair.client.close()
    assert until(lambda: server.read(10)) == b""
    pair.close()


def test_garbage_instead_of_tls_is_an_error():
    pair = Pair()
    client, _ = wrapped(pair)
    pair.server.send(b"HTTP/1.0 400 Bad Request\r\n\r\n")
    raised((ValueError, OSError), until, lambda: client.read(10))
    pair.close()


def test_what_is_no_certificate_is_refused():
    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    raised(ValueError, context.load_verify_locations, b"not a certificate")
    raised(ValueError, context.load_cert_chain, b"nor this", b"or that")
