"""From no connection to a subscribed one.

A file of its own, imported at the first connection, for devices that never get so far. From then
on it stays in memory, with resolve.py: 10 kB of heap where a word has 8 bytes; frozen, little.
"""

import asyncio
import errno
import select
import socket
import time

from kerb.uplink.mqtt import packet
from kerb.uplink.resolve import resolve
from micropython import const

_TCP = const(6)  # IPPROTO_TCP and TCP_NODELAY: MicroPython names neither
_NODELAY = const(1)
_MISSES = const(3)
_REFUSED = "protocol,client id,server unavailable,user or password,not authorised,reason unknown"


def _text(s):
    s = s.encode()
    return bytes((len(s) >> 8, len(s) & 255)) + s


async def log_in(mqtt, check_in):
    """Take `mqtt` all the way to "up", or raise OSError; mqtt.status says at which step."""
    if not mqtt.address or mqtt.misses == _MISSES:
        mqtt.status = "name lookup"
        mqtt.address = await resolve(mqtt.server, mqtt.port, mqtt.link.dns(), check_in)
        mqtt.misses = 0
    mqtt.misses += 1
    try:
        await _log_in(mqtt, check_in)
    except OSError as e:
        # A time-out alone says nothing against the address. lwIP gives a refusal as a reset.
        if e.errno in (errno.ECONNREFUSED, errno.ECONNRESET):
            mqtt.address = None
        raise
    mqtt.misses = 0


def _inboxes(mqtt):
    """Where commands come, those to it alone first."""
    base = mqtt.topic[: -len(mqtt.client_id) - 1]
    whom = [mqtt.client_id] + ["group/" + group for group in mqtt.groups] + ["all"]
    return [base + who + "/command/" for who in whom]


def _commands(mqtt, inboxes):
    """What takes the messages of the command topics, and of no others, to mqtt.on_message."""

    def command(topic, msg):
        topic = str(topic, "utf-8")
        for inbox in inboxes:
            if topic.startswith(inbox):
                break
        else:
            return  # not subscribed; amqtt 0.12 sends a device its own availability
        name = topic[len(inbox) :]
        if mqtt.head & 1:  # retained: it would come, and be obeyed, at each connection again
            mqtt.log.warn("mqtt retained command %s dropped", name)
        else:
            mqtt.on_message(name, msg)

    return command


async def _log_in(mqtt, check_in):
    ticks = time.ticks_ms

    async def wait(done):
        start = ticks()
        while not done():
            if time.ticks_diff(ticks(), start) > mqtt.late_ms:
                raise OSError("no answer")
            check_in()
            await asyncio.sleep_ms(5)

    if mqtt.ssl:
        mqtt.status = "TLS"
        from kerb.uplink import trust

        tls = trust.context(mqtt.ssl["ca"], mqtt.ssl["cert"], mqtt.ssl["key"])
    mqtt.status = "connect"
    mqtt.stream = sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setblocking(False)
    try:
        sock.setsockopt(_TCP, _NODELAY, 1)
    except OSError:
        pass  # slower, not wrong
    poll = select.poll()
    poll.register(sock, select.POLLOUT)
    try:
        sock.connect(mqtt.address)
    except OSError as e:
        if e.errno != errno.EINPROGRESS:
            raise
    await wait(lambda: poll.poll(0))

    if mqtt.ssl:
        mqtt.status = "TLS"
        sock = tls.wrap_socket(sock, server_hostname=mqtt.server, do_handshake_on_connect=False)
    if not hasattr(sock, "readinto"):
        file = sock.makefile("rwb", 0)
        sock.close()
        sock = file
    mqtt.stream = sock
    mqtt.poll = select.poll()
    mqtt.poll.register(sock, select.POLLIN)
    mqtt.tx = []
    mqtt.fill = mqtt.skip = mqtt.idle = 0
    mqtt.last = mqtt.next = ticks()

    async def answer(op, n):
        mqtt.res = None
        await wait(lambda: mqtt.look() or mqtt.res)
        if mqtt.res[0] != op or len(mqtt.res) != n:
            raise OSError("malformed")
        return mqtt.res

    inboxes = _inboxes(mqtt)
    mqtt.cb = _commands(mqtt, inboxes)
    mqtt.lw_topic = _text(mqtt.topic + "availability")
    mqtt.lw_msg = packet(b"1\0\0" + mqtt.lw_topic, 0, b"offline") + b"\xe0\0"
    flags = 0x2E  # clean session; last will, retained, QoS 1
    who = _text(mqtt.client_id) + mqtt.lw_topic + _text("offline")
    if mqtt.user is not None:
        flags |= 0xC0
        who += _text(mqtt.user) + _text(mqtt.pswd)
    n = mqtt.keepalive
    mqtt.write(packet(b"\x10\0\0\0\4MQTT\4" + bytes((flags, n >> 8, n & 255)), 0, who))
    if mqtt.ssl:
        await wait(lambda: mqtt.write() or not mqtt.tx)  # handshake
    mqtt.status = "login"
    n = (await answer(0x20, 4))[3]
    if n:
        raise OSError("refused, " + _REFUSED.split(",")[min(n, 6) - 1])

    mqtt.status = "subscribe"
    filters = b"".join([_text(inbox + "+") + b"\1" for inbox in inboxes])
    mqtt.write(packet(b"\x82\0\0\0\1", 0, filters))
    codes = (await answer(0x90, 4 + len(inboxes)))[4:]
    if codes[0] > 1:
        raise OSError("refused")
    for inbox, code in zip(inboxes, codes):
        if code > 1:  # a broker that lets no device read there: its own commands still come
            mqtt.log.warn("mqtt refused: %s+", inbox)

    mqtt.tx.append(packet(b"1\0\0" + mqtt.lw_topic, 0, b"online"))
    for flow in mqtt.flow.values():
        flow[0][0] |= 8  # DUP
        flow[1] = ticks()
        mqtt.tx.append(flow[0])
        mqtt.resent += 1
    mqtt.connects += 1
    mqtt.status = "up"
    mqtt.log.info("mqtt up")
