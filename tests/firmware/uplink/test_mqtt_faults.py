"""MQTT while things go wrong: each fault ends in a new connection, and no QoS 1 event is lost."""

import asyncio
import errno
import random
import time

from support import certs
from support.fakenet import Net, message
from support.mqtt_device import Device


async def recovers(net, device, heal):
    """There was a fault, and once `heal` has been called all is well again."""
    assert device.mqtt.faults >= 1
    heal()
    await asyncio.sleep_ms(40000)
    assert device.mqtt.up(), device.log.lines
    token = device.mqtt.publish("status", b"again", 1)
    await asyncio.sleep_ms(1000)
    assert token in device.acks
    assert all(sock.closed for sock in net.socks[:-1])


async def test_a_name_that_cannot_be_looked_up_is_tried_again():
    with Net() as net:
        net.no_name = True
        device = Device(net, server="broker.example")
        await asyncio.sleep_ms(500)
        assert device.mqtt.status == "name lookup: no such name"
        net.no_name = False
        await asyncio.sleep_ms(10000)
        assert device.mqtt.up()


async def test_a_name_is_not_looked_up_again_while_its_address_serves():
    with Net() as net:
        device = Device(net, server="broker.example")
        for _ in range(5):
            await asyncio.sleep_ms(10000)
            assert device.mqtt.up()
            net.socks[-1].eof = True
        assert net.lookups == 1


async def test_a_name_is_looked_up_again_after_three_connections_that_failed():
    with Net() as net:
        net.black_hole = True
        device = Device(net, server="broker.example")
        device.mqtt.backoff.next_ms = lambda: 0
        for failed, lookups in ((1, 1), (2, 1), (3, 2), (5, 2), (6, 3)):
            while device.mqtt.faults < failed:
                await asyncio.sleep_ms(20)
            await asyncio.sleep_ms(100)
            assert net.lookups == lookups
        net.black_hole = False
        await asyncio.sleep_ms(20000)
        assert device.mqtt.up() and net.lookups == 3


async def test_a_name_is_looked_up_again_after_a_refusal():
    for error in (errno.ECONNREFUSED, errno.ECONNRESET):
        with Net() as net:
            net.refused = error
            device = Device(net, server="broker.example")
            device.mqtt.backoff.next_ms = lambda: 1000
            await asyncio.sleep_ms(4900)
            assert net.lookups == device.mqtt.faults == 5
            device.mqtt.close()
            await device.task


async def test_a_name_server_that_is_silent_holds_nobody_up():
    with Net() as net:
        net.names.reply = lambda query: []
        last = [time.ticks_ms()]
        gaps = []

        def check_in():
            now = time.ticks_ms()
            gaps.append(time.ticks_diff(now, last[0]))
            last[0] = now

        device = Device(net, check_in=check_in, server="broker.example")
        await asyncio.sleep_ms(30000)
        assert "mqtt name lookup: no answer from the DNS server" in device.log.lines
        assert max(gaps) <= 20 and sum(gaps) > 29000


async def test_a_broker_that_is_absent_is_tried_until_it_is_there():
    for how in ("refused at once", "refused later", "not reachable"):
        with Net() as net:
            if how == "refused later":
                net.refused = errno.ECONNREFUSED
            elif how == "refused at once":
                net.connect_error = errno.ECONNREFUSED
            else:
                net.black_hole = True
            device = Device(net)
            await asyncio.sleep_ms(30000)
            assert device.log.lines[-1].startswith("mqtt connect: "), device.log.lines

            def heal(net=net):
                net.refused = net.connect_error = None
                net.black_hole = False

            await recovers(net, device, heal)


async def test_tries_are_as_far_apart_as_the_back_off_says():
    with Net() as net:
        net.connect_error = errno.ECONNREFUSED
        device = Device(net)
        device.mqtt.backoff.next_ms = lambda: 5000
        await asyncio.sleep_ms(61000)
        assert len(net.attempts) == 13


async def test_a_connection_resets_the_back_off_once_it_has_lasted_half_a_keepalive():
    with Net() as net:
        device = Device(net)
        resets = []
        device.mqtt.backoff.reset = lambda: resets.append(time.ticks_ms())
        for _ in range(4):
            await asyncio.sleep_ms(9000)
            net.socks[-1].eof = True
        assert not resets
        await asyncio.sleep_ms(40000)
        assert len(resets) == 1


