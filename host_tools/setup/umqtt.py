"""umqtt.simple 1.3.4 as build/lib/umqtt/simple.py.

Its source archive on PyPI holds no setup.py, so pip refuses it; PyPI's `unearth` downloads it by
pip's own settings, and the one file in it is taken out here.
"""

import hashlib
import shlex
import sys
import sysconfig
import tarfile
from pathlib import Path

from host_tools.setup.product import BUILD, Unavailable, run, say, whole_folder

HOME = BUILD / "lib" / "umqtt"
MODULE = HOME / "simple.py"
_NAME = "micropython-umqtt.simple"
_VERSION = "1.3.4"
_ARCHIVE_SHA256 = "b6a2520239e3992c63a7de9370ee9b3d9d27819a90359c521f1c0f7ccab8d12f"


def setting(listing, name):
    """One setting's words from `pip config list`, which puts the environment's first."""
    for line in listing.splitlines():
        key, _, value = line.partition("=")
        section, _, option = key.rpartition(".")
        if option == name and section in (":env:", "global", "download"):
            return shlex.split(value.strip("'\""))
    return []


def _sources():
    """Ways to ask unearth for the archive: pip's index, then pip's other places."""
    listing = run([sys.executable, "-m", "pip", "config", "list"], "pip's settings can't be read")
    index = setting(listing, "index-url")
    others = []
    for option, name in (("-i", "extra-index-url"), ("-f", "find-links")):
        for place in setting(listing, name):
            others += [option, place]
    certificates = setting(listing, "cert")
    env = {"SSL_CERT_FILE": certificates[0]} if certificates else {}
    return [["-i", index[0]] if index else [], others], env


def _download(folder):
    """The archive in `folder`, its content verified."""
    unearth = Path(sysconfig.get_path("scripts"), "unearth")
    ways, env = _sources()
    reasons = []
    for places in ways:
        try:
            run(
                [unearth, "--no-binary", "-d", folder, *places, f"{_NAME}=={_VERSION}"],
                f"{_NAME} {_VERSION} can't be downloaded",
                env,
            )
        except Unavailable as error:
            reasons.append(error)
            continue
        (archive,) = folder.glob("*.tar.gz")
        found = hashlib.sha256(archive.read_bytes()).hexdigest()
        if found != _ARCHIVE_SHA256:
            raise Unavailable(f"{archive.name} has SHA-256 {found}, expected {_ARCHIVE_SHA256}")
        return archive
    raise reasons[0]


def fetch():
    """Make build/lib/umqtt/simple.py if it is not there yet; Unavailable if it can't be."""
    if MODULE.exists():
        return
    say(f"fetching umqtt.simple {_VERSION} ...")
    with whole_folder(HOME) as folder:
        archive = _download(folder)
        with tarfile.open(archive) as tar:
            source = tar.extractfile(f"{_NAME}-{_VERSION}/umqtt/simple.py").read()
        archive.unlink()
        (folder / "simple.py").write_bytes(source)


def main():
    """Set umqtt.simple up; exit code 1 with the reason when it can't be had."""
    try:
        fetch()
    except Unavailable as error:
        say(f"no umqtt.simple: {error}\n  Next step: connect this machine to PyPI and repeat.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
