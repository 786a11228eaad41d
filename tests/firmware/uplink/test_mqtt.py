"""MQTT while all goes well, seen from the broker's end of a socket, in virtual time."""

import asyncio
import gc
import time

from support.fakenet import Net, message
from support.mqtt_device import Device
from support.tasks import ended


async def test_it_says_hello_with_a_last_will_and_a_keepalive():
    with Net() as net:
        device = Device(net, user="u", password="pw", keepalive=300)
        await device.up()
        assert net.broker.packets[0].body == (
            b"\0\4MQTT\4\xee\x01\x2c\0\6lamp-1\0\x18kerb/lamp-1/availability\0\7offline\0\1u\0\2pw"
        )


async def test_it_says_hello_without_a_user():
    with Net() as net:
        await Device(net).up()
        body = net.broker.packets[0].body
        assert body[7] == 0x2E and body.endswith(b"offline")


async def test_it_subscribes_to_its_commands_and_then_says_online():
    with Net() as net:
        await Device(net).up()
        assert net.broker.names() == ["CONNECT", "SUBSCRIBE", "PUBLISH"]
        assert net.broker.packets[1].flags == 2
        assert net.broker.packets[1].body[2:] == (
            b"\0\x15kerb/lamp-1/command/+\1\0\x12kerb/all/command/+\1"
        )
        online = net.broker.packets[2]
        assert (online.topic, online.payload) == ("kerb/lamp-1/availability", b"online")
        assert online.flags == 1


async def test_an_event_of_qos_0_is_one_write():
    with Net() as net:
        mqtt = await Device(net).up()
        before = len(net.socks[0].writes)
        assert mqtt.publish("status", b'{"n":1}', 0) == 0
        await asyncio.sleep_ms(20)
        assert len(net.socks[0].writes) == before + 1
        event = net.broker.published()[-1]
        assert (event.topic, event.payload) == ("kerb/lamp-1/event/status", b'{"n":1}')
        assert event.flags == 0


async def test_an_event_of_qos_1_is_one_write_and_is_acknowledged_once():
    with Net() as net:
        device = Device(net)
        mqtt = await device.up()
        before = len(net.socks[0].writes)
        token = mqtt.publish("fault", b"x", 1)
        assert token > 0
        assert device.acks == []
        await asyncio.sleep_ms(20)
        assert len(net.socks[0].writes) == before + 1
        assert net.broker.published()[-1].flags == 2
        assert net.broker.published()[-1].id == token
        net.socks[0].incoming += b"\x40\2" + bytes((token >> 8, token & 255))  # and once more
        await asyncio.sleep_ms(100)
        assert device.acks == [token]
        assert (mqtt.sent, mqtt.acked, mqtt.faults) == (1, 1, 0)


async def test_packets_of_any_size_are_framed_right():
    with Net() as net:
        mqtt = await Device(net).up()
        head = len(b"\0\x13kerb/lamp-1/event/a")
        for n in (0, 1, 126 - head, 127 - head, 128 - head, 5000, 16383 - head):
            mqtt.publish("a", b"x" * n, 0)
            await asyncio.sleep_ms(20)
            event = net.broker.published()[-1]
            assert event.payload == b"x" * n
            assert len(event.data) == n + head + (2 if n + head < 128 else 3)
        try:
            mqtt.publish("a", b"x" * (16384 - head), 0)
            raise AssertionError("a packet beyond two bytes of length")
        except ValueError:
            pass


async def test_a_port_without_socket_options_will_do():
    with Net() as net:
        net.no_options = True
        await Device(net).up()


async def test_nothing_is_taken_before_it_is_up():
    with Net() as net:
        net.broker.silent.add("SUBACK")
        device = Device(net)
        await asyncio.sleep_ms(1000)
        assert "SUBSCRIBE" in net.broker.names()
        assert not device.mqtt.up()
        assert device.mqtt.publish("status", b"x", 0) is None
        assert device.mqtt.publish("status", b"x", 1) is None


async def test_packets_under_way_are_bounded():
    with Net() as net:
        net.broker.silent.add("PUBACK")
        mqtt = await Device(net).up()
        taken = 0
        while mqtt.publish("status", b"x", 1):
            taken += 1
        assert taken == 8
        assert mqtt.publish("status", b"x", 0) is None  # as many as it takes between two looks
        await asyncio.sleep_ms(20)
        assert mqtt.publish("status", b"x", 1) is None
        for _ in range(8):
            assert mqtt.publish("status", b"x", 0) == 0
        assert mqtt.publish("status", b"x", 0) is None
        await asyncio.sleep_ms(20)
        assert len(net.broker.published("status")) == 16


