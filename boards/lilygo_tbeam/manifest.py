# Freezes Kerb into a MicroPython image: `make firmware BOARD=lilygo_tbeam` builds with it.
options.defaults(kerb=True)
include("$(PORT_DIR)/boards/manifest.py")
if options.kerb:
    include("../../firmware/manifest.py")
    require("lora-sx127x")
    require("lora-sync")
    module("board.py")
