"""`kerb flash` onto a virtual board: real mpremote, a real serial line, a real file system."""

import contextlib
import json
import pty
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import serial
from support.terminal import Terminal

from host_tools import build, exits, flash
from host_tools.device import ports, session
from host_tools.vboard import image

_ROOT = Path(__file__).resolve().parents[2]
_LAMP_PIN = 15
_HOST = build.describe("host", "light")
_CONFIG = {
    "app": "light",
    "name": "lamp-0001",
    "site": {"lat_e7": 351800000, "lon_e7": 1290800000, "tz": "KST-9"},
}


def _kerb(*words):
    command = [sys.executable, "-m", "host_tools.cli", "flash", "--app", "light"]
    return [*command, *map(str, words)]


def _flash(*words, code=exits.OK):
    """Run `kerb flash` and give what it printed: the JSON document, or stderr when it failed."""
    done = subprocess.run(
        _kerb(*words, "--json"), capture_output=True, text=True, timeout=60, check=False, cwd=_ROOT
    )
    assert done.returncode == code, done
    return json.loads(done.stdout) if code == exits.OK else done.stderr


def _contents(board="host"):
    """What `kerb flash` has to bring onto a board."""
    return {name: file.read_bytes() for name, file in build.build(board).items()}


def _write(path, document):
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def contents():
    """Enough of the firmware to see how files are brought over."""
    return {
        name: data
        for name, data in _contents().items()
        if name.startswith(("board", "boot", "kerb/apps", "kerb/hal", "lib", "main"))
    }


@pytest.fixture
def config(tmp_path):
    return _write(tmp_path / "lamp.json", _CONFIG)


def test_all_files_arrive_whole_and_the_board_is_reset(board, wait_for):
    contents = _contents()
    said = _flash("--board", "host", "--port", board.port)
    assert image.read(board.image) == contents
    assert said["copied"] == sorted(contents)
    assert said["files"] == len(contents)
    assert said["unchanged"] == 0
    assert said["bytes"] == sum(len(data) for data in contents.values())
    wait_for(lambda: board.cause == "hard")


def test_a_second_run_copies_nothing_and_the_board_goes_back_to_work(board, wait_for):
    _flash("--board", "host", "--port", board.port)
    wait_for(lambda: board.cause == "hard")
    said = _flash("--board", "host", "--port", board.port)
    assert (said["copied"], said["bytes"], said["removed"]) == ([], 0, [])
    assert said["unchanged"] == said["files"]
    wait_for(lambda: board.cause == "hard")


def test_a_changed_file_is_copied_alone(board, contents):
    flash.flash(board.port, _HOST, "light", contents)
    changed = contents | {"kerb/apps/light.mpy": contents["kerb/apps/sun.mpy"]}
    said = flash.flash(board.port, _HOST, "light", changed)
    assert said["copied"] == ["kerb/apps/light.mpy"]
    assert image.read(board.image) == changed


def test_old_modules_go_and_what_is_not_ours_stays(board, contents, wait_for):
    old = {
        "kerb/device.py": b"raise Exception('in the way of device.mpy')",
        "kerb/apps/former.mpy": b"old",
        "kerb/hal/gone.mpy.new": b"half of it",
        "lib/umqtt/simple.py": b"raise Exception",
        "board.py": b"raise Exception",
        "main.mpy": b"nobody runs this",
    }
    theirs = {
        "data/alarms.0": b"kept",
        "lib/other/simple.py": b"kept",
        "config.json": b"{}",
        "config.json.good": b"{}",
        "notes.py": b"kept",
        "kerb/readme.txt": b"kept",
    }
    board.power_off()
    image.make(board.image, old | theirs)
    board.power_on()
    said = flash.flash(board.port, _HOST, "light", contents)
    assert sorted(said["removed"]) == sorted(old)
    assert image.read(board.image) == contents | theirs


def test_a_board_without_config_is_flashed_and_the_next_step_named(board):
    (note,) = _flash("--board", "host", "--port", board.port)["notes"]
    assert "no config.json yet: repeat with --config" in note


def test_a_config_for_another_app_is_told(board, contents):
    board.power_off()
    image.make(board.image, {"config.json": b'{"app": "parking"}'})
    board.power_on()
    (note,) = flash.flash(board.port, _HOST, "light", contents)["notes"]
    assert "names the app 'parking'" in note


