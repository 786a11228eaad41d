"""A board at its raw prompt, over mpremote's serial transport."""

import contextlib
import io
import os
import stat
import struct
import termios
import time

from host_tools import exits

_TRIES = 3
_ENTER_S = 3
_ANSWER_S = 10
_LOOK_S = 0.01
_LONGEST_LINE = 4096
_EOF = b"\x04"
_FRIENDLY = b">>> "
_BACK_TO_WORK = b"\x02\x04"
_PROMPT_AGAIN = b"\x01"
_WATCHDOG_MS = 8000  # what the RP2040's can reach, in whole seconds


class Lost(exits.Failure):
    """The board stopped answering in the middle of the work."""

    def __init__(self, port):
        super().__init__(
            "the board on {} stopped answering".format(port),
            "check the cable and repeat the command",
            exits.NO_DEVICE,
        )


class Refused(Exception):
    """The board raised an exception; the text is its traceback."""


class Session:
    """with Session(port) as board: board.run(code).

    Coming in stops the program of the board and resets its interpreter. Failure says which: there
    is no such port, it is in use, or no MicroPython answers on it.
    `feed` is a statement that feeds the board's watchdog, for code that takes its time.
    """

    def __init__(self, port):
        self.port = port
        self._transport = None
        self.feed = "pass"

    def __enter__(self):
        from mpremote.transport import TransportError

        self._transport = self._open()
        for _ in range(_TRIES):
            try:
                with _silent(), self._lost_on_errors():
                    self._transport.enter_raw_repl(timeout_overall=_ENTER_S)
                return self
            except TransportError:
                # One that is starting may have missed Ctrl-C.
                continue
            except BaseException:
                self._close()
                raise
        self._close()
        raise exits.Failure(
            "no MicroPython answers on {}".format(self.port),
            "reset the board and repeat; a new board first needs MicroPython: "
            "https://micropython.org/download/",
            exits.NO_DEVICE,
        )

    def __exit__(self, kind, error, trace):
        with contextlib.suppress(OSError, termios.error):
            if kind is None and self._transport.in_raw_repl:
                self._transport.exit_raw_repl()
        self._close()

    def run(self, code):
        """Run code on the board; gives what it printed. Refused if it raised an exception."""
        from mpremote.transport import TransportError, TransportExecError

        with self._lost_on_errors():
            try:
                return self._transport.exec(self.feed + "\n" + code).decode()
            except TransportExecError as error:
                raise Refused(error.error_output) from None
            except TransportError:
                raise Lost(self.port) from None

    def follow(self, code, take, is_over):
        """Run code that goes on by itself; `take(line)` hears each line that it prints.

        Once `is_over()` is true it gets Ctrl-C, and what it prints until it has ended is taken,
        too. Gives the traceback of the exception that ended it, "" when it was none. Lost when the
        board was reset meanwhile: it is at work again then.
        """
        from mpremote.transport import TransportError

        with self._lost_on_errors():
            try:
                self._transport.exec_raw_no_follow(self.feed + "\n" + code)
            except TransportError:
                raise Lost(self.port) from None
            return self._follow(take, is_over)

    def _follow(self, take, is_over):
        line, rest = self._transport.serial, b""
        end_s = None
        while rest.count(_EOF) < 2:
            if end_s is None and is_over():
                line.write(b"\x03")
                end_s = time.monotonic() + _ANSWER_S
            # Looked at often rather than waited for: so a person's Ctrl-C is heard.
            data = line.read(line.in_waiting)
            if not data:
                is_prompt = end_s is not None and rest.endswith(_FRIENDLY)
                if is_prompt or (end_s is not None and time.monotonic() > end_s):
                    # It was reset meanwhile: at the prompt that Ctrl-C made, it must not stay.
                    line.write(_BACK_TO_WORK)
                    raise Lost(self.port)
                time.sleep(_LOOK_S)
                continue
            rest += data
            said, eof, failure = rest.partition(_EOF)
            *whole, said = said.split(b"\n")
            if eof and said:
                whole, said = [*whole, said], b""
            for text in whole:
                take(text.decode(errors="replace").rstrip("\r"))
            rest = said[-_LONGEST_LINE:] + eof + failure
        _, failure, prompt = rest.split(_EOF, 2)
        if prompt:
            line.write(_PROMPT_AGAIN)
        return failure.decode(errors="replace")

    def hold_watchdog(self):
        """Feed the board's watchdog with every run(); without one for 8 s the board resets.

        One that the stopped program left running can't be stopped, and would bite in the middle of
        the work. Where none ran this starts one: the work must end with reset().
        """
        self.run("import machine\n_dog = machine.WDT(timeout={})".format(_WATCHDOG_MS))
        self.feed = "_dog.feed()"

    def reset(self):
        """Reset the board: it goes to work. The session is over then."""
        from mpremote.transport import TransportError

        with self._lost_on_errors():
            try:
                # The wait lets the answer to this line out before the port goes.
                self._transport.exec_raw_no_follow(
                    "import machine, time\ntime.sleep_ms(100)\nmachine.reset()"
                )
            except TransportError:
                raise Lost(self.port) from None
        self._transport.in_raw_repl = False

    def _open(self):
        from mpremote.transport import TransportError
        from mpremote.transport_serial import SerialTransport

        is_path = self.port.startswith("/")
        if is_path and not os.path.exists(self.port):
            raise exits.Failure(
                "there is no port {}".format(self.port), "check the cable", exits.NO_DEVICE
            )
        if is_path and not stat.S_ISCHR(os.stat(self.port).st_mode):
            raise exits.Failure(
                "{} is no serial port".format(self.port),
                "name the board's port, such as /dev/ttyACM0",
                exits.NO_DEVICE,
            )
        if is_path and not os.access(self.port, os.R_OK | os.W_OK):
            raise exits.Failure(
                "you may not use {}".format(self.port),
                "join the group that may (Debian: `sudo adduser $USER dialout`, then log in anew)",
                exits.BUSY,
            )
        try:
            transport = SerialTransport(self.port, timeout=_ANSWER_S)
        except TransportError:
            raise exits.Failure(
                "another program uses {}".format(self.port), "close it and repeat", exits.BUSY
            ) from None
        transport.serial.write_timeout = _ANSWER_S
        return transport

    def _close(self):
        with contextlib.suppress(OSError, termios.error):
            self._transport.close()

    @contextlib.contextmanager
    def _lost_on_errors(self):
        """A port that goes away raises many things; struct.error comes from half an answer."""
        try:
            yield
        except (OSError, termios.error, struct.error):
            raise Lost(self.port) from None


@contextlib.contextmanager
def _silent():
    """mpremote prints what a board says that is not what it expected."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield
