"""A device that has nothing but MQTT, on the network of fakenet.py."""

import asyncio

from kerb.uplink.backoff import Backoff
from kerb.uplink.mqtt import Mqtt


class Log:
    """Keeps every line as it would be shown."""

    def __init__(self):
        self.lines = []

    def info(self, text, a=None, b=None, c=None):
        self.lines.append(text % a if a is not None else text)

    warn = info


class Device:
    """An Mqtt on a fake network, with what it told its owner."""

    def __init__(self, net, check_in=lambda: None, **settings):
        self.log = Log()
        settings.setdefault("server", "192.0.2.1")
        self.mqtt = Mqtt(net, Backoff(1000, 8000, 1), self.log, "kerb", "lamp-1", **settings)
        self.acks = []
        self.commands = []
        self.mqtt.on_ack = self.acks.append
        self.mqtt.on_message = self._command
        self.task = asyncio.create_task(self.mqtt.run(check_in))

    def _command(self, name, payload):
        self.commands.append((name, payload))

    async def up(self):
        await asyncio.sleep_ms(300)
        assert self.mqtt.up(), self.log.lines
        return self.mqtt
