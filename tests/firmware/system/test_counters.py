"""Totals outlive a power cut, and wear the flash no more than they say."""

from flash import Flash
from kerb.system.counters import EVERY_S, Counters
from kerb.system.store import Store

# A chip in memory.
HEAP = "8m"
TEN_YEARS_S = 10 * 365 * 86400
ENDURANCE = 100000


class CountedFlash(Flash):
    """Knows how often each block was erased."""

    def __init__(self, blocks):
        super().__init__(blocks)
        self.erases = [0] * blocks

    def erase(self, block):
        self.erases[block] += 1
        super().erase(block)


def test_they_begin_at_zero_and_say_so():
    counters = Counters(Store(), "energy", 3)
    assert counters.values == [0, 0, 0]
    assert not counters.restored


def test_they_are_written_once_in_their_time_and_only_when_changed():
    store = Store()
    counters = Counters(store, "energy", 2)
    written = []
    for second in range(4 * EVERY_S):
        if second < 2 * EVERY_S:
            counters.values[0] += 1
        if counters.keep(1000 + second):
            written.append(second)
    assert written == [EVERY_S, 2 * EVERY_S]
    again = Counters(Store(), "energy", 2)
    assert again.restored
    assert again.values == [2 * EVERY_S, 0]


def test_saving_before_a_known_end_loses_nothing():
    counters = Counters(Store(), "energy", 1)
    counters.values[0] = 0xFFFFFFFF
    assert counters.save()
    assert not counters.save()
    assert Counters(Store(), "energy", 1).values == [0xFFFFFFFF]


def test_a_record_of_another_shape_is_not_taken():
    Store().put("energy", b"of other firmware")
    assert not Counters(Store(), "energy", 3).restored


def test_flash_that_refuses_is_asked_again_in_its_time_and_costs_no_exception():
    class Refusing(Store):
        refuses = True
        asked = 0

        def put(self, name, data):
            self.asked += 1
            return False if self.refuses else super().put(name, data)

    store = Refusing()
    counters = Counters(store, "energy", 1)
    for second in range(3 * EVERY_S + 1):
        counters.values[0] += 1
        counters.keep(second)
    assert store.asked == 3
    store.refuses = False
    assert counters.keep(4 * EVERY_S)
    assert Counters(Store(), "energy", 1).values == counters.values


def test_power_cut_in_any_flash_operation_costs_at_most_what_is_stated():
    flash = Flash(16)
    flash.mount("/flash")
    try:
        counted = 0
        for cut in range(60):
            counters = Counters(Store("/flash/data"), "energy", 2)
            assert counted - EVERY_S <= counters.values[0] <= counted, cut
            assert counters.values[1] == counters.values[0] // 7
            counted = counters.values[0]

            def count(counters=counters):
                for second in range(0, 5 * EVERY_S, 50):
                    counters.keep(second)
                    counters.values[0] += 50
                    counters.values[1] = counters.values[0] // 7

            flash.cut_after(cut % 9, cut * 37 % 101)
            assert flash.run(count) or True
            counted = counters.values[0]
            flash.remount()
    finally:
        flash.unmount()


def test_ten_years_of_counting_wear_no_block_beyond_a_twentieth_of_what_it_bears():
    flash = CountedFlash(32)
    flash.mount("/flash")
    try:
        store = Store("/flash/data")
        for name in ("boots", "clock", "schedule"):
            store.put(name, bytes(30))
        counters = Counters(store, "energy", 3)
        before = sum(flash.erases)
        writes = 4000
        for n in range(writes):
            counters.values[0] += 5
            counters.values[1] = n * 997 % 3600000
            counters.values[2] += EVERY_S
            assert counters.keep(n * EVERY_S) or not n
        erases = sum(flash.erases) - before
        # littlefs has moved on to other blocks by itself: no block takes it all.
        assert max(flash.erases) < erases / 2
        in_ten_years = erases * (TEN_YEARS_S // EVERY_S) // writes
        assert in_ten_years // len(flash.erases) < ENDURANCE // 20, in_ten_years
    finally:
        flash.unmount()
