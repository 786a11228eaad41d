"""A device that has nothing but a Peer on real sockets: see device.py, which is alike.

Each line of its stdin is sent as a message; {"heard": [kind, sender, payload]} is what came.
"""

import asyncio
import json
import select
import sys

if sys.implementation.name != "micropython":
    import cpython  # noqa: F401

from kerb.uplink.broadcast import Broadcast
from kerb.uplink.peer import Peer, key_of


def say(**what):
    print(json.dumps(what))
    try:
        sys.stdout.flush()
    except AttributeError:
        pass


class Machine:
    """What a Peer needs of a board: link, clock, store and log."""

    def up(self):
        return True

    def broadcast(self):
        return "127.255.255.255"

    def uptime_s(self):
        return 0

    def get(self, name):
        return None

    def put(self, name, data):
        return True

    def error(self, text, a=None):
        say(log=text % a if a is not None else text)

    def warn(self, text, a=None):
        pass


taken = []


def heard(kind, sender, payload, age_ms):
    taken.append(kind)
    say(heard=[kind, sender.decode(), payload.decode()])
    return True


async def main(given):
    machine = Machine()
    air = Broadcast(machine, given["port"])
    peer = Peer(air, key_of(given["key"]), given["name"], 1, machine, machine, machine)
    peer.on_message = heard
    task = asyncio.create_task(peer.run(lambda: None))
    poll = select.poll()
    poll.register(sys.stdin, select.POLLIN)
    peer.look()  # so that there is a socket
    say(ready=True)
    while True:
        await asyncio.sleep_ms(5)
        if poll.poll(0):
            line = sys.stdin.readline().strip()
            if line == "stop":
                break
            peer.send(5, line.encode())
    task.cancel()
    say(end={"taken": len(taken), "forged": peer.forged, "twin": peer.twin, "faults": air.faults})


asyncio.run(main(json.loads(sys.stdin.readline())))
