"""JSON read strictly: MicroPython's own parser takes '{"a"', '[1 2]' or '{"a":1,}' for complete.

A config file that was cut or mistyped must not pass for a shorter one, on any runtime alike.
"""

import json

from micropython import const

_MAX_DEPTH = const(8)
_MAX_NUMBER = const(20)

_VALUE = const(0)
_VALUE_OR_CLOSE = const(1)
_KEY = const(2)
_KEY_OR_CLOSE = const(3)
_COLON = const(4)
_AFTER = const(5)
_ALLOWED = ("a value", 'a value or "]"', "a key", 'a key or "}"', '":"')

_DIGITS = b"0123456789"
_HEX = b"0123456789abcdefABCDEF"


def parse(data, hide=False):
    """The value of a whole JSON text in UTF-8 bytes.

    Beyond RFC 8259: at most 8 levels deep, numbers of at most 20 characters, no \\u escape of half
    a character. ValueError gives line, column, what was found (not with `hide`) and what is
    allowed there.
    """
    _Scan(data, hide).run()
    try:
        return json.loads(data.decode())
    except UnicodeError:
        raise ValueError("found bytes that are not UTF-8, allowed: UTF-8 text") from None


class _Scan:
    def __init__(self, data, hide):
        self._data = data
        self._hide = hide
        self._at = 0

    def _fail(self, allowed):
        before = self._data[: self._at]
        line = before.count(b"\n") + 1
        column = self._at - before.rfind(b"\n")
        c = self._peek()
        if self._at == len(self._data):
            found = "found the end, "
        elif self._hide:
            found = ""
        elif 0x20 <= c < 0x7F:
            found = "found %s, " % chr(c)
        else:
            found = "found byte 0x%02x, " % c
        raise ValueError("line %d, column %d: %sallowed: %s" % (line, column, found, allowed))

    def _peek(self):
        # 0, which is allowed nowhere, stands for the end as well.
        return self._data[self._at] if self._at < len(self._data) else 0

    def _skip(self, chars):
        """Pass over bytes that are among `chars`; how many there were."""
        start = self._at
        while self._at < len(self._data) and self._data[self._at] in chars:
            self._at += 1
        return self._at - start

    def run(self):
        open_ends = []
        state = _VALUE
        while True:
            self._skip(b" \t\r\n")
            c = self._peek()
            if state == _AFTER and not open_ends:
                if self._at < len(self._data):
                    self._fail("the end")
                return
            if state == _AFTER and c == 0x2C:  # ,
                self._at += 1
                state = _KEY if open_ends[-1] == 0x7D else _VALUE
            elif state in (_AFTER, _VALUE_OR_CLOSE, _KEY_OR_CLOSE) and c == open_ends[-1]:
                self._at += 1
                open_ends.pop()
                state = _AFTER
            elif state == _AFTER:
                self._fail('"," or "%s"' % chr(open_ends[-1]))
            elif state == _COLON and c == 0x3A:
                self._at += 1
                state = _VALUE
            elif state in (_KEY, _KEY_OR_CLOSE) and c == 0x22:
                self._string()
                state = _COLON
            elif state in (_VALUE, _VALUE_OR_CLOSE) and c in b"{[":
                if len(open_ends) == _MAX_DEPTH:
                    self._fail("at most %d levels" % _MAX_DEPTH)
                self._at += 1
                open_ends.append(c + 2)
                state = _KEY_OR_CLOSE if c == 0x7B else _VALUE_OR_CLOSE
            elif state in (_VALUE, _VALUE_OR_CLOSE) and self._scalar(c):
                state = _AFTER
            else:
                self._fail(_ALLOWED[state])

    def _scalar(self, c):
        if c == 0x22:
            self._string()
            return True
        if c == 0x2D or c in _DIGITS:
            self._number()
            return True
        for word in (b"true", b"false", b"null"):
            if self._data[self._at : self._at + len(word)] == word:
                self._at += len(word)
                return True
        return False

    def _string(self):
        self._at += 1
        while True:
            c = self._peek()
            if c < 0x20:
                self._fail("text, ended by a quote")
            self._at += 1
            if c == 0x22:
                return
            if c == 0x5C:
                self._escape()

    def _escape(self):
        c = self._peek()
        if c not in b'"\\/bfnrtu':
            self._fail('one of "\\/bfnrtu')
        self._at += 1
        if c != 0x75:
            return
        code = self._data[self._at : self._at + 4]
        for _ in range(4):
            if self._peek() not in _HEX:
                self._fail("4 hexadecimal digits")
            self._at += 1
        if 0xD800 <= int(code, 16) <= 0xDFFF:
            self._at -= 4
            self._fail("the character itself instead of half of it")

    def _number(self):
        start = self._at
        self._skip_one(b"-")
        if not self._skip_one(b"0"):
            self._digits()
        if self._skip_one(b"."):
            self._digits()
        if self._skip_one(b"eE"):
            self._skip_one(b"+-")
            self._digits()
        if self._at - start > _MAX_NUMBER:
            self._at = start
            self._fail("a number of at most %d characters" % _MAX_NUMBER)

    def _digits(self):
        if not self._skip(_DIGITS):
            self._fail("a digit")

    def _skip_one(self, chars):
        if self._peek() in chars:
            self._at += 1
            return True
        return False
