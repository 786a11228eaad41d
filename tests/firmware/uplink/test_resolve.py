"""Names are looked up without holding up anyone, in virtual time with servers of all kinds."""

import asyncio
import errno
import random
import time

from kerb.uplink import resolve as module
from kerb.uplink.resolve import resolve
from support.fakedns import Dns, answer

SERVER = "192.0.2.53"
OTHER = "198.51.100.53"


async def look_up(dns, host="broker.example", servers=(SERVER,), check_in=None):
    real = module.socket
    module.socket = dns
    try:
        return await resolve(host, 1883, servers, check_in)
    finally:
        module.socket = real
        assert dns.open == 0


async def fault(dns, host="broker.example", servers=(SERVER,), check_in=None):
    """The text of the OSError."""
    try:
        found = await look_up(dns, host, servers, check_in)
    except OSError as e:
        return str(e)
    raise AssertionError(found)


async def test_an_address_goes_straight_through_and_so_does_localhost():
    dns = Dns()
    for host in ("192.0.2.7", "0.0.0.0", "255.255.255.255"):
        assert await look_up(dns, host, ()) == (host, 1883)
    assert await look_up(dns, "localhost", ()) == ("127.0.0.1", 1883)
    assert dns.asked == []


async def test_a_name_is_one_question_to_the_network_s_server():
    dns = Dns()
    assert await look_up(dns) == ("192.0.2.1", 1883)
    ((server, query, _),) = dns.asked
    assert server == SERVER
    assert query[2:] == b"\1\0\0\1\0\0\0\0\0\0\6broker\7example\0\0\1\0\1"


async def test_what_looks_like_an_address_and_is_none_is_a_name():
    dns = Dns()
    for host in ("1.2.3", "1.2.3.256", "1.2.3.4.5", "a.2.3.4", "1.2.3.0004"):
        assert await look_up(dns, host) == ("192.0.2.1", 1883)
    assert len(dns.asked) == 5


async def test_a_name_may_end_with_a_dot():
    dns = Dns()
    await look_up(dns, "broker.example.")
    assert dns.asked[0][1].endswith(b"\7example\0\0\1\0\1")


async def test_ids_and_ports_can_not_be_guessed():
    dns = Dns()
    for _ in range(20):
        await look_up(dns)
    assert len({query[:2] for _, query, _ in dns.asked}) > 17
    ports = {port for _, _, port in dns.asked}
    assert len(ports) > 17 and min(ports) >= 49152 and max(ports) < 65536


async def test_a_port_that_is_taken_is_no_hindrance():
    dns = Dns()
    dns.taken = True
    assert await look_up(dns) == ("192.0.2.1", 1883)


async def test_the_address_is_found_behind_aliases():
    def reply(query):
        return [
            answer(
                query,
                (b"\xc0\x0c", 5, b"\5edge1\3cdn\xc0\x13"),
                (b"\5edge1\3cdn\xc0\x13", 5, b"\1x\xc0\x2c"),
                (b"\1x\xc0\x2c", 46, b"\xc0\x0c" * 60),
                (b"\0", 1, bytes((203, 0, 113, 9))),
                (b"\xc0\x2c", 1, bytes((203, 0, 113, 10))),
            )
        ]

    assert await look_up(Dns(reply)) == ("203.0.113.9", 1883)


async def test_a_server_may_write_the_name_in_other_letters():
    def reply(query):
        good = answer(query)
        return [good[:13] + b"BROKER" + good[19:]]

    assert await look_up(Dns(reply)) == ("192.0.2.1", 1883)


async def test_a_server_that_is_silent_is_asked_twice_for_three_seconds():
    dns = Dns(lambda query: [])
    start = time.ticks_ms()
    assert await fault(dns) == "no answer from the DNS server"
    assert 6000 <= time.ticks_diff(time.ticks_ms(), start) <= 6050
    assert len(dns.asked) == 2 and dns.asked[0][1] != dns.asked[1][1]


async def test_a_question_that_got_lost_is_asked_again():
    dns = Dns(lambda query: [answer(query)] if len(dns.asked) > 1 else [])
    assert await look_up(dns) == ("192.0.2.1", 1883)


async def test_servers_are_asked_in_turn():
    dns = Dns(lambda query: [])
    await fault(dns, servers=(SERVER, OTHER))
    assert [server for server, _, _ in dns.asked] == [SERVER, OTHER] * 2


