"""MicroPython's raw REPL on an emulated board's USB line, in virtual time."""

_CTRL_A = "\x01"
_CTRL_C = "\x03"
_CTRL_D = "\x04"
_CONNECT_MS = 3000
_STEP_MS = 5


class Raised(Exception):
    """The code raised on the board; the text is its traceback."""


class Repl:
    """Repl(pico).run("print(1)") gives what was printed. Ctrl-C first stops what runs."""

    def __init__(self, pico):
        self.pico = pico
        self._raw = False

    def connect(self):
        """Run until the board's USB is up."""
        until = self.pico.ms + _CONNECT_MS
        while not self.pico.order("connected"):
            if self.pico.ms > until:
                raise TimeoutError("no USB after {} ms".format(_CONNECT_MS))
            self.pico.run(_STEP_MS)

    def type(self, text):
        """Type on the line."""
        self.pico.order("write", text=text)

    def enter(self, ms=10_000):
        """Stop what runs and go to the raw prompt."""
        self.connect()
        self.type("\r" + _CTRL_C + _CTRL_C)
        self.pico.run(_STEP_MS)
        self.type(_CTRL_A)
        self.pico.wait("raw REPL; CTRL-B to exit\r\n>", ms)
        self._raw = True

    def start(self, code):
        """Send code off without waiting for its end."""
        if not self._raw:
            self.enter()
        self.type(code + _CTRL_D)
        self.pico.wait("OK")

    def finish(self, ms=60_000):
        """Wait for the code's end; gives what it printed. Raised with the traceback."""
        out = self.pico.wait(_CTRL_D, ms)[:-1]
        error = self.pico.wait(_CTRL_D, ms)[:-1]
        self.pico.wait(">", ms)
        if error:
            raise Raised(out + error)
        return out.replace("\r\n", "\n")

    def run(self, code, ms=60_000):
        """Run code; gives what it printed, Raised if it raised."""
        self.start(code)
        return self.finish(ms)
