"""A stand-in for micropython-lib's `lora` package, where there is no checkout of it.

Its classes have the methods of the real ones that kerb.hal uses, and the real ones' ways that
kerb.hal goes around: `make test-lora-driver` runs the same tests on the real ones.
"""

from lora.sx126x import SX1262  # noqa: F401
from lora.sx127x import SX1276  # noqa: F401
