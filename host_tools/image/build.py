"""Builds a board's image, twice: with Kerb frozen into it, and bare, to know what Kerb takes.

Both come from one build folder: MicroPython compiles once, and then what is frozen is exchanged.
A repeat without a change does nothing; after a change in the firmware make does what is needed.
"""

import contextlib
import fcntl
import json
import os
import re
import shutil
import subprocess
import time

from host_tools import exits
from host_tools.image import apps, sizes, uf2
from host_tools.image.recipe import Recipe
from host_tools.setup.product import Unavailable, say, whole_folder

_REPORT = "sizes.json"


def _forget_other_places(recipe):
    """Remove a build folder that came along with a copied or moved checkout.

    CMake keeps whole paths: it would refuse such a folder, or build the other checkout's source.
    """
    try:
        cache = (recipe.work / "CMakeCache.txt").read_text(errors="replace")
    except FileNotFoundError:
        return
    made_for = dict(
        re.findall(r"^CMAKE_(CACHEFILE|HOME)_DIR(?:ECTORY)?:INTERNAL=(.*)$", cache, re.M)
    )
    here = {"CACHEFILE": recipe.work, "HOME": recipe.source / "ports" / recipe.port}
    if any(os.path.realpath(made_for.get(key, "")) != os.path.realpath(here[key]) for key in here):
        shutil.rmtree(recipe.work)


def _make(recipe, kerb):
    """One run of MicroPython's build; its words go to build.log in its folder."""
    _forget_other_places(recipe)
    recipe.work.mkdir(parents=True, exist_ok=True)
    # What a build before has left must not be taken for what this one makes.
    product = recipe.product()
    for stale in (product, product.with_suffix(".elf"), recipe.work / "firmware.bin"):
        stale.unlink(missing_ok=True)
    (recipe.work / "manifest.py").write_text(recipe.manifest(kerb))
    # makemanifest.py makes it anew for a file that is newer, but not for one less.
    (recipe.work / "frozen_content.c").unlink(missing_ok=True)
    # Boards of one MicroPython board share the folder, and each has a board.py of its own.
    (recipe.work / "frozen_mpy" / "board.mpy").unlink(missing_ok=True)
    log = recipe.work / "build.log"
    with log.open("wb") as out:
        for command in recipe.commands():
            done = subprocess.run(
                command,
                env=recipe.environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                check=False,
            )
            if done.returncode:
                raise exits.Failure(_last_words(log), "read {}".format(os.path.relpath(log)))
    if not product.exists():
        raise exits.Failure(
            "MicroPython's build made no {}".format(product.name),
            "read {}".format(os.path.relpath(log)),
        )


def _last_words(log):
    """What a failed build said of its errors; make's own come last and say less."""
    lines = log.read_text(errors="replace").splitlines()
    telling = [line for line in lines if "rror" in line and not line.startswith("make")] or lines
    return "MicroPython's build failed:\n  " + "\n  ".join(telling[-6:])


def _keep(recipe, target, report):
    """Put the product of the last build into its folder, whole; gives its report, with sizes."""
    data = recipe.product().read_bytes()
    report = {**report, "flash_bytes": len(data)}
    with whole_folder(target) as folder:
        (folder / "firmware.bin").write_bytes(data)
        if recipe.port == "rp2":
            report.update(sizes.of_elf(recipe.work / "firmware.elf"))
            (folder / "firmware.uf2").write_bytes(uf2.encode(data))
            shutil.copyfile(recipe.work / "firmware.elf", folder / "firmware.elf")
        elif (recipe.work / "firmware.bin").exists():  # with the bootloader and the partitions
            shutil.copyfile(recipe.work / "firmware.bin", folder / "firmware.bin")
        (folder / _REPORT).write_text(json.dumps(report, indent=1) + "\n")
    return report


def _read_report(target):
    try:
        return json.loads((target / _REPORT).read_text())
    except (OSError, ValueError):
        return None


@contextlib.contextmanager
def _alone(recipe):
    """Two builds in one folder would spoil each other: the second waits for the first."""
    recipe.work.parent.mkdir(parents=True, exist_ok=True)
    with recipe.work.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another build for {} ...".format(recipe.board_id))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _up_to_date(recipe, target, kerb):
    """The report of an image that is as it should be, None if there is none."""
    report = _read_report(target)
    inputs = recipe.inputs(kerb)
    return report if inputs and report and report.get("inputs") == inputs else None


def _without_kerb(recipe):
    report = _up_to_date(recipe, recipe.bare_target, kerb=False)
    if report:
        return report
    recipe.prepare()
    began = time.monotonic()
    say("building MicroPython for {} (a minute) ...".format(recipe.board_id))
    inputs = recipe.inputs(kerb=False)
    _make(recipe, kerb=False)
    report = _keep(recipe, recipe.bare_target, {"board": recipe.board_id, "inputs": inputs})
    say("built in {:.0f} s".format(time.monotonic() - began))
    return report


def _with_kerb(recipe):
    report = _up_to_date(recipe, recipe.target, kerb=True)
    if report:
        return report
    recipe.prepare()
    without = _without_kerb(recipe)
    say("freezing Kerb for {} (some seconds) ...".format(recipe.board))
    inputs = recipe.inputs(kerb=True)
    _make(recipe, kerb=True)
    added = sizes.added_bytes(recipe.product().stat().st_size, without["flash_bytes"])
    report = {"board": recipe.board, "inputs": inputs, "kerb_flash_bytes": added}
    if recipe.port == "rp2":
        elf = recipe.work / "firmware.elf"
        report["app_flash_bytes"] = apps.flash_bytes(elf, recipe.board, recipe.apps, added)
        report["app_flash_budget_bytes"] = sizes.KERB_FLASH_BUDGET
        sizes.hold_budget(report["app_flash_bytes"])
    return _keep(recipe, recipe.target, report)


def build(board, mpy_dir=None, bare=False):
    """Make a board's image, if it is not up to date; gives (its folder, its report).

    The folder is build/firmware/<board>/, or build/firmware/bare*/ when it is wanted without
    Kerb. Failure, with the next step, when it can't be built or exceeds its budget; its code is
    exits.MISSING when this machine lacks what it takes.
    """
    recipe = Recipe(board, mpy_dir)
    target, kerb = (recipe.bare_target, False) if bare else (recipe.target, True)
    try:
        report = _up_to_date(recipe, target, kerb)
        if not report:
            with _alone(recipe):
                report = (_with_kerb if kerb else _without_kerb)(recipe)
        return target, report
    except Unavailable as error:
        raise exits.Failure(str(error), code=exits.MISSING) from None
    except sizes.BudgetExceeded as error:
        raise exits.Failure(str(error), "make Kerb smaller, or its budget bigger") from None
