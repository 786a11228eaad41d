"""QoS 1 events, the next when the last is acknowledged: round_trips.py WHO PORT COUNT.

Prints how many a second, and how many writes to the socket each took.
"""

import asyncio
import sys
import time

_EVENT = b'{"v":1,"seq":12,"level_permille":1000,"power_state":"on","reason":"schedule"}'
_TOPIC = b"kerb/lamp-0001/event/light_state"


class Counting:
    """A socket that counts how often it is written to."""

    def __init__(self, sock):
        self._sock = sock
        self.writes = 0

    def write(self, data, *size):
        self.writes += 1
        return self._sock.write(data, *size)

    def read(self, size):
        return self._sock.read(size)

    def readinto(self, buf):
        return self._sock.readinto(buf)

    def setblocking(self, flag):
        self._sock.setblocking(flag)

    def close(self):
        self._sock.close()


class Anything:
    def up(self):
        return True

    def dns(self):
        return ()

    def next_ms(self):
        return 100

    def reset(self):
        pass

    def info(self, *args):
        pass

    warn = info


def report(start, count, writes):
    took_us = time.ticks_diff(time.ticks_us(), start)
    print(count * 1000000 / took_us, writes / count)


async def kerb(port, count, window=1):
    from kerb.uplink.mqtt import Mqtt

    some = Anything()
    mqtt = Mqtt(some, some, some, "kerb", "lamp-0001", "127.0.0.1", port)
    acks = 0
    done = asyncio.Event()

    def on_ack(token):
        nonlocal acks
        acks += 1
        if mqtt.sent < count:
            mqtt.publish("light_state", _EVENT, 1)
        elif acks == count:
            done.set()

    mqtt.on_ack = on_ack
    task = asyncio.create_task(mqtt.run(lambda: None))
    while not mqtt.up():
        await asyncio.sleep_ms(10)
    await asyncio.sleep_ms(100)
    counting = count <= 1000
    if counting:
        mqtt.stream = Counting(mqtt.stream)
    start = time.ticks_us()
    for _ in range(window):
        mqtt.publish("light_state", _EVENT, 1)
    await done.wait()
    report(start, count, mqtt.stream.writes if counting else count)
    mqtt.close()
    await task


async def kerb_window(port, count):
    await kerb(port, count, 8)


async def stock(port, count, nodelay=False):
    from umqtt.simple import MQTTClient

    client = MQTTClient("lamp-0001", "127.0.0.1", port)
    client.connect()
    if nodelay:
        client.sock.setsockopt(6, 1, 1)
    counting = count <= 1000
    if counting:
        client.sock = Counting(client.sock)
    start = time.ticks_us()
    for _ in range(count):
        client.publish(_TOPIC, _EVENT, False, 1)
    report(start, count, client.sock.writes if counting else 0)


async def stock_nodelay(port, count):
    await stock(port, count, True)


async def mqtt_as(port, count):
    from mqtt_as import MQTTClient, config

    config["server"] = "127.0.0.1"
    config["port"] = port
    config["ssid"] = config["wifi_pw"] = "x"
    config["client_id"] = "lamp-0001"
    client = MQTTClient(config)
    await client.connect(quick=True)
    start = time.ticks_us()
    for _ in range(count):
        await client.publish(_TOPIC, _EVENT, False, 1)
    report(start, count, 0)


asyncio.run(globals()[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3])))
