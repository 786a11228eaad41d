"""build/venv: a virtual environment with the exact packages of requirements.lock, and Kerb itself.

Run by the machine's own Python, before anything else is there:
    python3 host_tools/setup/environment.py          set it up, or bring it up to date
    python3 host_tools/setup/environment.py --lock   write requirements.lock anew
"""

import importlib.util
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / "build" / "venv"
LOCK = ROOT / "requirements.lock"
_MINIMUM = (3, 11)
_LOCK_HEAD = """\
# The exact packages of build/venv, for Python 3.11. Written by `make lock` from pyproject.toml.
"""


class SetupError(Exception):
    """What went wrong and what to do next."""


def _say(text):
    print(text, file=sys.stderr, flush=True)


def _pip(venv, *words):
    """Run pip for the environment: the machine's own pip, so that it needs none inside yet."""
    argv = [sys.executable, "-m", "pip", "--python", str(venv), "--quiet", *words]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    # Unreachable extra indexes of the machine's own settings are warned of on every call.
    lines = [line for line in done.stderr.splitlines() if not line.startswith("WARNING: ")]
    if done.returncode:
        raise SetupError(
            "\n  ".join(["pip could not do its part:", *lines[-6:]])
            + "\n  Next step: connect this machine to its Python package index and repeat."
        )
    return done.stdout


def _create(venv):
    if sys.version_info < _MINIMUM:
        raise SetupError("Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 ...")
    if importlib.util.find_spec("pip") is None:
        raise SetupError(
            "this Python has no pip: install it (Debian: apt-get install python3-pip)"
        )
    done = subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(venv)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SetupError(
            f"no virtual environment: {done.stderr.strip() or done.stdout.strip()}\n"
            "  Next step: install venv (Debian: apt-get install python3-venv)"
        )


def set_up():
    """Make build/venv hold what requirements.lock and pyproject.toml say."""
    if (VENV / "bin" / "python").exists():
        _say("bringing build/venv up to date ...")
    else:
        _say("setting up build/venv: Python packages, half a minute ...")
        _create(VENV)
    _pip(VENV, "install", "--no-deps", "-r", str(LOCK))
    _pip(VENV, "install", "--no-deps", "--no-build-isolation", "--no-index", "-e", str(ROOT))
    _pip(VENV, "check")


def lock():
    """Resolve pyproject.toml's requirements in a fresh environment and pin what came out."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    with tempfile.TemporaryDirectory() as folder:
        _create(folder)
        _pip(folder, "install", *project["dependencies"], *project["optional-dependencies"]["dev"])
        frozen = _pip(folder, "freeze", "--all")
    LOCK.write_text(_LOCK_HEAD + frozen)


def main():
    """Exit code 1 with the reason and the next step when it can't be done."""
    try:
        lock() if sys.argv[1:] == ["--lock"] else set_up()
    except SetupError as error:
        _say(f"set-up: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
