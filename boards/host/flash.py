"""A flash chip with littlefs on it, in memory, whose power can go in the middle of a write.

The chip is that of a Pico: 4096 bytes are erased at once, 256 are programmed at once, and
programming only clears bits. The file system is littlefs itself on both runtimes: MicroPython's
VfsLfs2, and littlefs-python behind open() and os on CPython.
"""

import sys

if sys.implementation.name == "micropython":
    from sim.flash_micropython import Mount
else:
    from sim.flash_cpython import Mount

BLOCK = 4096
PAGE = 256


class PowerCut(BaseException):
    """The power went during a flash operation: nothing on the board should run after this.

    What does run meets a dead chip: a `with` that closes its file may raise OSError in its place.
    """


class Flash:
    """A blank chip of so many blocks.

    operations: pages programmed and blocks erased so far. powered: False after a power cut.
    """

    def __init__(self, blocks=32):
        self.blocks = blocks
        self.data = bytearray(b"\xff" * (blocks * BLOCK))
        self.operations = 0
        self.powered = True
        self._left = None
        self._part_percent = 0
        self._path = None
        self._mount = None

    def mount(self, path):
        """Puts the file system at path ("/flash"), formatting a blank chip.

        OSError when what is on the chip is no file system.
        """
        blank = self.data.count(b"\xff") == len(self.data)
        self._path = path
        self._mount = Mount(self, path, blank)

    def unmount(self):
        """Takes the file system away; the chip keeps what is on it."""
        if self._mount is not None:
            self._mount.end()
            self._mount = None

    def cut_after(self, operations, part_percent=50):
        """The power goes during the operation after so many more; None: it stays.

        part_percent: how much of that operation is still done.
        """
        self._left = operations
        self._part_percent = part_percent

    def run(self, act, *args):
        """Calls act(*args); True when it came to its end, False when the power went before."""
        try:
            act(*args)
        except PowerCut:
            pass
        except Exception:
            if self.powered:
                raise
        return self.powered

    def remount(self):
        """The power is back, and what was on the chip is mounted again."""
        self.unmount()
        self.powered = True
        self._left = None
        self.mount(self._path)

    # the chip

    def read(self, block, offset, size):
        """size bytes of a block."""
        if not self.powered:
            raise PowerCut
        start = block * BLOCK + offset
        return memoryview(self.data)[start : start + size]

    def program(self, block, offset, data):
        """Clears the bits that are 0 in data, page by page."""
        start = block * BLOCK + offset
        for at in range(0, len(data), PAGE):
            page = data[at : at + PAGE]
            whole = self._spend()
            size = len(page) if whole else len(page) * self._part_percent // 100
            for i in range(size):
                self.data[start + at + i] &= page[i]
            if not whole:
                raise PowerCut

    def erase(self, block):
        """Sets every bit of a block."""
        start = block * BLOCK
        whole = self._spend()
        size = BLOCK if whole else BLOCK * self._part_percent // 100
        self.data[start : start + size] = b"\xff" * size
        if not whole:
            raise PowerCut

    def _spend(self):
        if not self.powered:
            raise PowerCut
        if self._left is not None:
            if not self._left:
                self.powered = False
                return False
            self._left -= 1
        self.operations += 1
        return True
