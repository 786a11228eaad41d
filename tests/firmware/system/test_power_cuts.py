"""On littlefs itself: the power goes in every single flash operation, and nothing old is lost."""

import json
import os

from flash import Flash
from kerb.system.clock import Clock
from kerb.system.config import load, save
from kerb.system.schema import Int, Str
from kerb.system.store import Store

# A chip in memory, and what each cut leaves of it.
HEAP = "8m"

SCHEMA = {"name": Str(1, 2000), "n": Int(0, 9)}
SECONDS = 86400


def in_every_operation(prepare, act, check):
    """Whatever prepare() left, act() is cut in its every flash operation; then check(done)."""
    for part_percent in (0, 40, 100):
        cut_at = 0
        done = False
        while not done:
            flash = Flash(16)
            flash.mount("/flash")
            try:
                prepare()
                flash.cut_after(cut_at, part_percent)
                done = flash.run(act)
                flash.remount()
                check(done)
            finally:
                flash.unmount()
            cut_at += 1
        assert cut_at > 1, "there was something to cut"


def test_a_record_has_its_old_value_or_its_new_one():
    for old in (b"", b"old", b"o" * 700):
        for new in (b"new", b"n" * 1500):

            def prepare(old=old):
                Store("/flash/data").put("x", b"older")
                Store("/flash/data").put("x", old)

            def check(done, old=old, new=new):
                store = Store("/flash/data")
                value = store.get("x")
                assert value == new if done else value in (old, new), value
                assert store.corrupt == 0
                assert store.put("x", b"next")
                assert store.get("x") == b"next"

            in_every_operation(prepare, lambda new=new: Store("/flash/data").put("x", new), check)


def test_the_first_record_of_a_device_is_there_or_not():
    def check(done):
        value = Store("/flash/data").get("x")
        assert value == b"first" if done else value in (None, b"first"), value

    in_every_operation(lambda: None, lambda: Store("/flash/data").put("x", b"first"), check)


def test_a_deleted_record_is_there_as_it_was_or_gone():
    def prepare():
        Store("/flash/data").put("x", b"older")
        Store("/flash/data").put("x", b"old")

    def check(done):
        value = Store("/flash/data").get("x")
        assert value is None if done else value in (None, b"old"), value

    in_every_operation(prepare, lambda: Store("/flash/data").delete("x"), check)


def test_one_record_is_not_harmed_by_a_cut_in_another():
    def prepare():
        Store("/flash/data").put("x", b"x")
        Store("/flash/data").put("y", b"y")

    def check(done):
        assert Store("/flash/data").get("x") == b"x"

    in_every_operation(prepare, lambda: Store("/flash/data").put("y", b"z" * 600), check)


def test_a_saved_config_is_the_old_document_or_the_new_one():
    old = {"name": "old", "n": 1}
    new = {"name": "n" * 1000, "n": 2}

    def prepare():
        save("/flash/config.json", old)
        load("/flash/config.json", SCHEMA)

    def check(done):
        document, errors = load("/flash/config.json", SCHEMA)
        assert document == new if done else document in (old, new), document
        assert errors == []

    in_every_operation(prepare, lambda: save("/flash/config.json", new), check)


def test_a_cut_while_the_last_good_config_is_kept_costs_neither_copy():
    old = {"name": "old", "n": 1}
    new = {"name": "new", "n": 2}

    def prepare():
        save("/flash/config.json", old)
        load("/flash/config.json", SCHEMA)
        save("/flash/config.json", new)

    def check(done):
        assert load("/flash/config.json", SCHEMA) == (new, [])
        with open("/flash/config.json", "w") as f:
            f.write(json.dumps(new)[:-1])
        assert load("/flash/config.json", SCHEMA)[0] == new

    in_every_operation(prepare, lambda: load("/flash/config.json", SCHEMA), check)


def test_a_config_that_somebody_else_was_writing_falls_back_to_the_last_good_one():
    old = {"name": "old", "n": 1}
    new = {"name": "n" * 1000, "n": 2}

    def prepare():
        save("/flash/config.json", old)
        load("/flash/config.json", SCHEMA)

    def copy():
        with open("/flash/config.json", "w") as f:
            for c in json.dumps(new):
                f.write(c)

    def check(done):
        assert load("/flash/config.json", SCHEMA)[0] in (old, new)

    in_every_operation(prepare, copy, check)


def test_a_clock_that_is_cut_while_it_is_set_knows_its_age_or_the_one_before():
    class Rtc:
        def read(self):
            return (9830, 0)

        def write(self, day, second):
            pass

    def check(done):
        age_s = Clock(Rtc(), Store("/flash/data")).age_s()
        assert age_s == 10 * SECONDS if done else age_s in (10 * SECONDS, 30 * SECONDS), age_s

    in_every_operation(
        lambda: Clock(Rtc(), Store("/flash/data")).set(9800, 0, "network"),
        lambda: Clock(Rtc(), Store("/flash/data")).set(9820, 0, "network"),
        check,
    )


def test_hundreds_of_cuts_in_a_row_lose_nothing_that_was_written():
    flash = Flash(16)
    flash.mount("/flash")
    try:
        value = None
        for number in range(300):
            new = b"%d" % number * (number % 50 + 1)
            flash.cut_after(number % 7, number * 37 % 101)
            results = []
            done = flash.run(lambda new=new, results=results: results.append(put(new)))
            flash.remount()
            found = Store("/flash/data").get("x")
            if done:
                assert results == [True]
                assert found == new
            assert found in (value, new), number
            value = found
        assert value is not None
    finally:
        flash.unmount()


def put(data):
    return Store("/flash/data").put("x", data)


def test_a_full_flash_refuses_the_new_value_and_keeps_the_old_one():
    flash = Flash(16)
    flash.mount("/flash")
    try:
        store = Store("/flash/data")
        assert store.put("x", b"old")
        with open("/flash/filler", "wb") as f:
            try:
                while True:
                    f.write(bytes(512))
                    f.flush()
            except OSError:
                pass
        assert store.put("x", b"n" * 5000) is False
        assert store.failed == 1
        assert store.get("x") == b"old"
        os.remove("/flash/filler")
        assert store.put("x", b"n" * 5000)
        assert store.get("x") == b"n" * 5000
    finally:
        flash.unmount()
