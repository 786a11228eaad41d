"""Short messages between neighbours: authenticated, numbered, repeated, and without any broker.

    version (1), kind (1), sender's epoch (4), number (4), age in ms (2), length of the sender's
    name (1), name, payload, then 16 bytes of HMAC-SHA256 over all that; highest byte first

The key is the same for all that talk to each other. A message is sent four times within a sixth
of a second, or as its sender wants, each time with its age, and taken once, by epoch and number:
an epoch begins with each boot, and what is not above all that came before is refused, so that
nobody can play it again. That holds over the receiver's reboot too, because it keeps a bound above
what it has taken. It then tells the sender the bound, and the sender goes on above it; the same
makes a new board with an old name heard. What is not prevented: a message that is kept from
arriving and brought later, while no other of its sender has come.
"""

import asyncio
import time

from kerb.system.allowance import Allowance
from kerb.uplink.hmac import Hmac
from micropython import const

MAX_PAYLOAD = const(32)
REPEAT_MS = (0, 20, 60, 120)
# Two that send at once would meet in the same way each time, and lwIP of MicroPython keeps one
# datagram until it is read: each repeat is late by so much at most, as the tag's bits say.
JITTER_MS = const(31)
# Of what its sender wants sent again at times of its own, which may be close together.
OWN_JITTER_MS = const(7)

_VERSION = const(1)
_HEAD = const(13)
_TAG = const(16)
_MAX_NAME = const(32)
_RESYNC = const(0)  # kind; payload: epoch and number above which to go on, name of whom
_NAP_MS = const(10)
_BURST = const(4)  # datagrams taken in one look: a flood costs so much and no more
_PENDING = const(4)
_SENDERS = const(24)
_WINDOW = const(24)  # a message may be overtaken by so many
_SEEN = const(0xFFFFFF)
_AHEAD = const(8192)  # of the bound that is kept: so many messages cost one write
_RESYNC_MS = const(500)
_MAX_U32 = const(0xFFFFFFFF)
_RECORD = "peers"
_FORMAT = const(1)


def key_of(text):
    """The key of at least 16 bytes that `text` gives in hex; ValueError, without it, if none."""
    if not 32 <= len(text) <= 128 or len(text) % 2:
        raise ValueError("allowed: 32 to 128 hex digits, two a byte")
    if not all(c in "0123456789abcdefABCDEF" for c in text):
        raise ValueError("allowed: hex digits")
    return bytes([int(text[at : at + 2], 16) for at in range(0, len(text), 2)])


class _Sender:
    """Of one sender: its epoch, the highest number taken, and which of those below.

    mask None: not heard since our start, and `top` is the bound that was kept.
    """

    def __init__(self, epoch, top, mask):
        self.epoch = epoch
        self.top = top
        self.mask = mask
        self.kept = (0, 0)  # the bound that is in the store
        self.turn = 0

    def is_new(self, epoch, number):
        """Whether this is a message that has not come before, which it has now; None: too old."""
        if epoch != self.epoch:
            if epoch < self.epoch:
                return None
            self.epoch = epoch
            self.top = number
            self.mask = 1
            return True
        behind = self.top - number
        if behind < 0:
            near = self.mask if self.mask and -behind < _WINDOW else 0
            self.mask = (near << -behind | 1) & _SEEN
            self.top = number
            return True
        if self.mask is None or behind >= _WINDOW:
            return None
        bit = 1 << behind
        if self.mask & bit:
            return False
        self.mask |= bit
        return True


