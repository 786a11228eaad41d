"""`kerb vboard`: a board for people to play with."""

import contextlib
import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.terminal import Terminal

from host_tools import build, exits
from host_tools.vboard import image

_ROOT = Path(__file__).resolve().parents[3]
_PATIENCE_S = 20


def _command(*words):
    return [sys.executable, "-m", "host_tools.cli", "vboard", *map(str, words)]


def _refusal(*words):
    """What `kerb vboard` says when it does not start for wrong usage."""
    done = subprocess.run(
        _command(*words), capture_output=True, text=True, check=False, timeout=20, cwd=_ROOT
    )
    assert done.returncode == exits.USAGE
    return done.stderr


@pytest.fixture
def vboard(micropython):
    """vboard(*words) starts `kerb vboard`; gives (process, port)."""
    with contextlib.ExitStack() as stack:

        def start(*words):
            work = subprocess.Popen(_command(*words), stdout=subprocess.PIPE, text=True, cwd=_ROOT)
            stack.callback(work.communicate)
            stack.callback(work.terminate)
            first = ""
            while not first.startswith("virtual board on "):
                first = work.stdout.readline()
                assert first
            return work, re.match(r"virtual board on (\S+) \(MicroPython", first)[1]

        yield start


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_tells_its_port_and_leaves_nothing_when_it_ends(vboard, number):
    work, port = vboard()
    with Terminal(port) as terminal:
        terminal.prompt()
        assert terminal.ask(b"import os; os.listdir()") == b"[]"
        pid = _chip_of(work.pid)
    work.send_signal(number)
    assert work.wait(_PATIENCE_S) == exits.OK
    assert not Path(port).parent.exists()
    assert not Path("/proc", str(pid)).exists()


def test_the_folder_of_a_run_that_was_killed_is_removed_by_the_next(vboard):
    work, port = vboard()
    work.kill()
    work.wait(_PATIENCE_S)
    folder = Path(port).parent
    assert folder.exists()
    vboard()
    assert not folder.exists()


def _chip_of(pid):
    """The process id of the one child of a process."""
    (child,) = Path("/proc/{0}/task/{0}/children".format(pid)).read_text().split()
    return int(child)


@pytest.mark.parametrize("app", ["light", "parking", "crosswalk"])
def test_with_an_app_it_boots_the_firmware(vboard, app):
    _, port = vboard("--app", app)
    with Terminal(port) as terminal:
        terminal.until(b" wifi up, -60 dBm\r\n")
        terminal.type(b"\x03")
        assert b"Stopped, outputs safe." in terminal.until(b">>> ")


def test_its_port_and_flash_can_be_named_and_the_flash_is_kept(vboard, tmp_path):
    link, flash = tmp_path / "my-port", tmp_path / "my.img"
    work, port = vboard("--link", link, "--image", flash)
    assert port == str(link)
    with Terminal(port) as terminal:
        terminal.prompt()
        terminal.ask(b"f = open('kept', 'w'); n = f.write('yes'); f.close()", b">>> ")
    work.send_signal(signal.SIGINT)
    work.wait(_PATIENCE_S)
    assert image.read(flash) == {"kept": b"yes"}
    vboard("--link", link, "--image", flash)
    with Terminal(str(link)) as terminal:
        terminal.prompt()
        assert terminal.ask(b"open('kept').read()") == b"'yes'"


def test_its_config_can_be_given(vboard, tmp_path):
    config = {
        "app": "light",
        "name": "my-lamp",
        "site": {"lat_e7": 0, "lon_e7": 0, "tz": "UTC0"},
    }
    (tmp_path / "c.json").write_text(json.dumps(config))
    flash = tmp_path / "my.img"
    vboard("--app", "light", "--config", tmp_path / "c.json", "--image", flash)
    found = image.read(flash)
    assert json.loads(found["config.json"]) == config
    assert set(build.sources("host")) <= set(found)


def test_the_heap_is_as_large_as_asked_for(vboard):
    _, port = vboard("--heap", "300")
    with Terminal(port) as terminal:
        terminal.prompt()
        total = int(terminal.ask(b"import gc; gc.mem_free() + gc.mem_alloc()"))
    assert 280 * 1024 < total <= 300 * 1024


def test_a_file_that_is_there_is_not_overwritten_by_the_port(tmp_path):
    (tmp_path / "mine").write_text("precious")
    assert "no port of a virtual board" in _refusal("--link", tmp_path / "mine")
    assert (tmp_path / "mine").read_text() == "precious"


def test_a_flash_that_is_there_is_not_overwritten_by_an_app(tmp_path):
    image.make(tmp_path / "my.img", {"precious": b"1"})
    assert "is there already" in _refusal("--image", tmp_path / "my.img", "--app", "light")
    assert image.read(tmp_path / "my.img") == {"precious": b"1"}


def test_an_app_that_is_not_there_and_a_config_without_app_are_refused(tmp_path):
    assert "does not offer the app 'toaster'" in _refusal("--app", "toaster")
    assert "go with --app" in _refusal("--config", tmp_path / "c.json")
