"""A person's hands on a serial port, for tests."""

import time

import serial

_PATIENCE_S = 10


class Terminal:
    """with Terminal(port) as line: types bytes, reads until an ending comes."""

    def __init__(self, port):
        self._serial = serial.Serial(port, timeout=0.05)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._serial.close()

    def type(self, data):
        self._serial.write(data)

    def until(self, ending, patience_s=_PATIENCE_S):
        """All bytes up to and with the ending; AssertionError with them if it doesn't come."""
        data = b""
        deadline = time.monotonic() + patience_s
        while not data.endswith(ending):
            assert time.monotonic() < deadline, data
            data += self._serial.read(1)
        return data

    def ask(self, line, ending=b"\r\n>>> "):
        """Type a line at the prompt; gives what the board says to it, without echo and prompt."""
        self.type(line + b"\r")
        said = self.until(ending)
        assert said.startswith(line + b"\r\n"), said
        return said[len(line) + 2 : -len(ending)]

    def prompt(self, interrupt=True):
        """Wait for the friendly prompt, and get it by Ctrl-C out of whatever the board does."""
        self.type(b"\x03\x02# here\r" if interrupt else b"# here\r")
        self.until(b"# here\r\n>>> ")

    def silence(self, seconds):
        """What comes in so many seconds."""
        deadline = time.monotonic() + seconds
        data = b""
        while time.monotonic() < deadline:
            data += self._serial.read(1000)
        return data