async def test_packet_ids_wrap_to_1_and_spare_those_under_way():
    with Net() as net:
        net.broker.silent.add("PUBACK")
        mqtt = await Device(net).up()
        mqtt.publish("status", b"x", 1)
        mqtt.publish("status", b"x", 1)
        mqtt.pid = 65533
        await asyncio.sleep_ms(20)
        ids = [mqtt.publish("status", b"x", 1) for _ in range(4)]
        assert ids == [65534, 65535, 3, 4]


async def test_a_packet_that_goes_out_in_parts_stays_in_one_piece():
    with Net() as net:
        device = Device(net)
        mqtt = await device.up()
        sock = net.socks[0]
        sock.room = 10
        token = mqtt.publish("status", b"first", 1)
        assert mqtt.publish("status", b"second", 0) == 0
        sock.incoming += message("kerb/lamp-1/command/ping", b"", 9)
        await asyncio.sleep_ms(200)
        assert device.commands == []
        sock.room = 12
        await asyncio.sleep_ms(200)
        sock.room = None
        await asyncio.sleep_ms(200)
        assert device.acks == [token]
        assert [p.payload for p in net.broker.published("status")] == [b"first", b"second"]
        assert net.broker.names()[-1] == "PUBACK"


async def test_a_command_arrives_by_its_name_and_is_acknowledged():
    with Net() as net:
        device = Device(net)
        await device.up()
        net.socks[0].incoming += message("kerb/lamp-1/command/set_level", b'{"id":1}', 0x1234)
        await asyncio.sleep_ms(100)
        assert device.commands == [("set_level", b'{"id":1}')]
        assert net.broker.packets[-1].data == b"\x40\2\x12\x34"


async def test_a_retained_command_is_not_obeyed_but_acknowledged_and_told():
    with Net() as net:
        device = Device(net)
        await device.up()
        sock = net.socks[0]
        sock.incoming += message("kerb/lamp-1/command/set_level", b'{"id":1}', 0x1234, flags=1)
        sock.incoming += message("kerb/lamp-1/command/set_level", b'{"id":2}', flags=1)
        sock.incoming += message("kerb/lamp-1/command/set_level", b'{"id":3}', 0x1235)
        await asyncio.sleep_ms(100)
        assert device.commands == [("set_level", b'{"id":3}')]
        assert device.log.lines.count("mqtt retained command set_level dropped") == 2
        acks = [p.data for p in net.broker.packets if p.name == "PUBACK"]
        assert acks == [b"\x40\2\x12\x34", b"\x40\2\x12\x35"]
        assert device.mqtt.faults == 0


async def test_commands_to_its_groups_and_to_all_are_commands():
    with Net() as net:
        device = Device(net, groups=["north", "hafen"])
        await device.up()
        body = net.broker.packets[1].body
        for inbox in (
            b"\0\x1akerb/group/north/command/+\1",
            b"\0\x1akerb/group/hafen/command/+\1",
        ):
            assert inbox in body
        sent = []
        for n, who in enumerate(("lamp-1", "group/north", "group/hafen", "all", "group/north")):
            sent.append(("set_level", b"%d" % n))
            net.socks[0].incoming += message("kerb/" + who + "/command/set_level", sent[-1][1], n)
        # Neither a group of which it is not, nor a device or a group by such a name.
        for who in ("group/south", "group/nort", "group/northern", "group", "north", "group/all"):
            net.socks[0].incoming += message("kerb/" + who + "/command/set_level", b"no")
        await asyncio.sleep_ms(100)
        assert device.commands == sent
        assert device.mqtt.faults == 0


async def test_a_retained_command_to_a_group_is_not_obeyed_either():
    with Net() as net:
        device = Device(net, groups=["north"])
        await device.up()
        for who in ("group/north", "all"):
            net.socks[0].incoming += message("kerb/%s/command/set_level" % who, b"x", flags=1)
        await asyncio.sleep_ms(100)
        assert device.commands == []
        assert device.log.lines.count("mqtt retained command set_level dropped") == 2


