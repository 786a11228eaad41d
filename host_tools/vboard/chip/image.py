"""The flash chip of the virtual board: a block device whose memory is a file."""

BLOCK_BYTES = 4096  # what a flash chip erases at once
PROGRAM_BYTES = 256  # what it programs at once

_IOCTL_SYNC = 3
_IOCTL_BLOCK_COUNT = 4
_IOCTL_BLOCK_BYTES = 5
_IOCTL_ERASE = 6


class Image:
    """MicroPython's extended block device on the file at `path`, which must be there.

    Every operation is one write to the file: a process that is killed leaves each done or not.
    """

    def __init__(self, path):
        self._file = open(path, "r+b")
        self._blocks = self._file.seek(0, 2) // BLOCK_BYTES

    def readblocks(self, block, into, offset=0):
        self._file.seek(block * BLOCK_BYTES + offset)
        self._file.readinto(into)

    def writeblocks(self, block, data, offset=0):
        self._file.seek(block * BLOCK_BYTES + offset)
        self._file.write(data)

    def ioctl(self, request, argument):
        if request == _IOCTL_BLOCK_COUNT:
            return self._blocks
        if request == _IOCTL_BLOCK_BYTES:
            return BLOCK_BYTES
        if request == _IOCTL_SYNC:
            self._file.flush()
        if request == _IOCTL_ERASE:
            return 0  # littlefs programs before it reads
        return None
