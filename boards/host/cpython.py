"""What CPython lacks of MicroPython: `import cpython` adds it, and on MicroPython does nothing."""

import sys

if sys.implementation.name == "cpython":
    from sim import cpython_parts

    cpython_parts.install()
