"""A device's AppKey: made at random and kept in a file that only its owner reads; never shown."""

import json
import os
import secrets
from pathlib import Path

from host_tools import exits

NAME = "app_key"
_BYTES = 16


def make(path, replace=False):
    """Put a new AppKey into the secrets file `path`, which keeps what else is in it.

    It is written beside and renamed, so that the old file or the new one is there, whole. Failure
    when the file can't be read as secrets, or has an AppKey that is not to be replaced.
    """
    path = Path(path).resolve()  # a link stays one, to the file that gets the key
    document = _read(path)
    if document.get(NAME) is not None and not replace:
        raise exits.Failure(
            f"{path} has an {NAME} already: the device that uses it would no longer join",
            "name another file, or repeat with --replace",
        )
    document[NAME] = secrets.token_hex(_BYTES)
    part = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(json.dumps(document, indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise exits.Failure(f"can't write {path}: {error.strerror}") from None


def _read(path):
    """The document, {} if there is no such file; no part of it is in a Failure."""
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise exits.Failure(f"can't read {path}: {error.strerror}") from None
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise exits.Failure(f"{path} is no secrets file: allowed a JSON object") from None
    return document
