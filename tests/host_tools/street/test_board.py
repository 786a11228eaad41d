"""The hardware round a board's process: power, resets, watchdog, RTC."""

import asyncio
import collections
import contextlib
import os
import signal
import sys

from host_tools.street import board as boards


class _Scene:
    """A Board that runs a line of Python, and what it noted."""

    def __init__(self, tmp_path, program):
        self.notes = []
        environment = boards.flash_environment(1)
        self.board = boards.Board(
            [sys.executable, "-c", program],
            tmp_path,
            environment,
            lambda kind, text: self.notes.append((kind, text)),
            lambda board: None,
        )

    def said(self, text):
        return any(text in said for _, said in self.notes)


@contextlib.asynccontextmanager
async def _running(tmp_path, program):
    scene = _Scene(tmp_path, program)
    await scene.board.power_on()
    try:
        yield scene
    finally:
        await scene.board.power_off()


_SLEEP = "import time; print('up', flush=True); time.sleep(100)"


def test_a_board_starts_with_power_on_and_is_gone_without_power(tmp_path, until):
    async def act():
        async with _running(tmp_path, _SLEEP) as scene:
            await until(lambda: ("console", "up") in scene.notes)
            pid = scene.board.pid
            assert scene.board.resets == collections.Counter(power_on=1)
        assert not scene.board.running
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 0)
            raise AssertionError("the process is still there")

    asyncio.run(act())


def test_a_fed_watchdog_leaves_the_board_alone_and_tells_the_longest_gap(tmp_path, until):
    async def act():
        async with _running(tmp_path, _SLEEP) as scene:
            await until(lambda: ("console", "up") in scene.notes)
            scene.board.take({"wdt": "start", "timeout_ms": 400})
            for pause_s in (0.1, 0.3, 0.1, 0.1, 0.1):
                await asyncio.sleep(pause_s)
                scene.board.take({"wdt": "feed"})
            assert scene.board.boots == 1
            assert 0.3 <= scene.board.watchdog.longest_gap_s < 0.4

    asyncio.run(act())


def test_an_unfed_watchdog_kills_even_a_stopped_process_and_the_next_cause_is_watchdog(
    tmp_path, until
):
    async def act():
        program = "import os; print(os.environ['KERB_RESET_CAUSE'], flush=True);" + _SLEEP
        async with _running(tmp_path, program) as scene:
            await until(lambda: ("console", "up") in scene.notes)
            scene.board.take({"wdt": "start", "timeout_ms": 200})
            os.kill(scene.board.pid, signal.SIGSTOP)
            await until(lambda: ("console", "watchdog") in scene.notes)
            assert scene.board.resets == collections.Counter(power_on=1, watchdog=1)
            assert scene.board.crashes == 0
            await asyncio.sleep(0.5)
            assert scene.board.boots == 2, "the watchdog stays off until the firmware starts it"

    asyncio.run(act())


def test_exit_codes_are_resets_of_their_kinds(tmp_path, until):
    async def act():
        for code, cause in ((44, "hard"), (45, "soft"), (46, "deep_sleep")):
            program = (
                "import os, sys, time; cause = os.environ['KERB_RESET_CAUSE']\n"
                "sys.exit({}) if cause == 'power_on' else time.sleep(100)".format(code)
            )
            async with _running(tmp_path, program) as scene:
                scene.board.take({"reset": cause, "sleep_ms": 10})
                await until(lambda: scene.board.boots == 2)
                assert scene.board.last_cause == cause
                assert scene.board.crashes == 0

    asyncio.run(act())


def test_a_program_that_died_stays_dead_until_its_watchdog_bites(tmp_path, until):
    async def act():
        async with _running(tmp_path, _SLEEP) as scene:
            await until(lambda: ("console", "up") in scene.notes)
            scene.board.take({"wdt": "start", "timeout_ms": 700})
            os.kill(scene.board.pid, signal.SIGSEGV)
            await until(lambda: scene.board.crashes == 1)
            assert scene.said("signal 11")
            assert scene.board.boots == 1
            await until(lambda: scene.board.boots == 2)
            assert scene.board.last_cause == "watchdog"

    asyncio.run(act())


def test_a_program_that_died_before_it_had_a_watchdog_is_reset_by_hand(
    tmp_path, monkeypatch, until
):
    monkeypatch.setattr(boards, "_DEAD_FOR_S", 0.1)

    async def act():
        async with _running(tmp_path, "raise SystemExit('no such file')") as scene:
            await until(lambda: scene.board.boots >= 2)
            assert scene.board.last_cause == "hard"
            assert scene.said("exit code 1")
            assert scene.said("no such file")

    asyncio.run(act())


def test_the_rtc_runs_through_a_reset_and_forgets_without_power(tmp_path):
    async def act():
        async with _running(tmp_path, _SLEEP) as scene:
            scene.board.take({"rtc": [9822, 86399]})
            assert scene.board.rtc.read() == (9822, 86399)
            await scene.board.power_off()
            assert scene.board.rtc.read() is None

    asyncio.run(act())


def test_scratch_registers_outlive_a_watchdog_reset_and_not_a_power_cut(tmp_path, until):
    async def act():
        async with _running(tmp_path, _SLEEP) as scene:
            await until(lambda: ("console", "up") in scene.notes)
            scene.board.take({"scratch": 2, "value": 7})
            scene.board.take({"wdt": "start", "timeout_ms": 200})
            await until(lambda: scene.board.last_cause == "watchdog")
            assert scene.board.scratch == {2: 7}
            await scene.board.power_off()
            assert scene.board.scratch == {}

    asyncio.run(act())


def test_the_rtc_counts_over_midnight():
    now_s = [50.0]
    rtc = boards.Rtc(monotonic=lambda: now_s[0])
    rtc.write(9822, 86399)
    now_s[0] += 2
    assert rtc.read() == (9823, 1)


def test_a_board_dies_with_the_process_that_started_it(until):
    program = (
        "import subprocess, sys, os\n"
        "from host_tools.street.board import die_with_parent\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(100)'],"
        " preexec_fn=die_with_parent)\n"
        "print(child.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )

    async def act():
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE
        )
        pid = int(await process.stdout.readline())
        await process.wait()
        await until(lambda: not _alive(pid))

    asyncio.run(act())


def _alive(pid):
    """Tell whether a process runs; a zombie that nobody reaped does not."""
    try:
        with open("/proc/{}/stat".format(pid)) as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_no_setting_of_this_shell_reaches_the_board(monkeypatch):
    monkeypatch.setenv("KERB_UNIQUE_ID", "ff")
    environment = boards.flash_environment(4321)
    assert "KERB_UNIQUE_ID" not in environment
    assert environment["KERB_WORLD"] == "127.0.0.1:4321"


def test_what_the_firmware_writes_is_for_nobody_else_to_read(tmp_path, until):
    program = "open('secrets.json.good', 'w').close(); print('up', flush=True)\n" + _SLEEP

    async def act():
        async with _running(tmp_path, program):
            written = tmp_path / "secrets.json.good"
            await until(written.exists)
            assert written.stat().st_mode & 0o777 == 0o600

    asyncio.run(act())
