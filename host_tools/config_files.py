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


def read(config, secrets, app, board=None):
    """Give {path on the board: bytes} of the files (paths, or None) that were given.

    Failure lists all that the device would refuse; of secrets it shows no value. With a board.json
    (as a dict) also an uplink that this board has not got. Keys of LoRaWAN that the config needs
    and the secrets, where both are given, have not are a Failure with what makes them.
    """
    settings, jsontext, schema = firmware()
    contents, errors = {}, []
    uplink, private = {}, {}
    if config:
        data = contents["config.json"] = _bytes(config)
        document = _parse(jsontext, config, data, False, errors)
        if not errors:
            errors += settings.check_config(document)
        if not errors and document["app"] != app:
            errors.append("app: found {!r}, to be flashed is {!r}".format(document["app"], app))
        if not errors:
            uplink = document.get("uplink") or {}
            errors += _not_there(uplink, board) if board else []
    if secrets:
        data = contents["secrets.json"] = _bytes(secrets)
        wrong = []
        private = _parse(jsontext, secrets, data, True, wrong)
        if not wrong:
            wrong = schema.validate(settings.SECRETS, private, hide=True)[1]
        errors += wrong
    if errors:
        given = " and ".join(str(file) for file in (config, secrets) if file)
        raise exits.Failure(
            "\n  ".join(["{} would be refused by the device:".format(given), *errors]),
            "put it right; nothing was sent",
            exits.USAGE,
        )
    if secrets:
        _check_keys(uplink.get("lorawan"), private, secrets)
    return contents


def _not_there(uplink, board):
    """What of an uplink a board has not got: a list of errors."""
    features = board["features"]
    # A line with PPP is configured as a Wi-Fi without a key.
    has = {"lorawan": "lora" in board, "wifi": "WiFi" in features or "PPP" in features}
    ways = ", ".join("uplink." + name for name, there in has.items() if there)
    text = "uplink.{}: found, but the {} has none, allowed: {}"
    allowed = ways or "no uplink"
    return [
        text.format(name, board["product"], allowed)
        for name, there in has.items()
        if uplink.get(name) and not there
    ]


def _check_keys(lora, private, path):
    """Failure where the secrets lack a key that the section uplink.lorawan needs."""
    if not lora:
        return
    needed = ("nwk_skey", "app_skey") if lora.get("dev_addr") else ("app_key",)
    if lora.get("group"):
        needed += ("mc_nwk_skey", "mc_app_skey")
    missing = [name for name in needed if private.get(name) is None]
    if not missing:
        return
    steps = []
    if "app_key" in missing:
        steps.append("`kerb lora keys --secrets {}` makes the app_key".format(path))
    if missing != ["app_key"]:
        steps.append("the session's keys are those that the network's server has")
    raise exits.Failure(
        "{} has no {}, which uplink.lorawan needs".format(path, ", ".join(missing)),
        "; ".join(steps),
        exits.USAGE,
    )


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