async def test_a_message_of_a_topic_that_was_not_subscribed_is_no_command():
    with Net() as net:
        device = Device(net)
        await device.up()
        for topic in ("kerb/lamp-1/availability", "kerb/lamp-2/command/set_level", "set_level"):
            net.socks[0].incoming += message(topic, b'{"id":1}')
        net.socks[0].incoming += message("kerb/lamp-1/command/send_status", b'{"id":2}')
        await asyncio.sleep_ms(100)
        assert device.commands == [("send_status", b'{"id":2}')]
        assert device.mqtt.faults == 0


async def test_commands_arrive_whole_however_they_are_cut():
    sent = [("a%d" % i, b"y" * (i * 37 % 300)) for i in range(12)]
    for chunk in (1, 2, 3, 7, 64, 127, 640, 10000):
        with Net() as net:
            device = Device(net)
            await device.up()
            net.socks[0].chunk = chunk
            for i, (name, payload) in enumerate(sent):
                net.socks[0].incoming += message("kerb/lamp-1/command/" + name, payload, i % 3)
            await asyncio.sleep_ms(60000)
            assert device.commands == sent
            assert net.broker.names().count("PUBACK") == 8
            assert device.mqtt.faults == 0


async def test_a_command_that_is_too_long_is_skipped_and_the_next_one_taken():
    for pid in (0, 77):
        for chunk in (5, 640):
            with Net() as net:
                device = Device(net)
                await device.up()
                net.socks[0].chunk = chunk
                long = message("kerb/lamp-1/command/x", b"z" * 5000, pid)
                net.socks[0].incoming += long + message("kerb/lamp-1/command/y", b"1")
                net.socks[0].incoming += long + message("kerb/lamp-1/command/z", b"2")
                await asyncio.sleep_ms(29000)
                assert device.commands == [("y", b"1"), ("z", b"2")]
                assert device.mqtt.skipped == 2
                assert device.mqtt.faults == 0
                acks = [p.data for p in net.broker.packets if p.name == "PUBACK"]
                assert acks == ([b"\x40\2\0\x4d"] * 2 if pid else [])


async def test_a_command_that_just_fits_is_taken():
    with Net() as net:
        device = Device(net)
        await device.up()
        head = len(message("kerb/lamp-1/command/x", b"z" * 600)) - 600
        for size in (639, 640, 641):
            net.socks[0].incoming += message("kerb/lamp-1/command/x", b"z" * (size - head))
            await asyncio.sleep_ms(100)
        assert [len(payload) for _, payload in device.commands] == [639 - head, 640 - head]
        assert device.mqtt.skipped == 1


async def test_a_quiet_connection_is_looked_at_fifty_times_a_second_and_pinged_twice_a_keepalive():
    with Net() as net:
        mqtt = await Device(net, keepalive=60).up()
        await asyncio.sleep_ms(2000)
        looks = mqtt.idle
        await asyncio.sleep_ms(10000)
        assert 450 <= mqtt.idle - looks <= 510
        await asyncio.sleep_ms(600000)
        assert 19 <= net.broker.names().count("PINGREQ") <= 21
        assert mqtt.faults == 0 and mqtt.connects == 1


class Quiet:
    """A stream on which nothing comes."""

    def readinto(self, buf):
        return None


async def test_a_look_at_a_quiet_connection_leaves_no_garbage():
    with Net() as net:
        mqtt = await Device(net).up()
        stream = mqtt.stream
        mqtt.stream = Quiet()
        mqtt.look()
        gc.collect()
        before = gc.mem_alloc()
        for _ in range(100):
            mqtt.look()
        assert gc.mem_alloc() - before < 200
        mqtt.stream = stream


async def test_the_loop_is_held_up_for_an_answer_alone_and_24_ms_at_most():
    with Net() as net:
        net.broker.silent.add("PUBACK")
        mqtt = await Device(net).up()
        mqtt.publish("status", b"x", 0)
        net.socks[0].incoming += message("kerb/lamp-1/command/a", b"")
        await asyncio.sleep_ms(1000)
        assert net.waits == 0
        mqtt.publish("status", b"x", 1)
        net.socks[0].incoming += message("kerb/lamp-1/command/a", b"")
        await asyncio.sleep_ms(1000)
        assert 10 < net.waits <= 24


