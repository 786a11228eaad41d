"""MicroPython's esp32 module for the virtual board: of it, exact output patterns."""

from sim.rmt import RMT  # noqa: F401