async def test_a_refusal_is_named_and_no_secret_told():
    for code, word in (
        (1, "protocol"),
        (2, "client id"),
        (3, "unavailable"),
        (4, "password"),
        (5, "authorised"),
        (6, "unknown"),
        (255, "unknown"),
    ):
        with Net() as net:
            net.broker.say["CONNACK"] = bytes((0x20, 2, 0, code))
            device = Device(net, user="someone", password="s3cret-word")
            await asyncio.sleep_ms(100)
            assert word in device.mqtt.status, device.mqtt.status
            assert "login: refused" in device.log.lines[-1]
            assert "s3cret" not in " ".join(device.log.lines) + device.mqtt.status
            await recovers(net, device, net.broker.say.clear)


async def test_a_refused_subscription_is_a_fault():
    with Net() as net:
        net.broker.say["SUBACK"] = b"\x90\4\0\1\x80\1"
        device = Device(net)
        await asyncio.sleep_ms(100)
        assert device.mqtt.status == "subscribe: refused"
        await recovers(net, device, net.broker.say.clear)


async def test_a_group_that_the_broker_keeps_from_it_is_told_and_its_own_commands_come():
    with Net() as net:
        net.broker.say["SUBACK"] = b"\x90\5\0\1\1\x80\0"
        device = Device(net, groups=["north"])
        await device.up()
        assert device.log.lines == ["mqtt refused: kerb/group/north/command/+", "mqtt up"]
        net.socks[0].incoming += message("kerb/lamp-1/command/a", b"")
        await asyncio.sleep_ms(100)
        assert device.commands == [("a", b"")]


async def test_a_subscription_answered_for_another_number_of_topics_is_a_fault():
    for answer in (b"\x90\2\0\1", b"\x90\3\0\1\1", b"\x90\5\0\1\1\1\1"):
        with Net() as net:
            net.broker.say["SUBACK"] = answer
            device = Device(net)
            await asyncio.sleep_ms(100)
            assert device.mqtt.status == "subscribe: malformed"
            await recovers(net, device, net.broker.say.clear)


async def test_every_answer_that_does_not_come_is_a_fault_in_time():
    for answer, late_ms in (("CONNACK", 10000), ("SUBACK", 10000), ("PUBACK", 10000)):
        with Net() as net:
            net.broker.silent.add(answer)
            device = Device(net)
            await asyncio.sleep_ms(200)
            device.mqtt.publish("status", b"x", 1)
            await asyncio.sleep_ms(late_ms - 500)
            assert device.mqtt.faults == 0
            await asyncio.sleep_ms(600)
            assert device.mqtt.faults == 1, answer
            await recovers(net, device, net.broker.silent.clear)


async def test_a_broker_that_falls_silent_is_found_out_within_a_keepalive():
    with Net() as net:
        device = Device(net, keepalive=60)
        await device.up()
        net.broker.silent.add("PINGRESP")
        await asyncio.sleep_ms(39000)
        assert device.mqtt.up()
        assert device.mqtt.faults == 0
        await asyncio.sleep_ms(2000)
        assert "mqtt up: silence" in device.log.lines
        await recovers(net, device, net.broker.silent.clear)


async def test_a_broker_that_takes_nothing_more_is_found_out():
    for qos, late_ms in ((0, 41000), (1, 11000)):
        with Net() as net:
            device = Device(net, keepalive=60)
            await device.up()
            net.socks[0].room = 3
            device.mqtt.publish("status", b"x", qos)
            net.socks[0].incoming += message("kerb/lamp-1/command/a", b"") * 10
            await asyncio.sleep_ms(late_ms)
            await recovers(net, device, lambda: None)


async def test_a_connection_that_ends_is_made_again():
    for how in ("closed", "reset"):
        with Net() as net:
            device = Device(net)
            await device.up()
            if how == "closed":
                net.socks[0].eof = True
            else:
                net.socks[0].error = errno.ECONNRESET
            await asyncio.sleep_ms(21)
            await recovers(net, device, lambda: None)
            assert net.broker.names().count("SUBSCRIBE") == 2
            assert [p.payload for p in net.broker.published("availability")] == [b"online"] * 2


async def test_an_event_of_qos_1_that_meets_a_dead_socket_is_kept():
    with Net() as net:
        device = Device(net)
        await device.up()
        net.socks[0].error = errno.ECONNRESET
        token = device.mqtt.publish("status", b"b", 1)
        assert token
        await asyncio.sleep_ms(20000)
        assert device.acks == [token]
        assert net.broker.published("status")[-1].payload == b"b"


