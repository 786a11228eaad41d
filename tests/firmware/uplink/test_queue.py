import os
import random

import flash

from kerb.system import store
from kerb.uplink.queue import ALARM, ROUTINE, STATE, Queue

DAY_S = 86400
HEAP = "4m"  # a flash chip in memory


class Store:
    """Keeps records in RAM, counts what a flash would have to write, and can fail."""

    def __init__(self):
        self.records = {}
        self.writes = 0
        self.broken = None

    def get(self, name):
        return self.records.get(name)

    def put(self, name, data):
        self.writes += 1
        if self.broken:
            return self.broken()
        self.records[name] = bytes(data)
        return True


def _refuses():
    return False


def _raises():
    raise MemoryError


def _drain(queue):
    payloads = []
    while queue.peek():
        event = queue.peek()
        payloads.append(event.payload)
        queue.take(event)
        queue.done(event)
    return payloads


def _after_reboot(store):
    return _drain(Queue(store=store))


def test_events_leave_by_priority_then_by_age():
    queue = Queue()
    for payload, priority in (
        (b"r1", ROUTINE),
        (b"s1", STATE),
        (b"r2", ROUTINE),
        (b"a1", ALARM),
        (b"s2", STATE),
        (b"a2", ALARM),
    ):
        assert queue.put(payload, priority, 0)
    assert len(queue) == 6
    assert _drain(queue) == [b"a1", b"a2", b"s1", b"s2", b"r1", b"r2"]
    assert queue.peek() is None and len(queue) == 0


def test_a_full_queue_drops_the_oldest_of_the_least_urgent_and_counts_it():
    queue = Queue(size=4)
    for payload, priority in ((b"r1", ROUTINE), (b"s1", STATE), (b"r2", ROUTINE), (b"a1", ALARM)):
        queue.put(payload, priority, 0)
    assert queue.put(b"r3", ROUTINE, 0)
    assert queue.dropped == [0, 0, 1]
    assert queue.put(b"s2", STATE, 0)
    assert queue.put(b"a2", ALARM, 0)
    assert queue.dropped == [0, 0, 3]
    assert not queue.put(b"r4", ROUTINE, 0)
    assert queue.put(b"s3", STATE, 0)
    assert queue.dropped == [0, 1, 4]
    assert _drain(queue) == [b"a1", b"a2", b"s2", b"s3"]


def test_an_alarm_is_never_dropped_for_something_less_urgent():
    queue = Queue(size=3)
    for i in range(3):
        queue.put(b"a%d" % i, ALARM, 0)
    for _ in range(100):
        assert not queue.put(b"s", STATE, 0)
        assert not queue.put(b"r", ROUTINE, 0)
    assert queue.dropped == [0, 100, 100]
    assert _drain(queue) == [b"a0", b"a1", b"a2"]


def test_an_alarm_too_many_takes_the_place_of_the_oldest_alarm():
    store = Store()
    queue = Queue(size=3, store=store)
    for i in range(5):
        assert queue.put(b"a%d" % i, ALARM, 0)
    assert queue.dropped == [2, 0, 0]
    assert _after_reboot(store) == [b"a2", b"a3", b"a4"]
    assert _drain(queue) == [b"a2", b"a3", b"a4"]


def test_the_payloads_together_stay_within_their_bytes():
    queue = Queue(max_bytes=100)
    for i in range(5):
        queue.put(bytes((i,)) * 20, ROUTINE, 0)
    assert queue.dropped == [0, 0, 0]
    queue.put(b"x", ROUTINE, 0)
    assert queue.dropped == [0, 0, 1]
    for i in range(5):
        queue.put(bytes((i,)) * 20, ROUTINE, 0)
    assert queue.dropped == [0, 0, 6]
    queue.put(b"x" * 50, STATE, 0)
    assert queue.dropped == [0, 0, 9]
    assert [len(payload) for payload in _drain(queue)] == [50, 20, 20]
    for i in range(5):
        assert queue.put(b"y" * 20, ROUTINE, 0)
    assert queue.dropped == [0, 0, 9]


