"""The air of the virtual board's espnow module, held in the hand of a test."""

import espnow

OTHER = b"\x02other"


class Ether:
    """sent: [(channel, data)] of the board; say() is another board's."""

    def __init__(self):
        self.sent = []
        self._inbox = []
        espnow.ether = self

    def send(self, channel, frame):
        self.sent.append((channel, frame[6:]))

    def receive(self):
        return self._inbox.pop(0) if self._inbox else None

    def say(self, channel, data):
        self._inbox.append((channel, OTHER + data))