async def test_what_was_not_acknowledged_is_sent_again_in_its_order_until_it_is():
    with Net() as net:
        device = Device(net)
        mqtt = await device.up()
        net.broker.silent.add("PUBACK")
        tokens = [mqtt.publish("fault", b"%d" % i, 1) for i in range(5)]
        net.socks[-1].incoming += b"\x40\2" + bytes((tokens[2] >> 8, tokens[2] & 255))
        await asyncio.sleep_ms(500)
        for _ in range(3):
            net.broker.packets.clear()
            net.socks[-1].eof = True
            await asyncio.sleep_ms(9000)
            again = net.broker.published("fault")
            assert [p.payload for p in again] == [b"0", b"1", b"3", b"4"]
            assert all(p.flags == 0xA for p in again)  # DUP, QoS 1
        net.broker.silent.clear()
        net.socks[-1].eof = True
        await asyncio.sleep_ms(9000)
        assert device.acks == [tokens[i] for i in (2, 0, 1, 3, 4)]
        net.broker.packets.clear()
        net.socks[-1].eof = True
        await asyncio.sleep_ms(9000)
        assert net.broker.published("fault") == []
        assert (mqtt.sent, mqtt.acked, mqtt.resent) == (5, 5, 16)


GARBAGE = (
    b"HTTP/1.1 400 Bad Request\r\nServer: x\r\nContent-Length: 226\r\n\r\n" + b"<html>" * 100,
    b"\xff\xff\xff\xff\xff\xff",
    b"\x30\xff\xff\xff\xff\x01",
    b"\x30\x05\x00\x09abc",  # a topic longer than its packet
    b"\x32\x04\x00\x02ab",  # no room for the id
    b"\x30\x00",
    b"\x30\x01\x00",
    b"\x34\x07\x00\x02ab\x00\x01x",  # QoS 2, which was not asked for
    b"\x30\x06\x00\x04a/\xff\xfe",  # a topic that is not UTF-8
    b"\xd0\x01\x00",
    b"\x40\x01\x00" + b"\xf0\x80\x80\x80\x80\x01",
    b"\x32\xff\x7f\x0f\xff" + b"t" * 1000,  # too long, and its id out of sight
    b"\x20\x85\x06" + b"\0" * 900,  # too long, and not a message
)


async def test_garbage_is_a_fault_and_the_next_connection_works():
    for before in ("CONNACK", "command"):
        for garbage in GARBAGE:
            with Net() as net:
                if before == "CONNACK":
                    net.broker.say["CONNACK"] = garbage
                    device = Device(net)
                else:
                    device = Device(net)
                    await device.up()
                    net.socks[0].incoming += garbage
                await asyncio.sleep_ms(11000)
                assert device.mqtt.faults >= 1, garbage
                net.broker.say.clear()
                await asyncio.sleep_ms(20000)
                assert device.mqtt.up(), (garbage, device.log.lines)
                net.socks[-1].incoming += message("kerb/lamp-1/command/b", b"2")
                await asyncio.sleep_ms(100)
                assert device.commands[-1] == ("b", b"2")


async def test_an_answer_to_another_question_is_a_fault():
    for answer in (b"\x90\3\0\1\0", b"\x20\3\0\0\0", b"\x20\1\0", b"\x20\0", b"\xb0\2\0\0"):
        with Net() as net:
            net.broker.say["CONNACK"] = answer
            device = Device(net)
            await asyncio.sleep_ms(200)
            assert device.log.lines[0] == "mqtt login: malformed"
            await recovers(net, device, net.broker.say.clear)


async def test_answers_to_nothing_are_passed_over():
    with Net() as net:
        device = Device(net)
        await device.up()
        for what in (b"\x40\2\x12\x34", b"\x40\0", b"\x90\3\0\1\1", b"\xb0\2\0\1", b"\xd0\0"):
            net.socks[0].incoming += what
        net.socks[0].incoming += message("kerb/lamp-1/command/b", b"2")
        await asyncio.sleep_ms(100)
        assert device.commands == [("b", b"2")]
        assert device.acks == [] and device.mqtt.faults == 0


async def test_a_packet_that_is_cut_off_is_a_fault_in_time():
    whole = message("kerb/lamp-1/command/b", b"2" * 300, 7)
    for cut in (1, 2, 3, 30, len(whole) - 1):
        with Net() as net:
            device = Device(net, keepalive=20)
            await device.up()
            net.socks[0].incoming += whole[:cut]
            net.broker.silent.add("PINGRESP")
            await asyncio.sleep_ms(25000)
            net.broker.silent.clear()
            await recovers(net, device, lambda: None)
            assert device.commands == []


