"""The last things that happened, in memory: a ring of messages with their level and time.

A message is formatted only when it is read, and one below the level costs one comparison.
"""

from micropython import const

DEBUG = const(0)
INFO = const(1)
WARN = const(2)
ERROR = const(3)

LETTERS = "DIWE"


class _Nothing:
    """Stands for an argument that was not given; None can be one."""


class Log:
    """A ring of the last `size` messages of at least `level`, each with its time from uptime_s().

    debug(), info(), warn() and error() take a message and up to three values for its % places.
    The values are kept and formatted when the message is read: give numbers and texts, things that
    do not change. What can't be formatted is shown as it is. Errors are kept at any level.
    Nothing is allocated for a message below the level, and, without echo, for one with values that
    exist already.

    count: messages since the start. echo: print each as well.
    """

    def __init__(self, size=40, level=INFO, uptime_s=None, echo=False):
        self.level = level
        self.echo = echo
        self.count = 0
        self._uptime_s = uptime_s
        self._size = size
        self._times = [0] * size
        self._levels = bytearray(size)
        self._messages = [None] * size
        self._values = [_Nothing] * (3 * size)

    def debug(self, msg, a=_Nothing, b=_Nothing, c=_Nothing):
        if self.level <= DEBUG:
            self._add(DEBUG, msg, a, b, c)

    def info(self, msg, a=_Nothing, b=_Nothing, c=_Nothing):
        if self.level <= INFO:
            self._add(INFO, msg, a, b, c)

    def warn(self, msg, a=_Nothing, b=_Nothing, c=_Nothing):
        if self.level <= WARN:
            self._add(WARN, msg, a, b, c)

    def error(self, msg, a=_Nothing, b=_Nothing, c=_Nothing):
        self._add(ERROR, msg, a, b, c)

    def entries(self, level=DEBUG):
        """Yields (uptime_s, level, text) of what is kept of `level` and above, oldest first."""
        for number in range(max(0, self.count - self._size), self.count):
            at = number % self._size
            # A message that came while this was read may have taken the place of an old one.
            if self._levels[at] >= level and number >= self.count - self._size:
                yield self._times[at], self._levels[at], self._text(at)

    def _add(self, level, msg, a, b, c):
        at = self.count % self._size
        self.count += 1
        self._times[at] = self._uptime_s() if self._uptime_s else 0
        self._levels[at] = level
        self._messages[at] = msg
        self._values[3 * at] = a
        self._values[3 * at + 1] = b
        self._values[3 * at + 2] = c
        if self.echo:
            print("%7d %s %s" % (self._times[at], LETTERS[level], self._text(at)))

    def _text(self, at):
        msg = self._messages[at]
        values = tuple(v for v in self._values[3 * at : 3 * at + 3] if v is not _Nothing)
        try:
            return msg % values if values else str(msg)
        except Exception:
            return " ".join([_plain(msg)] + [_plain(value) for value in values])


def _plain(value):
    try:
        return str(value)
    except Exception as e:
        return type(e).__name__