def test_config_and_secrets_are_brought_along(board, config, tmp_path):
    secrets = _write(tmp_path / "s.json", {"wifi_psk": "correct horse"})
    said = _flash(
        "--board", "host", "--port", board.port, "--config", config, "--secrets", secrets
    )
    assert said["notes"] == []
    found = image.read(board.image)
    assert json.loads(found["config.json"]) == _CONFIG
    assert json.loads(found["secrets.json"]) == {"wifi_psk": "correct horse"}


def test_the_flashed_board_lights_its_lamp_reports_and_can_be_stopped(board, tmp_path, wait_for):
    with socket.create_server(("127.0.0.1", 0)) as broker:
        broker.settimeout(20)
        uplink = {
            "wifi": {"ssid": "any"},
            "mqtt": {"host": "127.0.0.1", "port": broker.getsockname()[1]},
            "sntp": {"host": "127.0.0.1", "port": 9},
        }
        config = _write(tmp_path / "lamp.json", _CONFIG | {"uplink": uplink})
        _flash("--board", "host", "--port", board.port, "--config", config)
        caller, _ = broker.accept()
        with caller:
            connect = caller.recv(1000)
    assert connect[0] == 0x10
    assert b"lamp-0001" in connect
    freq_hz, duty_u16 = wait_for(lambda: board.pins.get(_LAMP_PIN))
    assert freq_hz == 1000
    boots = board.boots
    time.sleep(2)
    assert board.boots == boots
    with Terminal(board.port) as terminal:
        terminal.type(b"\x03")
        assert b"Stopped, outputs safe." in terminal.until(b">>> ")


def test_a_running_firmware_is_stopped_and_flashed(board, contents, config, wait_for):
    _flash("--board", "host", "--port", board.port, "--config", config)
    wait_for(lambda: board.pins.get(_LAMP_PIN))
    said = _flash("--board", "host", "--port", board.port)
    assert (said["copied"], said["notes"]) == ([], [])
    wait_for(lambda: board.pins.get(_LAMP_PIN) and board.cause == "hard")


def test_the_watchdog_is_fed_during_the_work(board, contents, monkeypatch):
    monkeypatch.setattr(session, "_WATCHDOG_MS", 700)
    flash.flash(board.port, _HOST, "light", contents, lambda done, total: time.sleep(0.1))
    assert image.read(board.image) == contents
    assert not [note for note in board.notes if "watchdog" in note]


def test_a_board_that_is_left_in_the_middle_goes_back_to_work(
    board, contents, monkeypatch, wait_for
):
    monkeypatch.setattr(session, "_WATCHDOG_MS", 1000)
    with pytest.raises(exits.Failure):
        flash.flash(board.port, _HOST, "light", contents, lambda done, total: board.pull())
    wait_for(lambda: board.cause == "watchdog")


@pytest.mark.parametrize("at_percent", [1, 50, 99])
def test_a_pulled_cable_leaves_the_old_files_and_the_next_run_goes_on(board, contents, at_percent):
    old = {name: b"old " + name.encode() for name in contents}
    board.power_off()
    image.make(board.image, old)
    board.power_on()

    def pull(done, total):
        if done * 100 >= total * at_percent:
            board.pull()

    with pytest.raises(exits.Failure) as caught:
        flash.flash(board.port, _HOST, "light", contents, pull)
    assert caught.value.code == exits.NO_DEVICE
    assert "stopped answering" in caught.value.reason
    assert "of {} changed files had arrived".format(len(contents)) in caught.value.reason
    found = image.read(board.image)
    assert {name: found[name] for name in old} == old
    board.plug()
    said = flash.flash(board.port, _HOST, "light", contents)
    assert image.read(board.image) == contents
    if at_percent > 1:
        assert said["bytes"] < sum(map(len, contents.values()))


def test_a_power_cut_is_made_good_by_the_next_run(board, contents):
    def cut(done, total):
        if done * 2 >= total:
            board.power_off()
            board.power_on()

    with pytest.raises(exits.Failure, match="stopped answering"):
        flash.flash(board.port, _HOST, "light", contents, cut)
    flash.flash(board.port, _HOST, "light", contents)
    assert image.read(board.image) == contents


