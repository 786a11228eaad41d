"""Nonces and counters over cuts of the power: none is used twice, whatever was being written."""

from flash import Flash
from kerb.system.store import Store
from kerb.uplink.lorawan.session import LAST_COUNT, Session

# A chip in memory, and what each cut leaves of it.
HEAP = "8m"

IDENT = b"join-euidev-eui.and the app key."
ADDR = b"\xda\x1b\x01\x26"
NWK = bytes(range(16))
APP = bytes(range(16, 32))


class Part:
    """Stands for plan, duty and budget: some bytes that are kept."""

    def __init__(self, state=b"new"):
        self.state = state

    def pack(self):
        return self.state

    def unpack(self, data):
        if data == b"nonsense":
            return False
        self.state = bytes(data)
        return True


def session(store=None, ident=IDENT, region=1, plan=None, duty=None, budget=None, group=b""):
    parts = [part or Part() for part in (plan, duty, budget)]
    return Session(store or Store("data"), ident, region, *parts, group)


def joined(**parts):
    s = session(**parts)
    s.next_nonce()
    assert s.begin(s.join_nonce + 1, ADDR, (NWK, APP))
    return s


def test_a_device_that_never_joined_has_no_session_and_begins_with_devnonce_0():
    s = session()
    assert not s.resume()
    assert s.keys is None
    assert s.next_nonce() == 0
    assert session().next_nonce() == 1


def test_after_a_reset_the_session_goes_on_above_every_counter_that_was_used():
    s = joined()
    used = set()
    for _ in range(10):
        for _ in range(70):
            assert s.may_send()
            assert s.up not in used
            used.add(s.up)
            s.up += 1
        s = session()
        assert s.resume()
        assert s.dev_addr == ADDR
        assert s.keys == (NWK, APP)


def test_a_reset_that_was_known_before_skips_no_counter():
    s = joined()
    for number in range(100):
        assert s.up == number
        assert s.may_send()
        s.up += 1
        s.save()
        s = session()
        assert s.resume()


def test_a_reset_without_an_uplink_before_it_skips_no_counter():
    s = joined()
    assert s.may_send()
    s.up += 1
    for _ in range(5):
        s = session()
        assert s.resume()
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
        assert s.may_send()
        s.up += 1
    assert store.puts == 10


def test_a_downlink_that_was_taken_is_refused_after_a_reset_too():
    s = joined()
    s.heard(7)
    s.heard(1000, True)
    s = session()
    assert s.resume()
    assert (s.down, s.group_down) == (8, 1001)


def test_a_join_begins_its_counters_anew_but_those_of_the_group_go_on():
    s = joined()
    s.up = 5000
    assert s.may_send()
    s.heard(70)
    s.heard(9, True)
    s = joined()
    assert (s.up, s.down) == (0, 0)
    s = session()
    assert s.resume()
    assert (s.up, s.down, s.group_down) == (0, 0, 10)


def test_plan_duty_and_budget_are_those_of_before_the_reset():
    plan, duty, budget = Part(b"plan"), Part(b"duty"), Part(b"budget")
    s = joined(plan=plan, duty=duty, budget=budget)
    plan.state = b"plan that the network changed"
    duty.state = b"spent"
    s.keep()
    assert s.may_send()
    plan, duty, budget = Part(), Part(), Part()
    assert session(plan=plan, duty=duty, budget=budget).resume()
    assert (plan.state, duty.state, budget.state) == (
        b"plan that the network changed",
        b"spent",
        b"budget",
    )


def test_a_plan_that_has_not_changed_is_not_written():
    store = Store("data")
    s = joined(store=store)
    store.put = None
    s.keep()


def test_another_key_another_eui_or_another_region_ends_the_session():
    joined()
    assert not session(ident=IDENT[:-1] + b"!").resume()
    assert not session(region=2).resume()
    assert session().resume()


