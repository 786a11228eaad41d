# Freezes Kerb into a MicroPython image: `make firmware BOARD=pico_lora_sx1262` builds with it.
options.defaults(kerb=True)
# Not the port's whole manifest: its drivers are of no use here.
freeze("$(PORT_DIR)/modules")
include("$(MPY_DIR)/extmod/asyncio")
if options.kerb:
    include("../../firmware/manifest.py")
    require("lora-sx126x")
    require("lora-sync")
    module("board.py")