async def test_a_server_that_is_not_there_or_fails_gives_way_to_the_next_at_once():
    for error in (errno.ECONNREFUSED, errno.EHOSTUNREACH):
        dns = Dns()
        dns.fault[SERVER] = error
        start = time.ticks_ms()
        assert await look_up(dns, servers=(SERVER, OTHER)) == ("192.0.2.1", 1883)
        assert time.ticks_diff(time.ticks_ms(), start) < 50
    for code in (1, 2, 4, 5):
        dns = Dns(lambda query, code=code: [answer(query, code=code)])
        assert await fault(dns, servers=(SERVER, OTHER)) == "DNS server says %d" % code
        assert len(dns.asked) == 4


async def test_a_name_that_does_not_exist_is_a_fault_at_once():
    dns = Dns(lambda query: [answer(query, code=3)])
    assert await fault(dns, servers=(SERVER, OTHER)) == "no such name"
    assert len(dns.asked) == 1


async def test_a_name_without_an_ipv4_address_is_a_fault():
    for record in (
        (b"\xc0\x0c", 28, bytes(16)),
        (b"\xc0\x0c", 5, b"\1x\0"),
        (b"\xc0\x0c", 1, bytes(5)),
    ):
        dns = Dns(lambda query, record=record: [answer(query, record)])
        assert await fault(dns) == "no address"


async def test_without_a_server_nothing_is_asked():
    dns = Dns()
    for servers in ((), ("",), ("fe80::1",), ("dns.example",)):
        assert await fault(dns, servers=servers) == "no DNS server known"
    assert dns.asked == []


async def test_what_can_be_no_name_is_not_asked_for():
    dns = Dns()
    for host in ("", ".", "a..b", "x" * 64, ".".join(["x" * 49] * 6), "a b", "\u00e9.example"):
        assert await fault(dns, host) == "not a host name"
    assert dns.asked == []
    assert await look_up(dns, ".".join(["x" * 63] * 3 + ["x" * 61])) == ("192.0.2.1", 1883)


async def test_replies_that_are_not_to_the_question_are_passed_over():
    def reply(query):
        good = answer(query, (b"\xc0\x0c", 1, bytes((6, 6, 6, 6))))
        return [
            b"",
            b"\0",
            query,
            bytes((good[0] ^ 1,)) + good[1:],
            good[:4] + b"\0\0" + good[6:],
            good[:13] + b"kroner" + good[19:],
            answer(query, (b"\xc0\x0c", 1, bytes((6, 6, 6, 6))), flags=0xA980),
            good[: len(query) - 1],
            b"\xff" * 600,
            answer(query),
        ]

    assert await look_up(Dns(reply)) == ("192.0.2.1", 1883)


async def test_a_reply_that_is_cut_off_or_malformed_is_a_fault_and_nothing_else():
    for tail in (
        b"\xc0",
        b"\xc0\x0c\0\1",
        b"\x40",
        b"\x3f",
        b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4\1\2\3",
    ):
        dns = Dns(lambda query, tail=tail: [answer(query)[: len(query)] + tail])
        assert await fault(dns) in ("malformed answer from the DNS server", "no address"), tail
    # A thousand records said to follow, and a pointer that points to itself.
    loop = b"\xc0\x1f\0\5\0\1\0\0\0\0\0\2\xc0\x1f"
    dns = Dns(lambda query: [query[:2] + b"\x81\x80\0\1\3\xe8\0\0\0\0" + query[12:] + loop * 30])
    assert await fault(dns) == "malformed answer from the DNS server"


async def test_no_bytes_from_the_server_raise_anything_but_an_oserror():
    random.seed(3)

    def reply(query):
        good = bytearray(answer(query, (b"\xc0\x0c", 5, b"\1x\xc0\x2c"), (b"\1y\0", 1, b"abcd")))
        for _ in range(random.getrandbits(3)):
            place = 6 + random.getrandbits(8) % (len(good) - 6)
            if not 12 <= place < len(query):
                good[place] = random.getrandbits(8)
        return [bytes(good[: len(good) - random.getrandbits(4)])]

    dns = Dns(reply)
    results = set()
    for _ in range(300):
        try:
            host, port = await look_up(dns)
            results.add("found")
        except OSError as e:
            results.add(str(e).split(" ")[0])
    assert {"found", "malformed", "no"} <= results


async def test_the_others_work_and_the_watchdog_is_told_while_it_waits():
    last = [time.ticks_ms()]
    gaps = []

    def check_in():
        now = time.ticks_ms()
        gaps.append(time.ticks_diff(now, last[0]))
        last[0] = now

    turns = []

    async def other():
        while True:
            turns.append(1)
            await asyncio.sleep_ms(10)

    task = asyncio.create_task(other())
    await fault(Dns(lambda query: []), check_in=check_in)
    task.cancel()
    assert len(turns) >= 590
    assert max(gaps) <= 20 and sum(gaps) > 5900
