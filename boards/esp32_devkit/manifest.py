# Freezes Kerb into a MicroPython image: `make firmware BOARD=esp32_devkit` builds with it.
options.defaults(kerb=True)
include("$(PORT_DIR)/boards/manifest.py")
if options.kerb:
    include("../../firmware/manifest.py")
    module("board.py")
