"""Boots are counted; three early crashes in a row mean safe mode, and nothing else does."""

from kerb.system.boots import Boots
from kerb.system.store import Store


class Memory:
    def __init__(self):
        self.record = None
        self.puts = 0

    def get(self, name):
        return self.record

    def put(self, name, data):
        self.puts += 1
        self.record = data
        return True


def safe_modes(store, causes):
    return [Boots(store, cause).safe_mode for cause in causes]


def test_boots_are_counted_from_one():
    assert [Boots(Store(), "power_on").count for _ in range(5)] == [1, 2, 3, 4, 5]


def test_the_fourth_boot_is_in_safe_mode_after_three_that_crashed_early():
    for cause in ("watchdog", "soft", "hard", "unknown"):
        store = Memory()
        assert safe_modes(store, ["power_on"] + [cause] * 5) == [False] * 3 + [True] * 3, cause


def test_the_first_boot_of_a_device_is_no_crash_whatever_started_it():
    assert safe_modes(Memory(), ["watchdog"] * 4) == [False, False, False, True]


def test_a_boot_that_was_healthy_did_not_crash_early():
    store = Memory()
    for _ in range(10):
        boots = Boots(store, "watchdog")
        assert not boots.safe_mode
        boots.healthy()


def test_health_in_between_starts_the_count_anew_and_ends_safe_mode_at_the_next_boot():
    store = Memory()
    safe_modes(store, ["power_on", "watchdog"])
    Boots(store, "watchdog").healthy()
    assert safe_modes(store, ["watchdog"] * 4) == [False, False, False, True]
    boots = Boots(store, "watchdog")
    boots.healthy()
    assert boots.safe_mode, "this boot stays what it is"
    assert safe_modes(store, ["watchdog"]) == [False]


def test_a_power_cut_is_no_crash_and_starts_the_count_anew():
    for cause in ("power_on", "brown_out", "deep_sleep"):
        store = Memory()
        assert safe_modes(store, [cause] * 10) == [False] * 10
        causes = ["watchdog", "watchdog", cause, "watchdog", "watchdog", "watchdog"]
        assert safe_modes(store, causes) == [False] * 5 + [True], cause


def test_a_deliberate_reset_is_no_crash_and_starts_the_count_anew():
    store = Memory()
    for _ in range(10):
        boots = Boots(store, "soft")
        assert not boots.safe_mode
        boots.end("update", True)
    safe_modes(store, ["watchdog"] * 3)
    assert Boots(store, "watchdog").safe_mode
    boots.end("update", True)
    assert not Boots(store, "soft").safe_mode


def test_an_early_end_with_a_reason_is_a_crash_and_a_late_one_is_not():
    store = Memory()
    for number in range(5):
        boots = Boots(store, "soft")
        assert boots.safe_mode == (number >= 3)
        boots.end("OSError", False)
    for _ in range(5):
        boots = Boots(store, "soft")
        boots.healthy()
        boots.end("OSError", False)
    assert not boots.safe_mode


def test_the_reason_of_the_last_end_is_told_once():
    store = Memory()
    boots = Boots(store, "power_on")
    assert boots.last_end == ""
    boots.end("late: uplink", False)
    assert Boots(store, "watchdog").last_end == "late: uplink"
    assert Boots(store, "watchdog").last_end == ""


def test_any_reason_can_be_stored_and_is_cut_to_plain_text():
    store = Memory()
    Boots(store, "power_on").end("~caf\xe9 \n" + "x" * 300, False)
    assert Boots(store, "watchdog").last_end == "~caf? ?" + "x" * 53


def test_a_healthy_boot_writes_twice():
    store = Memory()
    for boot in range(1, 4):
        Boots(store, "watchdog").healthy()
        assert store.puts == 2 * boot
    assert len(store.record) == 6


def test_more_crashes_than_the_record_can_count_stay_a_crash_loop():
    assert all(safe_modes(Memory(), ["watchdog"] * 600)[3:])


def test_a_record_that_is_gone_or_damaged_starts_anew():
    for record in (None, b"", b"\x01", b"12345"):
        store = Memory()
        store.record = record
        boots = Boots(store, "watchdog")
        assert (boots.count, boots.safe_mode, boots.last_end) == (1, False, ""), record
