"""Flash images from the outside: blank ones, ones with files on them, and what is on one."""

import os

from littlefs import LittleFS

BLOCK_BYTES = 4096
PROGRAM_BYTES = 256
PICO_W_BLOCKS = 212  # what MicroPython leaves of a Pico W's flash to the file system


def make(path, contents=None, blocks=PICO_W_BLOCKS):
    """Make an image at `path` that is blank, or holds `contents`, {name: bytes}."""
    if contents is None:
        _write(path, b"\xff" * (blocks * BLOCK_BYTES))
        return
    filesystem = LittleFS(
        block_size=BLOCK_BYTES, block_count=blocks, prog_size=PROGRAM_BYTES, cache_size=BLOCK_BYTES
    )
    for name, data in sorted(contents.items()):
        folder = name.rpartition("/")[0]
        if folder:
            filesystem.makedirs(folder, exist_ok=True)
        with filesystem.open(name, "wb") as file:
            file.write(data)
    _write(path, filesystem.context.buffer)


def _write(path, data):
    # For its owner's eyes alone: a board's flash has its secrets on it.
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)


def read(path):
    """Give {name: bytes} of all files on an image."""
    data = path.read_bytes()
    filesystem = LittleFS(
        block_size=BLOCK_BYTES,
        block_count=len(data) // BLOCK_BYTES,
        prog_size=PROGRAM_BYTES,
        cache_size=BLOCK_BYTES,
        mount=False,
    )
    filesystem.context.buffer = bytearray(data)
    filesystem.mount()
    contents = {}
    for folder, _, names in filesystem.walk("/"):
        for name in names:
            full = "{}/{}".format(folder.rstrip("/"), name)
            with filesystem.open(full, "rb") as file:
                contents[full.lstrip("/")] = file.read()
    return contents
