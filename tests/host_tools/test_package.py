"""firmware/package.json, the list by which mip installs the firmware from its repository."""

import contextlib
import hashlib
import http.server
import json
import threading
from pathlib import Path

import pytest

from host_tools import paths
from host_tools.setup.umqtt import MODULE as UMQTT
from host_tools.vboard import image
from host_tools.vboard.running import Running

# Of a Pico. As source, which is what mip brings, all of it is too much for a Pico W's 212 blocks;
# `make flash` brings bytecode, and an image has it frozen.
_BLOCKS = 352
_LIST = paths.FIRMWARE / "package.json"


@pytest.fixture
def board(tmp_path, micropython):
    flash = tmp_path / "flash.img"
    image.make(flash, blocks=_BLOCKS)
    with Running(flash, tmp_path / "port", micropython) as board:
        yield board


def _listed():
    return json.loads(_LIST.read_text())


def test_the_list_names_exactly_the_files_of_the_firmware():
    kerb = {
        file.relative_to(paths.FIRMWARE).as_posix()
        for file in paths.FIRMWARE.rglob("kerb/**/*.py")
    }
    urls = _listed()["urls"]
    assert [target for target, _ in urls] == sorted(kerb | {"boot.py", "main.py"})
    assert all(target == source for target, source in urls)


def test_the_list_has_the_version_of_the_firmware():
    import kerb

    assert _listed()["version"] == kerb.VERSION


@contextlib.contextmanager
def _index(folder):
    """A package index on this machine that has umqtt.simple; gives its address."""
    module = UMQTT.read_bytes()
    short_hash = hashlib.sha256(module).hexdigest()[:8]
    package = folder / "package" / "6" / "umqtt.simple"
    package.mkdir(parents=True)
    entry = {"v": 1, "hashes": [["umqtt/simple.py", short_hash]], "version": "1.3.4"}
    (package / "latest.json").write_text(json.dumps(entry))
    files = folder / "file" / short_hash[:2]
    files.mkdir(parents=True)
    (files / short_hash).write_bytes(module)

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=folder)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield "http://127.0.0.1:{}".format(server.server_port)
        finally:
            server.shutdown()


def test_mip_installs_the_firmware_and_what_it_needs(board, mpremote, tmp_path):
    with _index(tmp_path / "index") as address:
        mpremote("mip", "install", "--index", address, "--target", "/", _LIST)
    found = image.read(board.image)
    expected = {name: Path(paths.FIRMWARE, name).read_bytes() for name, _ in _listed()["urls"]}
    assert found == expected | {"umqtt/simple.py": UMQTT.read_bytes()}
    # Without a board.py, which is each board's own, main.py has nothing to start.
    assert mpremote("exec", "from kerb import device; print('imported')") == "imported\n"