def test_a_pulled_cable_ends_the_command_with_its_exit_code(board, wait_for):
    work = subprocess.Popen(
        _kerb("--board", "host", "--port", board.port),
        stderr=subprocess.PIPE,
        text=True,
        cwd=_ROOT,
    )
    wait_for(lambda: board.image.read_bytes().count(b".mpy.new") > 5)
    board.pull()
    _, said = work.communicate(timeout=30)
    assert work.returncode == exits.NO_DEVICE
    assert "stopped answering" in said
    assert "next: check the cable" in said


def test_ctrl_c_ends_the_command_and_the_next_run_goes_on(board, wait_for):
    work = subprocess.Popen(
        _kerb("--board", "host", "--port", board.port),
        stderr=subprocess.PIPE,
        text=True,
        cwd=_ROOT,
    )
    wait_for(lambda: board.image.read_bytes().count(b".mpy.new") > 5)
    work.send_signal(signal.SIGINT)
    _, said = work.communicate(timeout=30)
    assert work.returncode == exits.INTERRUPTED
    assert "interrupted: " in said
    assert "Traceback" not in said
    assert not [name for name in image.read(board.image) if name.endswith(".mpy")]
    said = _flash("--board", "host", "--port", board.port)
    assert image.read(board.image) == _contents()
    assert said["bytes"] < sum(map(len, _contents().values()))


def test_mpy_files_of_another_version_are_refused_before_anything_is_written(board, contents):
    other = {
        name: data[:1] + b"\5" + data[2:] if name.endswith(".mpy") else data
        for name, data in contents.items()
    }
    with pytest.raises(exits.Failure, match=r"are version 5; MicroPython .* takes version 6"):
        flash.flash(board.port, _HOST, "light", other)
    assert image.read(board.image) == {}
    # The board itself would not have taken them.
    board.power_off()
    image.make(board.image, {"wrong.mpy": other["board.mpy"]})
    board.power_on()
    with Terminal(board.port) as terminal:
        terminal.prompt()
        assert b"incompatible .mpy file" in terminal.ask(b"import wrong")


def test_firmware_for_another_chip_is_refused_before_anything_is_written(board):
    said = _flash("--board", "rpi_pico_w", "--port", board.port, code=exits.FAILED)
    assert "for a Pico W (rp2), the board on the port is a 'linux'" in said
    assert image.read(board.image) == {}


def test_a_flash_that_is_too_small_is_told_before_anything_is_written(board, contents):
    board.power_off()
    image.make(board.image, {"theirs.bin": bytes(8000)}, blocks=16)
    board.power_on()
    with pytest.raises(exits.Failure, match="bytes free, and") as caught:
        flash.flash(board.port, _HOST, "light", contents)
    assert "mpremote connect {} rm".format(board.port) in caught.value.next_step
    assert list(image.read(board.image)) == ["theirs.bin"]


def test_a_flash_that_turns_out_to_be_full_is_told(board, contents):
    # One byte less than ten blocks: littlefs needs an eleventh for its own pointers.
    large = {"large.{}".format(n): bytes(10 * image.BLOCK_BYTES - 1) for n in range(3)}
    large["board.mpy"] = contents["board.mpy"]
    board.power_off()
    image.make(board.image, {}, blocks=2 + 3 * 10 + 1)
    board.power_on()
    with pytest.raises(exits.Failure, match="the board's flash is full"):
        flash.flash(board.port, _HOST, "light", large)


def test_another_exception_on_the_board_is_shown(board, contents):
    board.power_off()
    image.make(board.image, {"kerb": b"a file where a folder has to be"})
    board.power_on()
    with pytest.raises(exits.Failure, match="the board refused: OSError"):
        flash.flash(board.port, _HOST, "light", contents)


def test_a_port_that_is_not_there_is_told(tmp_path):
    said = _flash("--board", "host", "--port", tmp_path / "none", code=exits.NO_DEVICE)
    assert "there is no port" in said


def test_a_port_in_use_by_another_program_is_told(board):
    with serial.Serial(board.port, exclusive=True):
        said = _flash("--board", "host", "--port", board.port, code=exits.BUSY)
    assert "another program uses" in said


