"""The flash chip as MicroPython's VfsLfs2 takes it."""

import vfs

_IO_ERROR = -5
_SYNC, _BLOCK_COUNT, _BLOCK_SIZE, _ERASE = 3, 4, 5, 6


class _Device:
    def __init__(self, flash):
        self.flash = flash

    def readblocks(self, block, buf, offset=0):
        if self.flash is None:
            return _IO_ERROR
        buf[:] = self.flash.read(block, offset, len(buf))
        return 0

    def writeblocks(self, block, buf, offset=0):
        if self.flash is None:
            return _IO_ERROR
        self.flash.program(block, offset, buf)
        return 0

    def ioctl(self, what, argument):
        if self.flash is None:
            return _IO_ERROR
        if what == _BLOCK_COUNT:
            return self.flash.blocks
        if what == _BLOCK_SIZE:
            return 4096
        if what == _ERASE:
            self.flash.erase(argument)
        return 0


class Mount:
    """The file system of a chip at a path."""

    def __init__(self, flash, path, blank):
        self._path = path
        self._device = _Device(flash)
        if blank:
            vfs.VfsLfs2.mkfs(self._device, progsize=256)
        self._vfs = vfs.VfsLfs2(self._device, progsize=256)
        vfs.mount(self._vfs, path)

    def end(self):
        """Takes it away; files that are still open in it write no more."""
        vfs.umount(self._path)
        self._device.flash = None
