"""micropython-lib's `lora` drivers, out of the checkout that MICROPYTHON_LIB names.

No package index has them: a board gets them by `mpremote mip install`, or from such a checkout.
"""

import os
from pathlib import Path

from host_tools.setup.product import Unavailable

CHECKOUT = "MICROPYTHON_LIB"
# One folder `lora/` on the board, out of these packages.
_SHARED = ("lora", "lora-sync")
CHIPS = ("sx126x", "sx127x")


def home():
    """Give the folder of the LoRa packages; Unavailable if no checkout is named."""
    checkout = os.environ.get(CHECKOUT)
    if not checkout:
        raise Unavailable("{} names no checkout of micropython-lib".format(CHECKOUT))
    return Path(checkout).resolve() / "micropython" / "lora"


def modules(chips=CHIPS):
    """Give {path on a board: file} of the drivers of these chips; Unavailable, with the reason."""
    folder = home()
    files = {}
    for package in (*_SHARED, *("lora-" + chip for chip in chips)):
        found = sorted((folder / package / "lora").glob("*.py"))
        if not found:
            raise Unavailable("there is no {}".format(folder / package))
        files.update(("lora/" + path.name, path) for path in found)
    return files
