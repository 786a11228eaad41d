"""The `kerb` command as a whole: help, version, exit codes, and what it loads."""

import subprocess
import sys

import pytest

from host_tools import cli, exits, paths
from host_tools.setup.product import Unavailable


def _kerb(*args):
    return subprocess.run(
        [sys.executable, "-m", "host_tools.cli", *args],
        capture_output=True,
        text=True,
        check=False,
        cwd=paths.ROOT,
        timeout=30,
    )


def test_help_names_the_commands_and_the_exit_codes():
    asked = _kerb("--help")
    assert asked.returncode == exits.OK
    assert "street" in asked.stdout
    for code in exits.MEANING:
        assert str(code) in asked.stdout


def test_help_imports_nothing_heavy():
    asked = "import sys; from host_tools import cli; cli.parser(); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=paths.ROOT
    ).stdout.split()
    assert not {"textual", "amqtt", "asyncio"} & set(loaded)


def test_version_is_the_installed_one():
    asked = _kerb("--version")
    assert asked.returncode == exits.OK
    assert asked.stdout.strip() == "kerb " + cli.version()


def test_no_command_prints_the_help_and_is_wrong_usage():
    asked = _kerb()
    assert asked.returncode == exits.USAGE
    assert "usage: kerb" in asked.stdout


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["nonsense"], "invalid choice"),
        (["street", "--for", "soon"], "--for"),
        (["street", "--for", "-1"], "--for"),
        (["street", "--for", "nan"], "--for"),
        (["street", "--heap", "3"], "--heap"),
        (["street", "--lat", "91"], "latitude"),
        (["street", "--tz", "Asia/Seoul"], "time zone"),
        (["street", "--time", "25:00"], "time"),
        (["street", "--date", "2026-02-30"], "day"),
        (["street", "--date", "2019-01-01"], "2026 to 2099"),
    ],
)
def test_wrong_arguments_are_wrong_usage_and_say_which(args, said, monkeypatch, capsys):
    monkeypatch.setattr(paths, "checkout", lambda: paths.ROOT)
    try:
        code = cli.main(args)
    except SystemExit as stopped:
        code = stopped.code
    assert code == exits.USAGE
    assert said in capsys.readouterr().err


def test_a_failure_prints_its_reason_and_the_next_step(monkeypatch, capsys):
    def fail():
        raise exits.Failure("no such thing", "make one", exits.BUSY)

    monkeypatch.setattr(paths, "checkout", fail)
    assert cli.main(["street"]) == exits.BUSY
    said = capsys.readouterr().err
    assert "kerb street: no such thing" in said
    assert "next: make one" in said


def _no_micropython(monkeypatch):
    def find():
        raise Unavailable("nowhere")

    monkeypatch.setattr(paths.micropython, "find", find)


def test_a_missing_micropython_falls_back_to_cpython_and_says_so(monkeypatch):
    _no_micropython(monkeypatch)
    runtime = paths.find_runtime("auto")
    assert runtime.kind == "cpython"
    assert "nowhere" in runtime.note


def test_a_micropython_that_was_asked_for_by_name_is_not_replaced(monkeypatch):
    _no_micropython(monkeypatch)
    with pytest.raises(exits.Failure, match="nowhere") as failure:
        paths.find_runtime("micropython")
    assert failure.value.next_step


def test_cpython_that_was_asked_for_needs_no_excuse(monkeypatch):
    _no_micropython(monkeypatch)
    assert paths.find_runtime("cpython").note == ""
