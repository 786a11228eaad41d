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


def modules(chips=CHIPS):
    """Give {path on a board: file} of the drivers of these chips; Unavailable, with the reason."""
    checkout = os.environ.get(CHECKOUT)
    if not checkout:
        raise Unavailable("{} names no checkout of micropython-lib".format(CHECKOUT))
    home = Path(checkout) / "micropython" / "lora"
    files = {}
    for package in (*_SHARED, *("lora-" + chip for chip in chips)):
        found = sorted((home / package / "lora").glob("*.py"))
        if not found:
            raise Unavailable("{} has no micropython/lora/{}".format(checkout, package))
        files.update(("lora/" + path.name, path) for path in found)
    return files
