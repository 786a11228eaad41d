"""What a LoRaWAN device must not forget: its nonces, its session, its frame counters.

Three records of the store, so that a cut of the power between any two writes costs at worst a
join, and never uses a nonce or a counter twice (TS001-1.0.4, 4.3.1.5 and 6.2.5; TR007, 4.13):

    lora_join     who this is (CRC), the next DevNonce, the last JoinNonce, the join budget;
                  written before each Join-Request and at each Join-Accept
    lora_session  who and in which region (CRC), the session's number, DevAddr, keys, plan;
                  written when a session begins and when the network has changed the plan
    lora_counts   the session's number, FCntUp written ahead, FCntDown of device and group, which
                  group (CRC), the duty cycle; written before each 64th uplink, at each downlink,
                  and when the duty cycle is another (in steps: duty.py)

The number of a session is its DevNonce. A new one writes its counters first: after a cut there
the old session finds counters that are not its own, and is over.

Flash wear: `lora_counts` has up to 54 bytes and so costs a Pico's littlefs an erase in every 16th
put. An uplink in ten minutes and ten downlinks a day are 12 puts a day; a downlink a minute, as a
test may be, is 1440, or 33,000 erases in a year, spread over the file system.
"""

import struct
from binascii import crc32

from micropython import const

_JOIN = "lora_join"
_SESSION = "lora_session"
_COUNTS = "lora_counts"
# The first byte of a record, so that another layout of a later version is no record.
_VERSION = const(1)
_JOIN_FORMAT = "<BIIi"  # version, who, next DevNonce, last JoinNonce or -1; then the budget
_JOIN_BYTES = const(13)
_SESSION_FORMAT = "<BII"  # version, who and where, number; then DevAddr, keys, plan
_SESSION_BYTES = const(45)
# Version, number, limit of FCntUp, FCntDown, the group's, which group; then the duty cycle.
_COUNTS_FORMAT = "<BIIIII"
_COUNTS_BYTES = const(21)

_AHEAD = const(64)  # uplinks that one write allows, and counters that a cut can skip
_BY_HAND = const(0x10000)  # in the number of an ABP session, which is no DevNonce
_NONE = 0xFFFFFFFF
LAST_COUNT = 0xFFFFFFFE  # the session ends here, one early: the limit has to fit 32 bits


