"""Between a LoRaWAN network and the city's broker: what a network server's integration does.

Devices look the same to the city as those that speak MQTT themselves: their events come on the
same topics as the same JSON, by the firmware's own table, and their commands go the same way.
"""

import asyncio
from datetime import UTC, datetime, timedelta

from amqtt.client import MQTTClient
from amqtt.mqtt.constants import QOS_1

from host_tools import codecs
from host_tools.street.observer import address
from host_tools.street.patience import within

COMMAND_PORT = 10
_EVENT_PORTS = (1, 2, 3)
_LATE = 10  # so much higher are the ports of events with their age in front
_AGE_BYTES = 2
_AGE_STEP_S = 10
_AGE_UNKNOWN = 0xFFFF
_CONNECT_S = 10
# A device that sends does not hear: a command is sent again until it is answered.
_AGAIN_S = 8.0
_TRIES = 4
_GATEWAY_S = 0.5  # between two looks whether the gateway is back
_CLOSE_S = 1.0
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
# Of commands given at once each is stamped a second later; devices take 300 s ahead of them.
_AHEAD_S = 60
# A command that ends what another began is of its sort: the later of both holds.
_SORTS = {"clear_override": "set_level", "clear_schedule": "set_schedule"}


class LoraBridge:
    """`lora` is a StreetLora: its network, gateway, group, groups and names; `clock` the street's.

    A command that does not say when it was given gets the time at which it came here: what is sent
    again then undoes nothing that was given later.
    """

    def __init__(self, broker, lora, clock, note):
        self._broker = broker
        self._lora = lora
        self._clock = clock
        self._note = note
        self._codec, self._fields = codecs.firmware()
        self._client = None
        self._out = asyncio.Queue()
        self._tasks = []
        self._online = set()
        self._unanswered = {}  # by (device, command id): the task that sends it again
        self._to_all = {}  # by the sort of command: likewise
        self._issued_s = 0

    async def start(self):
        """Connect and subscribe to the devices' commands."""
        self._client = MQTTClient(
            config={"auto_reconnect": False, "connection_timeout": _CONNECT_S, "plugins": {}}
        )
        await self._client.connect(address(self._broker))
        base = self._broker.base
        topics = ("/+/command/+", "/group/+/command/+")
        await self._client.subscribe([(base + topic, QOS_1) for topic in topics])
        self._tasks = [asyncio.create_task(work) for work in (self._publish(), self._listen())]

    async def close(self):
        for task in (*self._tasks, *self._unanswered.values(), *self._to_all.values()):
            task.cancel()
        if self._client:
            await within(_CLOSE_S, self._client.disconnect())

    def on_uplink(self, name, uplink):
        """A device has sent a frame. The first says that it has heard its join-accept."""
        if name not in self._online:
            self._online.add(name)
            self._put(name + "/availability", b"online", True)
        payload, port, late_s = uplink.payload, uplink.port, 0
        if port in (_LATE + port for port in _EVENT_PORTS) and len(payload) >= _AGE_BYTES:
            age = int.from_bytes(payload[:_AGE_BYTES], "big")
            late_s = None if age == _AGE_UNKNOWN else age * _AGE_STEP_S
            payload, port = payload[_AGE_BYTES:], port - _LATE
        if port not in _EVENT_PORTS:
            return  # MAC commands, or an empty frame
        when = None
        if late_s is not None:
            when = (self._clock.now() - timedelta(seconds=late_s)).strftime("%Y-%m-%dT%H:%M:%SZ")
        name_of_kind, values = self._codec.decode(payload)
        if name_of_kind == "command_result":
            self._answered(name, values.get("id"))
        kind, document = self._codec.to_json(payload, when, "network", uplink.fcnt & 0xFFFF)
        if kind is None:
            self._note("error", "{}: not an event: {}".format(name, document))
            return
        self._put("{}/event/{}".format(name, kind), document, False)

    def _put(self, topic, payload, retain):
        self._out.put_nowait((self._broker.base + "/" + topic, payload, retain))

    async def _publish(self):
        while True:
            topic, payload, retain = await self._out.get()
            await self._client.publish(topic, payload, qos=QOS_1, retain=retain)

    async def _listen(self):
        while True:
            message = await self._client.deliver_message()
            if message is None:
                return
            whom, name = message.topic[len(self._broker.base) + 1 :].split("/command/")
            self._command(whom, name, bytes(message.data))

    def _answered(self, whom, number):
        """No more of a command to a device: it has been answered, or comes anew."""
        sending = self._unanswered.pop((whom, number), None)
        if sending:
            sending.cancel()

    def _command(self, whom, name, payload):
        """Send a command down: to one, or to all by one downlink, for there is one group."""
        name, values, number = self._codec.command_from_json(name, payload)
        if name is None:
            self._note("error", "a command for {}: {}".format(whom, values))
            return
        if "issued_s" in values and values["issued_s"] is None:
            values["issued_s"] = self._now_s()
        data = self._codec.encode(name, values, self._fields.COMMANDS)
        lora = self._lora
        if whom in lora.names:
            self._answered(whom, number)
            sending = self._send(lora.names[whom], data)
            self._unanswered[whom, number] = asyncio.create_task(sending)
        elif whom == "all" or whom.removeprefix("group/") in lora.groups:
            sort = _SORTS.get(name, name)
            if sort in self._to_all:
                self._to_all[sort].cancel()
            self._to_all[sort] = asyncio.create_task(self._send_to_all(data))
        elif whom.startswith("group/"):
            self._note("error", "a command for {}: no device is in it".format(whom))

    def _now_s(self):
        """When a command that comes now was given, in the commands' seconds: later than the last,
        for of two given in one second it is not the later that holds.
        """
        now_s = int((self._clock.now() - _EPOCH).total_seconds())
        if now_s <= self._issued_s < now_s + _AHEAD_S:
            now_s = self._issued_s + 1
        self._issued_s = now_s
        return now_s

    async def _times(self, count):
        """Let somebody try so often; not while the gateway is off."""
        for _ in range(count):
            while self._lora.gateway.deaf:  # noqa: ASYNC110  a Node has no event
                await asyncio.sleep(_GATEWAY_S)
            yield
            await asyncio.sleep(_AGAIN_S)

    async def _send_to_all(self, data):
        """Nobody answers, so that it is sent more than once; who has heard it takes no notice."""
        lora = self._lora
        async for _ in self._times(_TRIES):
            lora.network.multicast(lora.group, COMMAND_PORT, data, lora.now_us())

    async def _send(self, device, data):
        network = self._lora.network
        async for _ in self._times(_TRIES if device.class_c else 1):
            network.down(device.dev_eui, COMMAND_PORT, data, at_us=self._lora.now_us())
