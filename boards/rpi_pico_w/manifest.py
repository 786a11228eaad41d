# Freezes Kerb into a MicroPython image: `make firmware BOARD=rpi_pico_w` builds with it.
options.defaults(kerb=True)
include("$(PORT_DIR)/boards/RPI_PICO_W/manifest.py")
if options.kerb:
    include("../../firmware/manifest.py")
    module("board.py")
