"""Nonces and counters over cuts of the power: none is used twice, whatever was being written."""

from flash import Flash
from kerb.system.store import Store
from kerb.uplink.lorawan.airtime import Duty
from kerb.uplink.lorawan.join import Joins
from kerb.uplink.lorawan.session import NO_NUMBER
from kerb.uplink.lorawan.start import begin, by_hand, end, restored

# A chip in memory, and what each cut leaves of it.
HEAP = "8m"

ADDR = b"\xda\x1b\x01\x26"
NWK = bytes(range(16))
APP = bytes(range(16, 32))
LAST = NO_NUMBER - 1


class Part:
    """Stands for a plan: some bytes that are kept."""

    def __init__(self, state=b"new"):
        self.state = state

    def pack(self):
        return self.state

    def unpack(self, data):
        if data == b"nonsense":
            return False
        self.state = bytes(data)
        return True


def no_bands():
    """A duty cycle without sub-bands: what is kept of it is its silence."""
    return Duty({19: b""}, None)


class Device:
    """What a session and its beginning need of a Mac."""

    def __init__(self, store=None, who=1, group=0, plan=None, duty=None, ids=(b"x", b"y", b"z")):
        self.up_s = self.joined_s = 0
        self.ids = ids
        self.plan = plan or Part()
        self.duty = duty or no_bands()
        store = store or Store("data")
        self.session = restored(store, self.plan, self.duty, who, group)

    def random(self, n):
        return 0

    def nonce(self):
        """The next DevNonce, kept before it is used."""
        joins = Joins(self)
        joins.nonce += 1
        return joins.nonce - 1 if joins.keep() else None

    def join(self, nwk_skey=NWK):
        nonce = self.nonce()
        return begin(self.session, nonce, ADDR, (nwk_skey, APP))


def session(**parts):
    return Device(**parts).session


def hear(s, fcnt, group=False):
    """A downlink of that number was taken."""
    if group:
        s.group_down = fcnt + 1
    else:
        s.down = fcnt + 1
    assert s.write(s.limit)


def joined(**parts):
    device = Device(**parts)
    assert device.join()
    return device.session


def test_a_device_that_never_joined_has_no_session_and_begins_with_devnonce_0():
    device = Device()
    assert device.session.keys is None
    assert device.nonce() == 0
    assert Device().nonce() == 1


def test_after_a_reset_the_session_goes_on_above_every_counter_that_was_used():
    s = joined()
    used = set()
    for _ in range(10):
        for _ in range(70):
            assert s.ready()
            assert s.up not in used
            used.add(s.up)
            s.up += 1
        s = session()
        assert s.dev_addr == ADDR
        assert s.keys == (NWK, APP)


def test_a_reset_that_was_known_before_skips_no_counter():
    s = joined()
    for number in range(100):
        assert s.up == number
        assert s.ready()
        s.up += 1
        s.write(s.up)
        s = session()
        assert s.keys


def test_a_reset_without_an_uplink_before_it_skips_no_counter():
    s = joined()
    assert s.ready()
    s.up += 1
    for _ in range(5):
        s = session()
        assert s.keys
        assert s.up == 64


def test_sixty_four_uplinks_are_one_write():
    class Counting(Store):
        puts = 0

        def put(self, name, data):
            self.puts += 1
            return Store.put(self, name, data)

    store = Counting("data")
    s = joined(store=store)
    store.puts = 0
    for _ in range(640):
        assert s.ready()
        s.up += 1
    assert store.puts == 10


def test_a_downlink_that_was_taken_is_refused_after_a_reset_too():
    s = joined()
    hear(s, 7)
    hear(s, 1000, True)
    s = session()
    assert s.keys
    assert (s.down, s.group_down) == (8, 1001)


def test_a_join_begins_its_counters_anew_but_those_of_the_group_go_on():
    s = joined()
    s.up = 5000
    assert s.ready()
    hear(s, 70)
    hear(s, 9, True)
    s = joined()
    assert (s.up, s.down) == (0, 0)
    s = session()
    assert s.keys
    assert (s.up, s.down, s.group_down) == (0, 0, 10)


def test_plan_and_duty_are_those_of_before_the_reset():
    plan, duty = Part(b"plan"), no_bands()
    duty.silence_ms = 7999
    s = joined(plan=plan, duty=duty)
    plan.state = b"plan that the network changed"
    s.keep(b"\x08")
    assert s.ready()
    plan, duty = Part(), no_bands()
    s = session(plan=plan, duty=duty)
    assert s.keys
    assert s.sticky == b"\x08"
    assert plan.state == b"plan that the network changed"
    assert duty.silence_ms == 7999


def test_what_a_transmission_takes_of_the_duty_cycle_is_kept_before_it():
    duty = no_bands()
    s = joined(duty=duty)
    assert s.ready()
    s.up += 1
    duty.silence_ms = 3999
    assert s.ready()
    duty = no_bands()
    assert session(duty=duty).keys
    assert duty.silence_ms == 3999


def test_a_plan_that_has_not_changed_is_not_written():
    store = Store("data")
    s = joined(store=store)
    store.put = None
    s.keep(b"")


def test_another_identity_or_region_ends_the_session():
    joined()
    assert not session(who=2).keys
    assert session().keys


def test_a_plan_that_can_not_be_read_ends_the_session():
    joined(plan=Part(b"nonsense"))
    assert not session().keys


def test_a_session_that_has_lost_its_counters_is_over():
    joined()
    Store("data").delete("lora_counts")
    assert not session().keys


