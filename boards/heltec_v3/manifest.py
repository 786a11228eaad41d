# Freezes Kerb into a MicroPython image: `make firmware BOARD=heltec_v3` builds with it.
options.defaults(kerb=True)
include("$(PORT_DIR)/boards/manifest.py")
if options.kerb:
    include("../../firmware/manifest.py")
    require("lora-sx126x")
    require("lora-sync")
    module("board.py")
