"""The hardware round the chip of a virtual board: power, resets, watchdog, cable and pins."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest
import serial
from support.terminal import Terminal

from host_tools.vboard import image
from host_tools.vboard.running import Running

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


@pytest.fixture
def flashed(tmp_path, micropython):
    """flashed(main.py's text, more files) gives a running board that has it on its flash."""
    with contextlib.ExitStack() as stack:

        def start(main, **contents):
            flash = tmp_path / "flash.img"
            files = {name + ".py": text.encode() for name, text in contents.items()}
            image.make(flash, {"main.py": main.encode()} | files)
            return stack.enter_context(Running(flash, tmp_path / "port", micropython))

        yield start


def test_boot_and_main_share_their_names_with_the_prompt(flashed):
    board = flashed("y = x + 1", boot="x = 1")
    with Terminal(board.port) as terminal:
        terminal.prompt(interrupt=False)
        assert terminal.ask(b"x, y, __name__") == b"(1, 2, '__main__')"


def test_main_is_not_run_after_a_boot_that_failed(flashed):
    board = flashed("y = 1", boot="1 / 0")
    with Terminal(board.port) as terminal:
        terminal.prompt(interrupt=False)
        assert b"NameError" in terminal.ask(b"y")


def test_modules_are_found_on_the_flash_and_in_its_lib(flashed, tmp_path, micropython):
    flash = tmp_path / "other.img"
    files = {"own.py": b"a = 1", "lib/pkg/mod.py": b"b = 2", "main.py": b"import own, pkg.mod"}
    image.make(flash, files)
    with Running(flash, tmp_path / "other", micropython) as board, Terminal(board.port) as line:
        line.prompt(interrupt=False)
        assert line.ask(b"own.a + pkg.mod.b") == b"3"
        assert b"lib" not in line.ask(b"import os; os.listdir('/lib/pkg')")


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


def test_ctrl_c_finds_an_asyncio_program_where_it_waits(flashed, wait_for):
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
        "        await asyncio.sleep_ms(1)\n"
        "Pin(3, Pin.OUT).on()\n"
        "try:\n"
        "    asyncio.run(main())\n"
        "except KeyboardInterrupt:\n"
        "    print('is_busy:', is_busy)\n"
    )
    wait_for(lambda: board.pins.get(3) == 1)
    with Terminal(board.port) as terminal:
        for _ in range(2):  # and again after a soft reset
            time.sleep(0.1)
            terminal.type(b"\x03")
            assert b"is_busy: False\r\n" in terminal.until(b">>> ")
            terminal.type(b"\x04")
            wait_for(lambda: board.cause == "soft" and board.pins.get(3) == 1)


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


def test_ctrl_c_that_a_program_did_not_hear_is_not_kept_for_the_next(terminal):
    terminal.ask(b"import time", b">>> ")
    program = b"t = time.ticks_ms(); exec('while time.ticks_diff(time.ticks_ms(), t) < 150: pass')"
    terminal.type(program + b"\r")
    terminal.until(program + b"\r\n")
    time.sleep(0.05)
    terminal.type(b"\x03")
    terminal.until(b">>> ")
    assert terminal.ask(b"time.sleep_ms(500)", b">>> ") == b""


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


def test_timers_go_on_at_the_prompt(terminal):
    terminal.ask(b"from machine import Timer", b">>> ")
    terminal.type(b"t = Timer(period=20, callback=lambda t: print('tick'))\r")
    terminal.until(b"tick\ntick\n")


def test_outputs_are_seen_from_the_outside_and_inputs_are_driven_from_there(
    terminal, board, wait_for
):
    terminal.ask(b"from machine import ADC, PWM, Pin", b">>> ")
    terminal.ask(b"PWM(Pin(15), freq=1000, duty_u16=32768)")
    wait_for(lambda: board.pins.get(15, (0, 0))[0] == 1000)
    board.set_adc(26, 1650)
    time.sleep(0.1)
    assert 32000 < int(terminal.ask(b"ADC(26).read_u16()")) < 33500


def test_a_watchdog_that_is_not_fed_resets_the_chip(terminal, board, wait_for):
    terminal.ask(b"from machine import WDT; w = WDT(timeout=500)", b">>> ")
    wait_for(lambda: board.cause == "watchdog")
    assert "watchdog: not fed for 0.5 s, reset" in board.notes


def test_a_watchdog_lives_through_a_soft_reset(terminal, board, wait_for):
    terminal.ask(b"from machine import WDT; w = WDT(timeout=900)", b">>> ")
    terminal.type(b"\x04")
    wait_for(lambda: board.cause == "soft")
    wait_for(lambda: board.cause == "watchdog")


