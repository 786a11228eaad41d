"""The serial line of a virtual board: Ctrl-C, the cable, and listeners of all kinds."""

import os
import select
import signal
import time

import pytest
import serial
from support.terminal import Terminal

from host_tools.vboard import line


_MAIN = """\
import asyncio
from machine import Pin, reset_cause
async def main():
    print("cause", reset_cause())
    Pin(3, Pin.OUT).on()
    while True:
        await asyncio.sleep(60)
try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("interrupted")
"""


def test_ctrl_c_interrupts_asyncio_a_sleep_and_a_busy_loop(terminal):
    for program in (
        b"import asyncio; asyncio.run(asyncio.Event().wait())",
        b"import time; time.sleep(60)",
        b"exec('while True: pass')",
        b"import select, sys; select.poll().poll()",
    ):
        terminal.type(program + b"\r")
        terminal.until(program + b"\r\n")
        terminal.type(b"\x03")
        assert terminal.until(b">>> ", 2).endswith(b"KeyboardInterrupt: \r\n>>> ")


@pytest.mark.parametrize("wait", ["await asyncio.sleep_ms(1)", "time.sleep_ms(1)"])
def test_ctrl_c_finds_a_program_where_it_waits(flashed, wait_for, wait):
    board = flashed(
        "import asyncio, time\n"
        "from machine import Pin\n"
        "async def main():\n"
        "    global is_busy\n"
        "    while True:\n"
        "        is_busy = True\n"
        "        begin = time.ticks_ms()\n"
        "        while time.ticks_diff(time.ticks_ms(), begin) < 20: pass\n"
        "        is_busy = False\n"
        "        {}\n"
        "Pin(3, Pin.OUT).on()\n"
        "try:\n"
        "    asyncio.run(main())\n"
        "except KeyboardInterrupt:\n"
        "    print('is_busy:', is_busy)\n".format(wait)
    )
    wait_for(lambda: board.pins.get(3) == 1)
    with Terminal(board.port) as terminal:
        for _ in range(3):  # again and again, in one process
            time.sleep(0.1)
            terminal.type(b"\x03")
            assert b"is_busy: False\r\n" in terminal.until(b">>> ")
            terminal.type(b"exec(open('main.py').read())\r")
            terminal.until(b"\r\n")


def test_ctrl_c_leads_to_the_prompt_even_out_of_a_garbage_collection(flashed, wait_for):
    board = flashed(
        "import gc\n"
        "from machine import Pin\n"
        "x = [[i] for i in range(2000)]\n"
        "Pin(3, Pin.OUT).on()\n"
        "while True: gc.collect()\n"
    )
    with Terminal(board.port) as terminal:
        for _ in range(5):
            wait_for(lambda: board.pins.get(3) == 1)
            terminal.type(b"\x03")
            try:
                terminal.until(b">>> ", 2)
            except AssertionError:  # it hangs
                terminal.type(b"\x03")
                terminal.until(b">>> ", 2)
            assert terminal.ask(b"6 * 7") == b"42"
            terminal.type(b"\x04")
            wait_for(lambda: board.pins.get(3) is None)
    assert "MicroPython died of Ctrl-C, starts anew at its prompt" in board.notes


def test_ctrl_c_pressed_many_times_counts_once(flashed, wait_for):
    board = flashed(
        "import time\n"
        "from machine import Pin\n"
        "Pin(3, Pin.OUT).on()\n"
        "try:\n"
        "    while True: pass\n"
        "except KeyboardInterrupt:\n"
        "    begin = time.ticks_ms()\n"
        "    while time.ticks_diff(time.ticks_ms(), begin) < 300: pass\n"
        "    print('cleaned up')\n"
    )
    wait_for(lambda: board.pins.get(3) == 1)
    with Terminal(board.port) as terminal:
        for _ in range(9):
            terminal.type(b"\x03")
            time.sleep(0.002)
        assert terminal.until(b">>> ").startswith(b"cleaned up\r\n")
    assert board.boots == 1


def test_ctrl_c_that_a_program_did_not_hear_is_not_kept_for_the_next(terminal):
    terminal.ask(b"import time", b">>> ")
    program = b"t = time.ticks_ms(); exec('while time.ticks_diff(time.ticks_ms(), t) < 150: pass')"
    terminal.type(program + b"\r")
    terminal.until(program + b"\r\n")
    time.sleep(0.05)
    terminal.type(b"\x03")
    terminal.until(b">>> ")
    assert terminal.ask(b"time.sleep_ms(500)", b">>> ") == b""


def test_ctrl_c_that_one_life_did_not_hear_is_not_kept_for_the_next(flashed, wait_for):
    board = flashed(
        "import asyncio, time\n"
        "from machine import Pin, WDT, reset_cause\n"
        "if reset_cause() != 3:\n"
        "    WDT(timeout=500)\n"
        "    Pin(3, Pin.OUT).on()\n"
        "    while True: pass\n"
        "time.sleep_ms(300)\n"
        "Pin(4, Pin.OUT).on()\n"
    )
    wait_for(lambda: board.pins.get(3) == 1)
    with Terminal(board.port) as terminal:
        os.kill(board.pid, signal.SIGSTOP)  # it hears nothing until the watchdog bites
        terminal.type(b"\x03")
        wait_for(lambda: board.pins.get(4) == 1, 5)
    assert board.cause == "watchdog"