def test_a_plan_that_can_not_be_read_ends_the_session():
    joined(plan=Part(b"nonsense"))
    assert not session().resume()


def test_a_session_that_has_lost_its_counters_is_over():
    joined()
    Store("data").delete("lora_counts")
    assert not session().resume()


def test_join_nonces_are_those_of_one_identity_and_dev_nonces_never_begin_anew():
    s = joined()
    assert s.join_nonce == 0
    s = joined()
    assert s.join_nonce == 1
    other = session(ident=b"another")
    assert other.join_nonce == -1
    assert other.next_nonce() == 2


def test_dev_nonces_end_at_65535_and_another_identity_begins_at_0():
    s = session()
    s.nonce = 65535
    assert s.next_nonce() == 65535
    for _ in range(2):
        assert s.next_nonce() is None
        assert s.fault == "nonce"
        s = session()
    assert session(ident=b"another").next_nonce() == 0


def test_the_last_counter_is_the_end_of_the_session():
    s = joined()
    s.up = LAST_COUNT
    assert s.may_send()
    s.up += 1
    assert not s.may_send()
    assert s.fault == "counter"
    s = session()
    assert s.resume()
    assert not s.may_send()


def test_flash_that_refuses_lets_nothing_be_sent_and_no_join_be_tried():
    class Worn(Store):
        worn = False

        def put(self, name, data):
            return not self.worn and Store.put(self, name, data)

    store = Worn("data")
    s = joined(store=store)
    store.worn = True
    assert not s.may_send()
    assert s.fault == "flash"
    assert s.next_nonce() is None
    assert not s.begin(5, ADDR, (NWK, APP))
    assert s.keys is None
    store.worn = False
    assert s.next_nonce() == 2


def test_a_session_that_ended_is_not_there_after_a_reset():
    s = joined()
    s.end()
    assert s.keys is None
    assert not session().resume()


def by_hand():
    s = session(ident=ADDR + NWK + APP)
    return s, s.resume() or s.begin(None, ADDR, (NWK, APP))


def test_a_session_by_hand_goes_on_for_ever_even_where_its_record_is_lost():
    s = by_hand()[0]
    for _ in range(65):
        assert s.may_send()
        s.up += 1
    assert by_hand()[0].up == 128
    Store("data").delete("lora_session")
    s, resumed = by_hand()
    assert resumed
    assert s.up == 128


def test_a_session_by_hand_that_has_lost_its_counters_is_refused_not_begun_anew():
    assert by_hand()[1]
    Store("data").delete("lora_counts")
    s, resumed = by_hand()
    assert not resumed
    assert s.keys is None
    assert s.fault == "counter"


def test_another_group_begins_its_counter_anew():
    s = joined(group=b"street")
    s.heard(9, True)
    assert session(group=b"street").group_down == 10
    assert session(group=b"square").group_down == 0


def test_damaged_records_are_no_session_and_no_exception():
    s = joined()
    for name in ("lora_join", "lora_session", "lora_counts"):
        whole = s._store.get(name)
        for record in (b"", b"\1", whole[:-1], whole[:12], b"\2" + whole[1:], bytes(len(whole))):
            s._store.put(name, record)
            assert session().resume() in (True, False)
        s._store.put(name, whole)
    assert session().resume()


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
    store = Store("/flash/data")
    s = session(store)
    if not s.resume():
        join(s, nonces)
    speak(s, frames)
    join(s, nonces)
    speak(s, frames)


def join(s, nonces):
    nonce = s.next_nonce()
    nonces.append(nonce)
    # The keys of a session follow from its nonce.
    assert s.begin(s.join_nonce + 1, ADDR, (bytes([nonce]) * 16, APP))


def speak(s, frames):
    key = s.keys[0]
    down = s.down
    for _ in range(3):
        assert s.may_send()
        frames.append((key, s.up))
        s.up += 1
    s.heard(down + 2)
    assert s.down == down + 3
    s._plan.state += b"."
    s.keep()
