"""A device that has nothing but MQTT: the process that the tests beside it start, on any runtime.

Reads its settings as a line of JSON from stdin (an argument of MicroPython's ends at 255 bytes).
Prints a JSON object a line: {"up": connects} at each connection, {"ack": count} when all that it
may send is acknowledged, {"command": [name, payload]}, {"log": text}, and at the end {"end": ...}.
Ends when stdin says "stop".
"""

import asyncio
import json
import select
import sys
import time

if sys.implementation.name != "micropython":
    import cpython  # noqa: F401

from kerb.uplink import resolve
from kerb.uplink.backoff import Backoff
from kerb.uplink.mqtt import Mqtt

# send: how many events; every_ms: pause between them; qos; numbered: each of a kind of its own;
# expect: so many commands, which are counted and not printed; late_ms: patience with the broker;
# dns_port: of a DNS server on this machine; name and groups: its own.
_DEFAULTS = {
    "host": "127.0.0.1",
    "port": 0,
    "user": None,
    "password": "",
    "keepalive": 60,
    "name": "lamp-1",
    "groups": [],
    "ca": None,
    "cert": None,
    "key": None,
    "dns_port": 0,
    "late_ms": 10000,
    "retry_ms": 100,
    "send": 0,
    "every_ms": 0,
    "qos": 1,
    "numbered": False,
    "expect": 0,
}


def say(**what):
    print(json.dumps(what))
    try:
        sys.stdout.flush()
    except AttributeError:
        pass


class Link:
    def up(self):
        return True

    def dns(self):
        return ("127.0.0.1",)


class Log:
    def info(self, text, a=None):
        say(log=text % a if a is not None else text)

    warn = info


class Device:
    def __init__(self, given):
        self.set = dict(_DEFAULTS)
        self.set.update(given)
        it = self.set
        resolve.PORT = it["dns_port"]
        tls = None
        if it["ca"]:
            tls = {name: it[name] for name in ("ca", "cert", "key")}
        self.mqtt = Mqtt(
            Link(),
            Backoff(it["retry_ms"], it["retry_ms"], 1),
            Log(),
            "kerb",
            it["name"],
            it["host"],
            it["port"],
            it["user"],
            it["password"],
            it["keepalive"],
            tls,
            it["groups"],
        )
        self.mqtt.late_ms = it["late_ms"]
        self.mqtt.on_ack = self.ack
        self.mqtt.on_message = self.command
        self.commands = 0
        self.waiting = set()
        self.stall_us = 0
        self.going = True

    def ack(self, token):
        self.waiting.remove(token)

    def command(self, name, payload):
        self.commands += 1
        if not self.set["expect"]:
            say(command=[name, str(payload, "utf-8")])
        elif self.commands == self.set["expect"]:
            say(taken=self.commands)

    async def tick(self):
        """The longest time that a task which wants to run each millisecond did not, while up."""
        last = time.ticks_us()
        while self.going:
            before = self.mqtt.up()
            await asyncio.sleep_ms(1)
            now = time.ticks_us()
            if before and self.mqtt.up():
                self.stall_us = max(self.stall_us, time.ticks_diff(now, last) - 1000)
            last = now

    async def listen(self):
        poll = select.poll()
        poll.register(sys.stdin, select.POLLIN)
        while not poll.poll(0):
            await asyncio.sleep_ms(20)
        self.set["send"] = 0
        self.going = False

    async def tell(self):
        connects = 0
        while True:
            if self.mqtt.up() and self.mqtt.connects != connects:
                connects = self.mqtt.connects
                say(up=connects)
            await asyncio.sleep_ms(5)

    async def send(self):
        mqtt = self.mqtt
        it = self.set
        n = 0
        while n < it["send"]:
            kind = "e%d" % n if it["numbered"] else "e"
            token = mqtt.publish(kind, b'{"n":%d}' % n, it["qos"])
            if token is None:
                await asyncio.sleep_ms(0 if mqtt.up() else 5)
                continue
            if token:
                self.waiting.add(token)
            n += 1
            if it["every_ms"]:
                await asyncio.sleep_ms(it["every_ms"])
        while self.waiting:
            await asyncio.sleep_ms(5)
        say(ack=mqtt.acked)
        return n

    async def run(self):
        mqtt = self.mqtt
        tasks = [
            asyncio.create_task(coro)
            for coro in (mqtt.run(lambda: None), self.tick(), self.tell(), self.listen())
        ]
        sent = await self.send()
        while self.going:
            await asyncio.sleep_ms(20)
        mqtt.close()
        await tasks[0]
        say(
            end={
                "sent": sent,
                "connects": mqtt.connects,
                "acked": mqtt.acked,
                "resent": mqtt.resent,
                "skipped": mqtt.skipped,
                "faults": mqtt.faults,
                "commands": self.commands,
                "stall_ms": self.stall_us / 1000,
                "umqtt": "later" if hasattr(mqtt, "unsubscribe") else "1.3.4",
            }
        )


asyncio.run(Device(json.loads(sys.stdin.readline())).run())
