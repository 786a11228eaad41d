"""NMEA 0183, the sentences by which satellite receivers tell where they are and when.

Format: NMEA 0183 4.10, as in u-blox' and Quectel's protocol manuals. `$`, two letters of who
talks, three of what it is, fields after commas, `*`, two hexadecimal digits: the XOR of all that
is between `$` and `*`. Read are RMC, GGA, GSA, GSV, VTG and GLL of any talker. NMEA's limit of 82
bytes is not that of what is sold: here it is 24 fields, of eight digits before or behind a point.
"""

from array import array

import micropython
from kerb.system import calendar
from micropython import const

# Bits of what has come of an epoch.
RMC = const(1)
GGA = const(2)
GSA = const(4)
GLL = const(8)
VTG = const(16)
GSV = const(32)

_FIELDS = const(24)
_STAR = const(29)  # for the field's number: its checksum
_DONE = const(30)  # for the field's number: it is over
# A field begins as 1 and each digit is put behind it, so that it tells how many there are: "007"
# is 1007. One letter is 4096 and its code: no number begins with 4. What _scan() uses of these is
# no more than 8 bits, shifted: frozen for an RP2040, whose tools align machine code to 2 bytes
# only, others come out wrong.
_BEGUN = const(1)
_LETTER = const(1 << 12)
_A = const(_LETTER + 65)
_D = const(_LETTER + 68)
_E = const(_LETTER + 69)
_M = const(_LETTER + 77)
_N = const(_LETTER + 78)
_S = const(_LETTER + 83)
_W = const(_LETTER + 87)
_NEITHER = const(1 << 29)
_FULL = const(3 << 26)
_MOST = const(200000000)  # eight digits
_FIVE = const(1 << 25)  # a head: 5 letters of 5 bits each behind a 1
_NONE = const(1 << 28)  # for the head: no sentence, or one that is none
# Places in the state of _scan().
_AT = const(0)
_VALUE = const(1)
_CHECK = const(2)
_HEAD = const(3)
_DOTS = const(4)
_MINUS = const(5)
_COUNT = const(6)
_SUM = const(7)
_CUT = const(8)
_E7 = const(10000000)
_KINDS = {
    (18 << 5 | 13) << 5 | 3: RMC,
    (7 << 5 | 7) << 5 | 1: GGA,
    (7 << 5 | 19) << 5 | 1: GSA,
    (7 << 5 | 12) << 5 | 12: GLL,
    (22 << 5 | 20) << 5 | 7: VTG,
    (7 << 5 | 19) << 5 | 22: GSV,
}


@micropython.viper
def _scan(given, i: int, n: int, kept, wholes, parts) -> int:
    """Reads bytes from i on, up to the end of a line with a checksum: where that was, -1 at n.

    The machine's own code, for each byte passes here: as bytecode a pair of sentences takes 3.5 ms
    on an RP2040, and so 1.5. No number in it grows beyond 32 bits.
    """
    buf = ptr8(given)  # noqa: F821  these are viper's
    state = ptr32(kept)  # noqa: F821
    whole = ptr32(wholes)  # noqa: F821
    part = ptr32(parts)  # noqa: F821
    at = state[_AT]
    value = state[_VALUE]
    check = state[_CHECK]
    head = state[_HEAD]
    while i < n:
        byte = buf[i]
        i += 1
        if byte >= 48 and byte < 58:
            check ^= byte
            if value < _FULL:
                value = value * 10 + byte - 48
        elif byte == 44:  # ,
            part[at] = value
            value = _BEGUN
            at += 1
            if at >= _FIELDS:
                if head != _NONE:
                    state[_CUT] += 1
                head = _NONE
                at = 0
        elif byte > 64:
            check ^= byte
            if at == 0:
                head = (head << 5) | (byte & 31) if head < _FIVE else _NONE
            elif value == _BEGUN or (at == _STAR and value < 2 * _LETTER):
                value = value * _LETTER + byte
            else:
                value = _NEITHER
        elif byte == 46 and at > 0 and at < _STAR:  # .
            check ^= 46
            if state[_DOTS] & (1 << at):
                value = _NEITHER
            else:
                state[_DOTS] |= 1 << at
                whole[at] = value
                value = _BEGUN
        elif byte == 42 and head != _NONE and at > 0 and at < _STAR:  # *
            part[at] = value
            state[_COUNT] = at + 1
            # The commas, which are not in it yet.
            state[_SUM] = check ^ 44 if at & 1 else check
            at = _STAR
            value = _BEGUN
        elif byte > 32 and byte != 36 and byte < 64 and at > 0 and at < _STAR:
            check ^= byte
            if byte == 45 and value == _BEGUN and ((state[_DOTS] | state[_MINUS]) >> at) & 1 == 0:
                state[_MINUS] |= 1 << at  # -
            else:
                value = _NEITHER
        else:
            if head != _NONE and at == _STAR and byte != 0:
                state[_VALUE] = value
                state[_HEAD] = head
                # It is taken, and the byte that ended it is read once more.
                state[_AT] = _DONE
                return i - 1
            if head != _NONE and at != _DONE:
                state[_CUT] += 1
            head = _NONE
            at = 0
            check = 0
            value = _BEGUN
            if byte == 36:  # $
                head = 1
                state[_DOTS] = 0
                state[_MINUS] = 0
    state[_AT] = at
    state[_VALUE] = value
    state[_CHECK] = check
    state[_HEAD] = head
    return i - n - 1


