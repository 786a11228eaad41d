"""What `kerb flash` refuses and says, before and while it touches a board."""

import contextlib
import pty
import subprocess

import pytest
import serial
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

from host_tools import build, config_files, exits, flash
from host_tools.device import ports, session
from host_tools.vboard import image


def test_mpy_files_of_another_version_are_refused_before_anything_is_written(board, contents):
    other = {
        name: data[:1] + b"\5" + data[2:] if name.endswith(".mpy") else data
        for name, data in contents.items()
    }
    with pytest.raises(exits.Failure, match=r"are version 5; MicroPython .* takes version 6"):
        flash.flash(board.port, HOST, "light", other)
    assert image.read(board.image) == {}
    # The board itself would not have taken them.
    board.power_off()
    image.make(board.image, {"wrong.mpy": other["board.mpy"]})
    board.power_on()
    with Terminal(board.port) as terminal:
        terminal.prompt()
        assert b"incompatible .mpy file" in terminal.ask(b"import wrong")


def test_firmware_for_another_chip_is_refused_before_anything_is_written(board):
    said = run_kerb_flash("--board", "rpi_pico_w", "--port", board.port, code=exits.FAILED)
    assert "for a Pico W (rp2), the board on the port is a 'linux'" in said
    assert image.read(board.image) == {}


def test_a_flash_that_is_too_small_is_told_before_anything_is_written(board, contents):
    board.power_off()
    image.make(board.image, {"theirs.bin": bytes(8000)}, blocks=16)
    board.power_on()
    with pytest.raises(exits.Failure, match="bytes free, and") as caught:
        flash.flash(board.port, HOST, "light", contents)
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
        flash.flash(board.port, HOST, "light", large)


def test_another_exception_on_the_board_is_shown(board, contents):
    board.power_off()
    image.make(board.image, {"kerb": b"a file where a folder has to be"})
    board.power_on()
    with pytest.raises(exits.Failure, match="the board refused: OSError"):
        flash.flash(board.port, HOST, "light", contents)


def test_a_port_that_is_not_there_is_told(tmp_path):
    said = run_kerb_flash("--board", "host", "--port", tmp_path / "none", code=exits.NO_DEVICE)
    assert "there is no port" in said


def test_what_is_no_serial_port_is_told(tmp_path):
    (tmp_path / "file").write_text("no port")
    for path in (tmp_path, tmp_path / "file"):
        with pytest.raises(exits.Failure, match="is no serial port") as caught:
            session.Session(str(path)).__enter__()
        assert caught.value.code == exits.NO_DEVICE


def test_a_port_in_use_by_another_program_is_told(board):
    with serial.Serial(board.port, exclusive=True):
        said = run_kerb_flash("--board", "host", "--port", board.port, code=exits.BUSY)
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
        kerb_flash("--board", "pico"),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == exits.USAGE
    assert "esp32_devkit, heltec_v3, host, lilygo_tbeam, pico_lora_sx1262, rpi_pico" in done.stderr
    with pytest.raises(exits.Failure, match="does not offer the app 'toaster'") as caught:
        build.describe("host", "toaster")
    assert caught.value.next_step == "take one of these: light, parking, crosswalk"


def test_a_config_that_the_device_would_refuse_is_refused_before_the_port_is_touched(tmp_path):
    config = write(tmp_path / "c.json", CONFIG | {"nmae": 1, "site": {"tz": "KST-9"}})
    secrets = write(tmp_path / "s.json", {"wifi_psk": "short"})
    said = run_kerb_flash(
        "--board", "host", "--port", "/dev/none", "--config", config, "--secrets", secrets,
        code=exits.USAGE,
    )  # fmt: skip
    assert "site.lat_e7: missing" in said
    assert "nmae: unknown key, did you mean name?" in said
    assert "wifi_psk: found a value that is not shown" in said
    assert "short" not in said


_LORA = {"region": "KR920", "dev_eui": "70b3d57ed0000001"}
_WIFI = {"wifi": {"ssid": "any"}, "mqtt": {"host": "broker"}}


@pytest.mark.parametrize(
    ("board", "uplink", "said"),
    [
        ("rpi_pico_w", {"lorawan": _LORA}, "uplink.lorawan: .* Pico W has none, allowed: .*wifi"),
        ("pico_lora_sx1262", _WIFI, "uplink.wifi: .*SX1262 has none, allowed: uplink.lorawan"),
        ("rpi_pico", _WIFI, "uplink.wifi: .* Pico has none, allowed: no uplink"),
        ("rpi_pico_ppp", _WIFI, None),
        ("heltec_v3", _WIFI, None),
        ("heltec_v3", {"lorawan": _LORA}, None),
    ],
)
def test_a_way_to_the_city_that_the_board_has_not_got_is_refused(tmp_path, board, uplink, said):
    config = write(tmp_path / "c.json", CONFIG | {"uplink": uplink})
    description = build.describe(board, "light")
    if said is None:
        config_files.read(config, None, "light", description)
        return
    with pytest.raises(exits.Failure, match=said) as caught:
        config_files.read(config, None, "light", description)
    assert caught.value.code == exits.USAGE


def test_secrets_without_the_keys_that_lorawan_needs_are_refused_and_how_to_make_them_said(
    tmp_path,
):
    key = "00" * 16
    group = {"class": "C", "group": "01020304"}
    for more, needed in (
        ({}, ["app_key"]),
        (group, ["app_key", "mc_nwk_skey", "mc_app_skey"]),
        ({"dev_addr": "01020304"}, ["nwk_skey", "app_skey"]),
    ):
        config = write(tmp_path / "c.json", CONFIG | {"uplink": {"lorawan": _LORA | more}})
        secrets = write(tmp_path / "s.json", dict.fromkeys(needed, key))
        config_files.read(config, secrets, "light")
        for missing in needed:
            write(secrets, {name: key for name in needed if name != missing})
            with pytest.raises(exits.Failure, match=f"s.json has no {missing}, which") as caught:
                config_files.read(config, secrets, "light")
            wanted = "kerb lora keys --secrets" if missing == "app_key" else "network's server"
            assert wanted in caught.value.next_step
            assert key not in caught.value.reason


def test_a_config_file_that_is_no_json_or_not_there_is_told(tmp_path):
    broken = tmp_path / "c.json"
    broken.write_text('{"app": "light"')
    assert "c.json: line 1" in run_kerb_flash(
        "--board", "host", "--config", broken, code=exits.USAGE
    )
    missing = tmp_path / "none.json"
    assert "No such file" in run_kerb_flash(
        "--board", "host", "--config", missing, code=exits.USAGE
    )


def test_a_config_for_another_app_than_the_one_asked_for_is_refused(config):
    with pytest.raises(exits.Failure, match="found 'light', to be flashed is 'parking'"):
        config_files.read(config, None, "parking")


def test_a_dry_run_lists_the_files_and_needs_no_board(config):
    listed = run_kerb_flash("--board", "rpi_pico_w", "--dry-run", "--config", config)
    expected = {name: len(data) for name, data in all_contents("rpi_pico_w").items()}
    assert listed == expected | {"config.json": config.stat().st_size}
    done = subprocess.run(
        kerb_flash("--board", "host", "--dry-run"),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout.splitlines()[-1].endswith("files")


def test_a_person_reads_counts_and_the_next_step(board):
    done = subprocess.run(
        kerb_flash("--board", "host", "--port", board.port),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    count = len(all_contents())
    assert "{0} files, {0} copied (".format(count) in done.stdout
    assert "next: the board has no config.json yet" in done.stdout
    assert done.stderr == ""  # a progress bar is for terminals
