"""Builds a board's image, twice: with Kerb frozen into it, and bare, to know what Kerb takes.

Both come from one build folder: MicroPython compiles once, and then what is frozen is exchanged.
A repeat without a change does nothing; after a change in the firmware make does what is needed.
"""

import json
import os
import shutil
import subprocess
import time

from host_tools import exits
from host_tools.image import sizes, uf2
from host_tools.image.recipe import Recipe
from host_tools.setup.product import Unavailable, say, whole_folder

_REPORT = "sizes.json"


def _make(recipe, kerb):
    """One run of MicroPython's build; its words go to build.log in its folder."""
    recipe.work.mkdir(parents=True, exist_ok=True)
    manifest = recipe.work / "manifest.py"
    text = recipe.manifest(kerb)
    if not manifest.exists() or manifest.read_text() != text:
        manifest.write_text(text)
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


def _prepare(recipe):
    """Fetch what is missing, and build the image without Kerb if it is not there; its report."""
    recipe.prepare()
    report = _read_report(recipe.bare_target) if recipe.own_source else None
    if report is None:
        began = time.monotonic()
        say("building MicroPython for {} (a minute) ...".format(recipe.board_id))
        _make(recipe, kerb=False)
        report = _keep(recipe, recipe.bare_target, {"board": recipe.board_id})
        say("built in {:.0f} s".format(time.monotonic() - began))
    return report


def _with_kerb(recipe):
    inputs = recipe.inputs() if recipe.source.exists() else None
    report = _read_report(recipe.target)
    if inputs and report and report.get("inputs") == inputs:
        return report
    without = _prepare(recipe)
    say("freezing Kerb for {} (some seconds) ...".format(recipe.board))
    inputs = recipe.inputs()
    _make(recipe, kerb=True)
    added = sizes.hold_budget(recipe.product().stat().st_size, without["flash_bytes"])
    report = {"board": recipe.board, "inputs": inputs, "kerb_flash_bytes": added}
    report["kerb_flash_budget_bytes"] = sizes.KERB_FLASH_BUDGET
    return _keep(recipe, recipe.target, report)


def build(board, mpy_dir=None, bare=False):
    """Make a board's image, if it is not up to date; gives (its folder, its report).

    The folder is build/firmware/<board>/, or build/firmware/bare*/ when it is wanted without
    Kerb. Failure, with the next step, when it can't be built or exceeds its budget.
    """
    recipe = Recipe(board, mpy_dir)
    try:
        if bare:
            return recipe.bare_target, _prepare(recipe)
        return recipe.target, _with_kerb(recipe)
    except Unavailable as error:
        raise exits.Failure(str(error)) from None
    except sizes.BudgetExceeded as error:
        raise exits.Failure(str(error), "make Kerb smaller, or its budget bigger") from None
