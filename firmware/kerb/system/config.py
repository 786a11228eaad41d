"""The config files of a device: read, checked, and whole on flash whatever happens to the power.

A file is written beside the old one and renamed over it, and the last one that was found right is
kept as <path>.good. Secrets live in a file of their own and are never shown.
"""

import json
import os

from kerb.system import jsontext
from kerb.system.schema import validate
from micropython import const

_MAX_BYTES = const(8192)
_ENOENT = const(2)


class ConfigError(Exception):
    """Neither a file nor its last good copy can be used; `errors` are the texts that say why."""

    def __init__(self, errors):
        super().__init__("; ".join(errors))
        self.errors = errors


def load(path, schema, check=None):
    """(document, errors) of a JSON file; see schema.validate() for `schema` and `check`.

    Where the schema depends on the document, `schema` is a function that gives it: schema(doc).
    Without errors the document is the file's, and it is now also the last good one. Else the
    errors say what is wrong with the file, and the document is the last good one.
    ConfigError when that cannot be used either.
    """
    return _load(path, schema, check, False)


def load_secrets(path, schema):
    """(Secrets, errors) of a JSON file as load() gives them; the errors show no value.

    A file that was never there counts as an empty one.
    """
    if _exists(path) or _exists(path + ".good"):
        clean, errors = _load(path, schema, None, True)
        return Secrets(clean), errors
    clean, errors = validate(schema, {})
    if errors:
        raise ConfigError(errors)
    return Secrets(clean), errors


def save(path, doc):
    """Write a document as JSON, so that a power cut leaves the old file or the new one.

    ValueError if it is too long for load(); OSError if the flash refuses, the old file is whole
    then. A checked document is the caller's duty.
    """
    data = json.dumps(doc).encode()
    if len(data) > _MAX_BYTES:
        raise ValueError("%s: %d bytes, allowed: %d" % (path, len(data), _MAX_BYTES))
    _write(path, data)


class Secrets:
    """Values by name: secrets["wifi_psk"]. Printed or formatted, it shows the names alone."""

    def __init__(self, values):
        self._values = values

    def __getitem__(self, name):
        return self._values[name]

    def __repr__(self):
        return "Secrets(%s)" % ", ".join(sorted(self._values))


def _load(path, schema, check, hide):
    good_path = path + ".good"
    errors = []
    data = _read(path, errors)
    good_data = _read(good_path, [])
    if data is not None:
        clean = _parse(path, data, schema, check, hide, errors)
        if not errors:
            if data != good_data:
                _keep(good_path, data, errors)
            return clean, errors
    if good_data is not None:
        unusable = []
        clean = _parse(good_path, good_data, schema, check, hide, unusable)
        if not unusable:
            return clean, errors
    raise ConfigError(errors)


def _exists(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False


def _read(path, errors):
    try:
        with open(path, "rb") as f:
            data = f.read(_MAX_BYTES + 1)
    except OSError as e:
        errors.append(path + (": not found" if e.errno == _ENOENT else ": not readable: %s" % e))
        return None
    if len(data) > _MAX_BYTES:
        errors.append("%s: found more than %d bytes" % (path, _MAX_BYTES))
        return None
    return data


def _parse(path, data, schema, check, hide, errors):
    try:
        doc = jsontext.parse(data, hide)
    except ValueError as e:
        errors.append("%s: %s" % (path, e))
        return None
    clean, wrong = validate(schema(doc) if callable(schema) else schema, doc, check, hide)
    errors.extend(wrong)
    return clean


def _keep(good_path, data, errors):
    try:
        _write(good_path, data)
    except OSError as e:
        errors.append("%s: not written: %s" % (good_path, e))


def _write(path, data):
    # Closing a file makes it durable on littlefs and FAT: only then may it take the old name.
    with open(path + ".new", "wb") as f:
        f.write(data)
    os.rename(path + ".new", path)
