"""OPS243-A (and -C), a Doppler radar of 24 GHz that tells how fast cars come, 50 to 100 m away.

Format: OmniPreSense, AN-010 API Interface and the OPS243's manual. 19200 baud, 8N1. Commands have
two characters. What it says are lines, in JSON after OJ: {"speed":"13.42"} or {"speed":13.42}, in
some versions with "unit", "direction", "time" or "magnitude"; of several objects a list, the
strongest first. A -C has "range", too. What comes is positive, what goes negative.

It is told: OJ JSON, UM metres a second, F2 two decimals, R+ only what comes (a car that goes
could hide one that comes), BZ a 0 each time that nothing moves. U? asks for its unit, which it
answers with a line: the acknowledgement, and a sign of life of a version that knows no BZ.
"""

import time

from micropython import const

BAUD = const(19200)
RX_BYTES = const(512)

_CHUNK = const(64)
_LINE = const(120)
_STALL_MS = const(1500)
_SILENT_MS = const(600)
_STEP_MS = const(100)
_ANSWER_MS = const(400)
_ROUNDS = const(3)
# It tells something five to ten times a second.
_FRESH_MS = const(600)
_FAST_CM_S = const(7000)
_FAR_MM = const(200000)
_DIGITS = const(4)
_NO_NUMBER = const(-1 << 29)
_BEGIN = const(0x7B)  # {
_END = const(0x7D)  # }
# JSON comes late: what is no JSON is not believed, whatever unit it has.
_COMMANDS = (b"UM", b"F2", b"R+", b"BZ", b"OJ", b"U?")
_SPEED = b'"speed"'
_RANGE = b'"range"'
_DIRECTION = b'"direction"'
_OUT = const(0x6F)  # of "outbound"
_UNIT = b'"unit"'
_UNITS = b'"Units"'
_METRES = (b"m-per-sec", b"mps", b"m/s", b"m")


