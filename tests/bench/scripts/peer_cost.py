"""What a message between poles costs on the chip that runs this: us and bytes, a line each."""

import gc
import time

from kerb.apps.pair import KIND, Pair
from kerb.uplink.peer import Peer

_TIMES = 20


class Air:
    def __init__(self):
        self.inbox = []
        self.sent = None

    def up(self):
        return True

    def send(self, data):
        self.sent = data
        return True

    def receive(self):
        return self.inbox.pop() if self.inbox else None


class Rest:
    """Clock, store and log."""

    def uptime_s(self):
        return 1

    def get(self, name):
        return None

    def put(self, name, data):
        return True

    def error(self, *words):
        print(words)

    warn = error


def pole(number):
    air, rest = Air(), Rest()
    peer = Peer(air, bytes(16), "hafenstr-7-%d" % number, 1, rest, rest, rest)
    words = Pair({"crossing": "Hafenstr 7", "pole": number})

    def message(kind, sender, payload, age_ms):
        words.heard(time.ticks_ms(), payload, age_ms)
        return words.concerns(payload)

    peer.on_message = message
    return air, peer, words


def cost(name, action, before=None):
    us = used = 0
    for n in range(_TIMES + 1):
        if before:
            before()
        gc.collect()
        gc.disable()
        bytes_before = gc.mem_alloc()
        start = time.ticks_us()
        action()
        took = time.ticks_diff(time.ticks_us(), start)
        if n:  # the first one makes what stays
            us += took
            used += gc.mem_alloc() - bytes_before
        gc.enable()
    print("%s %d %d" % (name, us // _TIMES, used // _TIMES))


here, peer, words = pole(1)
there, other, _ = pole(2)
now = time.ticks_ms()
words.tick(now)
payload = words.activation(now, now, time.ticks_add(now, 8000), "button")


def bring():
    peer.send(KIND, payload, (0,))
    there.inbox.append(here.sent)


def again():
    there.inbox.append(here.sent)


cost("tick", lambda: words.tick(now))
cost("payload", lambda: words.activation(now, now, time.ticks_add(now, 8000), "button"))
cost("send", lambda: peer.send(KIND, payload, (0,)))
cost("take", other.look, bring)
cost("take_again", other.look, again)
