"""SNTP against a server that answers as the test wants, in virtual time."""

import asyncio
import errno
import time

from kerb.uplink import sntp
from kerb.uplink.sntp import Sntp

_SPAN = 1 << 32


class Server:
    """Stands in for the module `socket`, and for resolve(): a server, `delay_ms` away and back."""

    AF_INET = 2
    SOCK_DGRAM = 2

    def __init__(self, seconds=0xEE86B8F0, fraction=0, delay_ms=0, **reply):
        self.seconds = seconds
        self.fraction = fraction
        self.delay_ms = delay_ms
        self.reply = reply
        self.lookups = 0
        self.request = None
        self.closed = 0
        self.junk = []

    async def resolve(self, host, port, servers, check_in):
        self.lookups += 1
        assert servers == ("192.0.2.53",)
        return host, port

    def socket(self, family, kind):
        assert (family, kind) == (self.AF_INET, self.SOCK_DGRAM)
        return self

    def setblocking(self, flag):
        assert flag is False

    def connect(self, address):
        self.address = address

    def send(self, data):
        self.request = bytes(data)
        self.sent_at = time.ticks_ms()

    def close(self):
        self.closed += 1

    def recv(self, size):
        if self.junk:
            return self.junk.pop(0)
        if time.ticks_diff(time.ticks_ms(), self.sent_at) < self.delay_ms:
            raise OSError(errno.EAGAIN, "fake")
        if "error" in self.reply:
            raise OSError(self.reply["error"], "fake")
        b = bytearray(48)
        b[0] = self.reply.get("flags", 0x24)
        b[1] = self.reply.get("stratum", 2)
        b[12:16] = self.reply.get("code", b"\0\0\0\0")
        b[24:32] = self.reply.get("cookie", self.request[40:48])
        b[40:44] = (self.seconds % _SPAN).to_bytes(4, "big")
        b[44:48] = self.fraction.to_bytes(4, "big")
        return bytes(b)[: self.reply.get("size", size)]


async def ask(server, client=None, timeout_ms=3000, check_in=None):
    sntp.socket = server
    sntp.resolve = server.resolve
    return await (client or Sntp("time.example", 123)).ask(("192.0.2.53",), check_in, timeout_ms)


async def fault(server, timeout_ms=3000):
    """The text of the OSError."""
    try:
        found = await ask(server, None, timeout_ms)
    except OSError as e:
        assert server.closed == 1
        return str(e)
    raise AssertionError(found)


def ntp(day, second):
    """NTP seconds of a day since 2000-01-01."""
    return (day + 36524) * 86400 + second


async def test_it_gives_the_day_and_the_second_and_the_round_trip():
    server = Server(ntp(9822, 43200), delay_ms=40)
    start = time.ticks_ms()
    day, second, trip_ms = await ask(server)
    # The answer was 12:00:00.000 as it left, 20 ms ago: the next second began 980 ms later.
    assert (day, second, trip_ms) == (9822, 43201, 40)
    assert time.ticks_diff(time.ticks_ms(), start) == 40 + 980
    assert server.closed == 1


