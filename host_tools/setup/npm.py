"""Packages of npm, their versions and content pinned by a lock file beside package.json."""

import shutil

from host_tools.setup.product import Unavailable, run

MANIFESTS = ("package.json", "package-lock.json")
_NODE_AT_LEAST = 18


def node():
    """The path of node; Unavailable if there is none, or one that is too old."""
    path = shutil.which("node")
    if path is None:
        raise Unavailable("node is not installed (Debian: `sudo apt-get install nodejs npm`)")
    version = run([path, "--version"], "node does not run").strip()
    if int(version.lstrip("v").partition(".")[0]) < _NODE_AT_LEAST:
        raise Unavailable("node {} is older than {}".format(version, _NODE_AT_LEAST))
    return path


def is_kept(sources, home):
    """Whether `home` holds what the lock file in `sources` says."""
    kept = home / MANIFESTS[1]
    return kept.is_file() and kept.read_bytes() == (sources / MANIFESTS[1]).read_bytes()


def install(sources, folder, name):
    """Put what the manifests in `sources` say into folder/node_modules; Unavailable: can't be."""
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable("npm is not installed (Debian: `sudo apt-get install npm`)")
    for manifest in MANIFESTS:
        shutil.copyfile(sources / manifest, folder / manifest)
    words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder]
    run([npm, *words], f"{name} can't be had from npm")
