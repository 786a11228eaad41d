"""`kerb flash` onto a virtual board: real mpremote, a real serial line, a real file system."""

import json
import signal
import socket
import subprocess
import time

import pytest
from support.flashing import (
    CONFIG,
    HOST,
    ROOT,
    all_contents,
    kerb_flash,
    run_kerb_flash,
    write,
)
from support.terminal import Terminal

from host_tools import exits, flash
from host_tools.device import session
from host_tools.vboard import image

_LAMP_PIN = 15


def test_all_files_arrive_whole_and_the_board_is_reset(board, wait_for):
    contents = all_contents()
    said = run_kerb_flash("--board", "host", "--port", board.port)
    assert image.read(board.image) == contents
    assert said["copied"] == sorted(contents)
    assert said["files"] == len(contents)
    assert said["unchanged"] == 0
    assert said["bytes"] == sum(len(data) for data in contents.values())
    wait_for(lambda: board.cause == "hard")


def test_a_second_run_copies_nothing_and_the_board_goes_back_to_work(board, wait_for):
    run_kerb_flash("--board", "host", "--port", board.port)
    wait_for(lambda: board.cause == "hard")
    said = run_kerb_flash("--board", "host", "--port", board.port)
    assert (said["copied"], said["bytes"], said["removed"]) == ([], 0, [])
    assert said["unchanged"] == said["files"]
    wait_for(lambda: board.cause == "hard")


def test_a_changed_file_is_copied_alone(board, contents):
    flash.flash(board.port, HOST, "light", contents)
    changed = contents | {"kerb/apps/light.mpy": contents["kerb/apps/sun.mpy"]}
    said = flash.flash(board.port, HOST, "light", changed)
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
    said = flash.flash(board.port, HOST, "light", contents)
    assert sorted(said["removed"]) == sorted(old)
    assert image.read(board.image) == contents | theirs


def test_a_board_without_config_is_flashed_and_the_next_step_named(board):
    (note,) = run_kerb_flash("--board", "host", "--port", board.port)["notes"]
    assert "no config.json yet: repeat with --config" in note


def test_a_config_for_another_app_is_told(board, contents):
    board.power_off()
    image.make(board.image, {"config.json": b'{"app": "parking"}'})
    board.power_on()
    (note,) = flash.flash(board.port, HOST, "light", contents)["notes"]
    assert "names the app 'parking'" in note


def test_config_and_secrets_are_brought_along(board, config, tmp_path):
    secrets = write(tmp_path / "s.json", {"wifi_psk": "correct horse"})
    said = run_kerb_flash(
        "--board", "host", "--port", board.port, "--config", config, "--secrets", secrets
    )
    assert said["notes"] == []
    found = image.read(board.image)
    assert json.loads(found["config.json"]) == CONFIG
    assert json.loads(found["secrets.json"]) == {"wifi_psk": "correct horse"}


def test_the_flashed_board_lights_its_lamp_reports_and_can_be_stopped(board, tmp_path, wait_for):
    with socket.create_server(("127.0.0.1", 0)) as broker:
        broker.settimeout(20)
        uplink = {
            "wifi": {"ssid": "any"},
            "mqtt": {"host": "127.0.0.1", "port": broker.getsockname()[1]},
            "sntp": {"host": "127.0.0.1", "port": 9},
        }
        config = write(tmp_path / "lamp.json", CONFIG | {"uplink": uplink})
        run_kerb_flash("--board", "host", "--port", board.port, "--config", config)
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
    run_kerb_flash("--board", "host", "--port", board.port, "--config", config)
    wait_for(lambda: board.pins.get(_LAMP_PIN))
    said = run_kerb_flash("--board", "host", "--port", board.port)
    assert (said["copied"], said["notes"]) == ([], [])
    wait_for(lambda: board.pins.get(_LAMP_PIN) and board.cause == "hard")


def test_the_watchdog_is_fed_during_the_work(board, contents, monkeypatch):
    monkeypatch.setattr(session, "_WATCHDOG_MS", 700)
    flash.flash(board.port, HOST, "light", contents, lambda done, total: time.sleep(0.1))
    assert image.read(board.image) == contents
    assert not [note for note in board.notes if "watchdog" in note]


def test_a_board_that_is_left_in_the_middle_goes_back_to_work(
    board, contents, monkeypatch, wait_for
):
    monkeypatch.setattr(session, "_WATCHDOG_MS", 1000)
    with pytest.raises(exits.Failure):
        flash.flash(board.port, HOST, "light", contents, lambda done, total: board.pull())
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
        flash.flash(board.port, HOST, "light", contents, pull)
    assert caught.value.code == exits.NO_DEVICE
    assert "stopped answering" in caught.value.reason
    assert "of {} changed files had arrived".format(len(contents)) in caught.value.reason
    found = image.read(board.image)
    assert {name: found[name] for name in old} == old
    board.plug()
    said = flash.flash(board.port, HOST, "light", contents)
    assert image.read(board.image) == contents
    if at_percent > 1:
        assert said["bytes"] < sum(map(len, contents.values()))


def test_a_power_cut_is_made_good_by_the_next_run(board, contents):
    def cut(done, total):
        if done * 2 >= total:
            board.power_off()
            board.power_on()

    with pytest.raises(exits.Failure, match="stopped answering"):
        flash.flash(board.port, HOST, "light", contents, cut)
    flash.flash(board.port, HOST, "light", contents)
    assert image.read(board.image) == contents


def test_a_pulled_cable_ends_the_command_with_its_exit_code(board, wait_for):
    work = subprocess.Popen(
        kerb_flash("--board", "host", "--port", board.port),
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    wait_for(lambda: board.image.read_bytes().count(b".mpy.new") > 5)
    board.pull()
    _, said = work.communicate(timeout=30)
    assert work.returncode == exits.NO_DEVICE
    assert "stopped answering" in said
    assert "next: check the cable" in said


def test_ctrl_c_ends_the_command_and_the_next_run_goes_on(board, wait_for):
    work = subprocess.Popen(
        kerb_flash("--board", "host", "--port", board.port),
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    wait_for(lambda: board.image.read_bytes().count(b".mpy.new") > 5)
    work.send_signal(signal.SIGINT)
    _, said = work.communicate(timeout=30)
    assert work.returncode == exits.INTERRUPTED
    assert "interrupted: " in said
    assert "Traceback" not in said
    assert not [name for name in image.read(board.image) if name.endswith(".mpy")]
    said = run_kerb_flash("--board", "host", "--port", board.port)
    assert image.read(board.image) == all_contents()
    assert said["bytes"] < sum(map(len, all_contents().values()))
