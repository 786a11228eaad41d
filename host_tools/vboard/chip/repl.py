"""The prompts of a MicroPython board: friendly, paste, raw and raw-paste, as its ports have them.

The unix port of 1.25 has no raw REPL, which mpremote lives on; here are all four. The bytes are
those of MicroPython's shared/runtime/pyexec.c.
"""

import io
import struct
import sys

import lines

_BANNER = 'MicroPython %s; Kerb virtual board\r\nType "help()" for more information.\r\n'
_PASTE_HELP = b"\r\npaste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n=== "
_EOF = b"\x04"
_WINDOW_BYTES = 128
_FOLDER = __file__.rpartition("/")[0]


class SoftReset(Exception):
    """Ctrl-D or SystemExit: the interpreter starts afresh, the chip does not."""


class Repl:
    """Runs what comes over the console. `fatal`: exceptions that end the board's run."""

    def __init__(self, console, fatal):
        self._console = console
        self._fatal = fatal
        self._editor = lines.Editor(console)
        self._globals = {"__name__": "__main__"}

    def run_file(self, name):
        """Run a file of the flash if it is there; False when it ended with an exception."""
        try:
            with open(name) as file:
                source = file.read()
        except OSError:
            return True
        failure = self._run(source, name, "exec")
        if failure:
            self._console.write(failure)
        return not failure

    def friendly(self):
        """Serve a person until Ctrl-A asks for the raw prompt."""
        self._console.write(self._banner())
        while True:
            line = self._editor.read(b">>> ")
            if line == lines.CTRL_A:
                self._console.write(b"\r\n")
                return
            if line == lines.CTRL_B:
                self._console.write(b"\r\n" + self._banner())
            elif line == lines.CTRL_D:
                self._console.write(b"\r\n")
                raise SoftReset
            elif line == lines.CTRL_E:
                self._paste()
            elif line == lines.CTRL_C:
                self._console.write(b"\r\n")
            elif line.strip():
                self._statement(line)

    def raw(self):
        """Serve a program until Ctrl-B asks for the friendly prompt."""
        while True:
            self._console.write(b"raw REPL; CTRL-B to exit\r\n>")
            source = bytearray()
            while True:
                byte = self._console.read()
                if byte == lines.CTRL_A:
                    if source[:1] != b"\x05":
                        break
                    self._raw_paste(source[1:])
                elif byte == lines.CTRL_B:
                    self._console.write(b"\r\n")
                    return
                elif byte == lines.CTRL_D:
                    if not source:
                        self._console.write(b"\r\n")
                        raise SoftReset
                    self._console.write(b"OK")
                    self._run_raw(source)
                elif byte != lines.CTRL_C:
                    source.append(byte)
                    continue
                source = bytearray()
                if byte != lines.CTRL_C:
                    self._console.write(b">")

    def _banner(self):
        return (_BANNER % sys.version.rsplit("MicroPython ", 1)[-1]).encode()

    def _statement(self, source):
        while lines.is_unfinished(source):
            line = self._editor.read(b"... ")
            if line == lines.CTRL_C:
                self._console.write(b"\r\n")
                return
            if isinstance(line, str):
                source += "\n" + line
        self._print(self._run(source + "\n", "<stdin>", "single"))

    def _paste(self):
        self._console.write(_PASTE_HELP)
        source = bytearray()
        while True:
            byte = self._console.read()
            if byte == lines.CTRL_C:
                self._console.write(b"\r\n")
                return
            if byte == lines.CTRL_D:
                break
            if byte == 13:
                source.extend(b"\n")
                self._console.write(b"\r\n=== ")
            else:
                source.append(byte)
                self._console.write(bytes((byte,)))
        self._console.write(b"\r\n")
        self._print(self._run(source, "<stdin>", "exec"))

    def _raw_paste(self, command):
        if command != b"A":
            self._console.write(b"R\x00")
            return
        self._console.write(b"R\x01" + struct.pack("<H", _WINDOW_BYTES) + b"\x01")
        source = bytearray()
        while True:
            byte = self._console.read()
            if byte == lines.CTRL_C:
                self._console.write(_EOF)
                return
            if byte == lines.CTRL_D:
                break
            source.append(byte)
            if len(source) % _WINDOW_BYTES == 0:
                self._console.write(b"\x01")
        self._console.write(_EOF)
        self._run_raw(source)

    def _run_raw(self, source):
        try:
            failure = self._run(source, "<stdin>", "exec")
        except SoftReset:
            self._console.write(_EOF + _EOF)
            raise
        self._console.write(_EOF + failure + _EOF)

    def _print(self, failure):
        if failure:
            self._console.write(failure)

    def _run(self, source, name, kind):
        """Run source with Ctrl-C let through; gives b"" or the traceback."""
        failure = None
        try:
            self._console.begin()
            if not isinstance(source, str):
                source = str(source, "utf8")
            exec(compile(source, name, kind), self._globals)
        except BaseException as error:
            failure = error
        while True:
            try:
                self._console.end()
                break
            except KeyboardInterrupt as error:
                failure = error
        if failure is None:
            return b""
        if isinstance(failure, SystemExit):
            raise SoftReset
        elif isinstance(failure, self._fatal):
            raise failure
        return _traceback(failure)


def _traceback(failure):
    """What the board prints of an exception: without the frames of this folder."""
    text = io.StringIO()
    sys.print_exception(failure, text)
    said = [line for line in text.getvalue().split("\n") if _FOLDER not in line]
    return "\r\n".join(said).encode()