async def test_answers_are_met_at_once_while_packets_go_out():
    with Net() as net:
        device = Device(net)
        mqtt = await device.up()
        await asyncio.sleep_ms(5000)

        def next_one(token):
            device.acks.append(time.ticks_ms())
            if len(device.acks) < 100:
                mqtt.publish("status", b"x", 1)

        mqtt.on_ack = next_one
        mqtt.publish("status", b"x", 1)
        assert device.acks == []  # on_ack is not called inside publish()
        await asyncio.sleep_ms(21)
        assert len(device.acks) == 100
        assert device.acks[0] == device.acks[-1]


async def test_a_flood_of_commands_leaves_the_others_their_turns():
    with Net() as net:
        device = Device(net)
        await device.up()
        one = message("kerb/lamp-1/command/set_level", b'{"id":1,"level_permille":10}', 5)
        turns = []

        async def other():
            while len(device.commands) < 1000:
                turns.append(len(device.commands))
                await asyncio.sleep_ms(0)

        def command(name, payload):
            if not device.commands:
                device.other = asyncio.create_task(other())
            device.commands.append(name)

        device.mqtt.on_message = command
        net.socks[0].incoming += one * 1000
        await asyncio.sleep_ms(50)
        assert len(device.commands) == 1000
        assert len(turns) > 50
        assert max(b - a for a, b in zip([0] + turns, turns)) <= 640 // len(one) + 1
        assert net.broker.names().count("PUBACK") == 1000


async def test_close_says_offline_and_ends():
    with Net() as net:
        device = Device(net)
        mqtt = await device.up()
        mqtt.close()
        offline, bye = net.broker.packets[-2:]
        assert (offline.topic, offline.payload) == ("kerb/lamp-1/availability", b"offline")
        assert offline.flags == 1
        assert bye.data == b"\xe0\0"
        assert not mqtt.up()
        assert mqtt.publish("status", b"x", 1) is None
        await device.task
        assert net.socks[0].closed
        assert mqtt.faults == 0


async def test_no_connection_is_begun_while_the_owner_has_something_more_urgent():
    with Net() as net:
        device = Device(net)
        mqtt = await device.up()
        urgent = [True]
        mqtt.held = lambda: urgent[0]
        net.socks[-1].eof = True
        await asyncio.sleep_ms(60000)
        assert not mqtt.up() and len(net.socks) == 1
        urgent[0] = False
        await asyncio.sleep_ms(1000)
        assert mqtt.up()


async def test_who_rests_says_goodbye_but_not_offline_and_is_back_with_the_network():
    with Net() as net:
        device = Device(net)
        mqtt = await device.up()
        for rests in range(1, 6):
            mqtt.rest()
            net.is_up = False
            assert net.broker.packets[-1].data == b"\xe0\0"
            assert mqtt.publish("status", b"x", 1) is None
            await asyncio.sleep_ms(5_000)
            assert not mqtt.up() and net.socks[-1].closed
            assert len(net.socks) == rests
            net.is_up = True
            await asyncio.sleep_ms(1500)
            assert mqtt.up()
        said = [it.payload for it in net.broker.published() if it.topic.endswith("availability")]
        assert said == [b"online"] * 6
        assert mqtt.faults == 0


async def test_a_task_that_is_cancelled_lets_go_of_its_socket_and_can_start_again():
    with Net() as net:
        device = Device(net)
        mqtt = await device.up()
        await ended(device.task)
        assert net.socks[0].closed and not mqtt.up()
        device.task = asyncio.create_task(mqtt.run(lambda: None))
        await device.up()
        assert mqtt.publish("status", b"x", 1)
        await asyncio.sleep_ms(100)
        assert len(device.acks) == 1


async def test_it_works_with_a_umqtt_that_returns_the_type_of_every_packet():
    # umqtt.simple 1.3.4's wait_msg() returns None after a PUBLISH, later ones its first byte.
    with Net() as net:
        device = Device(net)
        wait_msg = device.mqtt.wait_msg

        def later():
            op = net and device.mqtt.rx[device.mqtt.at]
            return wait_msg() or op

        device.mqtt.wait_msg = later
        await device.up()
        net.socks[0].incoming += message("kerb/lamp-1/command/a", b"1", 64)
        token = device.mqtt.publish("status", b"x", 1)
        await asyncio.sleep_ms(200)
        assert device.commands == [("a", b"1")]
        assert device.acks == [token]
        assert device.mqtt.faults == 0