def test_ctrl_c_that_comes_while_the_board_starts_is_not_lost(flashed, wait_for):
    board = flashed(_MAIN)
    wait_for(lambda: board.pins.get(3) == 1)
    with Terminal(board.port) as terminal:
        terminal.prompt()
        for pause_s in (0, 0.01, 0.02, 0.03, 0.04, 0.05):
            terminal.type(b"\x04")
            time.sleep(pause_s)
            terminal.type(b"\x03")
            terminal.until(b"\r\n>>> ", 3)


def test_ctrl_c_is_a_byte_like_others_while_a_program_asks_for_that(terminal):
    terminal.type(
        b"import micropython, sys; micropython.kbd_intr(-1); print('go');"
        b"data = sys.stdin.buffer.read(4); sys.stdout.buffer.write(data);"
        b"micropython.kbd_intr(3)\r"
    )
    terminal.until(b"(3)\r\ngo\n")
    terminal.type(b"\x01\x03\n\x04")
    assert terminal.until(b">>> ").startswith(b"\x01\x03\n\x04")


def test_a_pulled_cable_is_an_error_at_once_and_the_board_goes_on(flashed, wait_for):
    board = flashed(_MAIN)
    wait_for(lambda: board.pins.get(3) == 1)
    boots = board.boots
    with serial.Serial(board.port, timeout=5) as port:
        board.pull()
        with pytest.raises(OSError):
            port.read(1)
    assert not os.path.lexists(board.port)
    board.plug()
    assert board.boots == boots
    with Terminal(board.port) as terminal:
        terminal.type(b"\x03")
        assert terminal.until(b">>> ").startswith(b"interrupted\r\n")


def test_a_board_that_nobody_listens_to_is_not_held_up(flashed, wait_for, monkeypatch):
    monkeypatch.setattr(line, "_PATIENCE_S", 0.3)
    board = flashed(
        "from machine import Pin\n"
        "for n in range(40): print(n, 'x' * 4000)\n"
        "Pin(3, Pin.OUT).on()\n"
        "print('the end')"
    )
    wait_for(lambda: board.pins.get(3) == 1, 10)
    port = os.open(board.port, os.O_RDONLY | os.O_NOCTTY)
    said = b""
    while not said.endswith(b">>> "):  # the latest is kept
        said += os.read(port, 10000)
    os.close(port)
    assert len(said) < 40000


def test_a_slow_listener_gets_every_byte(terminal):
    terminal.ask(b"text = 'x' * 99 + '\\n'", b">>> ")
    terminal.type(b"for n in range(800): print(n, text, end='')\r\r")
    terminal.until(b"... \r\n")
    time.sleep(0.3)
    said = terminal.until(b">>> ", 60)
    assert said.count(b"x") == 800 * 99


def _read_slowly(port, pause_s):
    """All bytes up to the prompt, in small pieces."""
    said = b""
    while not said.endswith(b">>> "):
        time.sleep(pause_s)
        said += os.read(port, 4096)
    return said


def test_a_listener_that_comes_late_and_only_listens_is_waited_for(flashed, wait_for):
    board = flashed(
        "import time\n"
        "from machine import Pin\n"
        "for n in range(40): print('x' * 4000)\n"
        "Pin(3, Pin.OUT).on()\n"
        "time.sleep_ms(500)\n"
        "for n in range(400): print('z' * 99)\n"
    )
    wait_for(lambda: board.pins.get(3) == 1)
    port = os.open(board.port, os.O_RDONLY | os.O_NOCTTY)
    os.read(port, 1 << 20)
    said = _read_slowly(port, 0.02)
    os.close(port)
    assert said.count(b"z") == 400 * 99


def test_who_types_is_waited_for(flashed, wait_for):
    board = flashed(
        "from machine import Pin\nfor n in range(40): print('x' * 4000)\nPin(3, Pin.OUT).on()\n"
    )
    wait_for(lambda: board.pins.get(3) == 1)
    port = os.open(board.port, os.O_RDWR | os.O_NOCTTY)
    time.sleep(0.2)
    os.write(port, b"exec('for n in range(400): print(chr(122) * 99)')\r")
    time.sleep(0.5)
    said = b""
    while select.select([port], [], [], 3)[0]:
        said += os.read(port, 4096)
        if said.endswith(b"z\r\n>>> "):
            break
    os.close(port)
    assert said.count(b"z") == 400 * 99


def test_a_listener_that_is_slow_but_goes_on_is_waited_for(terminal, board, monkeypatch):
    monkeypatch.setattr(line, "_PATIENCE_S", 0.8)
    terminal.ask(b"text = 'x' * 99 + '\\n'", b">>> ")
    terminal.type(b"for n in range(900): print(text, end='')\r\r")
    terminal.until(b"... \r\n")
    port = os.open(board.port, os.O_RDONLY | os.O_NOCTTY)
    said = _read_slowly(port, 0.15)
    os.close(port)
    assert said.count(b"x") == 900 * 99


def test_what_is_typed_ahead_waits_until_it_is_read(terminal):
    program = (
        b"import sys, time; time.sleep_ms(300);"
        b"print(sum(sys.stdin.buffer.read(1)[0] for i in range(30000)))"
    )
    terminal.type(program + b"\r")
    terminal.until(b"\r\n")
    terminal.type(bytes(range(10, 110)) * 300)
    assert terminal.until(b">>> ") == b"%d\r\n>>> " % (300 * sum(range(10, 110)))
