"""Private temporary folders that are removed even when their run was killed: by the next one."""

import os
import re
import shutil
import tempfile
from pathlib import Path


def make(prefix):
    """Give a new private folder whose name tells whose it is; removes those of dead runs."""
    _sweep(prefix)
    return Path(tempfile.mkdtemp(prefix="{}{}-".format(prefix, os.getpid())))


def remove(folder):
    """Remove a folder with all that is in it."""
    shutil.rmtree(folder, ignore_errors=True)


def _sweep(prefix):
    for folder in Path(tempfile.gettempdir()).glob(prefix + "*"):
        found = re.fullmatch(re.escape(prefix) + r"(\d+)-\w+", folder.name)
        if found and folder.is_dir() and folder.stat().st_uid == os.getuid():
            if not _alive(int(found[1])):
                remove(folder)


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
