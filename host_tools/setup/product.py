"""What the set-up commands share: where products go, and how one appears whole or not at all."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"


class Unavailable(Exception):
    """Something from outside cannot be had; the text says why and what to do next."""


def say(text):
    """Progress, on stderr so that stdout stays with the command that was asked for."""
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def whole_folder(target):
    """An empty folder to fill, which becomes `target` only when the block succeeds."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=target.name + ".part-", dir=target.parent))
    try:
        yield part
        part.chmod(0o755)
        if target.is_symlink() or target.is_file():
            target.unlink()
        elif target.exists():
            shutil.rmtree(target)
        part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def run(argv, what, env=None, folder=None):
    """Run a command, in `folder` if given; give its stdout, or Unavailable with its last words."""
    try:
        done = subprocess.run(
            [str(part) for part in argv],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env={**os.environ, **(env or {})},
            check=False,
            cwd=folder,
        )
    except OSError as error:
        raise Unavailable(f"{what}: {argv[0]}: {error.strerror}") from None
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip()).splitlines()[-2:]
        raise Unavailable("\n  ".join([f"{what} (exit code {done.returncode}):", *words]))
    return done.stdout