class Nmea:
    """Reads sentences from bytes in any chunks. Nothing that comes raises; no sentence whose
    checksum is wrong changes anything; once warm it takes no memory, but a little at midnight.

    Sentences of one time belong together, and those without a time to the one before: an epoch.
    feed() tells when one is complete: all of RMC, GGA and GSA are there that the two epochs before
    had. Until the next one begins these tell of it, None where it has not told:

    second of the day in UTC, and day since 2000-01-01 (a receiver whose weeks have rolled over
    gives one 1024 weeks ago); lat_e7, and lon_deg with lon_e7_more beyond whole degrees, both with
    its sign, for a board's small integers don't reach 180e7: see position(); speed_mm_s,
    course_cdeg (from north over east), altitude_mm (above the sea), satellites, hdop_centi.
    quality: GGA's: 0 no fix, 1 to 5 one, 6 reckoned on, 7 and 8 typed in or simulated.
    fix_type: GSA's: 1 none, 2 without height, 3 with. in_view, snr_dbhz: satellites told of by
    GSV, and the strongest. seen: which of RMC ... GSV have come.

    sentences, bad_sums, cut: whole ones, ones with a wrong checksum, ones that did not end well.
    """

    def __init__(self):
        self._whole = array("i", [_BEGUN] * (_STAR + 1))
        self._part = array("i", [_BEGUN] * (_STAR + 1))
        self._state = array("i", (0, _BEGUN, 0, _NONE, 0, 0, 0, 0, 0))
        self._dots = self._minus = 0
        self._date = self._clock = self._clock_part = 0
        self.sentences = self.bad_sums = self.cut = 0
        self._day = None
        self._before = self.seen = RMC | GGA
        self._begin()

    def _begin(self):
        """A new epoch."""
        self._wanted = self.seen | self._before
        self._before = self.seen
        self.seen = 0
        self.second = self.day = self.lat_e7 = self.lon_deg = self.lon_e7_more = None
        self.speed_mm_s = self.course_cdeg = self.altitude_mm = None
        self.satellites = self.hdop_centi = self.quality = self.fix_type = None
        self.in_view = self.snr_dbhz = None

    def position(self):
        """(lat_e7, lon_e7) of this epoch, or None; lon_e7 takes memory beyond 107 degrees."""
        if self.lat_e7 is None:
            return None
        return self.lat_e7, self.lon_deg * _E7 + self.lon_e7_more

    def feed(self, buf, n):
        """Takes in the first n bytes; True when they complete an epoch, of several the last."""
        state = self._state
        done = False
        at = _scan(buf, 0, n, state, self._whole, self._part)
        while at >= 0:
            done = self._end(state) or done
            at = _scan(buf, at, n, state, self._whole, self._part)
        self.cut = state[_CUT]
        return done

    def _end(self, state):
        """A line has ended behind its checksum; True: an epoch is complete."""
        digit = state[_SUM] >> 4
        told = 10 + digit if digit < 10 else _LETTER + 55 + digit
        digit = state[_SUM] & 15
        told = told * 10 + digit if digit < 10 else told * _LETTER + 55 + digit
        if state[_VALUE] != told:
            self.bad_sums += 1
            return False
        self.sentences += 1
        head = state[_HEAD]
        if not _FIVE <= head < 2 * _FIVE or self._part[0] != _BEGUN:
            return False
        kind = _KINDS.get(head & 0x7FFF)
        if not kind:
            return False
        count = state[_COUNT]
        self._dots = state[_DOTS]
        self._minus = state[_MINUS]
        if kind == RMC:
            if count < 10:
                return False
            self._join(RMC, 1)
            self._rmc(count)
        elif kind == GGA:
            if count < 10:
                return False
            self._join(GGA, 1)
            self._gga()
        elif kind == GLL:
            if count < 7:
                return False
            self._join(GLL, 5)
            self._place(1)
            self._judge(1 if self._part[6] == _A else 0)
        elif kind == GSA:
            fix = self._number(2, 1)
            if count < 3 or not 1 <= fix <= 3:
                return False
            self.fix_type = fix
        elif kind == VTG:
            if count > 5:
                self._move(5, 1)
        else:
            self._gsv(count)
        wanted = self._wanted
        wanted = wanted & (RMC | GGA | GSA) or wanted & GLL
        before = self.seen
        self.seen = before | kind
        return wanted and before & wanted != wanted and (before | kind) & wanted == wanted

    def _join(self, kind, i):
        """A sentence with its time in field i belongs to this epoch, or begins one."""
        clock, rest = self._part[i], 0
        if self._dots & 1 << i:
            clock, rest = self._whole[i], clock
        if self.seen & kind or clock != self._clock or rest != self._clock_part:
            self._begin()
            self._clock = clock
            self._clock_part = rest
            if 1000000 <= clock < 1240000:
                second = clock % 100
                minute = clock // 100 % 100
                if minute < 60 and second <= 60:
                    # A leap second is the one before it once more: a day has 86400.
                    second = min(second, 59)
                    self.second = (clock // 10000 - 100) * 3600 + minute * 60 + second

    def _judge(self, quality):
        """Of those that tell of the fix the one that doubts it most is right."""
        known = self.quality
        if known is None or quality == 0 or 0 < known < quality:
            self.quality = quality

    def _rmc(self, count):
        part = self._part
        quality = 0
        if part[2] == _A:
            quality = 1
            if count > 12:
                mode = part[12]
                if mode == _D:
                    quality = 2
                elif mode == _N:
                    quality = 0
                elif mode == _E:
                    quality = 6
                elif mode == _M:
                    quality = 7
                elif mode == _S:
                    quality = 8
        self._judge(quality)
        self._place(3)
        self._move(7, 8)
        date = part[9]
        if date != self._date:
            self._date = date
            self._day = _day_of(date)
        self.day = self._day

    def _gga(self):
        quality = self._number(6, 1)
        self._judge(quality if 0 <= quality <= 8 else 0)
        if self.lat_e7 is None:
            self._place(2)
        satellites, hdop = self._number(7, 1), self._number(8, 100)
        self.satellites = satellites if 0 <= satellites < 100 else None
        self.hdop_centi = hdop if 0 <= hdop < 10000 else None
        below = self._minus & 1 << 9
        self._minus ^= below
        mm = self._number(9, 1000)
        if 0 <= mm <= 50000000:
            self.altitude_mm = -mm if below else mm

    def _gsv(self, count):
        number, in_view = self._number(2, 1), self._number(3, 1)
        if count > 3 and number == 1 and 0 <= in_view < 100:
            self.in_view = (self.in_view or 0) + in_view
        for i in range(7, count, 4):
            snr = self._number(i, 1)
            if 0 < snr < 100 and (self.snr_dbhz is None or snr > self.snr_dbhz):
                self.snr_dbhz = snr

    def _move(self, i, j):
        """Speed in knots in field i, course in field j."""
        speed, course = self._number(i, 1000), self._number(j, 100)
        if 0 <= speed < 2000000:
            self.speed_mm_s = speed * 463 // 900
        if 0 <= course <= 36000:
            self.course_cdeg = course % 36000

    def _place(self, i):
        """Latitude, N or S, longitude, E or W from field i on; nothing of it if one is wrong."""
        if self._dots >> i & 5 != 5 or self._minus >> i & 5:
            return
        whole, part = self._whole, self._part
        lat, lon = whole[i] - 10000, whole[i + 2] - 100000
        south, west = part[i + 1], part[i + 3]
        if not (0 <= lat <= 9000 and 0 <= lon <= 18000):
            return
        lat_more, lon_more = self._minutes(i), self._minutes(i + 2)
        if lat_more < 0 or lon_more < 0:
            return
        lat = lat // 100 * _E7 + lat_more
        lon //= 100
        if lat > 90 * _E7 or (lon == 180 and lon_more):
            return
        if (south != _N and south != _S) or (west != _E and west != _W):
            return
        self.lat_e7 = -lat if south == _S else lat
        self.lon_deg = -lon if west == _W else lon
        self.lon_e7_more = -lon_more if west == _W else lon_more

    def _minutes(self, i):
        """What field i has beyond whole degrees, in 1e-7 of one; negative if it is none."""
        minutes, part = self._whole[i] % 100, self._part[i]
        if minutes > 59 or part >= _MOST:
            return -1
        while part < _E7:
            part *= 10
        if part >= 2 * _E7:
            part //= 10
        part -= _E7
        if part < 0:
            return -1
        return (minutes * _E7 + part + 30) // 60

    def _number(self, i, one):
        """Field i in parts of which `one` is 1; negative if it is no number, or has a minus."""
        part = self._part[i]
        if part >= _MOST or self._minus & 1 << i:
            return -1
        whole = part
        if self._dots & 1 << i:
            whole = self._whole[i]
            if whole >= 2000000:
                return -1
            while part < one:
                part *= 10
            while part >= 2 * one:
                part //= 10
            part -= one
            if part < 0:
                return -1
        elif whole >= 2000000 or whole == _BEGUN:
            return -1
        else:
            part = 0
        unit = 1
        while whole >= 2 * unit:
            unit *= 10
        return (whole - unit) * one + part if whole >= unit else -1


def _day_of(date):
    """The day of 1ddmmyy, None if there is none."""
    year, month, day = date % 100, date // 100 % 100, date // 10000 - 100
    if not 1000000 <= date < 1320000 or year >= 80 or not 1 <= month <= 12:
        return None
    if not 1 <= day <= calendar.month_days(2000 + year, month):
        return None
    return calendar.days(2000 + year, month, day)
