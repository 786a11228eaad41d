"""The air of the virtual board's espnow module, held in the hand of a test."""

import espnow

ALL = b"\xff\xff\xff\xff\xff\xff"
OTHER = b"\x02other"


class Ether:
    """sent: [(channel, data)] of the board to all, aimed: [(address, data)] to one; say() is
    another board's."""

    def __init__(self):
        self.sent = []
        self.aimed = []
        self._inbox = []
        espnow.ether = self

    def send(self, channel, frame):
        if frame[:6] == ALL:
            self.sent.append((channel, frame[12:]))
        else:
            self.aimed.append((frame[:6], frame[12:]))

    def receive(self):
        return self._inbox.pop(0) if self._inbox else None

    def say(self, channel, data, sender=OTHER, to=ALL):
        self._inbox.append((channel, to + sender + data))
