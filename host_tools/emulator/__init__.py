"""An emulated Raspberry Pi Pico: MicroPython's own rp2 build, its pins, its flash, its clock."""