def test_what_can_never_fit_is_dropped_alone():
    queue = Queue(max_bytes=100)
    queue.put(b"r", ROUTINE, 0)
    assert not queue.put(b"x" * 101, ALARM, 0)
    assert queue.dropped == [1, 0, 0]
    assert _drain(queue) == [b"r"]
    store = Store()
    queue = Queue(store=store)
    assert not queue.put(b"x" * 256, ALARM, 0)
    assert queue.put(b"x" * 255, ALARM, 0)
    assert _after_reboot(store) == [b"x" * 255]


def test_an_event_that_got_lost_on_its_way_waits_in_its_old_place():
    queue = Queue()
    events = []
    for i in range(4):
        queue.put(b"s%d" % i, STATE, 0)
    for _ in range(3):
        events.append(queue.peek())
        queue.take(events[-1])
    assert len(queue) == 1
    for i in (1, 2, 0):
        queue.back(events[i])
    assert _drain(queue) == [b"s0", b"s1", b"s2", b"s3"]
    queue = Queue(max_bytes=40)
    for payload in (b"x" * 20, b"y" * 20):
        queue.put(payload, STATE, 0)
    event = queue.peek()
    queue.take(event)
    queue.back(event)
    queue.put(b"z" * 20, STATE, 0)
    assert _drain(queue) == [b"y" * 20, b"z" * 20]


def test_an_alarm_is_in_the_store_before_put_returns():
    store = Store()
    queue = Queue(store=store)
    for i in range(3):
        queue.put(b"r", ROUTINE, i)
        queue.put(b"s", STATE, i)
        queue.put(b"a%d" % i, ALARM, i)
        assert not queue.unsaved
        assert _after_reboot(store) == [b"a%d" % n for n in range(i + 1)]
    assert store.writes == 3


def test_alarms_of_before_the_reboot_come_first_and_know_their_time():
    store = Store()
    queue = Queue(store=store)
    queue.put(b"old", ALARM, 5, (9822, 86399))
    queue.put(b"no clock", ALARM, 6)
    queue = Queue(store=store)
    queue.put(b"new", ALARM, 1, (9823, 10))
    found = []
    while queue.peek():
        event = queue.peek()
        queue.take(event)
        found.append((event.payload, event.uptime_s, event.wall))
    assert found == [
        (b"old", None, (9822, 86399)),
        (b"no clock", None, None),
        (b"new", 1, (9823, 10)),
    ]


def test_alarms_outlive_any_number_of_reboots():
    store = Store()
    for i in range(4):
        Queue(store=store).put(b"a%d" % i, ALARM, 0)
    assert _after_reboot(store) == [b"a0", b"a1", b"a2", b"a3"]
    queue = Queue(store=store)
    event = queue.peek()
    queue.take(event)
    queue.done(event)
    queue.flush(0)
    assert _after_reboot(store) == [b"a1", b"a2", b"a3"]


def test_alarms_come_back_from_files_and_from_the_one_that_is_left_of_two():
    queue = Queue(store=store.Store("data"))
    queue.put(b"a1", ALARM, 0, (9822, 1))
    queue.put(b"a2", ALARM, 0)
    assert _after_reboot(store.Store("data")) == [b"a1", b"a2"]
    os.remove("data/queue.1")
    assert _after_reboot(store.Store("data")) == [b"a1"]


def test_alarms_survive_a_power_cut_at_every_step_of_writing_them():
    for part_percent in (0, 50, 100):
        cut_at = 0
        while True:
            chip = flash.Flash(16)
            chip.mount("/queue_flash")
            saved = []

            def write():
                queue = Queue(store=store.Store("/queue_flash/data"))
                for i in range(3):
                    queue.put(b"alarm %d" % i, ALARM, 0)
                    if not queue.unsaved:
                        saved.append(b"alarm %d" % i)

            chip.cut_after(cut_at, part_percent)
            whole = chip.run(write)
            chip.remount()
            found = _after_reboot(store.Store("/queue_flash/data"))
            # What was being written when the power went may be there or not.
            assert found in (saved, saved + [b"alarm %d" % len(saved)]), (cut_at, found)
            chip.unmount()
            if whole:
                break
            cut_at += 1
        assert len(saved) == 3 and cut_at > 6


