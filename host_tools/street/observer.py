"""The street's own MQTT client: hears every device under a topic root and sends it commands."""

import asyncio
import contextlib
import json
import logging
from urllib.parse import quote

from amqtt.client import MQTTClient
from amqtt.errors import AMQTTError
from amqtt.mqtt.constants import QOS_1

_AGAIN_S = 1.0
_CONNECT_S = 10
_PUBLISH_S = 5.0


class Observer:
    """Stays connected to `broker`; calls `on_event(device, kind, document)` and
    `on_availability(device, online)`. A payload that is no JSON object gives document None.
    """

    def __init__(self, broker, on_event, on_availability):
        self._broker = broker
        self._on_event = on_event
        self._on_availability = on_availability
        self._client = None
        self._task = None
        self._connected = asyncio.Event()
        self._closing = False
        self.messages = 0
        self.reconnects = -1

    async def start(self):
        """Connect and subscribe, and give when that is done: else the first events are missed."""
        logging.getLogger("amqtt").setLevel(logging.CRITICAL)  # losses are told by this class
        self._task = asyncio.create_task(self._run())
        waiting = asyncio.create_task(self._connected.wait())
        await asyncio.wait({self._task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._task.done():
            await self._task

    async def close(self):
        self._closing = True
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def publish(self, device, name, values):
        """Send a command with QoS 1; gives when the broker has it, TimeoutError when it hasn't."""
        topic = "{}/{}/command/{}".format(self._broker.base, device, name)
        async with asyncio.timeout(_PUBLISH_S):
            await self._connected.wait()
            await self._client.publish(topic, json.dumps(values).encode(), qos=QOS_1)

    async def forget(self, device):
        """Take the retained availability of a device off the broker again."""
        topic = "{}/{}/availability".format(self._broker.base, device)
        with contextlib.suppress(TimeoutError, AMQTTError, OSError):
            async with asyncio.timeout(_PUBLISH_S):
                await self._client.publish(topic, b"", qos=QOS_1, retain=True)

    def _address(self):
        account = self._broker.account
        login = ""
        if account.user is not None:
            login = "{}:{}@".format(
                quote(account.user, safe=""), quote(account.password or "", safe="")
            )
        return "mqtt://{}{}:{}/".format(login, self._broker.host, self._broker.port)

    async def _run(self):
        while True:
            self._client = MQTTClient(
                config={"auto_reconnect": False, "connection_timeout": _CONNECT_S, "plugins": {}}
            )
            try:
                await self._client.connect(self._address())
                await self._client.subscribe([(self._broker.base + "/#", QOS_1)])
                self.reconnects += 1
                self._connected.set()
                await self._listen()
            except asyncio.CancelledError:
                # amqtt ends a delivery whose connection was lost like this, too.
                if self._closing:
                    raise
            except (AMQTTError, OSError, TimeoutError):
                pass
            finally:
                self._connected.clear()
                with contextlib.suppress(Exception):
                    await self._client.disconnect()
            await asyncio.sleep(_AGAIN_S)

    async def _listen(self):
        while True:
            message = await self._client.deliver_message()
            self._take(message.topic, bytes(message.data))

    def _take(self, topic, payload):
        parts = topic[len(self._broker.base) + 1 :].split("/")
        if len(parts) == 2 and parts[1] == "availability":
            if payload:
                self._on_availability(parts[0], payload == b"online")
        elif len(parts) == 3 and parts[1] == "event":
            self.messages += 1
            try:
                document = json.loads(payload)
            except ValueError:
                document = None
            self._on_event(parts[0], parts[2], document if isinstance(document, dict) else None)
