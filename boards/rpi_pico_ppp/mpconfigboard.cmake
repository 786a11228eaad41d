# A Pico whose MicroPython has lwIP in it, and PPP for a network interface.
set(PICO_BOARD "pico")
set(PICO_PLATFORM "rp2040")
set(MICROPY_PY_LWIP ON)
