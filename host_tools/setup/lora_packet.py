"""npm's lora-packet in build/lora-packet: a LoRaWAN of others that tests hold the firmware's to.

Its version and content are pinned in tests/support/lora_packet/package-lock.json.
"""

import sys

from host_tools import exits
from host_tools.setup import npm
from host_tools.setup.product import BUILD, ROOT, Unavailable, say, whole_folder

HOME = BUILD / "lora-packet"
SOURCES = ROOT / "tests" / "support" / "lora_packet"


def find():
    """(node, folder): what runs lora-packet and where it is; Unavailable if missing."""
    if not npm.is_kept(SOURCES, HOME):
        raise Unavailable("lora-packet is not set up: run `make lora-packet`")
    return npm.node(), HOME


def fetch():
    """Make build/lora-packet if it is not there as the lock file has it; Unavailable: can't be."""
    npm.node()
    if npm.is_kept(SOURCES, HOME):
        return
    say("fetching lora-packet (1 MB) ...")
    with whole_folder(HOME) as folder:
        npm.install(SOURCES, folder, "lora-packet")


def main():
    """Set it up; exits.MISSING with the reason and what to do when it can't be had."""
    try:
        fetch()
    except Unavailable as error:
        say(
            f"no lora-packet: {error}\n"
            "  Next step: install node 18 or later with npm, connect this machine to npm's\n"
            "  package registry, and repeat."
        )
        return exits.MISSING
    return exits.OK


if __name__ == "__main__":
    sys.exit(main())