class Session:
    """The state of a device with the identity `ident` (bytes, never printed) in `region` (0..255).

    `group` is the identity of its multicast group: another one begins with FCntDown 0.

    `plan`, `duty`, `budget` (Plan, Duty, JoinBudget) are restored from the store and kept in it.

    keys: (nwk_skey, app_skey), None while there is no session; dev_addr: bytes(4) as on air. up:
    the FCntUp of the next new frame, to be used only after may_send(). down, group_down: the
    lowest FCntDown that is still to be taken. nonce: the next DevNonce, 65536 when all are used.
    fault: None, or why something could not be kept: "flash", "counter", "nonce".
    """

    def __init__(self, store, ident, region, plan, duty, budget, group=b""):
        self._store = store
        self._who = crc32(ident)
        self._where = crc32(bytes((region,)), self._who)
        self._plan = plan
        self._duty = duty
        self._budget = budget
        self.keys = self.dev_addr = self._kept = self.fault = None
        self.up = self.down = self.group_down = self.nonce = 0
        self.join_nonce = -1
        self._number = _NONE
        self._group = crc32(group)
        record = _get(store, _JOIN, _JOIN_BYTES)
        if record:
            _, who, self.nonce, join_nonce = struct.unpack(_JOIN_FORMAT, record[:_JOIN_BYTES])
            budget.unpack(record[_JOIN_BYTES:])
            if who == self._who:
                self.join_nonce = join_nonce
            elif self.nonce > 65535:
                self.nonce = 0  # a new identity is the way out, and the only one
        record = _get(store, _COUNTS, _COUNTS_BYTES)
        if record:
            counts = struct.unpack(_COUNTS_FORMAT, record[:_COUNTS_BYTES])
            _, self._number, self.up, self.down, group_down, group = counts
            if group == self._group:
                self.group_down = group_down
            duty.unpack(record[_COUNTS_BYTES:])
        self._spent = duty.pack()
        self._limit = self.up

    def resume(self):
        """Go on with the session of the store; False if there is none for this identity."""
        record = self._session()
        if record and struct.unpack_from("<I", record, 5)[0] == self._number:
            if self._plan.unpack(record[_SESSION_BYTES:]):
                self._use(record)
        return self.keys is not None

    def next_nonce(self):
        """The DevNonce of a Join-Request that is about to be sent, kept before; None: don't."""
        if self.nonce > 65535:
            self.fault = "nonce"
            return None
        self.nonce += 1
        return self.nonce - 1 if self._keep_join() else None

    def begin(self, join_nonce, dev_addr, keys):
        """A session by the Join-Accept to the last Join-Request; the plan has taken it already.

        False, and no session, if the flash refuses it. `join_nonce` None is a session by hand
        (ABP): its counters go on where they were, and with `fault` "counter" it is refused if
        they are lost.
        """
        self.keys = None
        if join_nonce is None:
            number = self._where | _BY_HAND
            if number != self._number and self._session():
                self.fault = "counter"
                return False
        else:
            number = self.nonce - 1
            self.join_nonce = join_nonce
            if not self._keep_join():
                return False
        if number != self._number or join_nonce is not None:
            self._number = number
            self.up = self._limit = self.down = 0
        head = struct.pack(_SESSION_FORMAT, _VERSION, self._where, number)
        record = head + dev_addr + keys[0] + keys[1] + self._plan.pack()
        if not self._keep_counts() or not self._put(_SESSION, record):
            return False
        self._use(record)
        return True

    def may_send(self):
        """Whether the frame of number `up` may go on air: its number is kept. Else see `fault`."""
        if self.up < self._limit:
            return True
        if self.up > LAST_COUNT:
            self.fault = "counter"
            return False
        before = self._limit
        self._limit = min(self.up + _AHEAD, LAST_COUNT + 1)
        if not self._keep_counts():
            self._limit = before
            return False
        return True

    def heard(self, fcnt, group=False):
        """A downlink of that number was taken, of the group or our own; kept before it acts."""
        if group:
            self.group_down = min(fcnt + 1, 0xFFFFFFFF)
        else:
            self.down = min(fcnt + 1, 0xFFFFFFFF)
        self._keep_counts()

    def keep(self):
        """Keep the plan, if it has changed."""
        plan = self._plan.pack()
        if self.keys and crc32(plan) != self._kept:
            record = self._session()
            if record and self._put(_SESSION, record[:_SESSION_BYTES] + plan):
                self._kept = crc32(plan)

    def keep_duty(self):
        """Before each transmission, with what it takes spent: keep the duty cycle, if need be."""
        if self._duty.pack() != self._spent:
            self._keep_counts()

    def save(self):
        """Keep all as it is, for a reset that is known before: it skips no counter."""
        self.keep()
        if self.keys:
            self._limit = self.up
            self._keep_counts()

    def end(self):
        """The session is over, also after a reset."""
        self.keys = None
        self._store.delete(_SESSION)

    def _session(self):
        """The record of a session of this identity in this region, or None."""
        record = _get(self._store, _SESSION, _SESSION_BYTES)
        if record and struct.unpack_from("<I", record, 1)[0] == self._where:
            return record
        return None

    def _use(self, record):
        self.dev_addr = record[9:13]
        self.keys = record[13:29], record[29:45]
        self._kept = crc32(record[_SESSION_BYTES:])

    def _keep_join(self):
        head = struct.pack(_JOIN_FORMAT, _VERSION, self._who, self.nonce, self.join_nonce)
        return self._put(_JOIN, head + self._budget.pack())

    def _keep_counts(self):
        counts = self._limit, self.down, self.group_down, self._group
        head = struct.pack(_COUNTS_FORMAT, _VERSION, self._number, *counts)
        self._spent = self._duty.pack()
        return self._put(_COUNTS, head + self._spent)

    def _put(self, name, record):
        done = self._store.put(name, record)
        self.fault = None if done else "flash"
        return done


def _get(store, name, at_least):
    record = store.get(name)
    if record and len(record) >= at_least and record[0] == _VERSION:
        return record
    return None
