"""The flash chip behind CPython's open() and os, under one path, by way of littlefs-python.

Only str paths under the mount point, or relative ones while os.chdir() is there, are taken; the
rest of the process keeps its files. As on MicroPython a file is written through to littlefs.
"""

import builtins
import errno
import io
import os
import posixpath
import stat

from littlefs import lfs
from littlefs.errors import LittleFSError

_IO_ERROR = -5
_FLAGS = {
    "r": lfs.LFSFileFlag.rdonly,
    "w": lfs.LFSFileFlag.wronly | lfs.LFSFileFlag.creat | lfs.LFSFileFlag.trunc,
    "a": lfs.LFSFileFlag.wronly | lfs.LFSFileFlag.creat | lfs.LFSFileFlag.append,
    "x": lfs.LFSFileFlag.wronly | lfs.LFSFileFlag.creat | lfs.LFSFileFlag.excl,
}


class _Context:
    """What littlefs calls; an exception would not come through it, so it is kept."""

    def __init__(self, flash):
        self.flash = flash
        self.cut = None

    def read(self, cfg, block, offset, size):
        return bytearray(self.flash.read(block, offset, size))

    def prog(self, cfg, block, offset, data):
        return self._try(self.flash.program, block, offset, bytes(data))

    def erase(self, cfg, block):
        return self._try(self.flash.erase, block)

    def sync(self, cfg):
        return 0

    def _try(self, act, *args):
        if self.cut is not None:
            return _IO_ERROR
        try:
            act(*args)
            return 0
        except BaseException as exc:
            self.cut = exc
            return _IO_ERROR


class _File(io.RawIOBase):
    def __init__(self, mount, name, mode):
        flags = _FLAGS[mode[0]]
        if "+" in mode:
            flags |= lfs.LFSFileFlag.rdwr
        self._mount = mount
        self._handle = mount.call(lfs.file_open, name, flags)
        self._reads = "+" in mode or mode[0] == "r"
        self._writes = "+" in mode or mode[0] != "r"

    def readable(self):
        return self._reads

    def writable(self):
        return self._writes

    def seekable(self):
        return True

    def readinto(self, buf):
        data = self._mount.call(lfs.file_read, self._handle, len(buf))
        buf[: len(data)] = data
        return len(data)

    def write(self, data):
        return self._mount.call(lfs.file_write, self._handle, bytes(data))

    def seek(self, offset, whence=0):
        return self._mount.call(lfs.file_seek, self._handle, offset, whence)

    def tell(self):
        return self._mount.call(lfs.file_tell, self._handle)

    def truncate(self, size=None):
        size = self.tell() if size is None else size
        self._mount.call(lfs.file_truncate, self._handle, size)
        return size

    def flush(self):
        if not self.closed and self._mount.works() and self._writes:
            self._mount.call(lfs.file_sync, self._handle)

    def close(self):
        if not self.closed:
            super().close()
            if self._mount.works():
                self._mount.call(lfs.file_close, self._handle)


class Mount:
    """The file system of a chip at a path."""

    def __init__(self, flash, path, blank):
        self._path = path.rstrip("/")
        self._context = _Context(flash)
        config = lfs.LFSConfig(
            self._context,
            block_size=4096,
            block_count=flash.blocks,
            read_size=32,
            prog_size=256,
            cache_size=1024,
            lookahead_size=32,
            block_cycles=100,
        )
        self._fs = lfs.LFSFilesystem()
        self._config = config
        if blank:
            self.call(lfs.format, config)
        self.call(lfs.mount, config)
        self._here = None  # the working directory, when it is in here
        self._real = {}
        self._take_over()

    def end(self):
        """Gives open() and os back; files that are still open in it write no more."""
        for (module, name), real in self._real.items():
            setattr(module, name, real)
        self._real = {}
        self._fs = None

    def works(self):
        """False once the power was cut or it was taken away."""
        return self._fs is not None and self._context.cut is None

    def call(self, act, *args):
        """act(file system, *args), its errors as OSError; PowerCut when the power went."""
        if self._context.cut is not None:
            raise self._context.cut
        try:
            result = act(self._fs, *args)
        except LittleFSError as exc:
            if self._context.cut is not None:
                raise self._context.cut from None
            raise OSError(-exc.code, os.strerror(-exc.code)) from None
        return result

    # what takes the place of the real ones

    def _take_over(self):
        self._replace(builtins, "open", self._open)
        for name, act in (
            ("stat", self._stat),
            ("mkdir", self._mkdir),
            ("listdir", self._listdir),
            ("remove", self._remove),
            ("unlink", self._remove),
            ("rmdir", self._remove),
        ):
            self._replace(os, name, act)
        for name in ("rename", "replace"):
            self._replace_two(name)
        real_chdir, real_getcwd = os.chdir, os.getcwd

        def chdir(path):
            name = self._name(path)
            if name is None:
                real_chdir(path)
                self._here = None
            elif self._stat(name).st_mode & stat.S_IFDIR:
                self._here = name
            else:
                raise OSError(errno.ENOTDIR, path)

        def getcwd():
            return real_getcwd() if self._here is None else self._path + self._here.rstrip("/")

        for name, act in (("chdir", chdir), ("getcwd", getcwd), ("sync", lambda: None)):
            self._real[os, name] = getattr(os, name)
            setattr(os, name, act)

    def _replace(self, module, name, act):
        real = self._real[module, name] = getattr(module, name)

        def either(path=".", *args, **kwargs):
            inside = self._name(path)
            return real(path, *args, **kwargs) if inside is None else act(inside, *args, **kwargs)

        setattr(module, name, either)

    def _replace_two(self, name):
        real = self._real[os, name] = getattr(os, name)

        def either(old, new, **kwargs):
            inside = self._name(old), self._name(new)
            if inside == (None, None):
                return real(old, new, **kwargs)
            if None in inside:
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
            return self.call(lfs.rename, *inside)

        setattr(os, name, either)

    def _name(self, path):
        """The path inside littlefs, or None when it is not for this mount."""
        if not isinstance(path, str):
            return None
        if not path.startswith("/") and self._here is not None:
            path = self._path + self._here + "/" + path
        path = posixpath.normpath(path)
        if path == self._path:
            return "/"
        return path[len(self._path) :] if path.startswith(self._path + "/") else None

    def _open(self, name, mode="r", buffering=-1, encoding=None, errors=None, newline=None):
        file = _File(self, name, mode.replace("b", "").replace("t", ""))
        if "b" not in mode:
            buffer = io.BufferedReader(file) if mode[0] == "r" and "+" not in mode else file
            return io.TextIOWrapper(buffer, "utf-8", errors, newline or "\n", write_through=True)
        return io.BufferedReader(file) if not file.writable() else file

    def _stat(self, name, **_):
        if name == "/":
            return os.stat_result((stat.S_IFDIR, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        found = self.call(lfs.stat, name)
        kind = stat.S_IFREG if found.type == lfs.LFSStat.TYPE_REG else stat.S_IFDIR
        return os.stat_result((kind, 0, 0, 0, 0, 0, found.size, 0, 0, 0))

    def _mkdir(self, name, mode=0o777):
        self.call(lfs.mkdir, name)

    def _remove(self, name):
        self.call(lfs.remove, name)

    def _listdir(self, name):
        handle = self.call(lfs.dir_open, name)
        try:
            found = []
            while True:
                entry = self.call(lfs.dir_read, handle)
                if not entry:
                    return found
                if entry.name not in (".", ".."):
                    found.append(entry.name)
        finally:
            self.call(lfs.dir_close, handle)