class Peer:
    """This device among its neighbours.

    `air` has up(), send(bytes) and receive() as kerb.uplink.broadcast.Broadcast. Of 24 senders
    it knows what it has taken; of more, the one that was silent longest is forgotten. `twin` says
    that somebody else uses our name. `forged` counts what came without the right tag; the log is
    told whenever that has doubled: neighbours with another key, or somebody who plays.

    Its owner sets on_message(kind, sender, payload, age_ms), which gives True when the message is
    of its concern: only of such senders is anything kept. `sender` is the name in bytes, age_ms
    the time since the first sending, without that in the air. With `direct` whoever is of concern
    is sent everything to his own address, too, by aim() of the air: for one neighbour or few.

    Flash wear: eight writes in a row and then one in ten minutes, at most 152 a day; one for each
    boot of a sender, and for 8192 messages.
    """

    def __init__(self, air, key, name, boot_count, clock, store, log):
        self._air = air
        self._hmac = Hmac(key)
        self._name = name.encode()
        self._epoch = boot_count
        self._number = 0
        self._clock = clock
        self._store = store
        self._log = log
        # [message without tag, ticks of the first sending, how often, when next, times in ms]
        self._pending = []
        self._senders = {}
        self._turn = 0
        self._writes = Allowance(8, 600)
        self._stale = False
        self._resynced = time.ticks_add(time.ticks_ms(), -_RESYNC_MS)
        self.on_message = None
        self.direct = self.twin = False
        self.forged = 0
        self._restore()
        # Those who were heard before the reboot are told at the start how to be heard again.
        self._greet = list(self._senders)

    def send(self, kind, payload, repeat_ms=REPEAT_MS):
        """Tells the neighbours, at once and then three times more; False for what can't be sent.

        kind: 1 to 255. payload: bytes, at most 32. While four messages are on their way the
        oldest is repeated no more.

        repeat_ms: other times for it, a tuple in ms from the first one, which is 0. Such a message
        takes the place of those of its kind that are to be sent no more often.
        """
        if not 0 < kind < 256 or len(payload) > MAX_PAYLOAD:
            return False
        if repeat_ms is not REPEAT_MS:
            most = len(repeat_ms)
            self._pending = [
                item for item in self._pending if item[0][1] != kind or len(item[4]) > most
            ]
        return self._send(kind, payload, repeat_ms)

    def _send(self, kind, payload, repeat_ms=REPEAT_MS):
        self._number += 1
        head = bytes((_VERSION, kind)) + self._epoch.to_bytes(4, "big")
        head += self._number.to_bytes(4, "big") + bytes((0, 0, len(self._name)))
        item = [bytearray(head + self._name + payload), time.ticks_ms(), 0, 0, repeat_ms]
        if len(repeat_ms) > 1:
            self._pending.append(item)
            if len(self._pending) > _PENDING:
                self._pending.pop(0)
        return self._repeat(item, item[1])

    def _repeat(self, item, now):
        message = item[0]
        age_ms = min(0xFFFF, time.ticks_diff(now, item[1]))
        message[10] = age_ms >> 8
        message[11] = age_ms & 255
        tag = self._hmac.tag(message)[:_TAG]
        item[2] += 1
        repeat_ms = item[4]
        if item[2] < len(repeat_ms):
            jitter_ms = JITTER_MS if repeat_ms is REPEAT_MS else OWN_JITTER_MS
            item[3] = repeat_ms[item[2]] + (tag[0] & jitter_ms)
        return self._air.send(bytes(message) + tag)

    async def run(self, check_in):
        """Sends again and receives, for ever."""
        while True:
            check_in()
            self.look()
            await asyncio.sleep_ms(_NAP_MS)

    def look(self):
        """One look at what came, and at what is due to be sent again."""
        left = _BURST
        while left:
            data = self._air.receive()
            if data is None:
                break
            self._take(data)
            left -= 1
        now = time.ticks_ms()
        if self._greet and self._air.up() and self._may_resync():
            name = self._greet.pop()
            if name in self._senders:
                self._resync(name, self._senders[name])
        if self._pending:
            for item in self._pending:
                if time.ticks_diff(now, item[1]) >= item[3]:
                    self._repeat(item, now)
            self._pending = [item for item in self._pending if item[2] < len(item[4])]
        if self._stale:
            self._save()

    def _take(self, data):
        """Any bytes that came."""
        end = len(data) - _TAG
        if end < _HEAD or data[0] != _VERSION or not self._hmac.fits(data[:end], data[end:]):
            self.forged += 1
            if not self.forged & (self.forged - 1):
                self._log.warn("peer: %d messages came without the right key", self.forged)
            return
        at = _HEAD + data[12]
        name = data[_HEAD:at]
        if at > end or not 0 < len(name) <= _MAX_NAME:
            return
        kind = data[1]
        epoch = int.from_bytes(data[2:6], "big")
        number = int.from_bytes(data[6:10], "big")
        payload = data[at:end]
        if name == self._name:
            # Our own comes back on some ports.
            if (epoch, number) > (self._epoch, self._number) and not self.twin:
                self.twin = True
                self._log.error("peer: another device is called like this one")
        elif kind == _RESYNC:
            self._go_above(payload)
        else:
            self._judge(kind, name, epoch, number, payload, data[10] << 8 | data[11])

    def _judge(self, kind, name, epoch, number, payload, age_ms):
        sender = self._senders.get(name)
        if sender:
            new = sender.is_new(epoch, number)
            if not new:
                if new is None and self._may_resync():
                    self._resync(name, sender)
                return
        try:
            concerned = self.on_message(kind, name, payload, age_ms)
        except Exception as error:  # of the app: it costs this message, not the task
            self._log.error("peer message: %s", repr(error))
            concerned = True
        if not sender:
            if not concerned:
                return
            sender = self._add(name, _Sender(epoch, number, 1))
        if self.direct and concerned:
            self._air.aim()
        self._turn += 1
        sender.turn = self._turn
        if (epoch, number) > sender.kept:
            self._stale = True

    def _add(self, name, sender):
        if len(self._senders) >= _SENDERS:
            turns = [(one.turn, other) for other, one in self._senders.items()]
            del self._senders[min(turns)[1]]
        self._senders[name] = sender
        return sender

    def _may_resync(self):
        # Whoever plays old messages again makes us send no more often. Below 0 it was a week ago.
        return not 0 <= time.ticks_diff(time.ticks_ms(), self._resynced) < _RESYNC_MS

    def _resync(self, name, sender):
        """Tell a sender above what it has to number to be heard."""
        self._resynced = time.ticks_ms()
        bound = sender.epoch.to_bytes(4, "big") + sender.top.to_bytes(4, "big")
        self._send(_RESYNC, bound + name)

    def _go_above(self, payload):
        # It may be an old one, played again: it leads to where the numbers once were, no further.
        if payload[8:] != self._name:
            return
        epoch = int.from_bytes(payload[:4], "big")
        number = int.from_bytes(payload[4:8], "big")
        if (epoch, number) > (self._epoch, self._number) and number < _MAX_U32:
            self._epoch = epoch
            self._number = number

    def _save(self):
        if not self._writes.left(self._clock.uptime_s()):
            return
        self._writes.spend()
        self._stale = False
        record = bytearray((_FORMAT,))
        for name, sender in self._senders.items():
            record.append(len(name))
            record.extend(name)
            record.extend(sender.epoch.to_bytes(4, "big"))
            bound = min(_MAX_U32, sender.top + _AHEAD)
            record.extend(bound.to_bytes(4, "big"))
            sender.kept = (sender.epoch, bound)
        if not self._store.put(_RECORD, bytes(record)):
            self._stale = True

    def _restore(self):
        record = self._store.get(_RECORD)
        if not record or record[0] != _FORMAT:
            return
        at = 1
        while at < len(record):
            end = at + 1 + record[at]
            epoch = int.from_bytes(record[end : end + 4], "big")
            bound = int.from_bytes(record[end + 4 : end + 8], "big")
            sender = self._add(record[at + 1 : end], _Sender(epoch, bound, None))
            sender.kept = (epoch, bound)
            at = end + 8
