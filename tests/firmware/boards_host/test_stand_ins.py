"""What firmware takes for granted is there: by itself on MicroPython, by stand-ins on CPython."""

import asyncio
import gc
import io
import sys
import time

import micropython
import world
from micropython import const
from support.raised import raised

_ANSWER = const(42)


def test_const_gives_its_value():
    assert _ANSWER == 42


def test_old_module_names_are_there():
    import ubinascii
    import uerrno
    import usocket
    import ustruct

    assert ubinascii.hexlify(b"\x01") == b"01"
    assert ustruct.unpack(">H", b"\x01\x02") == (258,)
    assert uerrno.ENOENT == 2
    assert usocket.AF_INET


def test_scheduled_calls_come_soon_with_their_argument():
    world.World()
    seen = []
    micropython.schedule(seen.append, 5)
    time.sleep_ms(1)
    assert seen == [5]


def test_a_scheduled_call_that_schedules_itself_does_not_hold_up_the_rest():
    world.World()
    count = [0]

    def again(arg):
        count[0] += 1
        if count[0] < 1000:
            micropython.schedule(again, arg)

    micropython.schedule(again, None)
    at_once = count[0]
    time.sleep_ms(1)
    assert at_once < 1000
    assert count[0] >= 1


async def test_a_flag_that_is_set_before_it_is_waited_for_does_not_wait():
    flag = asyncio.ThreadSafeFlag()
    flag.set()
    await flag.wait()
    flag.set()
    flag.clear()
    try:
        await asyncio.wait_for_ms(flag.wait(), 10)
        raise AssertionError("a cleared flag was seen")
    except asyncio.TimeoutError:
        pass
    flag.set()
    await asyncio.wait_for_ms(flag.wait(), 10)


def test_an_exception_can_be_printed_to_a_stream():
    text = io.StringIO()
    sys.print_exception(raised(ValueError, int, "x"), text)
    assert "ValueError" in text.getvalue()


def test_the_heap_can_be_asked_about():
    gc.collect()
    assert gc.mem_free() > 0
    assert gc.mem_alloc() > 0
    gc.threshold(8192)
    gc.threshold(-1)


async def test_negative_sleeps_are_none():
    here = world.current()
    await asyncio.sleep_ms(-5)
    time.sleep_ms(-5)
    time.sleep_us(0)
    assert here.now_us() == 0
