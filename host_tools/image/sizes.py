"""What an image takes of a board, and what it may take."""

from pathlib import Path

from host_tools.setup.product import run

KERB_FLASH_BUDGET = 160 * 1024  # bytes of flash that freezing Kerb may add
_RAM_BASE = 0x20000000


class BudgetExceeded(Exception):
    """An image is too big; the text says what, by how much, and what is allowed."""


def of_elf(elf):
    """Give {"static_ram_bytes", "heap_bytes"} of an rp2 image, from its linker's own symbols.

    Static RAM is all below MicroPython's heap: code that runs from RAM, data and C's variables.
    """
    wanted = {"__GcHeapStart": None, "__GcHeapEnd": None}
    for line in run(["arm-none-eabi-nm", elf], f"{Path(elf).name} can't be read").splitlines():
        words = line.split()
        if words[-1] in wanted:
            wanted[words[-1]] = int(words[0], 16)
    start, end = wanted.values()
    return {"static_ram_bytes": start - _RAM_BASE, "heap_bytes": end - start}


def hold_budget(with_kerb, without):
    """Give the bytes of flash that Kerb adds; BudgetExceeded if they are too many.

    Both arguments are sizes of images in bytes, with Kerb frozen into it and without.
    """
    added = with_kerb - without
    if added > KERB_FLASH_BUDGET:
        raise BudgetExceeded(
            "Kerb takes {} bytes of flash: {} more than the {} of its budget".format(
                added, added - KERB_FLASH_BUDGET, KERB_FLASH_BUDGET
            )
        )
    return added
