"""A street's radio: every datagram goes to every other device, unless it is lost."""

import random


class Air:
    """What is between the devices; `loss_percent` of all receptions fail, each by itself.

    sent: the last datagrams, in order, for who wants to play one again; count: how many in all.
    """

    def __init__(self, loss_percent=0):
        self.loss_percent = loss_percent
        self.room = None  # how many datagrams wait to be read; 1: as in MicroPython's lwIP
        self.echo = False  # whether a sender hears itself, as on Linux
        self.ends = []
        self.sent = []
        self.count = 0

    def end(self):
        """The end of another device."""
        self.ends.append(End(self))
        return self.ends[-1]

    def say(self, data, sender=None):
        """What anybody may send, also without a key."""
        self.count += 1
        self.sent.append(data)
        if len(self.sent) > 500:
            self.sent.pop(0)
        for end in self.ends:
            if end is not sender or self.echo:
                self.spread(data, end)

    def spread(self, data, end):
        """Brings what is for all to one of them, if it is not lost."""
        if random.randint(0, 99) >= self.loss_percent:
            self.arrive(data, end)

    def arrive(self, data, end):
        """It is there, if there is room."""
        if self.room is None or len(end.inbox) < self.room:
            end.inbox.append(data)


class End:
    """The `air` of one kerb.uplink.peer.Peer."""

    def __init__(self, air):
        self._air = air
        self.inbox = []
        self.is_up = True

    def up(self):
        return self.is_up

    def send(self, data):
        if self.is_up:
            self._air.say(bytes(data), self)
        return self.is_up

    def receive(self):
        return self.inbox.pop(0) if self.is_up and self.inbox else None
