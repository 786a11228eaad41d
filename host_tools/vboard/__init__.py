"""A virtual board behind a serial port: what mpremote, `kerb flash` and people see is a board.

A process of unix MicroPython is the chip. Its flash is a file with littlefs in it, its parts are
those of boards/host, its serial line is a pseudo-terminal, and this package is everything a chip
does not decide itself: power, watchdog, resets and the cable. It boots the boot.py and main.py of
its flash unchanged; `chip/` is the code inside, with the prompts that unix MicroPython lacks.

What differs from a board on the desk:
- sys.platform is "linux"; words have 64 bits, floats double precision, the heap is given in their
  terms (512 kB by default holds what a Pico W holds, and boards/host itself).
- The port stays when the chip is reset, as with a USB-serial adapter. USB ids and speeds are not
  there; bytes take no time. Linux only.
- Sockets are this machine's own; any Wi-Fi name and key gets a link.
- At the prompt: one line of editing without moving the cursor, the last eight lines by the up and
  down keys, no completion, no input(). Programs that write binary to sys.stdout.buffer see "\\n"
  become "\\r\\n", unless micropython.kbd_intr(-1) is on.
- A program that neither sleeps nor runs asyncio feels Ctrl-C after 0.3 s, and even inside
  MicroPython's own C code, where a board waits for the next bytecode. If that was a garbage
  collection the board starts anew at its prompt.
"""
