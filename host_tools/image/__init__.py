"""Images to flash: MicroPython with Kerb frozen into it, their sizes and their budgets."""