def test_join_nonces_are_those_of_one_identity_and_dev_nonces_never_begin_anew():
    device = Device()
    joins = Joins(device)
    joins.nonce = 5
    joins.join_nonce = 9
    assert joins.keep()
    assert Joins(Device()).join_nonce == 9
    other = Joins(Device(ids=(b"another",)))
    assert (other.join_nonce, other.nonce) == (-1, 5)


def test_when_dev_nonces_are_used_up_another_identity_begins_at_0():
    joins = Joins(Device())
    joins.nonce = 65536
    assert joins.keep()
    assert Joins(Device()).nonce == 65536
    assert Joins(Device(ids=(b"another",))).nonce == 0


def test_the_time_and_air_time_of_joins_go_on_over_resets():
    device = Device()
    joins = Joins(device)
    joins.spent_ms = 5000
    assert joins.keep()
    device.up_s = 1000
    joins = Joins(device)
    joins.pass_time()
    assert (joins.on_s, joins.spent_ms) == (1000, 5000)
    assert joins.keep()
    device.up_s = 1500
    joins = Joins(device)
    joins.pass_time()
    assert joins.on_s == 1500
    device = Device()
    assert Joins(device).on_s == 1000
    device.up_s = 2600
    joins = Joins(device)
    joins.pass_time()
    assert (joins.on_s, joins.spent_ms) == (3600, 0)


def test_the_last_counter_is_the_end_of_the_session():
    s = joined()
    s.up = LAST
    assert s.ready()
    s.up += 1
    assert not s.ready()
    assert s.fault == "counter"
    s = session()
    assert not s.ready()
    end(s)
    assert not s.keys
    assert s.ready(), "to join"
    assert not session().keys


def test_flash_that_refuses_lets_nothing_be_sent_and_no_session_begin():
    class Worn(Store):
        worn = False

        def put(self, name, data):
            return not self.worn and Store.put(self, name, data)

    store = Worn("data")
    device = Device(store=store)
    assert device.join()
    store.worn = True
    assert not device.session.ready()
    assert device.session.fault == "flash"
    assert device.nonce() is None
    assert not begin(device.session, 7, ADDR, (NWK, APP))
    assert device.session.keys is None
    store.worn = False
    assert device.nonce() == 1
    assert device.session.ready()
    assert device.session.fault is None


def at_hand():
    device = Device(ids=(ADDR, NWK, APP))
    return device.session, device.session.keys or by_hand(device.session, device.ids)


def test_a_session_by_hand_goes_on_for_ever_even_where_its_record_is_lost():
    s = at_hand()[0]
    for _ in range(65):
        assert s.ready()
        s.up += 1
    assert at_hand()[0].up == 128
    Store("data").delete("lora_session")
    s, resumed = at_hand()
    assert resumed
    assert s.up == 128
    assert at_hand()[0].up == 128


def test_a_session_by_hand_that_has_lost_its_counters_is_refused_not_begun_anew():
    assert at_hand()[1]
    Store("data").delete("lora_counts")
    for _ in range(2):
        s, resumed = at_hand()
        assert not resumed
        assert s.keys is None
        assert s.fault == "counter"


def test_another_group_begins_its_counter_anew():
    s = joined(group=1)
    hear(s, 9, True)
    assert session(group=1).group_down == 10
    assert session(group=2).group_down == 0


def test_the_last_counter_of_a_downlink_can_be_kept():
    s = joined()
    hear(s, 0xFFFFFFFF)
    hear(s, 0xFFFFFFFF, True)
    assert session().keys


def test_damaged_records_are_no_session_and_no_exception():
    store = joined().store
    for name in ("lora_join", "lora_session", "lora_counts"):
        whole = store.get(name)
        for record in (b"", b"\1", whole[:-1], whole[:12], b"\2" + whole[1:], bytes(len(whole))):
            store.put(name, record)
            Joins(Device())
        store.put(name, whole)
    assert session().keys


def test_a_cut_in_any_operation_of_joining_and_sending_uses_nothing_twice():
    for part_percent in (0, 40, 100):
        cut_at = 0
        done = False
        while not done:
            flash = Flash(16)
            flash.mount("/flash")
            try:
                nonces, frames = [], []
                life(nonces, frames)
                flash.cut_after(cut_at, part_percent)
                done = flash.run(lambda n=nonces, f=frames: life(n, f))
                flash.remount()
                for _ in range(2):
                    life(nonces, frames)
                assert len(set(nonces)) == len(nonces), (cut_at, nonces)
                assert len(set(frames)) == len(frames), (cut_at, frames)
                assert nonces == sorted(nonces)
            finally:
                flash.unmount()
            cut_at += 1
        assert cut_at > 8


def life(nonces, frames):
    """A boot that resumes or joins, sends a little, hears a little, and joins again."""
    device = Device(store=Store("/flash/data"))
    if not device.session.keys:
        join(device, nonces)
    speak(device, frames)
    join(device, nonces)
    speak(device, frames)


def join(device, nonces):
    nonce = device.nonce()
    nonces.append(nonce)
    # The keys of a session follow from its nonce.
    assert begin(device.session, nonce, ADDR, (bytes([nonce]) * 16, APP))


def speak(device, frames):
    s = device.session
    key = s.keys[0]
    down = s.down
    for _ in range(3):
        assert s.ready()
        frames.append((key, s.up))
        s.up += 1
    hear(s, down + 2)
    assert s.down == down + 3
    device.plan.state += b"."
    s.keep(bytes(frames[-1][1] % 3))
