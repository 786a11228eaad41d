"""The files that The Things Stack's device repository wants of a vendor, as {path: text}.

The set: vendor/index.yaml (an entry to merge there), and in vendor/<id>/ its index.yaml, a device
for every board with a LoRa radio in both classes, a profile for every class and region, and the
codec as YAML (with examples) and JavaScript. A class C device is one of its own because the
network sends to it at any time: one that listens only after it has sent would miss that.

The format: README.md, schema.json, vendor/example of GitHub's TheThingsNetwork/lorawan-devices.
"""

import json
import re

import yaml

from host_tools import cli, codecs, exits, paths
from host_tools.servers import javascript

CODEC = "payload-codec"
SCRIPT = "payload.js"

# The firmware's regions, by the repository's names.
_REGIONS = {
    "AS923": "AS923",
    "EU868": "EU863-870",
    "IN865": "IN865-867",
    "KR920": "KR920-923",
    "US915": "US902-928",
}
_CLASSES = ("a", "c")
_RADIO_DBM = 22  # what an SX1262 sends with at most; an SX1276 20
_CLASS_C_TIMEOUT_S = 60
_APPS = {"light": "street light", "parking": "parking sensor", "crosswalk": "crosswalk beacon"}
_EIRP = 8  # its place in a region's table: kerb/uplink/lorawan/region.py
_VENDOR = re.compile(r"(?=.{3,36}$)[a-z0-9](-?[a-z0-9]){2,}")
_NOTE = "# Written by `kerb codec repository`.\n"


def boards():
    """Give {folder: board.json} of the boards that have a LoRa radio."""
    found = {}
    for path in sorted(paths.BOARDS.glob("*/board.json")):
        board = json.loads(path.read_text())
        if "LoRa" in board["features"]:
            found[path.parent.name] = board
    return found


def profile_id(kind, region):
    """The name of a class's ("a" or "c") profile in one of the firmware's regions."""
    return f"class-{kind}-{region.lower()}"


def profile_numbers():
    """{number: (class, region)}: the number of a profile in the vendor's index and on labels."""
    pairs = [(kind, region) for region in _REGIONS for kind in _CLASSES]
    return dict(enumerate(pairs, 1))


def _profile(kind, region):
    codecs.firmware()
    from kerb.uplink.lorawan import region as regions

    document = {
        "macVersion": "1.0.4",
        "regionalParametersVersion": "RP002-1.0.4",
        "supportsJoin": True,
        "maxEIRP": min(regions.load(region)[_EIRP], _RADIO_DBM),
        "supports32bitFCnt": True,
        "supportsClassB": False,
        "supportsClassC": kind == "c",
    }
    if kind == "c":
        document["classCTimeout"] = _CLASS_C_TIMEOUT_S
    return document


def _device(board, kind):
    profiles = {
        title: {"id": profile_id(kind, region), "lorawanCertified": False, "codec": CODEC}
        for region, title in _REGIONS.items()
    }
    listens = "listens all the time" if kind == "c" else "listens after it has sent"
    *most, last = [_APPS[app] for app in board["apps"]]
    what = " or ".join([", ".join(most), last] if most else [last]).capitalize()
    version = cli.version().split(" ")[0]
    return {
        "name": f"{board['product']}, class {kind.upper()}",
        "description": f"{what}; {listens}",
        "firmwareVersions": [{"version": version, "profiles": profiles}],
        "keyProvisioning": ["custom"],
        "keyProgramming": ["serial"],
        "keySecurity": "none",
        "firmwareProgramming": ["serial"],
        "productURL": board["url"],
    }


def _uplink(description, payload, port, age_s=0):
    """An example of an event: its values are the firmware's codec's."""
    codec, _ = codecs.firmware()
    late = port in codecs.LATE_PORTS
    kind, values = codec.decode(payload)
    age = {"age_s": age_s} if late else {}
    sent = codec.late(age_s, payload) if late else payload
    return {
        "description": description,
        "input": {"fPort": port, "bytes": list(sent)},
        "output": {
            "data": {"v": codec.VERSION, "kind": kind, "time": None, **age, **values},
            "warnings": [],
            "errors": [],
        },
    }


