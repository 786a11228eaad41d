"""Checks the config files of a device with the firmware's own validator."""

import sys

from host_tools import exits, paths


def firmware():
    """Give the firmware's modules (settings, jsontext, schema), which also run on the host."""
    paths.checkout()
    for folder in (paths.FIRMWARE, paths.HOST_START.parent):
        if str(folder) not in sys.path:
            sys.path.append(str(folder))
    import cpython  # noqa: F401  the modules of MicroPython that the firmware imports

    from kerb import settings
    from kerb.system import jsontext, schema

    return settings, jsontext, schema


def read(config, secrets, app):
    """Give {path on the board: bytes} of the files (paths, or None) that were given.

    Failure lists all that the device would refuse; of secrets it shows no value.
    """
    settings, jsontext, schema = firmware()
    contents, errors = {}, []
    if config:
        data = contents["config.json"] = _bytes(config)
        document = _parse(jsontext, config, data, False, errors)
        if not errors:
            errors += settings.check_config(document)
        if not errors and document["app"] != app:
            errors.append("app: found {!r}, to be flashed is {!r}".format(document["app"], app))
    if secrets:
        data = contents["secrets.json"] = _bytes(secrets)
        wrong = []
        document = _parse(jsontext, secrets, data, True, wrong)
        if not wrong:
            wrong = schema.validate(settings.SECRETS, document, hide=True)[1]
        errors += wrong
    if errors:
        given = " and ".join(str(file) for file in (config, secrets) if file)
        raise exits.Failure(
            "\n  ".join(["{} would be refused by the device:".format(given), *errors]),
            "put it right; nothing was sent",
            exits.USAGE,
        )
    return contents


def _bytes(file):
    try:
        return file.read_bytes()
    except OSError as error:
        raise exits.Failure(
            "{}: {}".format(file, error.strerror), "give the name of a file", exits.USAGE
        ) from None


def _parse(jsontext, file, data, hide, errors):
    try:
        return jsontext.parse(data, hide)
    except ValueError as error:
        errors.append("{}: {}".format(file, error))
        return None
