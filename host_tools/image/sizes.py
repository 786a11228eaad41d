"""What an image takes of a board, and what it may take."""

from pathlib import Path

from host_tools import exits
from host_tools.setup.product import run

KERB_FLASH_BUDGET = 160 * 1024  # bytes of flash that Kerb may take for any one of its apps
_RAM_BASE = 0x20000000


class BudgetExceeded(Exception):
    """An image is too big; the text says what, by how much, and what is allowed."""


def symbols(elf):
    """Where an rp2 image keeps MicroPython's state and its heap, by its linker's own symbols.

    {"state", "stateBytes", "start", "end"}: what host_tools/emulator/heap.mjs wants.
    """
    found = {}
    for line in run(
        ["arm-none-eabi-nm", "-S", elf], f"{Path(elf).name} can't be read"
    ).splitlines():
        *numbers, _, name = line.split()
        found[name] = numbers
    state, size = found.get("mp_state_ctx", ("0", "0"))
    return {
        "state": int(state, 16),
        "stateBytes": int(size, 16),
        "start": int(found["__GcHeapStart"][0], 16),
        "end": int(found["__GcHeapEnd"][0], 16),
    }


def of_elf(elf):
    """Give {"static_ram_bytes", "heap_bytes"} of an rp2 image.

    Static RAM is all below MicroPython's heap: code that runs from RAM, data and C's variables.
    """
    at = symbols(elf)
    return {"static_ram_bytes": at["start"] - _RAM_BASE, "heap_bytes": at["end"] - at["start"]}


def added_bytes(with_kerb, without):
    """Give the bytes of flash that Kerb adds, from the sizes of an image with and without it.

    Failure if Kerb adds nothing: then one of them is not what it should be.
    """
    added = with_kerb - without
    if added <= 0:
        raise exits.Failure(
            "the image with Kerb has {} bytes and the one without {}: one of both is wrong".format(
                with_kerb, without
            ),
            "remove build/firmware and build/mpy, and repeat",
        )
    return added


def hold_budget(app_bytes):
    """BudgetExceeded if an app takes more flash than it may; app_bytes: {app: bytes}."""
    for app, taken in sorted(app_bytes.items()):
        if taken > KERB_FLASH_BUDGET:
            raise BudgetExceeded(
                "Kerb with the app {} takes {} bytes of flash: {} more than the {} of its "
                "budget".format(app, taken, taken - KERB_FLASH_BUDGET, KERB_FLASH_BUDGET)
            )
