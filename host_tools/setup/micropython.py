"""MicroPython's unix port, at least 1.25, as build/micropython/micropython.

Taken from PATH where that one is new enough, else from the Debian packages of suite trixie on the
mirror that apt uses on this machine, unpacked with their own C library: nothing is installed and
no root is needed.
"""

import os
import shlex
import shutil
import subprocess
import sys

from host_tools.setup import debian
from host_tools.setup.product import BUILD, Unavailable, run, say, whole_folder

MINIMUM = (1, 25)
HOME = BUILD / "micropython"
EXECUTABLE = HOME / "micropython"
_WHY_NOT = BUILD / "micropython-missing.txt"
_PROBE = "import sys,asyncio,tls,socket,select,vfs;print(*sys.implementation[1][:3],sep='.')"


def version_of(executable):
    """A MicroPython's (major, minor, patch); Unavailable with the reason if it can't serve."""
    try:
        done = subprocess.run(
            [executable, "-c", _PROBE], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{executable} does not run: {error}") from None
    try:
        version = tuple(int(part) for part in done.stdout.strip().split("."))
    except ValueError:
        version = ()
    if done.returncode or not version:
        words = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise Unavailable(f"{executable} is no complete MicroPython: {' '.join(words)}")
    if version < MINIMUM:
        found = ".".join(str(part) for part in version)
        raise Unavailable(f"{executable} is MicroPython {found}, older than 1.25")
    return version


def find():
    """(path, version tuple) of the MicroPython to use; Unavailable with the reason if none.

    The environment variable KERB_MICROPYTHON names another one than that of the set-up.
    """
    named = os.environ.get("KERB_MICROPYTHON")
    if named:
        return named, version_of(named)
    if not EXECUTABLE.exists():
        reason = "not set up: run `make setup`"
        if _WHY_NOT.exists():
            reason = _WHY_NOT.read_text().strip()
        raise Unavailable(reason)
    return str(EXECUTABLE), version_of(EXECUTABLE)


def _write_starter(folder, script):
    starter = folder / "micropython"
    starter.write_text("#!/bin/sh\n" + script)
    starter.chmod(0o755)


def _from_path(folder):
    """Make `folder` start the MicroPython of PATH, if there is one and it is new enough."""
    found = shutil.which("micropython")
    if not found:
        return False
    try:
        version_of(found)
    except Unavailable as error:
        say(str(error))
        return False
    _write_starter(folder, f'exec {shlex.quote(os.path.abspath(found))} "$@"\n')
    return True


def _only(root, patterns):
    """The first file under root that matches one of the patterns."""
    for pattern in patterns:
        for path in sorted(root.glob(pattern)):
            return path.relative_to(root)
    raise Unavailable(f"no {patterns[0]} in Debian's packages")


def _from_debian(folder):
    """Unpack Debian's package and the libraries it needs; a starter makes them use each other."""
    say(f"fetching unix MicroPython from Debian {debian.SUITE} (10 MB, some seconds) ...")
    root = folder / "root"
    root.mkdir()
    for package in debian.Packages(folder / "apt").with_dependencies("micropython"):
        run(["dpkg-deb", "-x", package, root], f"{package.name} can't be unpacked")
    shutil.rmtree(folder / "apt")
    loader = _only(root, ["usr/lib/*/ld-linux*.so.*", "usr/lib*/ld-linux*.so.*"])
    libraries = _only(root, ["usr/lib/*/libc.so.6"]).parent
    _write_starter(
        folder,
        'root="${0%/*}/root"\n'
        f'exec "$root"/{shlex.quote(str(loader))} --library-path "$root"/{libraries} '
        '"$root/usr/bin/micropython" "$@"\n',
    )
    version_of(folder / "micropython")


def fetch():
    """Make build/micropython/micropython if it is not there yet; Unavailable if it can't be."""
    if EXECUTABLE.exists():
        version_of(EXECUTABLE)
        return
    with whole_folder(HOME) as folder:
        if not _from_path(folder):
            _from_debian(folder)


def main():
    """Set MicroPython up; exit code 1 with the reason and what to do when it can't be had."""
    try:
        fetch()
    except Unavailable as error:
        BUILD.mkdir(exist_ok=True)
        _WHY_NOT.write_text(f"{error}\n")
        say(
            f"no unix MicroPython: {error}\n"
            "  Next step: connect this machine to its Debian mirror and repeat, or put a\n"
            "  MicroPython 1.25 or newer (unix port) on PATH. Going on without it."
        )
        return 1
    _WHY_NOT.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