class Ops243:
    """The part behind `port`, a kerb.hal.serial.Serial at BAUD with RX_BYTES.

    Nothing that comes raises anything or is waited for, and once warm poll() takes no memory.

    speed_cm_s: of the strongest that moves, positive comes; 0 when nothing does, None while the
    part is not alive. range_mm: how far that is, or None. seen_ms: when the last speed came.
    alive, fault, configured: as kerb.drivers.hilink.HiLink has them; reports, rejected: lines with
    a speed, and lines that are none of its lines. A speed in another unit is none.
    """

    def __init__(self, port):
        self._port = port
        self._chunk = bytearray(_CHUNK)
        self._line = bytearray(_LINE)
        self._have = 0
        self._heard_ms = self._due_ms = None
        self._any = False
        self._at = self._rounds = 0
        self.configured = self.alive = False
        self.speed_cm_s = self.range_mm = self.seen_ms = self.fault = None
        self.reports = self.rejected = 0

    def poll(self, now_ms):
        """Takes in what has come; True when a speed was among it. `now_ms`: ticks_ms()."""
        if self._heard_ms is None:
            self._heard_ms = self._due_ms = now_ms
        before = self.reports
        self._now_ms = now_ms
        taken = 0
        while taken < RX_BYTES:
            count = self._port.read_into(self._chunk)
            if not count:
                break
            taken += count
            self._any = True  # until a line of its own comes out of it
            self._feed(count)
        silent_ms = time.ticks_diff(now_ms, self._heard_ms)
        if silent_ms >= _STALL_MS:
            self._heard_ms = now_ms
            self.alive = False
            self.speed_cm_s = self.range_mm = None
            self.fault = "garbled" if self._any else "no_answer"
            self._any = False
            self._configure()
        elif self.alive and self.speed_cm_s != 0:
            if self.seen_ms is None or time.ticks_diff(now_ms, self.seen_ms) >= _FRESH_MS:
                self.speed_cm_s = 0
                self.range_mm = None
        if time.ticks_diff(now_ms, self._due_ms) >= 0:
            self._say(now_ms, silent_ms)
        return self.reports != before

    def _configure(self):
        """Has the commands sent, from the first one on."""
        self.configured = False
        self._at = self._rounds = 0

    def _say(self, now_ms, silent_ms):
        wait_ms = _STEP_MS
        if self._at < len(_COMMANDS):
            self._port.write(_COMMANDS[self._at])
            self._at += 1
            if self._at == len(_COMMANDS):
                wait_ms = _ANSWER_MS
        elif not self.configured and self._rounds < _ROUNDS:
            self._rounds += 1
            self._at = 0
        elif silent_ms >= _SILENT_MS:
            self._port.write(_COMMANDS[-1])
            wait_ms = _ANSWER_MS
        self._due_ms = time.ticks_add(now_ms, wait_ms)

    def _feed(self, count):
        chunk, line = self._chunk, self._line
        have = self._have
        for i in range(count):
            byte = chunk[i]
            if byte == 10 or byte == 13:
                if have:
                    self._have = have
                    self._take()
                have = 0
            elif have < _LINE:
                line[have] = byte
                have += 1
        self._have = have

    def _take(self):
        """A line is there."""
        line, have = self._line, self._have
        if line[0] != _BEGIN or line[have - 1] != _END:
            self.rejected += 1
            if 0x2B <= line[0] <= 0x39 and self.configured:
                # A bare number: it has started anew, and knows of no JSON.
                self._configure()
            return
        at = self._find(_UNITS)
        if at:
            if not self._is_metres(at):
                self.rejected += 1
                self._configure()
                return
            self.configured = self._at == len(_COMMANDS)
            self._well()
            return
        at = self._find(_UNIT)
        if at and not self._is_metres(at):
            self.rejected += 1
            return
        at = self._find(_SPEED)
        if at:
            cm_s = self._number(at)
            if cm_s == _NO_NUMBER or abs(cm_s) > 10 * _FAST_CM_S:
                self.rejected += 1
                return
            cm_s = (cm_s + 5) // 10
            at = self._find(_DIRECTION)
            if at and line[at] == _OUT and cm_s > 0:
                cm_s = -cm_s
            self.speed_cm_s = cm_s
            self.seen_ms = self._now_ms
            self.reports += 1
            if not cm_s:
                self.range_mm = None
        at = self._find(_RANGE)
        if at:
            mm = self._number(at)
            self.range_mm = mm if 0 < mm <= _FAR_MM else None
        self._well()

    def _well(self):
        self._heard_ms = self._now_ms
        self._any = False
        self.alive = True
        self.fault = None

    def _find(self, key):
        """Where the value of a key begins in the line, 0 when it is not there."""
        line = self._line
        size = len(key)
        first = key[1]
        for at in range(1, self._have - size):
            if line[at + 1] == first and line[at] == key[0]:
                i = 2
                while i < size and line[at + i] == key[i]:
                    i += 1
                if i == size:
                    return self._value(at + size)
        return 0

    def _value(self, at):
        """The first place from `at` on that is no space, colon, bracket or quote."""
        line, have = self._line, self._have
        while at < have - 1 and line[at] in b' :["':
            at += 1
        return at

    def _is_metres(self, at):
        line, have = self._line, self._have
        for word in _METRES:
            size = len(word)
            i = 0
            while i < size and at + i < have and line[at + i] == word[i]:
                i += 1
            if i == size and at + size < have and line[at + size] in b'",]}':
                return True
        return False

    def _number(self, at):
        """A thousand times the number there; _NO_NUMBER when there is none."""
        line, have = self._line, self._have
        minus = line[at] == 0x2D
        if minus or line[at] == 0x2B:
            at += 1
        value = digits = 0
        left = -1  # decimals to come, once the point was there
        while at < have:
            byte = line[at]
            if 0x30 <= byte <= 0x39:
                if left:
                    value = value * 10 + byte - 0x30
                    left -= left > 0
                digits += 1
                if left < 0 and digits > _DIGITS:
                    return _NO_NUMBER
            elif byte == 0x2E and left < 0:
                left = 3
            else:
                break
            at += 1
        if not digits or at == have or line[at] not in b'",]} ':
            return _NO_NUMBER
        for _ in range(3 if left < 0 else left):
            value *= 10
        return -value if minus else value
