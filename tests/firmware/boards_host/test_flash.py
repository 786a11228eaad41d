import gc
import os

from flash import BLOCK, PAGE, Flash, PowerCut
from support.raised import raised

OLD = bytes(range(200))
NEW = bytes(range(255, 0, -1)) * 8


def mounted(blocks=32):
    flash = Flash(blocks)
    flash.mount("/chip")
    return flash


def write(name, data):
    with open(name, "wb") as f:
        f.write(data)


def read(name):
    with open(name, "rb") as f:
        return f.read()


def test_files_live_on_the_chip_and_survive_a_remount():
    flash = mounted()
    try:
        os.mkdir("/chip/data")
        write("/chip/data/a", OLD)
        with open("/chip/text", "w") as f:
            f.write("one\ntwo\n")
        before = flash.operations
        assert before > 0
        flash.remount()
        assert read("/chip/data/a") == OLD
        with open("/chip/text") as f:
            assert f.read() == "one\ntwo\n"
        assert sorted(os.listdir("/chip")) == ["data", "text"]
        assert os.stat("/chip/data/a")[6] == 200
        with open("/chip/text", "a") as f:
            f.write("three")
        with open("/chip/text") as f:
            assert list(f) == ["one\n", "two\n", "three"]
    finally:
        flash.unmount()


def test_what_is_not_there_is_an_os_error():
    flash = mounted()
    try:
        assert raised(OSError, open, "/chip/none", "rb").errno == 2
        assert raised(OSError, os.remove, "/chip/none").errno == 2
        assert raised(OSError, os.stat, "/chip/none").errno == 2
        os.mkdir("/chip/data")
        assert raised(OSError, os.mkdir, "/chip/data").errno == 17
        write("/chip/data/a", OLD)
        raised(OSError, os.rmdir, "/chip/data")
        os.remove("/chip/data/a")
        os.rmdir("/chip/data")
        assert os.listdir("/chip") == []
    finally:
        flash.unmount()


def test_relative_paths_work_in_the_working_directory_of_the_chip():
    before = os.getcwd()
    flash = mounted()
    try:
        os.chdir("/chip")
        os.mkdir("data")
        write("data/a", OLD)
        assert read("/chip/data/a") == OLD
        os.rename("data/a", "data/b")
        assert os.listdir("data") == ["b"]
        assert os.getcwd() == "/chip"
    finally:
        os.chdir(before)
        flash.unmount()
    assert os.getcwd() == before


def test_other_files_are_left_alone():
    write("real", OLD)
    flash = mounted()
    try:
        assert read("real") == OLD
        write("real", NEW)
    finally:
        flash.unmount()
    assert read("real") == NEW
    os.remove("real")


def test_unmounting_gives_open_and_the_rest_back():
    before = (open, os.stat, os.rename, os.listdir)
    flash = mounted()
    flash.unmount()
    assert (open, os.stat, os.rename, os.listdir) == before
    assert raised(OSError, open, "/chip/a", "rb").errno == 2


def test_a_file_that_was_open_when_the_power_went_writes_nothing_afterwards():
    flash = mounted()
    try:
        write("/chip/config", OLD)
        held = [open("/chip/config", "r+b")]
        held[0].write(NEW[:100])
        flash.remount()  # the power went while nothing was going on
        operations = flash.operations
        held.clear()
        gc.collect()
        assert flash.operations == operations
        flash.remount()
        assert read("/chip/config") == OLD
    finally:
        flash.unmount()


def test_a_full_chip_says_so():
    flash = mounted(blocks=8)
    try:
        exc = raised(OSError, write, "/chip/big", bytes(8 * BLOCK))
        assert exc.errno == 28
    finally:
        flash.unmount()


def test_programming_only_clears_bits_and_erasing_sets_them():
    flash = Flash(2)
    flash.program(0, 0, b"\x0f")
    flash.program(0, 0, b"\xf1")
    assert flash.data[0] == 0x01
    flash.erase(0)
    assert flash.data[0] == 0xFF
    assert flash.operations == 3


def test_a_cut_leaves_part_of_the_operation_done_and_the_chip_dead():
    flash = Flash(2)
    flash.cut_after(2, part_percent=25)
    raised(PowerCut, flash.program, 0, 0, bytes(4 * PAGE))
    assert flash.data.count(b"\x00") == 2 * PAGE + PAGE // 4
    assert not flash.powered
    raised(PowerCut, flash.erase, 0)
    raised(PowerCut, flash.read, 0, 0, 1)
    flash.powered = True
    flash.cut_after(0, part_percent=50)
    raised(PowerCut, flash.erase, 0)
    assert flash.data[: BLOCK // 2].count(b"\x00") == 0


def test_a_board_whose_power_went_writes_no_more_even_if_it_runs_on():
    flash = mounted()
    write("/chip/a", OLD)

    def save():
        try:
            write("/chip/a", NEW)
        except Exception:
            pass
        os.rename("/chip/a", "/chip/b")

    try:
        flash.cut_after(1)
        assert not flash.run(save)
        flash.remount()
        assert os.listdir("/chip") == ["a"]
        write("/chip/a", NEW)
        assert read("/chip/a") == NEW
    finally:
        flash.unmount()


def replace():
    write("/chip/config.new", NEW)
    os.rename("/chip/config.new", "/chip/config")


def cuts_of(change, part_percent):
    """Runs change() with the power cut at its first, second, ... operation; yields after each."""
    operations = 0
    while True:
        flash = mounted()
        write("/chip/config", OLD)
        flash.cut_after(operations, part_percent)
        if flash.run(change):
            flash.unmount()
            return
        flash.remount()
        yield operations
        # What was open in the cut must do no harm when it is collected.
        gc.collect()
        flash.remount()
        yield operations
        flash.unmount()
        operations += 1


def test_run_tells_the_end_from_a_cut_and_lets_errors_out():
    flash = mounted()
    try:
        assert flash.run(write, "/chip/a", OLD)
        raised(OSError, flash.run, os.remove, "/chip/none")
        flash.cut_after(0)
        assert not flash.run(write, "/chip/a", NEW)
    finally:
        flash.unmount()


def test_a_file_that_is_written_anew_and_renamed_is_old_or_new_at_every_cut():
    for part_percent in (0, 30, 100):
        seen = []
        last = -1
        for last in cuts_of(replace, part_percent):
            content = read("/chip/config")
            assert content == OLD or content == NEW, last
            seen.append(content)
        assert last > 8
        assert seen[0] == OLD
        if part_percent == 100:
            assert seen[-1] == NEW


def test_a_file_that_is_written_in_place_is_not_safe_and_the_cut_shows_it():
    def in_place():
        with open("/chip/config", "r+b") as f:
            f.write(NEW[:100])
            f.flush()
            f.write(NEW[100:])

    contents = [read("/chip/config") for _ in cuts_of(in_place, 50)]
    assert any(content not in (OLD, NEW) for content in contents)
