"""The `kerb` command: finds its sub-commands, runs one, and turns failures into exit codes."""

import argparse
import importlib
import importlib.util
import sys

from host_tools import exits

# Every module gives `register(subparsers)`, cheap at import: what a command needs is imported
# when it runs, so that `kerb --help` stays quick.
COMMANDS = (
    "host_tools.street.run",
    "host_tools.flash",
    "host_tools.vboard.command",
    "host_tools.codecs",
    "host_tools.light.command",
    "host_tools.parking.command",
    "host_tools.crosswalk.command",
    "host_tools.battery",
    "host_tools.lora.command",
    "host_tools.image.command",
)


class _Version(argparse.Action):
    """Print the installed version: looked up only when asked, for it is a search of packages."""

    def __init__(self, option_strings, dest, **options):
        super().__init__(option_strings, dest, nargs=0, help="print the version and stop")

    def __call__(self, parser, namespace, values, option_string=None):
        print("kerb {}".format(version()))
        parser.exit(exits.OK)


def version():
    """Give the installed version of the tools, "unknown" when they run from a bare folder."""
    from importlib import metadata

    try:
        return metadata.version("kerb")
    except metadata.PackageNotFoundError:
        return "unknown (not installed: run `make setup`)"


def parser():
    """Build the command line out of what the command modules register."""
    top = argparse.ArgumentParser(
        prog="kerb",
        description="Tools for Kerb, firmware for small computers at the kerb of a city street.",
        epilog="Exit codes: {}.".format(exits.as_text()),
    )
    top.add_argument("--version", action=_Version)
    commands = top.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name in COMMANDS:
        if importlib.util.find_spec(name) is not None:
            importlib.import_module(name).register(commands)
    return top


def main(argv=None):
    """Run one command, the function `run` that its sub-parser has set; gives its exit code."""
    top = parser()
    args = top.parse_args(argv)
    if args.command is None:
        top.print_help()
        return exits.USAGE
    try:
        return args.run(args)
    except exits.Failure as failure:
        print("kerb {}: {}".format(args.command, failure.reason), file=sys.stderr)
        if failure.next_step:
            print("  next: " + failure.next_step, file=sys.stderr)
        return failure.code
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except BrokenPipeError:  # `kerb ... | head`: the reader has seen enough
        sys.stderr.close()
        return exits.OK


if __name__ == "__main__":
    sys.exit(main())
