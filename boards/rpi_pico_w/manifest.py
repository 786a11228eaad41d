# Freezes Kerb into a MicroPython image: give this file to the build as FROZEN_MANIFEST.
include("$(PORT_DIR)/boards/RPI_PICO_W/manifest.py")
include("../../firmware/manifest.py")
module("board.py")
