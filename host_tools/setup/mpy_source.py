"""MicroPython's source, complete enough for the RP2040, as build/mpy-source/.

Put together from Debian's source packages, unpatched: MicroPython itself, pico-sdk, TinyUSB,
mbedTLS and lwIP, of suite trixie. They bring no micropython-lib: the one package of it that goes
onto a board, umqtt.simple, is the one of the set-up.
"""

import shutil
import sys
import tarfile

from host_tools.setup import umqtt
from host_tools.setup.debian import SUITE, Packages
from host_tools.setup.product import BUILD, Unavailable, run, say, whole_folder

HOME = BUILD / "mpy-source"
_TARBALLS = {  # source package: folder for its content
    "micropython": ".",
    "mbedtls": "lib/mbedtls",
    "lwip": "lib/lwip",
}
_PACKAGES = {  # package: (folder in it, folder for that)
    "pico-sdk-source": ("usr/src/pico-sdk", "lib/pico-sdk"),
    "tinyusb-source": ("usr/src/tinyusb", "lib/tinyusb"),
}
UMQTT = "lib/micropython-lib/micropython/umqtt.simple"


def _unpack(archive, folder):
    """A source archive's content, without the folder that it is in."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        for member in tar:
            _, _, member.name = member.name.partition("/")
            if member.islnk():
                _, _, member.linkname = member.linkname.partition("/")
            if member.name:
                tar.extract(member, folder)


def _add_umqtt(source):
    """What `require("umqtt.simple")` of a manifest finds in micropython-lib."""
    umqtt.fetch()
    folder = source / UMQTT
    (folder / "umqtt").mkdir(parents=True)
    shutil.copyfile(umqtt.MODULE, folder / "umqtt" / "simple.py")
    (folder / "manifest.py").write_text('metadata(version="1.3.4")\npackage("umqtt")\n')
    # MicroPython's build takes this file's presence for that of the whole library.
    (source / "lib/micropython-lib/README.md").write_text(
        "umqtt.simple alone; see mpy_source.py\n"
    )


def fetch():
    """Make build/mpy-source if it is not there yet; Unavailable if it can't be."""
    if HOME.exists():
        return
    say(f"fetching MicroPython's source from Debian {SUITE} (17 MB, some seconds) ...")
    with whole_folder(HOME) as folder:
        apt = folder / "apt"
        packages = Packages(apt, sources=True)
        fetched = apt / "fetched"
        fetched.mkdir()
        archives = packages.sources(list(_TARBALLS), fetched)
        for name, place in _TARBALLS.items():
            _unpack(archives[name], folder / place)
        for package in packages.alone(list(_PACKAGES), fetched):
            run(["dpkg-deb", "-x", package, apt / "root"], f"{package.name} can't be unpacked")
        for inside, place in _PACKAGES.values():
            tree = apt / "root" / inside
            shutil.copytree(tree, folder / place, symlinks=True, dirs_exist_ok=True)
        _add_umqtt(folder)
        # MicroPython's build takes these files' presence for that of the folders they are in.
        for name in ("pico-sdk", "micropython-lib"):
            (folder / "lib" / name / "README.md").touch()
        shutil.rmtree(apt)


def main():
    """Fetch the source; exit code 1 with the reason when it can't be had."""
    try:
        fetch()
    except Unavailable as error:
        say(f"no MicroPython source: {error}\n  Next step: connect to Debian's mirror and repeat.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
