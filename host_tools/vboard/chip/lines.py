"""Reads a line as a person types it, and knows when a statement goes on in the next one."""

CTRL_A = 1
CTRL_B = 2
CTRL_C = 3
CTRL_D = 4
CTRL_E = 5

_BACKSPACE = (8, 127)
_NEWLINE = (10, 13)
_ESCAPE = 27
_HISTORY = 8
_COMPOUND = ("if", "while", "for", "def", "class", "with", "try", "async", "@")


def is_unfinished(source):
    """True when a REPL must read on before it can run `source`, by MicroPython's own rule.

    A compound statement ends with an empty line; brackets, triple quotes and a backslash at the
    end of a line keep any statement open.
    """
    brackets = 0
    quote = ""
    i = 0
    while i < len(source):
        if quote:
            if source[i] == "\\":
                i += 1
            elif source[i : i + len(quote)] == quote:
                i += len(quote) - 1
                quote = ""
        elif source[i] in "'\"":
            quote = source[i : i + 3] if source[i : i + 3] == source[i] * 3 else source[i]
            i += len(quote) - 1
        elif source[i] == "#":
            while i + 1 < len(source) and source[i + 1] != "\n":
                i += 1
        elif source[i] in "([{":
            brackets += 1
        elif source[i] in ")]}":
            brackets -= 1
        i += 1
    if len(quote) == 3 or brackets > 0 or source.endswith("\\"):
        return True
    return _is_compound(source) and source.rsplit("\n", 1)[-1] != ""


def _is_compound(source):
    for word in _COMPOUND:
        if source.startswith(word):
            following = source[len(word) : len(word) + 1]
            if word == "@" or not (following.isalpha() or following.isdigit() or following == "_"):
                return True
    return False


class Editor:
    """Line input on a console: backspace, the last lines by the up and down keys, pasting."""

    def __init__(self, console):
        self._console = console
        self._history = []

    def read(self, prompt):
        """Show the prompt; give the line as text, or the number of a control key.

        Ctrl-C counts anywhere, the other control keys in an empty line only.
        """
        self._console.write(prompt)
        line = bytearray()
        past = 0
        while True:
            byte = self._console.read()
            if byte == CTRL_C or (CTRL_A <= byte <= CTRL_E and not line):
                return byte
            if byte in _NEWLINE:
                self._console.write(b"\r\n")
                return self._take(line)
            if byte in _BACKSPACE:
                if line:
                    self._erase(line, 1)
            elif byte == _ESCAPE:
                past = self._key(line, past)
            elif byte == 9:
                self._add(line, b"    ")
            elif byte >= 32:
                self._add(line, bytes((byte,)))

    def _take(self, line):
        text = str(line, "utf8")
        if text.strip() and self._history[-1:] != [text]:
            self._history = self._history[1 - _HISTORY :] + [text]
        return text

    def _add(self, line, data):
        line.extend(data)
        self._console.write(data)

    def _erase(self, line, characters):
        for _ in range(characters):
            while line[-1] & 0xC0 == 0x80:  # the continuation bytes of one UTF-8 character
                line[:] = line[:-1]
            line[:] = line[:-1]
            self._console.write(b"\b \b")

    def _key(self, line, past):
        """Swallow an escape sequence; the up and down keys replace the line by one of history."""
        key = self._console.read()
        if key in b"[O":
            key = self._console.read()
            while not 0x40 <= key <= 0x7E:
                key = self._console.read()
        wanted = past + (key == ord("A")) - (key == ord("B"))
        if wanted == past or not 0 <= wanted <= len(self._history):
            return past
        self._erase(line, len(str(line, "utf8")))
        if wanted:
            self._add(line, self._history[-wanted].encode())
        return wanted
