"""`kerb lora`: a device's label with its QR code, and its key."""

import csv
import json
import sys
from pathlib import Path

from host_tools import exits

_COLUMNS = ("dev_eui", "join_eui", "profile", "owner", "serial", "proprietary")


def register(subparsers):
    """Add `kerb lora` to the command line."""
    parser = subparsers.add_parser(
        "lora",
        help="LoRaWAN: a device's label with its QR code, and its key",
        description="What a LoRaWAN device needs before it goes into the street.",
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    label = actions.add_parser(
        "label",
        help="the QR code by which a network takes the device in (TR005)",
        description="Show the QR code of a device, by the LoRa Alliance's TR005, or write it as "
        "SVG; of many devices with --csv. It has no key in it.",
    )
    label.add_argument("--dev-eui", metavar="HEX", help="16 digits, most significant first")
    label.add_argument("--join-eui", metavar="HEX", help="of the join server")
    label.add_argument("--config", metavar="FILE", help="a config.json to take both EUIs from")
    label.add_argument("--serial", default="", metavar="TEXT", help="serial number")
    label.add_argument("--owner", default="", metavar="TEXT", help="token that proves ownership")
    label.add_argument(
        "--profile",
        metavar="HEX",
        help="8 digits: the vendor's number at the LoRa Alliance, then the profile's (the index "
        "that `kerb codec repository` writes has them); default 00000000: none",
    )
    label.add_argument("--proprietary", default="", metavar="TEXT", help="whatever else")
    label.add_argument("--svg", metavar="FILE", help="write the label instead of showing it")
    label.add_argument(
        "--csv",
        metavar="FILE",
        help="many devices, a line each below a line with the columns' names ({}; the first is "
        "needed); --out says where to".format(", ".join(_COLUMNS)),
    )
    label.add_argument("--out", metavar="DIR", help="with --csv: a label <DevEUI>.svg for each")
    label.set_defaults(run=_run_label)
    keys = actions.add_parser(
        "keys",
        help="make a device's AppKey, in its secrets file",
        description="Make a random AppKey for a device and put it into its secrets file, which "
        "only you can read; it is not shown. The join server needs the same key.",
    )
    keys.add_argument("--secrets", metavar="FILE", required=True, help="made if it is missing")
    keys.add_argument("--replace", action="store_true", help="also where there is a key already")
    keys.set_defaults(run=_run_keys)


def _run_label(args):
    from host_tools.lora import label

    if args.csv:
        return _run_many(args, label)
    if args.out:
        raise exits.Failure("--out: goes with --csv", "use --svg FILE", exits.USAGE)
    dev_eui, join_eui = args.dev_eui, args.join_eui
    if args.config:
        section = _lorawan(Path(args.config))
        dev_eui = dev_eui or section.get("dev_eui")
        join_eui = join_eui or section.get("join_eui", "0" * 16)
    if not dev_eui or not join_eui:
        raise exits.Failure(
            "no EUIs", "give --dev-eui and --join-eui, or a config with them", exits.USAGE
        )
    profile = args.profile or label.NO_PROFILE
    said = label.text(join_eui, dev_eui, profile, args.owner, args.serial, args.proprietary)
    if args.svg:
        _write(Path(args.svg), label.svg(said))
    else:
        print(label.terminal(said))
    print(said)
    return exits.OK


def _lorawan(path):
    """The section uplink.lorawan of a config file."""
    try:
        section = json.loads(path.read_bytes())["uplink"]["lorawan"]
        if not isinstance(section["dev_eui"], str) or not isinstance(
            section.get("join_eui", ""), str
        ):
            raise TypeError
    except OSError as error:
        raise exits.Failure(f"can't read {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise exits.Failure(
            f"{path} has no uplink.lorawan.dev_eui", "give the EUIs as options", exits.USAGE
        ) from None
    return section


def _run_many(args, label):
    if not args.out or args.svg or args.dev_eui or args.config:
        raise exits.Failure("--csv: goes with --out DIR and no single device", "", exits.USAGE)
    try:
        # What is in quotes may go over several lines: the reader knows where a row ends.
        text = Path(args.csv).read_text("utf-8-sig")
        reader = csv.DictReader(text.splitlines(keepends=True))
        rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise exits.Failure(f"can't read {args.csv}: {error}") from None
    if not rows:
        raise exits.Failure(
            f"{args.csv}: no device in it",
            f"give a line with the columns' names ({', '.join(_COLUMNS)}) and one a device",
            exits.USAGE,
        )
    labels = {}
    for n, row in rows:
        try:
            said = _row_text(args, label, row)
        except exits.Failure as failure:
            failure.reason = f"{args.csv}, line {n}: {failure.reason}"
            raise
        dev_eui = said.split(":")[3]
        if dev_eui in labels:
            raise exits.Failure(f"{args.csv}, line {n}: dev_eui: {dev_eui} is there twice")
        labels[dev_eui] = said
    # Nothing is written where one of them is wrong.
    for dev_eui, said in labels.items():
        _write(Path(args.out) / f"{dev_eui}.svg", label.svg(said))
        print(said)
    return exits.OK


def _row_text(args, label, row):
    unknown = [str(name) for name in row if name not in _COLUMNS]
    if unknown:
        found = ", ".join(unknown)
        raise exits.Failure(f"column {found}: allowed {', '.join(_COLUMNS)}", "", exits.USAGE)
    words = {name: (row.get(name) or "").strip() for name in _COLUMNS}
    return label.text(
        words["join_eui"] or args.join_eui or "",
        words["dev_eui"],
        words["profile"] or args.profile or label.NO_PROFILE,
        words["owner"] or args.owner,
        words["serial"] or args.serial,
        words["proprietary"] or args.proprietary,
    )


def _run_keys(args):
    from host_tools.lora import keys

    keys.make(args.secrets, args.replace)
    print(f"{args.secrets} has a new {keys.NAME}: only you can read it", file=sys.stderr)
    return exits.OK


def _write(path, text):
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    except OSError as error:
        raise exits.Failure(f"can't write {path}: {error.strerror}") from None
    print(f"wrote {path}", file=sys.stderr)
