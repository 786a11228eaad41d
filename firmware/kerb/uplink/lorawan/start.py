"""How a Mac and its session begin; imported for that, and let go of."""

from binascii import crc32
from struct import pack, unpack

from kerb.uplink.lorawan.airtime import Duty
from kerb.uplink.lorawan.plan import Plan
from kerb.uplink.lorawan.session import COUNTS_FORMAT, NO_NUMBER, VERSION, Commands, Session
from micropython import const

_HEAD_FORMAT = const("<BII")  # version, who and where, number; then DevAddr and keys
_HEAD_BYTES = const(45)  # then how many bytes of answers, these, the plan
_COUNTS_BYTES = const(21)
# As airtime.Duty has them.
_BAND = const(5)
_SLOTS = const(13)
_SHARE = const(20)
_SHARES = const(18)
_BY_HAND = const(0x10000)  # in the number of an ABP session, which is no DevNonce


def start(
    mac,
    table,
    ids,
    radio,
    store,
    log,
    random,
    cls="A",
    group=None,
    adr=True,
    dr=None,
    ppm=50,
    jitter_us=20000,
):
    """See mac.Mac."""
    mac.ids = ids
    mac.radio = radio
    mac.log = log
    mac.random = random
    mac.always = cls == "C"
    mac.group = group
    mac.adr = adr
    mac.dr = dr
    mac.ppm = ppm
    mac.jitter_us = jitter_us
    mac.plan = plan = Plan(table)
    mac.duty = duty = Duty(table, plan)
    mac.battery = 255
    mac.on_downlink = mac.on_time = mac.rssi_dbm = mac.snr_db = mac.joins = None
    mac.up_s = mac.wait_ms = mac.empty = 0
    is_by_hand = len(ids[0]) == 4
    # By hand it is the keys that must not meet a counter twice, whatever address comes and goes.
    who = crc32(b"".join(ids[is_by_hand:]), table[0])
    mac.session = session = restored(store, plan, duty, who, crc32(b"".join(group or ())))
    if is_by_hand and not (session.keys and session.dev_addr == ids[0]):
        plan.reset()
        if not by_hand(session, ids):
            log.error("lorawan: no session: %s", session.fault)
    mac.joined = session.keys is not None
    mac.fault = session.fault
    fresh(mac)
    plan.pack()  # which lets go of what changes a plan


def fresh(mac):
    """A session begins or goes on: nothing else is owed to the network, nor by it."""
    mac.commands = Commands(mac.plan, mac.adr)
    owe(mac.commands, mac.session.sticky)
    mac.due = len(mac.session.sticky) > 0
    mac.ack_s = -1
    mac.silent = 0
    mac.heard_s = mac.up_s
    if mac.dr is not None and not mac.adr and mac.plan.channels(mac.dr):
        mac.plan.dr = mac.dr


def owe(commands, sticky):
    """Have answers said again, which session.Commands.sticky() gave before a reset."""
    while sticky:
        end = 1 if 8 <= sticky[0] <= 9 else 2
        commands.again.append(sticky[:end])
        sticky = sticky[end:]


def restored(store, plan, duty, who, group):
    """The Session that the store has of `who` (a number for identity and region), or none.

    plan and duty are restored too. Another `group` (a number) begins with FCntDown 0.
    """
    s = Session()
    s.store = store
    s.who = who
    s.plan = plan
    s.duty = duty
    s.group = group
    s.keys = s.fault = None
    s.up = s.down = s.group_down = 0
    s.number = NO_NUMBER
    s.sticky = b""
    counts = load(store, "lora_counts", _COUNTS_BYTES)
    if counts:
        values = unpack(COUNTS_FORMAT, counts[:_COUNTS_BYTES])
        _, s.number, s.up, s.down, group_down, of_group = values
        if of_group == group:
            s.group_down = group_down
        spend(duty, counts[_COUNTS_BYTES:])
    s.spent = duty.pack()
    s.limit = s.up
    record = load(store, "lora_session", _HEAD_BYTES + 1)
    if record and unpack(_HEAD_FORMAT, record[:9])[1:] == (who, s.number):
        at = _HEAD_BYTES + 1 + record[_HEAD_BYTES]
        if plan.unpack(record[at:]):
            s.sticky = record[_HEAD_BYTES + 1 : at]
            _use(s, record)
    return s


def spend(duty, data):
    """Take all of Duty.pack() for spent right now; False if it is nothing that pack() gives."""
    if len(data) * _BAND != len(duty.bands) + _BAND or max(data) > 20:
        return False
    for i in range(len(data) - 1):
        share = duty.bands[i * _BAND + 4] * _SHARE
        duty.used[i * _SLOTS + duty.slot] = min(data[i], _SHARES) * share
    duty.silence_ms = (1000 << data[-1]) - 1 if data[-1] else 0
    return True


def begin(session, number, dev_addr, keys):
    """A session of that number; False, and none, if the flash refuses it."""
    session.keys = None
    if number != session.number or number < _BY_HAND:
        session.number = number
        session.up = session.down = 0
    record = pack(_HEAD_FORMAT, VERSION, session.who, number) + dev_addr + keys[0] + keys[1]
    record += b"\0" + session.plan.pack()
    if not session.write(session.up) or not session.put("lora_session", record):
        return False
    session.sticky = b""
    _use(session, record)
    return True


def by_hand(session, ids):
    """A session by personalization; its counters go on where they were.

    False, and fault "counter", if they are lost: beginning anew would use them twice.
    """
    number = session.who | _BY_HAND
    if number != session.number:
        record = load(session.store, "lora_session", _HEAD_BYTES + 1)
        if record and unpack(_HEAD_FORMAT, record[:9])[1] == session.who:
            session.fault = "counter"
            return False
    return begin(session, number, ids[0], ids[1:])


def end(session):
    """The session is over, also after a reset: no counter of it is used again."""
    session.keys = None
    session.number = NO_NUMBER
    session.up = session.limit = 0


def load(store, name, at_least):
    """A record of this layout and of at least so many bytes, or None."""
    record = store.get(name)
    return record if record and len(record) >= at_least and record[0] == VERSION else None


def _use(session, record):
    session.head = record[:_HEAD_BYTES]
    session.kept = record[_HEAD_BYTES:]
    session.dev_addr = record[9:13]
    session.keys = record[13:29], record[29:_HEAD_BYTES]
