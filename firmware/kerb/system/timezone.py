"""Local time from a POSIX TZ string, for example "KST-9" or "CET-1CEST,M3.5.0,M10.5.0/3".

The syntax is that of POSIX.1-2017, Base Definitions 8.3, with the rule hours of -167 to 167 that
RFC 8536 section 3.3.1 adds:

    std offset [dst [offset] , start [/time] , end [/time]]

Names have three or more letters, or stand in <> and may then hold digits, + and -. An offset is
[+-]hh[:mm[:ss]] west of Greenwich, hours 0 to 24; that of dst is one hour east of std if left out.
start and end are Jn (1 to 365, 29 February never counted), n (0 to 365, 29 February counted) or
Mm.w.d (month, week 1 to 5 with 5 the last, weekday with Sunday 0), at 02:00:00 if no time is
given. POSIX leaves open what dst without rules means; here it is an error, because a wrong guess
is an hour wrong for weeks.
"""

from kerb.system import calendar

_DIGITS = "0123456789"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_HOUR_S = 3600


class Zone:
    """The rules of one POSIX TZ string; ValueError says where the string is wrong.

    standard_s, dst_s: how many seconds standard and summer time are ahead of UTC; the same where
    there is no summer time.
    """

    def __init__(self, posix_tz):
        read = _Reader(posix_tz)
        read.name()
        self.standard_s = self.dst_s = -read.time(24)
        self._start = self._end = None
        self._span = None
        if read.peek():
            read.name()
            self.dst_s = self.standard_s + _HOUR_S
            if read.peek() not in ("", ","):
                self.dst_s = -read.time(24)
            self._start = read.rule()
            self._end = read.rule()
            if read.peek():
                read.fail("the end")

    def to_local(self, day, second):
        """(day, second, is_dst) in local time of (day, second) in UTC."""
        is_dst = self._start is not None and self._is_dst(day, second)
        day, second = calendar.shift(day, second, self.dst_s if is_dst else self.standard_s)
        return day, second, is_dst

    def to_utc(self, day, second):
        """(day, second) in UTC of local (day, second).

        As in RFC 5545 section 3.3.5: a local time that comes twice, when clocks go back, is the
        first of the two; one that never comes, when clocks go forward, is read with the offset
        from before the change: 02:30 in a gap of one hour is the moment that clocks show as 03:30.
        """
        early = calendar.shift(day, second, -max(self.standard_s, self.dst_s))
        if self.to_local(*early)[:2] == (day, second):
            return early
        return calendar.shift(day, second, -min(self.standard_s, self.dst_s))

    def last_change(self, day, second):
        """(day, second) in UTC of the last change of the clocks up to then; None: they stay."""
        if self._start is None:
            return None
        self._is_dst(day, second)
        return self._span[0]

    def _is_dst(self, day, second):
        # The last answer holds until the next change of the clocks.
        now = (day, second)
        if self._span is None or not self._span[0] <= now < self._span[1]:
            self._span = self._find(now)
        return self._span[2]

    def _find(self, now):
        # A rule's time may move its change into the neighbouring year, so look around. Where a
        # start falls together with the last year's end (summer time all year) the start counts.
        since = until = is_dst = None
        year = calendar.date(now[0])[0]
        for y in range(year - 2, year + 3):
            for rule, before_s in ((self._end, self.dst_s), (self._start, self.standard_s)):
                change = _moment(rule, y, before_s)
                if change > now:
                    if until is None or change < until:
                        until = change
                elif since is None or change >= since:
                    since = change
                    is_dst = rule is self._start
        return since, until, is_dst


def _moment(rule, year, offset_s):
    """(day, second) in UTC of a rule's change in a year, with the offset in force before it."""
    kind, a, week, weekday, time_s = rule
    if kind == "M":
        day = calendar.days(year, a, 1)
        last = day + calendar.month_days(year, a) - 1
        # POSIX counts weekdays from Sunday, calendar from Monday.
        day += (weekday - 1 - calendar.weekday(day)) % 7 + (week - 1) * 7
        if day > last:
            day -= 7
    else:
        day = calendar.days(year, 1, 1) + a
        if kind == "J":
            day += -1 if a < 60 or not calendar.is_leap(year) else 0
    return calendar.shift(day, time_s, -offset_s)


class _Reader:
    def __init__(self, text):
        if not isinstance(text, str):
            raise ValueError("timezone: found %s, allowed: text" % type(text).__name__)
        self._text = text
        self._at = 0

    def fail(self, allowed):
        found = self._text[self._at : self._at + 12]
        raise ValueError(
            "timezone: found %s at character %d, allowed: %s"
            % ('"%s"' % found if found else "the end", self._at + 1, allowed)
        )

    def peek(self):
        return self._text[self._at : self._at + 1]

    def take(self, char):
        if self.peek() != char:
            return False
        self._at += 1
        return True

    def expect(self, char):
        if not self.take(char):
            self.fail('"%s"' % char)

    def run(self, chars):
        start = self._at
        while self.peek() and self.peek() in chars:
            self._at += 1
        return self._at - start

    def name(self):
        quoted = self.take("<")
        start = self._at
        if self.run(_LETTERS + _DIGITS + "+-" if quoted else _LETTERS) < 3:
            self._at = start
            self.fail("a name of 3 letters or more, or one in <>")
        if quoted:
            self.expect(">")

    def number(self, lo, hi):
        start = self._at
        # Four digits hold every number of the grammar, leading zeros included.
        if not 1 <= self.run(_DIGITS) <= 4 or not lo <= int(self._text[start : self._at]) <= hi:
            self._at = start
            self.fail("%d to %d" % (lo, hi))
        return int(self._text[start : self._at])

    def time(self, hi_hour):
        """Seconds of [+-]hh[:mm[:ss]]."""
        negative = self.take("-")
        if not negative:
            self.take("+")
        time_s = self.number(0, hi_hour) * _HOUR_S
        if self.take(":"):
            time_s += self.number(0, 59) * 60
            if self.take(":"):
                time_s += self.number(0, 59)
        return -time_s if negative else time_s

    def rule(self):
        self.expect(",")
        week = weekday = 0
        if self.take("M"):
            kind = "M"
            a = self.number(1, 12)
            self.expect(".")
            week = self.number(1, 5)
            self.expect(".")
            weekday = self.number(0, 6)
        elif self.take("J"):
            kind = "J"
            a = self.number(1, 365)
        elif self.peek() and self.peek() in _DIGITS:
            kind = "n"
            a = self.number(0, 365)
        else:
            self.fail("Jn, n or Mm.w.d")
        return kind, a, week, weekday, self.time(167) if self.take("/") else 2 * _HOUR_S
