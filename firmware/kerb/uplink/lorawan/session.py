"""What a LoRaWAN device must not forget of its session: keys, frame counters, plan, duty cycle.

Two records of the store, and one of join.py, so that a cut of the power between any two writes
costs at worst a join, and never uses a nonce or a counter twice (TS001-1.0.4 4.3.1.5, TR007 4.13):

    lora_session  who and in which region (CRC), the session's number, DevAddr, keys, answers that
                  the network has to hear of, plan; written when the session begins and when the
                  network has changed one of these
    lora_counts   the session's number, FCntUp written ahead, FCntDown of device and group, which
                  group (CRC), the duty cycle; written before each 64th uplink, at each downlink
                  and before a transmission that changes the duty cycle's bytes (see duty.py)

The number of a session is its DevNonce. A new one writes its counters first: after a cut there
the old session finds counters that are not its own, and is over.

Flash wear: `lora_counts` has up to 54 bytes and so costs a Pico's littlefs an erase in every 16th
put. An uplink in ten minutes and ten downlinks a day are 12 puts a day; a downlink a minute, as a
test may be, is 1440, or 33,000 erases in a year, spread over the file system.
"""

from struct import pack, unpack

from micropython import const

# The first byte of a record, so that another layout of a later version is no record.
VERSION = const(1)
SESSION_FORMAT = const("<BII")  # version, who and where, number
_KEYS_BYTES = const(45)  # with DevAddr and keys; then how many bytes of answers, these, the plan
# Version, number, limit of FCntUp, FCntDown, the group's, which group; then the duty cycle.
_COUNTS_FORMAT = const("<BIIIII")
_COUNTS_BYTES = const(21)

_AHEAD = const(64)  # uplinks that one write allows, and counters that a cut can skip
NO_NUMBER = 0xFFFFFFFF
_LAST = 0xFFFFFFFE  # the session ends here, one early: the limit has to fit 32 bits


class Session:
    """The session that the store has of `who` (a number for identity and region), or none.

    `plan` and `duty` are restored from the store and kept in it; another `group` (a number) begins
    with FCntDown 0. A new session is begun by join.begin().

    keys: (nwk_skey, app_skey), None while there is no session; dev_addr: bytes(4) as on air;
    sticky: what commands.Commands.sticky() was before the reset. up: the FCntUp of the next new
    frame; ready() before each transmission. down, group_down: the lowest FCntDown that is still to
    be taken. fault: None, or why something was not kept: "flash", or "counter", all used up.
    """

    def __init__(self, store, plan, duty, who, group):
        self.store = store
        self.who = who
        self._plan = plan
        self._duty = duty
        self._group = group
        self.keys = self.fault = None
        self.up = self.down = self.group_down = 0
        self.number = NO_NUMBER
        record = load(store, "lora_counts", _COUNTS_BYTES)
        if record:
            counts = unpack(_COUNTS_FORMAT, record[:_COUNTS_BYTES])
            _, self.number, self.up, self.down, group_down, of_group = counts
            if of_group == group:
                self.group_down = group_down
            duty.unpack(record[_COUNTS_BYTES:])
        self._spent = duty.pack()
        self._limit = self.up
        self.sticky = b""
        record = self.record()
        if record and unpack(SESSION_FORMAT, record[:9])[2] == self.number:
            at = _KEYS_BYTES + 1 + record[_KEYS_BYTES]
            if plan.unpack(record[at:]):
                self.use(record)
                self.sticky = record[_KEYS_BYTES + 1 : at]

    def record(self):
        """The record of a session of this identity in this region, or None."""
        record = load(self.store, "lora_session", _KEYS_BYTES + 1)
        return record if record and unpack(SESSION_FORMAT, record[:9])[1] == self.who else None

    def use(self, record):
        """Go by a session's record, which is in the store."""
        self.dev_addr = record[9:13]
        self.keys = record[13:29], record[29:45]
        self._kept = record[_KEYS_BYTES:]

    def ready(self):
        """Before each transmission, the duty spent: keep what has to be. False: see `fault`."""
        self.fault = None
        if self.up > _LAST:
            self.fault = "counter"
            return False
        if self.up < self._limit and self._duty.pack() == self._spent:
            return True
        return self.write(min(self.up + _AHEAD, _LAST + 1))

    def heard(self, fcnt, group):
        """A downlink of that number was taken, of the group or our own; kept before it acts."""
        if group:
            self.group_down = fcnt + 1
        else:
            self.down = fcnt + 1
        self.write(self._limit)

    def keep(self, sticky):
        """Keep the plan and commands.Commands.sticky(), if they have changed."""
        kept = bytes((len(sticky),)) + sticky + self._plan.pack()
        if kept != self._kept:
            record = self.record()
            if record and self.put("lora_session", record[:_KEYS_BYTES] + kept):
                self._kept = kept

    def end(self):
        """The session is over, also after a reset: no counter of it is used again."""
        self.keys = None
        self.number = NO_NUMBER
        self.up = self._limit = 0

    def write(self, limit):
        """Keep the counters, FCntUp up to below `limit`; False if the flash refuses."""
        # A group's counter that is used up takes nothing more: the next one is none of 32 bits.
        downs = min(self.down, NO_NUMBER), min(self.group_down, NO_NUMBER)
        spent = self._duty.pack()
        head = pack(_COUNTS_FORMAT, VERSION, self.number, limit, *downs, self._group)
        done = self.put("lora_counts", head + spent)
        if done:
            self._limit = limit
            self._spent = spent
        return done

    def put(self, name, record):
        done = self.store.put(name, record)
        self.fault = None if done else "flash"
        return done


def load(store, name, at_least):
    """A record of this layout and of at least so many bytes, or None."""
    record = store.get(name)
    return record if record and len(record) >= at_least and record[0] == VERSION else None
