"""An uplink with neighbours that are moved by hand."""

import asyncio
import json

from kerb.uplink.queue import Queue
from kerb.uplink.uplink import Uplink


class Clock:
    """Set by hand."""

    def __init__(self):
        self.uptime = 0
        self.wall = None
        self.source = "unset"

    def set(self, day, second, source):
        self.wall = (day, second - self.uptime)
        self.source = source

    def uptime_s(self):
        return self.uptime

    def now(self):
        return self.wall and (self.wall[0], self.wall[1] + self.uptime)


class Log:
    def __init__(self):
        self.lines = []

    def warn(self, message, a=None, b=None, c=None):
        self.lines.append((message, a, b, c))

    error = warn


class Transport:
    """Takes `room` messages that need an ack, as long as it is up."""

    def __init__(self, text=True):
        self.text = text
        self.is_up = True
        self.room = 100
        self.sent = []
        self.tokens = []
        self.most = 51  # a radio's bytes; None: it is busy
        self.asked = 0
        self.tried = 0

    def up(self):
        self.asked += 1
        return self.is_up

    def max_bytes(self, event):
        return self.most

    def publish(self, kind, payload, qos):
        self.tried += 1
        assert self.is_up and isinstance(payload, bytes)
        if len(self.tokens) >= self.room:
            return None
        self.sent.append((kind, payload, qos))
        if qos == 0:
            return 0
        self.tokens.append(len(self.sent))
        return len(self.sent)

    def ack_all(self):
        while self.tokens:
            self.on_ack(self.tokens.pop(0))


class Store:
    def __init__(self):
        self.record = None

    def get(self, name):
        return self.record

    def put(self, name, data):
        self.record = data
        return True


class Bench:
    """An uplink with all its neighbours."""

    def __init__(self, text=True, store=None, **limits):
        self.store = store
        self.queue = Queue(store=store, **limits)
        self.transport = Transport(text)
        self.clock = Clock()
        self.log = Log()
        self.done = []
        self.result = ("ok", None)
        self.alive = 0
        self.uplink = Uplink(self.queue, self.transport, self.clock, self.log, self.obey)

    def obey(self, name, values):
        self.done.append((name, values))
        if isinstance(self.result, Exception):
            raise self.result
        return self.result

    def check_in(self):
        self.alive += 1

    async def work(self, ms=1000):
        task = asyncio.create_task(self.uplink.run(self.check_in))
        await asyncio.sleep_ms(ms)
        assert not task.done()
        task.cancel()

    def command(self, name, values):
        self.transport.on_message(name, json.dumps(values).encode())

    def answers(self):
        return [
            json.loads(payload)
            for kind, payload, _ in self.transport.sent
            if kind == "command_result"
        ]
