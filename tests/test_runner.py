"""The two-runtime runner itself, on small test files in a project of their own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import runner
from rp2_left_out import LEFT_OUT
from runtimes import EMULATED

from host_tools.setup import micropython
from host_tools.setup.product import Unavailable

ROOT = Path(__file__).resolve().parents[1]
# Importing other plugins takes longer than these runs.
QUICK = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
ON_THE_CHIP = 420


@pytest.fixture
def sample(tmp_path):
    """sample(text, *arguments, **environment) runs a file with that text, gives the report."""
    try:
        micropython.find()
    except Unavailable as error:
        runner.absent(str(error))

    folder = tmp_path / "tests" / "firmware"
    folder.mkdir(parents=True)
    (folder.parent / "conftest.py").write_bytes((ROOT / "tests" / "conftest.py").read_bytes())
    paths = " ".join(str(ROOT / name) for name in (".", "tests", "firmware", "boards/host"))
    (tmp_path / "pytest.ini").write_text(
        f"[pytest]\npythonpath = {paths}\naddopts = --import-mode=importlib --strict-markers -rA\n"
    )

    def run(text, *words, **environment):
        (folder / "test_sample.py").write_text(text)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "--color=no", *words],
            cwd=tmp_path,
            env={**os.environ, **QUICK, "CI": "", **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout + done.stderr

    return run


def outcomes(report):
    """{"test_x[runtime]": "PASSED" ...} from a report."""
    lines = re.findall(r"^(PASSED|FAILED|ERROR) \S+::(\S+)", report, re.MULTILINE)
    return {name: outcome for outcome, name in lines}


def test_a_function_passes_or_fails_on_each_runtime_by_itself(sample):
    report = sample(
        "import sys\n"
        "def test_right():\n    assert 1 + 1 == 2\n"
        "def test_wrong():\n    total = 2\n    assert 1 + 1 == total + 1\n"
        "def test_cpython_only():\n    assert sys.implementation.name == 'cpython'\n"
    )
    assert outcomes(report) == {
        "test_right[cpython]": "PASSED",
        "test_right[micropython]": "PASSED",
        "test_wrong[cpython]": "FAILED",
        "test_wrong[micropython]": "FAILED",
        "test_cpython_only[cpython]": "PASSED",
        "test_cpython_only[micropython]": "FAILED",
    }
    assert "firmware tests: cpython 2 passed 1 failed, micropython 1 passed 2 failed" in report
    assert "3 failed, 3 passed" in report


def test_a_failure_on_micropython_shows_its_traceback_and_what_it_printed(sample):
    report = sample(
        "RUNTIMES = ('micropython',)\n"
        "def broken():\n    raise ValueError('lamp 7')\n"
        "def test_x():\n    print('before', 1)\n    broken()\n"
    )
    assert "ValueError: lamp 7" in report
    assert re.search(r'test_sample.py", line 3, in broken', report)
    assert re.search(r'test_sample.py", line 6, in test_x', report)
    assert "before 1" in report


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("import os; os.system('kill -SEGV $PPID')", "the process ended: SIGSEGV"),
        ("bytearray(2_000_000)", "MemoryError"),
    ],
)
def test_what_ends_micropython_fails_that_test_and_no_other(sample, end, words):
    report = sample(
        "RUNTIMES = ('micropython',)\n"
        "state = []\n"
        "def test_before():\n    state.append(1)\n"
        f"def test_end():\n    {end}\n"
        "def test_after():\n    assert not state\n"
    )
    assert words in report
    assert outcomes(report) == {
        "test_before[micropython]": "PASSED",
        "test_end[micropython]": "FAILED",
        "test_after[micropython]": "PASSED",
    }


def test_a_hang_is_broken_off_and_shows_where(sample):
    report = sample(
        "TIMEOUT_S = 1\n"
        "def forever():\n    while True:\n        pass\n"
        "def test_hangs():\n    try:\n        forever()\n    except Exception:\n        pass\n"
        "def test_after():\n    pass\n"
    )
    assert report.count("no end after 1 s") >= 2
    assert re.search(r'test_sample.py", line [34], in forever', report)
    assert outcomes(report) == {
        "test_hangs[cpython]": "FAILED",
        "test_hangs[micropython]": "FAILED",
        "test_after[cpython]": "PASSED",
        "test_after[micropython]": "PASSED",
    }


def test_a_hang_that_swallows_the_interrupt_is_killed(sample):
    report = sample(
        "RUNTIMES = ('micropython',)\n"
        "TIMEOUT_S = 1\n"
        "def test_hangs():\n"
        "    while True:\n"
        "        try:\n            while True:\n                pass\n"
        "        except BaseException:\n            pass\n"
        "def test_after():\n    pass\n"
    )
    assert outcomes(report) == {
        "test_hangs[micropython]": "FAILED",
        "test_after[micropython]": "PASSED",
    }


def test_a_file_that_cannot_be_imported_on_micropython_fails_there(sample):
    report = sample("import dataclasses\ndef test_x():\n    pass\n")
    assert outcomes(report) == {"test_x[cpython]": "PASSED", "test_x[micropython]": "FAILED"}
    assert "no module named 'dataclasses'" in report


def test_the_heap_is_as_large_as_the_file_says(sample):
    text = "RUNTIMES = ('micropython',)\n{}def test_x():\n    bytearray(150_000)\n"
    assert outcomes(sample(text.format(""))) == {"test_x[micropython]": "PASSED"}
    small = sample(text.format("HEAP = '100k'\n"))
    assert outcomes(small) == {"test_x[micropython]": "FAILED"}
    assert "MemoryError" in small


def test_each_test_starts_in_an_empty_folder(sample):
    report = sample(
        "import os\n"
        "def test_one():\n"
        "    assert not os.listdir('.')\n"
        "    open('config.json', 'w').close()\n"
        "def test_two():\n    assert not os.listdir('.')\n"
    )
    assert "4 passed" in report


def test_an_async_function_runs_in_virtual_time(sample):
    report = sample(
        "import asyncio, time\n"
        "async def test_a_day():\n"
        "    start = time.ticks_ms()\n"
        "    await asyncio.sleep(86400)\n"
        "    assert time.ticks_diff(time.ticks_ms(), start) == 86400_000\n"
        "async def test_wrong():\n"
        "    await asyncio.sleep(1)\n    assert False\n"
    )
    assert outcomes(report) == {
        "test_a_day[cpython]": "PASSED",
        "test_a_day[micropython]": "PASSED",
        "test_wrong[cpython]": "FAILED",
        "test_wrong[micropython]": "FAILED",
    }


def test_ids_keywords_and_markers_choose_a_runtime(sample):
    text = "def test_x():\n    pass\ndef test_y():\n    pass\n"
    one = sample(text, "tests/firmware/test_sample.py::test_x[micropython]")
    assert outcomes(one) == {"test_x[micropython]": "PASSED"}
    both = sample(text, "tests/firmware/test_sample.py::test_x")
    assert len(outcomes(both)) == 2
    assert set(outcomes(sample(text, "-k", "test_y and cpython"))) == {"test_y[cpython]"}
    assert set(outcomes(sample(text, "-m", "micropython"))) == {
        "test_x[micropython]",
        "test_y[micropython]",
    }


def test_last_failed_runs_the_one_runtime_that_failed(sample):
    text = "import sys\ndef test_x():\n    assert sys.implementation.name == 'cpython'\n"
    sample(text)
    assert outcomes(sample(text, "--lf")) == {"test_x[micropython]": "FAILED"}


def test_a_missing_micropython_skips_with_its_reason_and_fails_in_ci(sample):
    text = "def test_x():\n    pass\n"
    missing = {"KERB_MICROPYTHON": "/nowhere/micropython"}
    at_home = sample(text, **missing)
    assert "1 passed, 1 skipped" in at_home
    assert re.search(r"SKIPPED .*: micropython: /nowhere/micropython does not run", at_home)
    assert "micropython MISSING (/nowhere/micropython does not run" in at_home
    in_ci = sample(text, CI="true", **missing)
    assert "1 failed, 1 passed" in in_ci
    assert "micropython: /nowhere/micropython does not run" in in_ci


def test_a_needed_command_that_is_missing_skips_and_fails_in_ci(sample):
    text = "RUNTIMES = ('cpython',)\ndef test_x(need):\n    need('no-such-broker')\n"
    assert "SKIPPED" in (at_home := sample(text)) and "no-such-broker is not installed" in at_home
    assert "1 failed" in sample(text, CI="true")


def test_a_runtime_that_does_not_exist_is_an_error_of_the_file(sample):
    report = sample("RUNTIMES = ('micropyton',)\ndef test_x():\n    pass\n")
    assert "RUNTIMES names ['micropyton']" in report


def test_a_test_class_is_refused_since_only_cpython_would_run_it(sample):
    report = sample("class TestLamp:\n    def test_x(self):\n        pass\n")
    assert "test functions only, no test classes" in report


def firmware_tests():
    """(file, its settings, its test functions) of all firmware tests."""
    for path in sorted((ROOT / "tests" / "firmware").rglob("test_*.py")):
        yield path, *runner.read(path)


def test_so_many_firmware_tests_run_on_the_chip_too_that_none_drops_out_unnoticed():
    shares = [runner.share(*given, EMULATED) for given in firmware_tests()]
    assert sum(len(fit) for fit, _ in shares) >= ON_THE_CHIP


def test_what_the_chip_leaves_out_by_name_is_there():
    there = {path.stem: {f.name for f in found} | {None} for path, _, found in firmware_tests()}
    for file, tests in LEFT_OUT.items():
        assert set(tests) <= there[file], file


def test_the_summary_tells_how_many_tests_the_chip_leaves_out_and_why(sample):
    text = "import {}\ndef test_x():\n    pass\ndef test_y():\n    pass\n"
    words = ("--emulated", "-m", "micropython")
    assert "not on rp2: 2 need the virtual board or CPython" in sample(
        text.format("vtime"), *words
    )
    assert "not on rp2" not in sample(text.format("json"), *words)
    others = "RUNTIMES = ('micropython',)\n" + text.format("json")
    assert "not on rp2: 2 of other RUNTIMES" in sample(others, *words)
    assert "not on rp2" not in sample(others)
