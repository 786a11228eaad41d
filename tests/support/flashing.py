"""How tests run `kerb flash`, and what they bring onto boards by it."""

import json
import subprocess
import sys
from pathlib import Path

from host_tools import build, exits

ROOT = Path(__file__).resolve().parents[2]
HOST = build.describe("host", "light")
CONFIG = {
    "app": "light",
    "name": "lamp-0001",
    "site": {"lat_e7": 351800000, "lon_e7": 1290800000, "tz": "KST-9"},
}


def kerb_flash(*words):
    """The command line of `kerb flash`."""
    command = [sys.executable, "-m", "host_tools.cli", "flash", "--app", "light"]
    return [*command, *map(str, words)]


def run_kerb_flash(*words, code=exits.OK):
    """Run `kerb flash` and give what it printed: the JSON document, or stderr when it failed."""
    done = subprocess.run(
        [*kerb_flash(*words), "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == code, done
    return json.loads(done.stdout) if code == exits.OK else done.stderr


def all_contents(board="host"):
    """What `kerb flash` has to bring onto a board."""
    return {name: file.read_bytes() for name, file in build.build(board).items()}


def some_contents():
    """Enough of the firmware to see how files are brought over."""
    rooms = ("board", "boot", "kerb/apps", "kerb/hal", "lib", "main")
    return {name: data for name, data in all_contents().items() if name.startswith(rooms)}


def write(path, document):
    """Write a JSON document; gives the path."""
    path.write_text(json.dumps(document))
    return path