def test_an_alarm_on_its_way_stays_in_the_store_until_it_is_done():
    store = Store()
    queue = Queue(store=store)
    queue.put(b"a1", ALARM, 0)
    queue.put(b"a2", ALARM, 0)
    event = queue.peek()
    queue.take(event)
    queue.flush(0)
    assert _after_reboot(store) == [b"a1", b"a2"]
    queue.done(event)
    queue.flush(0)
    assert _after_reboot(store) == [b"a2"]
    _drain(queue)
    queue.flush(0)
    assert _after_reboot(store) == []


def test_an_alarm_that_the_store_cannot_take_still_waits_and_is_saved_later():
    for fault in (_refuses, _raises):
        store = Store()
        store.broken = fault
        queue = Queue(store=store)
        assert queue.put(b"a", ALARM, 0)
        assert queue.unsaved and queue.store_faults == 1
        queue.flush(1)
        assert queue.unsaved and queue.store_faults == 2
        store.broken = None
        queue.flush(2)
        assert not queue.unsaved
        assert _after_reboot(store) == [b"a"]
        assert _drain(queue) == [b"a"]


def test_without_news_nothing_is_written():
    store = Store()
    queue = Queue(store=store)
    assert not queue.unsaved
    queue.flush(0)
    assert store.writes == 0
    queue.put(b"a", ALARM, 0)
    for second in range(DAY_S):
        queue.flush(second)
    assert store.writes == 1


def test_a_storm_of_alarms_writes_no_more_than_the_flash_bears():
    store = Store()
    queue = Queue(size=8, store=store)
    for second in range(DAY_S):
        queue.put(b"%d" % second, ALARM, second)
        queue.flush(second)
        if second % 3 == 0:
            event = queue.peek()
            queue.take(event)
            queue.done(event)
    assert store.writes == 20 + (DAY_S - 1) // 300
    assert queue.unsaved
    queue.flush(DAY_S + 300)
    assert not queue.unsaved
    assert _after_reboot(store) == _drain(queue)


def test_the_flash_bears_a_broken_store_too():
    store = Store()
    store.broken = _refuses
    queue = Queue(store=store)
    queue.put(b"a", ALARM, 0)
    for second in range(3600):
        for _ in range(20):
            queue.flush(second)
    assert store.writes == 20 + 3599 // 300


def test_alarms_that_arrived_leave_half_of_the_writes_to_new_ones():
    store = Store()
    queue = Queue(store=store)
    for i in range(15):
        queue.put(b"a%d" % i, ALARM, 0)
        assert not queue.unsaved
        assert _after_reboot(store)[-1] == b"a%d" % i
        _drain(queue)
        queue.flush(0)
    assert store.writes == 20


def test_any_record_in_the_store_is_survived():
    random.seed(1)
    store = Store()
    for _ in range(1000):
        size = random.randint(0, 40)
        record = bytearray([random.getrandbits(8) for _ in range(size)])
        if size and random.randint(0, 1):
            record[0] = 1
        store.records["queue"] = bytes(record)
        for payload in _drain(Queue(store=store)):
            assert len(payload) <= size
    full = Queue(store=store)
    for i in range(5):
        full.put(b"alarm %d" % i, ALARM, 0)
    record = store.records["queue"]
    for cut in range(len(record)):
        store.records["queue"] = record[:cut]
        Queue(store=store)


def test_every_event_has_a_number_of_its_own():
    store = Store()
    Queue(store=store).put(b"a", ALARM, 0)
    queue = Queue(store=store)
    queue.put(b"s", STATE, 0)
    queue.put(b"r", ROUTINE, 0)
    numbers = []
    while queue.peek():
        numbers.append(queue.peek().seq)
        queue.take(queue.peek())
    assert numbers == [0, 1, 2]
