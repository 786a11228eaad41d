"""The hardware round the chip of a virtual board: power, resets, watchdog and pins."""

import contextlib
import os
import signal
import subprocess
import sys
import time

from support.terminal import Terminal

from host_tools.vboard import image
from host_tools.vboard.running import Running

_MAIN = "from machine import Pin\nPin(3, Pin.OUT).on()\n"


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


def test_timers_go_on_at_the_prompt(terminal):
    terminal.ask(b"from machine import Timer", b">>> ")
    terminal.type(b"t = Timer(period=20, callback=lambda t: print('tick'))\r")
    terminal.until(b"tick\ntick\n")


def test_a_timer_that_fails_at_the_prompt_shows_its_traceback(terminal):
    terminal.ask(b"from machine import Timer", b">>> ")
    terminal.ask(b"t = Timer(mode=Timer.ONE_SHOT, period=50, callback=lambda t: 1 / 0)", b">>> ")
    terminal.until(b"ZeroDivisionError: divide by zero\n")
    assert terminal.ask(b"1") == b"1"


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


def test_a_hard_reset_stops_the_watchdog_and_forgets_what_was_typed(terminal, board, wait_for):
    terminal.ask(b"import machine, time; w = machine.WDT(timeout=600)", b">>> ")
    terminal.type(b"time.sleep_ms(200); machine.reset()\r")
    terminal.until(b"reset()\r\n")
    terminal.type(b"print('typed too early')\r")
    wait_for(lambda: board.cause == "hard")
    assert b"early" not in terminal.silence(1)
    assert board.cause == "hard"


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


def test_the_time_is_lost_at_a_hard_reset_as_an_rp2040_loses_it(terminal, board, wait_for):
    terminal.ask(b"import machine", b">>> ")
    terminal.ask(b"machine.RTC().datetime((2026, 5, 4, 0, 3, 2, 1, 0))", b">>> ")
    terminal.type(b"\x04")
    terminal.prompt()
    assert terminal.ask(b"import machine; machine.RTC().datetime()").startswith(b"(2026, 5, 4")
    terminal.type(b"machine.reset()\r")
    wait_for(lambda: board.cause == "hard")
    terminal.prompt()
    assert terminal.ask(b"import machine; machine.RTC().datetime()").startswith(b"(2021")


def test_scratch_registers_outlive_every_reset_and_not_a_power_cut(terminal, board, wait_for):
    terminal.ask(b"import machine", b">>> ")
    terminal.ask(b"machine.mem32[0x4005800C] = 5", b">>> ")
    terminal.type(b"\x04")
    terminal.prompt()
    assert terminal.ask(b"import machine; machine.mem32[0x4005800C]") == b"5"
    terminal.type(b"machine.reset()\r")
    wait_for(lambda: board.cause == "hard")
    terminal.prompt()
    assert terminal.ask(b"import machine; machine.mem32[0x4005800C]") == b"5"
    board.power_off()
    board.power_on()
    terminal.prompt()
    assert terminal.ask(b"import machine; machine.mem32[0x4005800C]") == b"0"


def test_an_image_is_for_its_owner_alone_because_secrets_are_on_it(tmp_path):
    for contents in (None, {"secrets.json": b"{}"}):
        image.make(tmp_path / "flash", contents)
        assert (tmp_path / "flash").stat().st_mode & 0o777 == 0o600


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