def test_deep_sleep_ends_with_a_reset_after_its_time(terminal, board, wait_for):
    terminal.type(b"import machine; machine.deepsleep(400)\r")
    began = time.monotonic()
    wait_for(lambda: board.cause == "deep_sleep")
    assert 0.3 < time.monotonic() - began < 2
    terminal.prompt()
    assert terminal.ask(b"import machine; machine.reset_cause()") == b"4"


def test_a_power_cut_keeps_the_flash_and_forgets_the_time(flashed, wait_for):
    board = flashed(_MAIN)
    wait_for(lambda: board.pins.get(3) == 1)
    with Terminal(board.port) as terminal:
        terminal.prompt()
        terminal.ask(b"f = open('kept', 'w'); n = f.write('yes'); f.close()", b">>> ")
        terminal.ask(b"from machine import RTC", b">>> ")
        terminal.ask(b"RTC().datetime((2026, 5, 4, 0, 3, 2, 1, 0))", b">>> ")
        board.power_off()
        assert board.pid is None
        board.power_on()
        wait_for(lambda: board.pins.get(3) == 1)
        assert board.cause == "power_on"
        terminal.prompt()
        assert terminal.ask(b"open('kept').read()") == b"'yes'"
        assert terminal.ask(b"from machine import RTC; RTC().datetime()").startswith(b"(2021")


def test_the_time_lives_through_a_hard_reset(terminal, board, wait_for):
    terminal.ask(b"import machine", b">>> ")
    terminal.ask(b"machine.RTC().datetime((2026, 5, 4, 0, 3, 2, 1, 0))", b">>> ")
    terminal.type(b"machine.reset()\r")
    wait_for(lambda: board.cause == "hard")
    terminal.prompt()
    assert terminal.ask(b"import machine; machine.RTC().datetime()").startswith(b"(2026, 5, 4")


def test_an_image_from_outside_is_taken_and_a_broken_one_is_formatted(flashed, board):
    board.power_off()
    image.make(board.image, {"a": b"1"})
    board.power_on()
    with Terminal(board.port) as terminal:
        terminal.prompt()
        assert terminal.ask(b"open('a').read()") == b"'1'"
    board.power_off()
    board.image.write_bytes(b"\x00" * 50 * image.BLOCK_BYTES)
    board.power_on()
    with Terminal(board.port) as terminal:
        terminal.prompt()
        assert terminal.ask(b"import os; os.listdir(), os.statvfs('/')[2]") == b"([], 50)"


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


def test_a_board_that_nobody_listens_to_is_not_held_up(flashed, wait_for):
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


def test_a_chip_whose_program_dies_is_reset(board, wait_for):
    os.kill(wait_for(lambda: board.pid), signal.SIGSEGV)
    wait_for(lambda: board.boots == 2)
    assert board.cause == "hard"
    assert "MicroPython itself ended (SIGSEGV), reset" in board.notes


def test_no_process_is_left_when_the_board_is_killed(tmp_path, micropython, wait_for):
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from host_tools.vboard import image\n"
        "from host_tools.vboard.running import Running\n"
        "flash = Path(sys.argv[1], 'flash.img')\n"
        "image.make(flash, {'main.py': b'while True: pass'})\n"
        "with Running(flash, Path(sys.argv[1], 'port'), sys.argv[2]) as board:\n"
        "    while not board.pid: time.sleep(0.01)\n"
        "    print(board.pid, flush=True)\n"
        "    time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, tmp_path, micropython], stdout=subprocess.PIPE
    )
    pid = int(parent.stdout.readline())
    assert os.path.exists("/proc/{}".format(pid))
    parent.kill()
    parent.communicate()
    wait_for(lambda: not _runs(pid), 5)


def _runs(pid):
    try:
        with open("/proc/{}/stat".format(pid)) as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_twenty_boards_run_side_by_side(tmp_path, micropython):
    with contextlib.ExitStack() as stack:
        terminals = []
        for n in range(20):
            flash = tmp_path / "{}.img".format(n)
            image.make(flash, {"main.py": "n = {}".format(n).encode()})
            board = stack.enter_context(Running(flash, tmp_path / str(n), micropython))
            terminals.append(stack.enter_context(Terminal(board.port)))
        for n, terminal in enumerate(terminals):
            terminal.prompt(interrupt=False)
            assert terminal.ask(b"n") == str(n).encode()
