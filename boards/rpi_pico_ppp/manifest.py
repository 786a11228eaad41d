# Freezes Kerb into a MicroPython image: `make firmware BOARD=rpi_pico_ppp` builds with it.
options.defaults(kerb=True)
freeze("$(PORT_DIR)/modules")
include("$(MPY_DIR)/extmod/asyncio")
if options.kerb:
    include("../../firmware/manifest.py")
    module("board.py")