async def test_no_bytes_from_the_broker_end_the_task():
    draw = random.Random(7) if hasattr(random, "Random") else random
    draw.seed(7)
    heads = (0x20, 0x30, 0x32, 0x40, 0x90, 0xD0, 0x00, 0xFF)
    with Net() as net:
        device = Device(net)
        device.mqtt.backoff.next_ms = lambda: 50
        for _ in range(300):
            await asyncio.sleep_ms(200)
            size = draw.getrandbits(7)
            junk = bytes(draw.getrandbits(8) for _ in range(size))
            net.socks[-1].incoming += bytes((heads[draw.getrandbits(3)],)) + junk
        await asyncio.sleep_ms(60000)
        net.socks[-1].eof = True
        await asyncio.sleep_ms(1000)
        assert device.mqtt.up()
        assert device.mqtt.faults > 20


async def test_without_a_network_nothing_is_tried_and_with_one_it_comes_back():
    with Net() as net:
        net.is_up = False
        device = Device(net)
        await asyncio.sleep_ms(60000)
        assert net.attempts == [] and net.lookups == 0
        net.is_up = True
        await device.up()
        net.is_up = False
        await asyncio.sleep_ms(100)
        assert device.mqtt.status == "up: no network"
        assert net.socks[0].closed
        await asyncio.sleep_ms(60000)
        assert len(net.attempts) == 1
        net.is_up = True
        await asyncio.sleep_ms(10000)
        assert device.mqtt.up()


async def test_it_checks_in_whatever_happens():
    with Net() as net:
        gaps = []
        last = [time.ticks_ms()]

        def check_in():
            now = time.ticks_ms()
            gaps.append(time.ticks_diff(now, last[0]))
            last[0] = now

        device = Device(net, check_in=check_in)

        async def trouble():
            await asyncio.sleep_ms(1000)
            net.socks[-1].eof = True
            net.black_hole = True
            await asyncio.sleep_ms(30000)
            net.black_hole = False
            net.broker.silent.add("CONNACK")
            await asyncio.sleep_ms(30000)
            net.broker.silent.clear()
            net.is_up = False
            await asyncio.sleep_ms(30000)
            net.is_up = True
            await asyncio.sleep_ms(60000)

        await trouble()
        assert device.mqtt.up()
        assert max(gaps) <= 20
        assert sum(gaps) > 150000


async def test_close_ends_it_in_any_state():
    for state in ("no network", "connecting", "logging in", "waiting", "stuck", "broken"):
        with Net() as net:
            net.is_up = state != "no network"
            net.black_hole = state == "connecting"
            if state == "logging in":
                net.broker.silent.add("CONNACK")
            if state == "waiting":
                net.connect_error = errno.ECONNREFUSED
            device = Device(net)
            await asyncio.sleep_ms(2000)
            if state == "stuck":
                net.socks[0].room = 1
                device.mqtt.publish("status", b"x", 0)
            if state == "broken":
                net.socks[0].error = errno.ECONNRESET
            device.mqtt.close()
            await asyncio.sleep_ms(11000)
            assert device.task.done(), state
            assert all(sock.closed for sock in net.socks)
            assert not device.mqtt.up()


async def test_a_tls_file_that_can_not_be_used_is_named_and_tried_again():
    with Net() as net:
        net.black_hole = True
        files = {"ca": "ca.der", "cert": "lamp.der", "key": "lamp.key"}
        device = Device(net, tls=files)
        device.mqtt.backoff.next_ms = lambda: 1000

        async def says(words):
            await asyncio.sleep_ms(2000)
            assert device.mqtt.status.startswith("TLS: " + words), device.mqtt.status
            assert "mqtt " + device.mqtt.status in device.log.lines
            assert not net.attempts

        await says("ca.der: not found")
        write("ca.der", b"nonsense")
        await says("ca.der: ")
        write("ca.der", certs.CA)
        await says("lamp.der: not found")
        write("lamp.der", certs.DEVICE)
        await says("lamp.key: not found")
        write("lamp.key", b"nonsense")
        await says("lamp.der or lamp.key: ")
        write("lamp.key", certs.DEVICE_KEY)
        await asyncio.sleep_ms(2000)
        assert device.mqtt.status == "connect" and net.attempts == [("192.0.2.1", 8883)]


def write(name, data):
    with open(name, "wb") as file:
        file.write(data)
