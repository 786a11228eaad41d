"""The street's own MQTT client: hears every device under a topic root and sends it commands."""

import asyncio
import json
import logging
from urllib.parse import quote

from amqtt.client import MQTTClient
from amqtt.errors import AMQTTError
from amqtt.mqtt.constants import QOS_1

from host_tools import exits
from host_tools.street.broker import PASSWORD_VARIABLE, USER_VARIABLE
from host_tools.street.patience import within

_AGAIN_S = 1.0
_CONNECT_S = 10
_PUBLISH_S = 5.0
_CLOSE_S = 1.0
_TOPIC_SHOWN = 80
_LOG = logging.getLogger("kerb.observer")


def address(broker):
    """Give the address of a broker as amqtt wants it, with its login."""
    account = broker.account
    login = ""
    if account.user is not None:
        login = "{}:{}@".format(
            quote(account.user, safe=""), quote(account.password or "", safe="")
        )
    scheme = "mqtts" if getattr(broker, "ca", None) else "mqtt"
    host = "[{}]".format(broker.host) if ":" in broker.host else broker.host
    return "{}://{}{}:{}/".format(scheme, login, host, broker.port)


class Observer:
    """Stays connected to `broker`; calls `on_event(device, kind, document)`,
    `on_availability(device, online)`, `on_lost()` when the connection breaks and `on_connected()`
    when it is there, the first time and again. A payload that is no JSON object gives document
    None. What they raise for a message ends nothing: it is logged, and the next message taken. A
    broker with a `ca`, the path of a file of authorities, is spoken to over TLS.
    """

    def __init__(self, broker, on_event, on_availability, on_lost, on_connected=None):
        self._broker = broker
        self._ca = getattr(broker, "ca", None)
        self._on_event = on_event
        self._on_availability = on_availability
        self._on_lost = on_lost
        self._on_connected = on_connected
        self._client = None
        self._task = None
        self._connected = asyncio.Event()
        self._closing = False
        self.messages = 0

    async def start(self):
        """Connect and subscribe, and give when that is done: else the first events are missed."""
        logging.getLogger("amqtt").setLevel(logging.CRITICAL)  # losses are told by this class
        self._task = asyncio.create_task(self._run())
        if not await within(_CONNECT_S, self._connected.wait()):
            raise exits.Failure(
                "the broker {} is not there, or lets nobody in".format(self._broker.title),
                "check its address; set {} and {} if it wants them".format(
                    USER_VARIABLE, PASSWORD_VARIABLE
                ),
            )

    async def close(self):
        self._closing = True
        if self._task:
            self._task.cancel()
            await within(_CLOSE_S, self._task)

    async def publish(self, device, name, values):
        """Send a command with QoS 1; gives when the broker has it, TimeoutError when it hasn't."""
        topic = "{}/{}/command/{}".format(self._broker.base, device, name)
        if not await within(_PUBLISH_S, self._publish(topic, json.dumps(values).encode())):
            raise TimeoutError

    async def _publish(self, topic, payload):
        await self._connected.wait()
        await self._client.publish(topic, payload, qos=QOS_1)

    async def forget(self, device):
        """Take the retained availability of a device off the broker again."""
        topic = "{}/{}/availability".format(self._broker.base, device)
        await within(_PUBLISH_S, self._client.publish(topic, b"", qos=QOS_1, retain=True))

    async def _run(self):
        while True:
            self._client = MQTTClient(
                config={"auto_reconnect": False, "connection_timeout": _CONNECT_S, "plugins": {}}
            )
            try:
                await self._client.connect(address(self._broker), cafile=self._ca)
                await self._client.subscribe([(self._broker.base + "/#", QOS_1)])
                self._connected.set()
                if self._on_connected:
                    self._on_connected()
                await self._listen()
            except asyncio.CancelledError:
                # amqtt ends a delivery whose connection was lost like this, too.
                if self._closing:
                    raise
            except (AMQTTError, OSError, TimeoutError):
                pass
            finally:
                if self._connected.is_set() and not self._closing:
                    self._on_lost()
                self._connected.clear()
                await within(_CLOSE_S, self._client.disconnect())
            await asyncio.sleep(_AGAIN_S)

    async def _listen(self):
        while True:
            message = await self._client.deliver_message()
            if message is None:
                raise ConnectionError
            try:
                self._take(message.topic, bytes(message.data))
            except Exception:  # of one message that somebody sent
                _LOG.exception("what %r says is left", message.topic[:_TOPIC_SHOWN])

    def _take(self, topic, payload):
        parts = topic[len(self._broker.base) + 1 :].split("/")
        if len(parts) == 2 and parts[1] == "availability":
            if payload:
                self._on_availability(parts[0], payload == b"online")
        elif len(parts) == 3 and parts[1] == "event":
            self.messages += 1
            try:
                document = json.loads(payload)
            except (ValueError, RecursionError):
                document = None
            self._on_event(parts[0], parts[2], document if isinstance(document, dict) else None)
