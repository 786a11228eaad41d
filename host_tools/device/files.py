"""Brings files onto a board so that it has the old set or the new one, not a mixture.

Each file goes under a name of its own (`<name>.new`) and is checked there by its hash. Only when
all have arrived are they renamed, by one command. What has arrived before the cable was pulled is
not sent again next time.
"""

import base64
import hashlib
import json

from host_tools import exits
from host_tools.device.session import Refused

_CHUNK_BYTES = 1536  # 2 kB of base64: small boards compile it in one go
_BLOCK_BYTES = 4096
# What these hold is all ours: anything else that can be imported there would get in our way.
_ROOMS = ("kerb", "lib/umqtt")
_IMPORTABLE = (".py", ".mpy")

_ON_BOARD = """
import binascii, hashlib, json, os, sys
def _sha(name):
    try:
        f = open(name, "rb")
    except OSError:
        return None
    h = hashlib.sha256()
    b = memoryview(bytearray(512))
    n = f.readinto(b)
    while n:
        h.update(b[:n])
        n = f.readinto(b)
    f.close()
    return binascii.hexlify(h.digest()).decode()
def _put(name, data, mode):
    with open(name, mode) as f:
        f.write(binascii.a2b_base64(data))
def _list(folder):
    try:
        for entry in os.ilistdir(folder):
            name = folder + "/" + entry[0] if folder else entry[0]
            if entry[1] == 0x8000:
                print(json.dumps(name))
            elif folder:
                _list(name)
    except OSError:
        pass
def _mkdir(name):
    try:
        os.mkdir(name)
    except OSError as e:
        if e.errno != 17:
            raise
"""


class Facts:
    """What a board says of itself; `mpy` is None when it takes no .mpy files."""

    def __init__(self, platform, version, mpy, free_bytes):
        self.platform = platform
        self.version = version
        self.mpy = mpy
        self.free_bytes = free_bytes


class Plan:
    """What is to do: `changed` names, those of them that are `waiting` as .new, `stale` names."""

    def __init__(self, changed, waiting, stale):
        self.changed = changed
        self.waiting = waiting
        self.stale = stale


class Files:
    """The files of a board in a Session, at its root."""

    def __init__(self, session):
        self._session = session
        session.run(_ON_BOARD)

    def facts(self):
        """Give the board's Facts."""
        said = self._session.run(
            "s = os.statvfs('/')\n"
            "print(json.dumps([sys.platform, list(sys.implementation[1])[:3],"
            "getattr(sys.implementation, '_mpy', None), s[0] * s[3]]))"
        )
        platform, version, mpy, free_bytes = json.loads(said)
        version = ".".join(str(part) for part in version)
        return Facts(platform, version, None if mpy is None else mpy & 0xFF, free_bytes)

    def read_json(self, name):
        """Give the document of a JSON file; None if there is none, or none that can be read."""
        try:
            said = self._session.run("print(json.dumps(json.load(open({!r}))))".format(name))
        except Refused:
            return None
        return json.loads(said)

    def exists(self, name):
        """Tell whether there is such a file or folder."""
        try:
            self._session.run("os.stat({!r})".format(name))
        except Refused:
            return False
        return True

    def compare(self, contents):
        """Give the Plan that makes the board hold `contents`, {name: bytes}."""
        said = self._session.run(
            "for n in {!r}: {}; print(json.dumps([n, _sha(n), _sha(n + '.new')]))".format(
                list(contents), self._session.feed
            )
        )
        changed, waiting = [], []
        for line in said.splitlines():
            name, found, new = json.loads(line)
            wanted = hashlib.sha256(contents[name]).hexdigest()
            if found != wanted:
                changed.append(name)
                if new == wanted:
                    waiting.append(name)
        return Plan(changed, waiting, self._stale(contents, changed))

    def _stale(self, contents, changed):
        said = self._session.run("for n in {!r}: _list(n)".format(["", *_ROOMS]))
        wanted = {*contents, *(name + ".new" for name in changed)}
        modules = {name.rpartition(".")[0] for name in contents if name.endswith(_IMPORTABLE)}
        names = [json.loads(line) for line in said.splitlines()]
        return [name for name in names if name not in wanted and _is_ours(name, modules)]

    def make_room(self, plan, contents, free_bytes):
        """Make the folders; Failure if the flash is too small for what is to be sent."""
        missing = [name for name in plan.changed if name not in plan.waiting]
        blocks = sum(len(contents[name]) // _BLOCK_BYTES + 1 for name in missing)
        if blocks * _BLOCK_BYTES > free_bytes:
            raise exits.Failure(
                "the board's flash has {} bytes free, and {} are needed".format(
                    free_bytes, blocks * _BLOCK_BYTES
                ),
                "remove what isn't needed, as with `mpremote connect {} rm :FILE`".format(
                    self._session.port
                ),
            )
        folders = sorted({name[:at] for name in missing for at in _slashes(name)})
        if folders:
            self._session.run("for n in {!r}: _mkdir(n)".format(folders))

    def send(self, name, data, progress):
        """Bring one file to its place of waiting; `progress(bytes)` is called on the way."""
        mode = "wb"
        found = ""
        for start in range(0, len(data), _CHUNK_BYTES) or (0,):
            chunk = data[start : start + _CHUNK_BYTES]
            code = "_put({!r}, {!r}, {!r})\n".format(name + ".new", base64.b64encode(chunk), mode)
            if start + _CHUNK_BYTES >= len(data):
                code += "print(_sha({!r}))".format(name + ".new")
            found = self._session.run(code).strip()
            mode = "ab"
            progress(len(chunk))
        if found != hashlib.sha256(data).hexdigest():
            raise exits.Failure(
                "{} arrived damaged".format(name), "repeat the command", exits.NOT_VERIFIED
            )

    def commit(self, plan):
        """Put every changed file in its place and remove the stale ones: one command."""
        self._session.run(
            "for n in {0!r}: {2}; os.rename(n + '.new', n)\n"
            "for n in {1!r}: {2}; os.remove(n)".format(
                plan.changed, plan.stale, self._session.feed
            )
        )


def _is_ours(name, modules):
    """Tell whether a file is in our rooms, or would be imported in place of one of our modules."""
    module, _, end = name.removesuffix(".new").rpartition(".")
    in_room = name.startswith(tuple(room + "/" for room in _ROOMS))
    return "." + end in _IMPORTABLE and (in_room or module in modules)


def _slashes(name):
    return [at for at, character in enumerate(name) if character == "/"]
