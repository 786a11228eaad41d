"""A board on a serial port, seen from this machine: which port, and its raw prompt."""