def test_a_silent_port_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "_ENTER_S", 0.2)
    port = tmp_path / "port"
    near, far = pty.openpty()
    port.symlink_to("/proc/self/fd/{}".format(far))
    with contextlib.closing(open(near, "rb")), contextlib.closing(open(far, "rb")):
        with pytest.raises(exits.Failure, match="no MicroPython answers") as caught:
            session.Session(str(port)).__enter__()
    assert caught.value.code == exits.NO_DEVICE


def test_a_board_that_prints_garbage_is_told(board, monkeypatch, capsys):
    monkeypatch.setattr(session, "_ENTER_S", 0.2)
    with Terminal(board.port) as terminal:
        terminal.prompt()
        terminal.ask(b"import micropython", b">>> ")
        terminal.type(b"micropython.kbd_intr(-1); exec(\"while True: print('garbage')\")\r")
        terminal.until(b"garbage\n")
    with pytest.raises(exits.Failure, match="no MicroPython answers"):
        session.Session(board.port).__enter__()
    assert capsys.readouterr().out == ""


def test_the_port_is_the_only_one_unless_it_is_named():
    assert ports.choose("/dev/a", ["/dev/b", "/dev/c"]) == "/dev/a"
    assert ports.choose(None, ["/dev/b"]) == "/dev/b"
    with pytest.raises(exits.Failure, match="no board found") as caught:
        ports.choose(None, [])
    assert caught.value.code == exits.NO_DEVICE
    with pytest.raises(exits.Failure, match="several ports: /dev/b, /dev/c") as caught:
        ports.choose(None, ["/dev/b", "/dev/c"])
    assert caught.value.code == exits.USAGE


def test_the_right_boards_and_apps_are_named_to_who_asks_for_others():
    done = subprocess.run(
        _kerb("--board", "pico"), capture_output=True, text=True, check=False, cwd=_ROOT
    )
    assert done.returncode == exits.USAGE
    assert "esp32_devkit, host, rpi_pico_w" in done.stderr
    with pytest.raises(exits.Failure, match="does not offer the app 'toaster'") as caught:
        build.describe("host", "toaster")
    assert caught.value.next_step == "take one of these: light"


def test_a_config_that_the_device_would_refuse_is_refused_before_the_port_is_touched(tmp_path):
    config = _write(tmp_path / "c.json", _CONFIG | {"nmae": 1, "site": {"tz": "KST-9"}})
    secrets = _write(tmp_path / "s.json", {"wifi_psk": "short"})
    said = _flash(
        "--board", "host", "--port", "/dev/none", "--config", config, "--secrets", secrets,
        code=exits.USAGE,
    )  # fmt: skip
    assert "site.lat_e7: missing" in said
    assert "nmae: unknown key, did you mean name?" in said
    assert "wifi_psk: found a value that is not shown" in said
    assert "short" not in said


def test_a_config_file_that_is_no_json_or_not_there_is_told(tmp_path):
    broken = tmp_path / "c.json"
    broken.write_text('{"app": "light"')
    assert "c.json: line 1" in _flash("--board", "host", "--config", broken, code=exits.USAGE)
    missing = tmp_path / "none.json"
    assert "No such file" in _flash("--board", "host", "--config", missing, code=exits.USAGE)


def test_a_config_for_another_app_than_the_one_asked_for_is_refused(config):
    from host_tools import config_files

    with pytest.raises(exits.Failure, match="found 'light', to be flashed is 'parking'"):
        config_files.read(config, None, "parking")


def test_a_dry_run_lists_the_files_and_needs_no_board(config):
    listed = _flash("--board", "rpi_pico_w", "--dry-run", "--config", config)
    expected = {name: len(data) for name, data in _contents("rpi_pico_w").items()}
    assert listed == expected | {"config.json": config.stat().st_size}
    done = subprocess.run(
        _kerb("--board", "host", "--dry-run"),
        capture_output=True,
        text=True,
        check=True,
        cwd=_ROOT,
    )
    assert done.stdout.splitlines()[-1].endswith("files")


def test_a_person_reads_counts_and_the_next_step(board):
    done = subprocess.run(
        _kerb("--board", "host", "--port", board.port),
        capture_output=True,
        text=True,
        check=True,
        cwd=_ROOT,
    )
    count = len(_contents())
    assert "{0} files, {0} copied (".format(count) in done.stdout
    assert "next: the board has no config.json yet" in done.stdout
    assert done.stderr == ""  # a progress bar is for terminals
