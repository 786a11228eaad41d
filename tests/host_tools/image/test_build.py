"""`kerb firmware` with a MicroPython of two makefiles: what is frozen, kept, refused and repeated.

The makefile of the port writes the manifest's text, then the files it names, as the "image".
"""

import fcntl
import json
import os
import stat
import subprocess

import pytest

from host_tools import cli, exits, paths
from host_tools.image import apps, build, recipe, sizes, uf2
from host_tools.setup import mpy_source, product, toolchain, umqtt

_PORT = """\
all:
\techo $(BOARD) $(MAKELEVEL) >>$(BUILD)/../runs
\tcat $(FROZEN_MANIFEST) >$(BUILD)/frozen_content.c
\tif grep -q True $(FROZEN_MANIFEST); then \\
		find $(KERB_TREE) -name "*.py" | sort | xargs cat >>$(BUILD)/frozen_content.c; fi
\tcp $(BUILD)/frozen_content.c $(BUILD)/firmware.bin
\techo elf >$(BUILD)/firmware.elf
"""
_NM = """#!/bin/sh
echo 20002800 B __GcHeapStart
echo 20040000 B __GcHeapEnd
echo 10001000 0000000a r fun_data_kerb_devices_light_check
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with one board and MicroPython's source; gives the folder of all."""
    for folder in ("mpy/ports/rp2", "mpy/mpy-cross", "tools", "boards/rpi_pico", "firmware"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "mpy/ports/rp2/Makefile").write_text(_PORT)
    (tmp_path / "mpy/mpy-cross/Makefile").write_text("all:\n\ttrue\n")
    board = {"id": "RPI_PICO", "port": "rp2", "apps": ["light"]}
    (tmp_path / "boards/rpi_pico/board.json").write_text(json.dumps(board))
    (tmp_path / "boards/rpi_pico/board.py").write_text("# pins\n")
    (tmp_path / "firmware/main.py").write_text("# Kerb\n")
    (tmp_path / "firmware/kerb/devices").mkdir(parents=True)
    for name in ("__init__", "device", "devices/__init__", "devices/light", "devices/by_wifi"):
        (tmp_path / "firmware/kerb" / (name + ".py")).write_text("")
    nm = tmp_path / "tools" / "arm-none-eabi-nm"
    nm.write_text(_NM)
    nm.chmod(nm.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", "{}:{}".format(nm.parent, os.environ["PATH"]))
    monkeypatch.setenv("KERB_TREE", str(tmp_path / "firmware"))
    monkeypatch.setattr(paths, "BOARDS", tmp_path / "boards")
    monkeypatch.setattr(paths, "FIRMWARE", tmp_path / "firmware")
    monkeypatch.setattr(recipe, "BUILD", tmp_path / "build")
    monkeypatch.setattr(mpy_source, "HOME", tmp_path / "mpy")
    monkeypatch.setattr(toolchain, "missing", list)
    return tmp_path


def runs(project):
    """The builds so far."""
    return (project / "build/mpy/runs").read_text().splitlines()


def test_an_image_has_kerb_in_it_and_the_bare_one_has_not(project):
    target, report = build.build("rpi_pico")
    assert target == project / "build/firmware/rpi_pico"
    data = (target / "firmware.bin").read_bytes()
    bare = (project / "build/firmware/bare/firmware.bin").read_bytes()
    assert data.endswith(b"kerb=True)\n# Kerb\n") and bare.endswith(b"kerb=False)\n")
    assert uf2.decode((target / "firmware.uf2").read_bytes())[1].startswith(data)
    assert report["flash_bytes"] == len(data)
    assert report["kerb_flash_bytes"] == len(data) - len(bare)
    assert report["static_ram_bytes"] == 0x2800
    assert report["heap_bytes"] == 0x40000 - 0x2800


def test_a_repeat_builds_nothing_and_a_change_of_the_firmware_only_what_has_kerb(project):
    build.build("rpi_pico")
    assert len(runs(project)) == 2
    assert build.build("rpi_pico") == build.build("rpi_pico")
    assert len(runs(project)) == 2
    (project / "firmware/main.py").write_text("# Kerb, changed\n")
    target, _ = build.build("rpi_pico")
    assert len(runs(project)) == 3
    assert b"changed" in (target / "firmware.bin").read_bytes()
    (project / "firmware/main.py").unlink()
    (project / "firmware/other.py").write_text("# other\n")
    assert b"Kerb" not in (build.build("rpi_pico")[0] / "firmware.bin").read_bytes()


def test_a_change_of_the_boards_c_configuration_builds_both(project):
    build.build("rpi_pico")
    (project / "boards/rpi_pico/mpconfigboard.h").write_text("#define X 1\n")
    build.build("rpi_pico")
    assert len(runs(project)) == 4


def test_what_was_left_half_done_is_done_again(project):
    build.build("rpi_pico")
    (project / "build/firmware/rpi_pico/sizes.json").write_text("{")
    build.build("rpi_pico")
    assert len(runs(project)) == 3


def test_an_image_over_its_budget_is_an_error_and_leaves_the_old_one(project, capsys):
    build.build("rpi_pico")
    before = (project / "build/firmware/rpi_pico/firmware.bin").read_bytes()
    (project / "firmware/main.py").write_text("#" * (sizes.KERB_FLASH_BUDGET + 100))
    assert cli.main(["firmware", "--board", "rpi_pico"]) == exits.FAILED
    said = capsys.readouterr().err
    assert "more than the {} of its budget".format(sizes.KERB_FLASH_BUDGET) in said
    assert (project / "build/firmware/rpi_pico/firmware.bin").read_bytes() == before


def test_the_budget_is_held_to_the_byte_for_each_app():
    sizes.hold_budget({"light": 9, "parking": sizes.KERB_FLASH_BUDGET})
    with pytest.raises(sizes.BudgetExceeded, match=r"app light .*: 1 more than"):
        sizes.hold_budget({"light": sizes.KERB_FLASH_BUDGET + 1, "parking": 9})


def test_an_app_is_told_without_what_only_other_apps_need(project, monkeypatch):
    nm = project / "tools/arm-none-eabi-nm"
    firmware = project / "firmware/kerb"
    (firmware / "lamp.py").write_text("")
    (firmware / "lamp_relay.py").write_text("")
    (firmware / "clock.py").write_text("")
    (firmware / "device.py").write_text("import kerb.clock\n")
    light = "def make():\n    from kerb import lamp\n"
    (firmware / "devices/light.py").write_text(light)
    (firmware / "devices/parking.py").write_text("from kerb.lamp_relay import Relay\n")
    lines = [
        "10000000 00000064 r fun_data_kerb_lamp_on",
        "10000000 00000001 r fun_data_kerb_lamp__lt_module_gt_",
        "10000000 000000c8 r const_obj_table_data_kerb_lamp_relay",
        "10000000 00000190 r fun_data_kerb_clock_now",
        "10000000 00000320 r fun_data_kerb_devices_parking_make",
        "10000000 00004e20 T mp_execute_bytecode",
        "         U memcpy",
    ]
    nm.write_text("#!/bin/sh\n" + "".join("echo '{}'\n".format(line) for line in lines))
    taken = apps.flash_bytes(project / "x.elf", "rpi_pico", ["light", "parking"], 5000)
    assert taken == {"light": 5000 - 0xC8 - 0x320, "parking": 5000 - 0x64 - 1}


def test_of_both_ways_to_the_city_the_larger_one_counts_where_a_board_has_it(project):
    firmware = project / "firmware/kerb"
    (firmware / "uplink/lorawan").mkdir(parents=True)
    for name in ("uplink/__init__", "uplink/mqtt", "uplink/lorawan/__init__"):
        (firmware / (name + ".py")).write_text("")
    (firmware / "uplink/lorawan/mac.py").write_text("")  # imported by a name made up at run time
    (firmware / "devices/by_wifi.py").write_text("import kerb.uplink.mqtt\n")
    (firmware / "devices/by_lorawan.py").write_text("")
    lines = [
        "10000000 00000064 r fun_data_kerb_uplink_mqtt_run",
        "10000000 00000190 r fun_data_kerb_uplink_lorawan_mac_send",
    ]
    nm = project / "tools/arm-none-eabi-nm"
    nm.write_text("#!/bin/sh\n" + "".join("echo '{}'\n".format(line) for line in lines))
    board = project / "boards/rpi_pico/board.json"
    for features, lora, taken in (
        (["WiFi"], None, 5000 - 0x190),
        ([], "sx126x", 5000 - 0x64),
        (["WiFi"], "sx126x", 5000 - 0x64),
    ):
        told = {"features": features} | ({"lora": lora} if lora else {})
        board.write_text(json.dumps(told))
        assert apps.flash_bytes(project / "x.elf", "rpi_pico", ["light"], 5000) == {"light": taken}


def test_the_pins_of_another_board_that_was_built_there_are_not_frozen(project):
    other = project / "build/mpy/RPI_PICO/frozen_mpy/board.mpy"
    other.parent.mkdir(parents=True)
    other.write_text("another board's pins")
    build.build("rpi_pico")
    assert not other.exists()


def test_a_build_that_waits_for_another_one_says_so(project, monkeypatch):
    (project / "build/mpy").mkdir(parents=True)
    other = (project / "build/mpy/RPI_PICO.lock").open("w")
    fcntl.flock(other, fcntl.LOCK_EX)
    said = []

    def say(text):
        said.append(text)
        other.close()  # the other build is done

    monkeypatch.setattr(build, "say", say)
    build.build("rpi_pico")
    assert said[0] == "waiting for another build for RPI_PICO ..."
    assert len(runs(project)) == 2


@pytest.mark.parametrize("added", [0, -9000])
def test_an_image_that_is_no_bigger_with_kerb_than_without_is_an_error(added):
    with pytest.raises(exits.Failure, match="one of both is wrong") as failed:
        sizes.added_bytes(300000 + added, 300000)
    assert "build/firmware" in failed.value.next_step


_CACHE = "# CMake\nCMAKE_CACHEFILE_DIR:INTERNAL={}\nX:STRING=1\nCMAKE_HOME_DIRECTORY:INTERNAL={}\n"


@pytest.mark.parametrize(
    ("cachefile", "home", "kept"),
    [
        ("build/mpy/RPI_PICO", "mpy/ports/rp2", True),
        ("old/build/mpy/RPI_PICO", "old/mpy/ports/rp2", False),
        ("build/mpy/RPI_PICO", "old/mpy/ports/rp2", False),
        ("old/build/mpy/RPI_PICO", "mpy/ports/rp2", False),
    ],
)
def test_a_build_folder_of_another_checkout_is_not_built_in(project, cachefile, home, kept):
    work = project / "build/mpy/RPI_PICO"
    work.mkdir(parents=True)
    (work / "CMakeCache.txt").write_text(_CACHE.format(project / cachefile, project / home))
    (work / "object.o").touch()
    build.build("rpi_pico")
    assert (work / "object.o").exists() == kept


def test_a_build_folder_whose_cache_was_cut_short_is_not_built_in(project):
    work = project / "build/mpy/RPI_PICO"
    work.mkdir(parents=True)
    (work / "CMakeCache.txt").write_text("# CMake\n")
    build.build("rpi_pico")
    assert not (work / "CMakeCache.txt").exists()


def test_a_build_that_makes_nothing_does_not_pass_off_what_was_there(project, capsys):
    build.build("rpi_pico")
    (project / "mpy/ports/rp2/Makefile").write_text("all:\n\ttrue\n")
    (project / "firmware/main.py").write_text("# Kerb, changed\n")
    assert cli.main(["firmware", "--board", "rpi_pico"]) == exits.FAILED
    assert "made no firmware.bin" in capsys.readouterr().err


def test_a_failed_build_tells_the_compilers_words_and_where_the_rest_is(project, capsys):
    (project / "mpy/ports/rp2/Makefile").write_text(
        "all:\n\t@echo main.c:7: error: no such thing\n\t@exit 1\n"
    )
    assert cli.main(["firmware", "--board", "rpi_pico"]) == exits.FAILED
    said = capsys.readouterr().err
    assert "main.c:7: error: no such thing" in said and "build.log" in said
    assert "make: ***" not in said


def test_a_checkout_is_built_each_time_in_a_folder_of_its_own(project):
    build.build("rpi_pico")
    own = project / "mine"
    (project / "mpy").rename(own)
    target, _ = build.build("rpi_pico", own)
    build.build("rpi_pico", own)
    assert target == project / "build/firmware/rpi_pico"
    assert len(runs(project)) == 2 + 4
    kept = {path.name.split("-")[0] for path in (project / "build/firmware").iterdir()}
    assert kept == {"rpi_pico", "bare"}
    assert (project / "build/firmware/bare/sizes.json").exists()


def test_nothing_of_the_make_that_started_it_reaches_micropythons(project, monkeypatch):
    monkeypatch.setenv("MAKEFLAGS", " -- BOARD=rpi_pico BUILD=/nowhere")
    monkeypatch.setenv("MAKELEVEL", "3")
    monkeypatch.setenv("BOARD", "rpi_pico")
    build.build("rpi_pico")
    assert runs(project) == ["RPI_PICO 0", "RPI_PICO 0"]


@pytest.mark.parametrize(
    ("words", "reason", "next_step"),
    [
        (["--board", "moon"], "no board 'moon'", "take one of these: rpi_pico"),
        (["--board", "rpi_pico", "--mpy-dir", "/nowhere"], "no MicroPython", "MPY_DIR="),
    ],
)
def test_what_cannot_be_built_is_told_with_what_to_do(project, capsys, words, reason, next_step):
    assert cli.main(["firmware", *words]) == exits.USAGE
    said = capsys.readouterr().err
    assert reason in said and next_step in said


@pytest.mark.parametrize(
    ("board", "words"),
    [("rpi_pico_w", "more than Debian's"), ("esp32_devkit", "MPY_DIR="), ("host", "no board to")],
)
def test_a_board_that_needs_a_full_sdk_is_refused_without_one(board, words, capsys):
    assert cli.main(["firmware", "--board", board]) == exits.USAGE
    assert words in capsys.readouterr().err


def test_a_missing_toolchain_is_told_with_the_command_to_give(project, monkeypatch, capsys):
    monkeypatch.setattr(toolchain, "missing", lambda: ["cmake", "gcc-arm-none-eabi"])
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert cli.main(["firmware", "--board", "rpi_pico"]) == exits.MISSING
    assert "sudo apt-get install cmake gcc-arm-none-eabi" in capsys.readouterr().err


def test_root_gets_what_is_missing_installed_even_when_one_source_of_apt_is_out_of_reach(
    project, monkeypatch, capsys
):
    apt = project / "tools" / "apt-get"
    log = project / "apt.log"
    apt.write_text(f"#!/bin/sh\necho $* >>{log}\n[ $1 != update ] || exit 100\n")
    apt.chmod(0o755)
    monkeypatch.setattr(toolchain, "missing", lambda: ["cmake"])
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    build.build("rpi_pico")
    assert log.read_text().splitlines()[-1].startswith("install ")
    assert log.read_text().splitlines()[-1].endswith(" cmake")


def test_what_the_compiler_lacks_is_named_by_its_package(project, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv("PATH", str(project / "tools"))
    for name in ("cmake", "make", "gcc"):
        (project / "tools" / name).symlink_to("/bin/true")
    assert toolchain.missing() == [
        "gcc-arm-none-eabi",
        "libnewlib-arm-none-eabi",
        "libstdc++-arm-none-eabi-newlib",
    ]
    compiler = project / "tools" / "arm-none-eabi-gcc"
    compiler.write_text(
        "#!/bin/sh\ncase $1 in *nano*) echo /x/nano.specs ;; *) echo libx ;; esac\n"
    )
    compiler.chmod(0o755)
    assert toolchain.missing() == ["libstdc++-arm-none-eabi-newlib"]


def test_each_real_boards_manifest_freezes_kerb_unless_it_is_told_not_to():
    for folder in product.ROOT.glob("boards/*/manifest.py"):
        frozen, drivers = {}, []
        for kerb in (True, False):
            frozen[kerb] = included = []
            names = {
                "options": type("Options", (), {"kerb": kerb, "defaults": lambda **_: None}),
                "include": included.append,
                "freeze": included.append,
                "module": included.append,
                "require": drivers.append,
            }
            exec(folder.read_text(), names)
        added = [name for name in frozen[True] if name not in frozen[False]]
        assert added == ["../../firmware/manifest.py", "board.py"], folder
        assert bool(drivers) == ("lora" in json.loads((folder.parent / "board.json").read_text()))


def test_debians_sources_are_put_together_with_the_umqtt_of_the_set_up(tmp_path, monkeypatch):
    archives = {}
    for name in ("micropython", "mbedtls", "lwip"):
        (tmp_path / name / f"{name}-1.0" / "src").mkdir(parents=True)
        (tmp_path / name / f"{name}-1.0" / "src" / "a.c").write_text(name)
        archives[name] = tmp_path / f"{name}.tar.gz"
        subprocess.run(
            ["tar", "czf", archives[name], "-C", tmp_path / name, f"{name}-1.0"], check=True
        )

    class Packages:
        def __init__(self, folder, sources):
            (folder / "root/usr/src/pico-sdk").mkdir(parents=True)
            (folder / "root/usr/src/tinyusb").mkdir()
            (folder / "root/usr/src/tinyusb/t.c").write_text("usb")
            assert sources

        def sources(self, names, _folder):
            return {name: archives[name] for name in names}

        def alone(self, _names, _folder):
            return []

    (tmp_path / "simple.py").write_text("# umqtt\n")
    monkeypatch.setattr(umqtt, "MODULE", tmp_path / "simple.py")
    monkeypatch.setattr(mpy_source, "Packages", Packages)
    monkeypatch.setattr(mpy_source, "HOME", tmp_path / "build" / "mpy-source")
    mpy_source.fetch()
    home = mpy_source.HOME
    assert (home / "src/a.c").read_text() == "micropython"
    assert (home / "lib/mbedtls/src/a.c").read_text() == "mbedtls"
    assert (home / "lib/lwip/src/a.c").read_text() == "lwip"
    assert (home / "lib/tinyusb/t.c").read_text() == "usb"
    assert (home / "lib/pico-sdk/README.md").exists()
    assert (home / mpy_source.UMQTT / "umqtt/simple.py").read_text() == "# umqtt\n"
    assert sorted(path.name for path in home.parent.iterdir()) == ["mpy-source"]
