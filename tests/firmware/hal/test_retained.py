"""Numbers that outlive a reset: what was put there, or nothing."""

import board
import machine
import micropython
import world
from kerb.hal.retained import OUTPUT, TIME, Output, RtcMemory, Scratch
from kerb.hal.retained import Retained as Cells

_TOP = (1 << 24) - 1
_SCRATCH0 = 0x4005800C


class Esp32Rtc:
    """machine.RTC of an ESP32, for its memory(); one content for all objects, as there."""

    content = b""

    def memory(self, data=None):
        if data is None:
            return Esp32Rtc.content
        Esp32Rtc.content = bytes(data)


def with_esp32(fn):
    """fn() while machine.RTC is an ESP32's."""
    real, machine.RTC = machine.RTC, Esp32Rtc
    try:
        return fn()
    finally:
        machine.RTC = real


def test_what_was_put_is_there_after_every_reset_but_the_loss_of_power():
    for cause in world.CAUSES:
        here = world.World()
        board.retained().put(TIME, [1, _TOP, 86399])
        board.retained().put(OUTPUT, [300])
        here.reboot(cause)
        kept = board.retained()
        lost = cause in ("power_on", "brown_out")
        assert kept.get(TIME) == (None if lost else [1, _TOP, 86399]), cause
        assert kept.get(OUTPUT) == (None if lost else [300]), cause


def test_what_an_output_did_is_there_and_what_another_app_left_is_not():
    here = world.World()
    assert Output(board.retained(), 1000).get() is None
    for level in (0, 1, 700, 1000):
        Output(board.retained(), 1000).put(level)
        here.reboot("watchdog")
        assert Output(board.retained(), 1000).get() == level
    assert Output(board.retained(), 1).get() is None
    for flag in (True, False):
        Output(board.retained(), 1).put(flag)
        assert Output(board.retained(), 1).get() == flag


def test_a_fresh_board_has_nothing():
    world.World()
    assert board.retained().get(TIME) is None
    assert board.retained().get(OUTPUT) is None


def test_slots_do_not_touch_each_other_nor_the_registers_that_the_boot_rom_reads():
    here = world.World()
    cells = board.retained()
    for level in range(0, 1001, 50):
        cells.put(OUTPUT, [level])
        cells.put(TIME, [level * 7, level, 0])
        assert (cells.get(OUTPUT), cells.get(TIME)) == ([level], [level * 7, level, 0])
    assert sorted(here.scratch) == [0, 1, 2, 3]


def test_every_number_stays_a_small_int_on_a_board():
    here = world.World()
    for number in (0, 1, _TOP, _TOP - 1, 1 << 23):
        board.retained().put(TIME, [number] * 3)
        assert all(0 <= value < 1 << 30 for value in here.scratch.values())
        assert board.retained().get(TIME) == [number] * 3


def test_a_reset_in_the_middle_of_a_write_leaves_nothing_that_was_never_put():
    for cut in (1, 2):
        for step in range(500):
            here = world.World()
            old, new = (
                [step * 131 % 86400, 9800 + step, step],
                [step * 977 % 86400, 9801, 7 + step],
            )
            board.retained().put(TIME, old)
            before = dict(here.scratch)
            board.retained().put(TIME, new)
            for number in range(cut, 3):
                here.scratch[number] = before[number]
            assert board.retained().get(TIME) in (None, old, new), (cut, step)


def test_content_of_others_is_not_taken_for_ours():
    here = world.World()
    taken = 0
    value = 1
    for _ in range(2000):
        for number in range(4):
            value = value * 1103515245 + 12345 & 0x7FFFFFFF
            here.scratch[number] = value << 1 & 0xFFFFFFFF
        taken += board.retained().get(TIME) is not None
    assert taken == 0
    for value in (0, 0xFFFFFFFF, 0x3FFFFFFF, 0xB007C0D3, 0x6AB73121):
        for number in range(4):
            here.scratch[number] = value
        assert board.retained().get(TIME) is None, value
        assert board.retained().get(OUTPUT) is None, value


def test_the_registers_are_those_of_the_rp2040():
    here = world.World()
    cells = Scratch()
    for i in range(4):
        cells[i] = 100 + i
        assert machine.mem32[_SCRATCH0 + 4 * i] == 100 + i == here.scratch[i] == cells[i]


def test_the_virtual_board_has_no_other_memory_behind_mem32():
    world.World()
    for address in (0, _SCRATCH0 - 4, _SCRATCH0 + 2, _SCRATCH0 + 32):
        try:
            machine.mem32[address] = 1
            raise AssertionError("written at 0x%x" % address)
        except ValueError:
            pass


def test_the_memory_of_an_esp32_is_kept_through_a_reset():
    def check():
        here = world.World()
        Esp32Rtc.content = b""
        Cells(RtcMemory()).put(TIME, [5, 6, 7])
        Cells(RtcMemory()).put(OUTPUT, [1])
        assert Cells(RtcMemory()).get(OUTPUT) is None, "power-on: it may be old"
        here.reboot("watchdog")
        cells = Cells(RtcMemory())
        assert cells.get(OUTPUT) == [1]
        cells.put(OUTPUT, [999])
        assert Cells(RtcMemory()).get(OUTPUT) == [999]
        for foreign in (b"", b"x" * 5, b"\xff" * 16, bytes(2048)):
            Esp32Rtc.content = foreign
            assert Cells(RtcMemory()).get(OUTPUT) is None

    with_esp32(check)


def test_a_put_allocates_nothing():
    cells = Cells([0, 0, 0, 0])
    numbers = [_TOP, _TOP, _TOP]
    micropython.heap_lock()
    try:
        cells.put(TIME, numbers)
    finally:
        micropython.heap_unlock()
    assert cells.get(TIME) == numbers