async def test_it_returns_as_the_second_begins():
    for fraction_ms, delay_ms in ((0, 0), (1, 0), (500, 100), (999, 0), (900, 400), (980, 40)):
        server = Server(ntp(9822, 10), (fraction_ms * _SPAN + 500) // 1000, delay_ms)
        start = time.ticks_ms()
        _, second, _ = await ask(server)
        now_ms = 10000 + fraction_ms + delay_ms // 2
        now_ms += time.ticks_diff(time.ticks_ms(), start) - delay_ms
        assert abs(now_ms - second * 1000) <= 1, (fraction_ms, delay_ms, now_ms, second)


async def test_midnight_belongs_to_the_new_day():
    assert await ask(Server(ntp(9822, 86399))) == (9823, 0, 0)


async def test_days_are_right_from_2000_through_the_wrap_of_2036_to_2104():
    # 2036-02-07 06:28:16 is second 0 of era 1; the top bit set means 1968 to 2036.
    for day, second in (
        (0, 5),
        (9497, 0),
        (13185, 23290),  # 2036-02-07 06:28:10
        (13186, 0),
        (13185, 23296),
        (13185, 23297),
        (20000, 86398),
        (36524, 12345),
    ):
        found = await ask(Server(ntp(day, second)))
        assert found[:2] == (day, second + 1), (day, second, found)


async def test_it_tells_the_server_nothing_but_a_cookie_that_changes():
    cookies = []
    for _ in range(4):
        server = Server()
        await ask(server)
        assert len(server.request) == 48
        assert server.request[0] == 0x23 and not any(server.request[1:40])
        cookies.append(server.request[40:48])
    assert len(set(cookies)) == 4


async def test_a_server_without_the_time_is_a_fault_that_says_so():
    assert "no time" in await fault(Server(stratum=16))
    assert "no time" in await fault(Server(stratum=255))
    assert "no time" in await fault(Server(flags=0xE4))  # not synchronised
    assert "no time" in await fault(Server(flags=0x23))  # a client
    assert "no time" in await fault(Server(flags=0x25))  # a broadcast
    assert "no time" in await fault(Server(seconds=0))
    assert "RATE" in await fault(Server(stratum=0, code=b"RATE"))
    assert await fault(Server(stratum=0, code=b"\0\xff\nA")) == "time server says A"


async def test_any_stratum_from_1_to_15_will_do():
    for stratum in (1, 15):
        assert await ask(Server(ntp(9822, 5), stratum=stratum)) == (9822, 6, 0)


async def test_a_server_that_does_not_answer_is_a_fault_in_time():
    start = time.ticks_ms()
    assert "no answer" in await fault(Server(delay_ms=99999), 2500)
    assert 2500 <= time.ticks_diff(time.ticks_ms(), start) <= 2510


async def test_answers_that_are_not_to_our_question_are_passed_over():
    assert "no answer" in await fault(Server(cookie=b"12345678"))
    assert "no answer" in await fault(Server(size=47))
    server = Server(ntp(9822, 5))
    server.junk = [b"", b"x", bytes(48), b"\x24\2" + bytes(46)]
    assert (await ask(server))[:2] == (9822, 6)


async def test_a_refusal_is_a_fault_at_once():
    start = time.ticks_ms()
    await fault(Server(error=errno.ECONNREFUSED))
    assert time.ticks_diff(time.ticks_ms(), start) < 20


async def fails(server, client):
    try:
        await ask(server, client)
    except OSError:
        return
    raise AssertionError("an answer")


async def test_the_name_is_looked_up_at_first_and_not_after_mere_time_outs():
    server = Server()
    client = Sntp("time.example")
    for _ in range(3):
        await ask(server, client)
    assert server.lookups == 1 and server.address == ("time.example", 123)
    for _ in range(5):
        server.delay_ms = 99999
        await fails(server, client)
        await fails(server, client)
        server.delay_ms = 0
        await ask(server, client)
    assert server.lookups == 1


async def test_the_name_is_looked_up_again_after_three_failures_or_a_refusal():
    server = Server(delay_ms=99999)
    client = Sntp("time.example")
    for lookups in (1, 1, 1, 2, 2, 2, 3):
        await fails(server, client)
        assert server.lookups == lookups
    server.reply["error"] = errno.ECONNREFUSED
    server.delay_ms = 0
    for lookups in (3, 4, 5):
        await fails(server, client)
        assert server.lookups == lookups


async def test_a_name_without_an_address_is_a_fault_and_asked_for_again():
    server = Server()
    client = Sntp("time.example")

    async def unknown(*args):
        raise OSError("no such name")

    resolve = server.resolve
    server.resolve = unknown
    await fails(server, client)
    server.resolve = resolve
    await ask(server, client)


async def test_it_checks_in_while_it_waits():
    count = []
    try:
        await ask(Server(delay_ms=99999), None, 1000, lambda: count.append(1))
    except OSError:
        pass
    assert len(count) >= 190


async def test_the_others_work_while_it_waits():
    turns = []

    async def other():
        while True:
            turns.append(1)
            await asyncio.sleep_ms(10)

    task = asyncio.create_task(other())
    await fault(Server(delay_ms=99999), 1000)
    task.cancel()
    assert len(turns) >= 99
