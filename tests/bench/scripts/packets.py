"""How much work it is to make QoS 0 packets: packets.py WHAT COUNT; counted from outside."""

import io
import sys

from kerb.uplink.mqtt import Mqtt, packet
from umqtt.simple import MQTTClient

_TOPIC = b"kerb/lamp-0001/event/light_state"
_EVENT = b'{"v":1,"seq":12,"level_permille":1000,"power_state":"on","reason":"schedule"}'


def nothing(count, sink):
    for _ in range(count):
        sink.seek(0)


def stock_publish(count, sink):
    client = MQTTClient("lamp-0001", "127.0.0.1")
    client.sock = sink
    for _ in range(count):
        client.publish(_TOPIC, _EVENT)
        sink.seek(0)


def our_packet(count, sink):
    head = b"0\0\0" + bytes((0, len(_TOPIC))) + _TOPIC
    for _ in range(count):
        packet(head, 0, _EVENT)
        sink.seek(0)


def our_publish_and_write(count, sink):
    mqtt = Mqtt(None, None, None, "kerb", "lamp-0001", "127.0.0.1")
    mqtt.status = "up"
    mqtt.tx = []
    mqtt.stream = sink
    for _ in range(count):
        mqtt.publish("light_state", _EVENT)
        mqtt.write()
        sink.seek(0)


globals()[sys.argv[1]](int(sys.argv[2]), io.BytesIO(256))
