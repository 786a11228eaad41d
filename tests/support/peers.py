"""Devices that have nothing but a Peer, on the air of fakeair.py."""

from kerb.system.store import Store
from kerb.uplink.peer import Peer

KEY = bytes(range(16))
HELLO = 7  # a kind of message


class Clock:
    def __init__(self):
        self.uptime = 0

    def uptime_s(self):
        return self.uptime


class Log:
    def __init__(self):
        self.lines = []

    def error(self, text, a=None):
        self.lines.append(text % a if a is not None else text)

    warn = error


class Device:
    """A Peer and what it heard; reboot() keeps its folder."""

    def __init__(self, air, name, key=KEY, boot_count=1):
        self._air = air
        self._name = name
        self._key = key
        self.boot_count = boot_count
        self.store = Store("data_" + name)
        self.writes = 0
        self.end = air.end()
        self.concerned = True
        self.clock = Clock()
        self.log = Log()
        self._start()

    def _start(self):
        self.heard = []
        self.peer = Peer(
            self.end, self._key, self._name, self.boot_count, self.clock, self, self.log
        )
        self.peer.on_message = self._message

    def _message(self, kind, sender, payload, age_ms):
        self.heard.append((kind, sender, payload, age_ms))
        return self.concerned

    def get(self, name):
        return self.store.get(name)

    def put(self, name, data):
        self.writes += 1
        return self.store.put(name, data)

    def reboot(self, wiped=False):
        """All that is in RAM is gone, and with `wiped` what was in the flash too."""
        if wiped:
            self.store.delete("peers")
            self.boot_count = 0
        self.boot_count += 1
        self.end.inbox.clear()
        self.clock.uptime = 0
        self._start()

    def payloads(self):
        return [payload for _, _, payload, _ in self.heard]


def look(devices, ms, step_ms=10):
    """All devices work for a while, in the world's time."""
    import time

    for _ in range(ms // step_ms):
        for device in devices:
            device.peer.look()
        time.sleep_ms(step_ms)
