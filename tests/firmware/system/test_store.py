"""Records: whatever happens to a write, the old value is there or the new one."""

import builtins
import os
import struct
from binascii import crc32

from kerb.system import store as store_module
from kerb.system.store import Store
from support.raised import raised


class Flash:
    """Stands in for open(): the power goes, or the flash is full, after so many bytes written."""

    def __init__(self, bytes_left, error):
        self.bytes_left = bytes_left
        self.error = error
        self.written = 0

    def open(self, path, mode):
        f = builtins.open(path, mode)
        return _File(f, self) if "w" in mode else f


class PowerCut(BaseException):
    pass


class _File:
    def __init__(self, f, flash):
        self._f = f
        self._flash = flash

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self._f.close()

    def write(self, data):
        flash = self._flash
        part = data[: flash.bytes_left]
        self._f.write(part)
        flash.bytes_left -= len(part)
        flash.written += len(part)
        if len(part) < len(data):
            raise flash.error


def with_flash(flash, function, *args):
    store_module.open = flash.open
    try:
        return function(*args)
    finally:
        del store_module.open


def damage(path, at, flip=0x10):
    with open(path, "rb") as f:
        data = bytearray(f.read())
    data[at] ^= flip
    with open(path, "wb") as f:
        f.write(data)


def test_a_record_that_was_never_put_is_none():
    store = Store()
    assert store.get("boot") is None
    assert store.corrupt == 0
    assert os.listdir() == []


def test_what_was_put_last_is_got_also_after_a_restart():
    for round in range(5):
        assert Store().put("boot", b"value %d" % round) is True
        assert Store().get("boot") == b"value %d" % round
    assert sorted(os.listdir("data")) == ["boot.0", "boot.1"]


def test_records_are_apart_and_may_be_empty_or_large():
    store = Store("flash")
    large = bytes(range(256)) * 255
    assert store.put("a", b"")
    assert store.put("b", large)
    assert store.put("c", bytearray(b"c"))
    assert store.put("d", memoryview(b"dd"))
    assert [store.get(name) for name in "abcd"] == [b"", large, b"c", b"dd"]
    assert os.listdir() == ["flash"]


def test_a_power_cut_at_any_byte_of_a_write_leaves_the_old_value_or_the_new_one():
    store = Store()
    store.put("x", b"oldest")
    store.put("x", b"old value")
    new = b"the new value"
    cuts = 0
    for left in range(len(new) + 11):
        flash = Flash(left, PowerCut())
        try:
            with_flash(flash, store.put, "x", new)
        except PowerCut:
            cuts += 1
            assert Store().get("x") == b"old value", left
        else:
            assert Store().get("x") == new, left
    assert cuts == len(new) + 10


def test_writing_goes_on_after_a_power_cut_and_each_next_cut_is_survived():
    expected = b"0"
    Store().put("x", expected)
    for number in range(1, 40):
        data = b"%d" % number
        try:
            with_flash(Flash(number % 14, PowerCut()), Store().put, "x", data)
            expected = data
        except PowerCut:
            pass
        assert Store().get("x") == expected, number


def test_a_cut_in_the_very_first_write_leaves_no_value():
    for left in range(15):
        try:
            with_flash(Flash(left, PowerCut()), Store().put, "x", b"value")
        except PowerCut:
            assert Store().get("x") is None
    assert Store().put("x", b"value")
    assert Store().get("x") == b"value"


def test_a_full_flash_is_told_and_the_old_value_stays():
    store = Store()
    store.put("x", b"old")
    for left in range(13):
        assert with_flash(Flash(left, OSError(28)), store.put, "x", b"new") is False, left
        assert store.get("x") == b"old"
    assert store.failed == 13
    assert store.put("x", b"new") is True
    assert store.get("x") == b"new"


def test_a_flash_that_forgets_what_it_was_given_is_noticed_and_costs_no_value():
    class Worn(Flash):
        def open(self, path, mode):
            f = builtins.open(path, mode)
            if "w" in mode:
                f.write(b"worn")
                f.close()
                return _File(builtins.open("elsewhere", "wb"), self)
            return f

    store = Store()
    store.put("x", b"old")
    for _ in range(3):
        assert with_flash(Worn(1000, None), store.put, "x", b"new") is False
        assert store.get("x") == b"old"
    assert store.failed == 3