def _uplinks():
    """An example of every kind, of every short form, of late ones and of an error."""
    codec, fields = codecs.firmware()
    for text in fields.EVENTS:
        kind = fields.name_of(text)
        port = fields.priority_of(text) + 1
        form = codec.encode(kind, codecs.EXAMPLES[kind])
        title = codecs.KINDS[kind]
        while form:
            yield _uplink(title, form, port)
            form = codec.shorten(form, len(form) - 1)
            title = f"{codecs.KINDS[kind].rstrip('.')}: shortened."
    fault = codec.encode("fault", codecs.EXAMPLES["fault"])
    yield _uplink("A fault from 20 minutes before.", fault, 11, 1200)
    yield _uplink("A fault from before a restart: nobody knows when.", fault, 11, None)
    yield {
        "description": "A port without events.",
        "input": {"fPort": 9, "bytes": [66]},
        "output": {
            "warnings": [],
            "errors": ["fPort: found 9, allowed 1, 2, 3, 11, 12, 13"],
        },
    }


def _commands():
    """(meaning, {kind and values}, bytes) of an example of every command."""
    codec, fields = codecs.firmware()
    for text in fields.COMMANDS:
        name = fields.name_of(text)
        payload = codec.encode(name, codecs.EXAMPLES[name], fields.COMMANDS)
        _, values = codec.decode(payload, [], fields.COMMANDS)
        yield codecs.KINDS[name], {"kind": name, **values}, payload


def codec_document():
    """Give the definition of the codec with its examples."""
    encoded, decoded = [], []
    for meaning, data, payload in _commands():
        given = {"bytes": list(payload), "fPort": codecs.COMMAND_PORT}
        right = {"warnings": [], "errors": []}
        encoded.append(
            {"description": meaning, "input": {"data": data}, "output": {**given, **right}}
        )
        decoded.append({"description": meaning, "input": given, "output": {"data": data, **right}})
    return {
        "uplinkDecoder": {"fileName": SCRIPT, "examples": list(_uplinks())},
        "downlinkEncoder": {"fileName": SCRIPT, "examples": encoded},
        "downlinkDecoder": {"fileName": SCRIPT, "examples": decoded},
    }


class _Writer(yaml.SafeDumper):
    """Writes lists of plain values in one line, and what is used twice twice."""

    def ignore_aliases(self, data):
        return True

    def represent_list(self, data):
        nested = any(isinstance(item, dict | list) for item in data)
        return self.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=not nested)


_Writer.add_representer(list, _Writer.represent_list)


def _yaml(document, note=_NOTE):
    options = {"sort_keys": False, "default_flow_style": False, "width": 99}
    return note + yaml.dump(document, Dumper=_Writer, allow_unicode=True, **options)


def files(vendor="kerb", vendor_name="Kerb"):
    """Give the set for a vendor of that id (lower case, digits, dashes) and name.

    Raises Failure when the id is none that the repository takes.
    """
    if not _VENDOR.fullmatch(vendor):
        allowed = "3 to 36 lower case letters, digits and single dashes between them"
        raise exits.Failure(f"vendor: found {vendor}, allowed {allowed}", "", exits.USAGE)
    folder = f"vendor/{vendor}"
    entry = {"vendors": [{"id": vendor, "name": vendor_name}]}
    found = {"vendor/index.yaml": _yaml(entry, _NOTE + "# An entry for the repository's own.\n")}
    devices = []
    for name, board in boards().items():
        for kind in _CLASSES:
            device = f"{name.replace('_', '-')}-class-{kind}"
            devices.append(device)
            found[f"{folder}/{device}.yaml"] = _yaml(_device(board, kind))
    numbers = {
        str(number): {"id": profile_id(*pair), "codec": CODEC}
        for number, pair in profile_numbers().items()
    }
    found[f"{folder}/index.yaml"] = _yaml({"endDevices": devices, "profileIDs": numbers})
    for pair in profile_numbers().values():
        found[f"{folder}/{profile_id(*pair)}.yaml"] = _yaml(_profile(*pair))
    found[f"{folder}/{CODEC}.yaml"] = _yaml(codec_document())
    found[f"{folder}/{SCRIPT}"] = javascript.script()
    return found
