"""Where a host is: a client's part of DNS (RFC 1035) that, unlike getaddrinfo, never blocks.

A port's own look-up holds up the whole event loop, for 7 s a server on lwIP: two of them and the
watchdog bites. So one question for an IPv4 address goes out by UDP here, and others work on.
"""

import asyncio
import errno
import os
import socket
import time

from micropython import const

PORT = 53
_ROUNDS = const(2)
_ANSWER_MS = const(3000)
_LOOK_MS = const(5)
_SIZE = const(512)  # of an answer by UDP, RFC 1035, 2.3.4


async def resolve(host, port, servers, check_in=None):
    """What connect() takes for `port` of `host`: a name, "localhost" or an IPv4 address.

    `servers` are the addresses of DNS servers, asked in turn, each twice for 3 s. check_in() is
    called while that goes on. OSError, whose text says why, when there is no address.
    """
    if host == "localhost":
        host = "127.0.0.1"
    if not _is_address(host):
        host = await _look_up(host, servers, check_in)
    return _sockaddr(host, port)


def _sockaddr(address, port):
    # Of an address and without further arguments it blocks nowhere, and each port takes it.
    return socket.getaddrinfo(address, port)[0][-1]


def _is_address(host):
    parts = host.split(".")
    return len(parts) == 4 and all(
        0 < len(p) < 4 and all("0" <= c <= "9" for c in p) and int(p) < 256 for p in parts
    )


async def _look_up(host, servers, check_in):
    question = _question(host)
    error = OSError("no DNS server known")
    for _ in range(_ROUNDS):
        for server in servers:
            if not _is_address(server):
                continue
            try:
                reply = await _ask(server, question, check_in)
            except OSError as e:
                error = e
                continue
            code = reply[3] & 15
            if code == 3:
                raise OSError("no such name")
            if not code:
                return _address(reply, 12 + len(question))
            error = OSError("DNS server says %d" % code)
    raise error


def _question(host):
    """For the A record of a name; OSError when it can't be one."""
    if host.endswith("."):
        host = host[:-1]
    question = b""
    for label in host.split("."):
        if not 0 < len(label) < 64 or not all("!" <= c <= "~" for c in label):
            raise OSError("not a host name")
        question += bytes((len(label),)) + label.encode()
    if len(question) > 254:
        raise OSError("not a host name")
    return question + b"\0\0\1\0\1"


async def exchange(who, sock, query, is_reply, size, timeout_ms, check_in):
    """(reply, round trip in ms) of one question over a connected, non-blocking UDP socket.

    What is_reply(bytes) refuses is passed over; a reply is cut at `size` bytes. OSError, naming
    `who` was asked, when none came in time.
    """
    start = time.ticks_ms()
    sock.send(query)
    while True:
        try:
            reply = sock.recv(size)
        except OSError as e:
            if e.errno != errno.EAGAIN:
                raise
            reply = b""
        trip_ms = time.ticks_diff(time.ticks_ms(), start)
        if is_reply(reply):
            return reply, trip_ms
        if trip_ms >= timeout_ms:
            raise OSError("no answer from the " + who)
        if check_in:
            check_in()
        await asyncio.sleep_ms(_LOOK_MS)


async def _ask(server, question, check_in):
    """The server's reply to the question, whatever it says."""
    # What an attacker out of sight would have to guess: the id, and the port that we ask from.
    draw = os.urandom(4)
    query = draw[:2] + b"\1\0\0\1\0\0\0\0\0\0" + question
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        try:
            sock.bind(_sockaddr("0.0.0.0", 0xC000 | draw[2] << 8 | draw[3]))
        except OSError:
            pass  # taken: one of the port's own choice
        sock.connect(_sockaddr(server, PORT))  # replies of others are dropped
        reply, _ = await exchange(
            "DNS server",
            sock,
            query,
            lambda reply: _is_reply(reply, query),
            _SIZE,
            _ANSWER_MS,
            check_in,
        )
        return reply
    finally:
        sock.close()


def _is_reply(reply, query):
    n = len(query)
    return (
        len(reply) >= n
        and reply[:2] == query[:2]
        and reply[2] & 0xF8 == 0x80  # a response to a standard query
        and reply[4:6] == b"\0\1"
        and reply[12:n].lower() == query[12:].lower()
    )


def _address(reply, at):
    """The first address among the answers, which begin at `at`; OSError when there is none.

    The server gives a name's aliases with what they lead to, so the owners of records need no
    reading, and no compression pointer is followed.
    """
    try:
        for _ in range(reply[6] << 8 | reply[7]):
            while 0 < reply[at] < 64:
                at += 1 + reply[at]
            at += 2 if reply[at] else 1  # a pointer ends a name, as the root does
            size = reply[at + 8] << 8 | reply[at + 9]
            record = reply[at : at + 10 + size]
            if record[:4] == b"\0\1\0\1" and size == 4 and len(record) == 14:
                return "%d.%d.%d.%d" % tuple(record[10:])
            at += 10 + size
    except IndexError:
        raise OSError("malformed answer from the DNS server")
    raise OSError("no address")