def test_one_flipped_bit_anywhere_in_a_slot_makes_way_for_the_other_slot():
    store = Store()
    store.put("x", b"old")
    store.put("x", b"new")
    for at in range(13):
        damage("data/x.1", at)
        assert store.get("x") == b"old", at
        damage("data/x.1", at)
    assert store.get("x") == b"new"
    assert store.corrupt == 0


def test_two_damaged_slots_are_no_value_and_counted():
    store = Store()
    store.put("x", b"old")
    store.put("x", b"new")
    damage("data/x.0", 3)
    damage("data/x.1", 12)
    assert store.get("x") is None
    assert store.corrupt == 1
    assert store.put("x", b"again")
    assert store.get("x") == b"again"


def test_erased_garbled_and_overlong_files_are_no_value():
    os.mkdir("data")
    for junk in (
        b"",
        b"\xff" * 64,
        b"\xff" * 10,
        bytes(64),
        bytes(10),
        b"x",
        b"text of some kind",
    ):
        for slot in "01":
            with open("data/x." + slot, "wb") as f:
                f.write(junk)
        assert Store().get("x") is None, junk
    store = Store()
    store.put("x", b"value")
    with open("data/x.0", "ab") as f:
        f.write(b"\x00")
    assert store.get("x") is None


def test_a_slot_whose_length_is_not_that_of_its_data_is_no_value():
    os.mkdir("data")
    for length, whole in ((2, False), (3, True), (4, False)):
        head = struct.pack("<IH", 1, length)
        with open("data/x.0", "wb") as f:
            f.write(head + struct.pack("<I", crc32(b"abc", crc32(head))) + b"abc")
        assert Store().get("x") == (b"abc" if whole else None), length


def test_a_folder_in_the_place_of_a_slot_costs_that_slot_and_no_exception():
    store = Store()
    os.mkdir("data")
    os.mkdir("data/x.0")
    assert store.get("x") is None
    assert store.corrupt == 1
    assert store.put("x", b"value") is False
    assert store.delete("x") is False
    assert store.failed == 2


def test_a_whole_slot_is_never_the_one_that_is_written():
    store = Store()
    store.put("x", b"1")
    store.put("x", b"2")
    damage("data/x.0", 0)
    raised(PowerCut, with_flash, Flash(5, PowerCut()), store.put, "x", b"3")
    assert store.get("x") == b"2"


def test_a_deleted_record_is_gone_and_a_cut_in_between_never_brings_an_older_value_back():
    removed = []

    class Os:
        def __getattr__(self, name):
            return getattr(os, name)

        def remove(self, path):
            if removed:
                raise PowerCut
            removed.append(path)
            os.remove(path)

    for puts in (2, 3):
        del removed[:]
        store = Store()
        for number in range(puts):
            store.put("x", b"%d" % number)
        store_module.os = Os()
        try:
            raised(PowerCut, store.delete, "x")
        finally:
            store_module.os = os
        assert store.get("x") == b"%d" % (puts - 1)
        assert store.delete("x") is True
        assert store.get("x") is None
        assert store.corrupt == 0
        assert os.listdir("data") == []
    assert store.delete("x") is True


def test_wrong_names_and_too_many_bytes_are_refused():
    store = Store()
    for name in ("", "A", "a.b", "../a", "a/b", "a b", "\xe9", "a" * 25):
        for function in (store.get, store.delete, lambda name: store.put(name, b"")):
            assert "allowed: 1 to 24 of a-z, 0-9, _" in str(raised(ValueError, function, name))
    error = raised(ValueError, store.put, "a", bytes(65536))
    assert str(error) == "store: a: 65536 bytes, allowed: 65535"
    assert store.put("a", bytes(65535))
    assert store.put("a" * 24, b"x")


def test_a_put_writes_ten_bytes_beside_its_data():
    flash = Flash(1000, None)
    with_flash(flash, Store().put, "x", bytes(100))
    assert flash.written == 110
