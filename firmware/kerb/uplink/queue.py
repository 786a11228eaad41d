"""The events that wait for the network: bounded, by priority, alarms kept over a reboot.

Flash wear: alarms are written at most 20 times in a row and then once in five minutes, always
as the newest state: under 300 writes a day in the worst storm. With three 4 kB erases a write and
a file system of 200 blocks that is 16,000 of a block's 100,000 erase cycles in ten years.
"""

from micropython import const

ALARM = const(0)
STATE = const(1)
ROUTINE = const(2)

_MAX_PAYLOAD = const(255)
_RECORD = "queue"
_FORMAT = const(1)
_HEAD = const(6)
_NO_DAY = const(0xFFFF)

_WRITES = const(20)
_WRITE_EVERY_S = const(300)


class Event:
    """One event in the queue: `payload` are its wire bytes, `seq` its number since the start.

    `uptime_s` is when it happened, None when that was before the last reboot; then `wall` is the
    (day, second) of it, or None when the clock was not set.
    """

    def __init__(self, payload, priority, seq, uptime_s, wall):
        self.payload = payload
        self.priority = priority
        self.seq = seq
        self.uptime_s = uptime_s
        self.wall = wall


class Queue:
    """At most `size` waiting events with `max_bytes` of payload, most urgent first, then oldest.

    When it is full, the oldest of the least urgent goes, never one for the sake of a less urgent.
    `store` is a kerb.system.store.Store or None. An alarm is in it before put() returns, and
    leaves it some time after done(): an alarm can come back from it that has arrived. `unsaved`
    is True while the store fails, or the bound on writes is reached, and some alarm waits in RAM
    only; `store_faults` counts failures, `dropped` the events dropped of each priority.
    """

    def __init__(self, size=32, max_bytes=2048, store=None):
        self._size = size
        self._max_bytes = max_bytes
        self._store = store
        self._waiting = ([], [], [])
        self._alarms = []  # all that are not done, also those on their way
        self._bytes = 0
        self._seq = 0
        self._writes = _WRITES
        self._refilled_s = 0
        self._stale = False
        self.unsaved = False
        self.store_faults = 0
        self.dropped = [0, 0, 0]
        if store:
            self._restore()

    def __len__(self):
        return sum([len(events) for events in self._waiting])

    def put(self, payload, priority, uptime_s, wall=None):
        """Takes the event that happened now; gives False, and counts it, when it is dropped."""
        event = Event(payload, priority, self._seq, uptime_s, wall)
        self._seq += 1
        size = len(payload)
        if size > min(_MAX_PAYLOAD, self._max_bytes) or not self._make_room(size, priority):
            self.dropped[priority] += 1
            return False
        self._waiting[priority].append(event)
        self._bytes += size
        if priority == ALARM and self._store:
            self._alarms.append(event)
            self.unsaved = True
            self.flush(uptime_s)
        return True

    def peek(self):
        """The event to send next, or None."""
        for events in self._waiting:
            if events:
                return events[0]
        return None

    def take(self, event):
        """The event is on its way: it waits no more, but is not done yet."""
        self._waiting[event.priority].remove(event)
        self._bytes -= len(event.payload)

    def back(self, event):
        """The event got lost on its way and waits again, in its old place."""
        events = self._waiting[event.priority]
        at = 0
        while at < len(events) and events[at].seq < event.seq:
            at += 1
        events.insert(at, event)
        self._bytes += len(event.payload)

    def done(self, event):
        """The event has arrived."""
        if event in self._alarms:
            self._alarms.remove(event)
            self._stale = True

    def flush(self, now_s):
        """Brings the store up to date if the bound on writes allows; call it now and then.

        Half of the writes are left to new alarms; those that have arrived can wait.
        """
        if not (self.unsaved or self._stale):
            return
        refill = (now_s - self._refilled_s) // _WRITE_EVERY_S
        self._refilled_s += refill * _WRITE_EVERY_S
        self._writes = min(_WRITES, self._writes + refill)
        if self._writes <= (0 if self.unsaved else _WRITES // 2):
            return
        self._writes -= 1
        try:
            saved = self._store.put(_RECORD, self._record())
        except Exception:  # whatever is wrong, the alarm is still to be sent
            saved = False
        if saved:
            self.unsaved = self._stale = False
        else:
            self.store_faults += 1

    def _make_room(self, size, priority):
        while len(self) >= self._size or self._bytes + size > self._max_bytes:
            least = ROUTINE
            while not self._waiting[least]:
                least -= 1
            if least < priority:
                return False
            victim = self._waiting[least][0]
            self.take(victim)
            self.done(victim)
            self.dropped[least] += 1
        return True

    def _record(self):
        """All alarms: the format, then for each day (2), second (3), length (1) and payload."""
        record = bytearray((_FORMAT,))
        for event in self._alarms:
            day, second = event.wall or (_NO_DAY, 0)
            record.extend(day.to_bytes(2, "big"))
            record.extend(second.to_bytes(3, "big"))
            record.append(len(event.payload))
            record.extend(event.payload)
        return bytes(record)

    def _restore(self):
        record = self._store.get(_RECORD)
        if not record or record[0] != _FORMAT:
            return
        at = 1
        while at + _HEAD <= len(record):
            day = int.from_bytes(record[at : at + 2], "big")
            second = int.from_bytes(record[at + 2 : at + 5], "big")
            end = at + _HEAD + record[at + 5]
            payload = record[at + _HEAD : end]
            wall = None if day == _NO_DAY else (day, second)
            event = Event(payload, ALARM, self._seq, None, wall)
            self._seq += 1
            self._alarms.append(event)
            self.back(event)
            at = end
