"""LD2450, a radar of 24 GHz that tells where up to three people are, ten times a second.

Format: Hi-Link, LD2450 serial protocol V1.03. A report is AA FF 03 00, three targets of 8 bytes,
55 CC; a target is x, y (mm), speed (cm/s) and the size of a distance gate (mm), 16 bits each, low
byte first. The top bit of x, y and speed is set for positive. There is no checksum.

What it tells that is not so, and goes no further (esphome/esphome issues 15025, 10804 and
TillFleisch/ESPHome-HLK-LD2450 issue 5 show parts that do it):

    a slot is empty: all zero, or with a gate of 0
    a slot keeps the place of somebody who has gone. Who walked there does not stop dead: the third
        report of the very same place is dropped. Of who stood the part itself is at times sure
        for a while without hearing him: dropped after 3 s
    a place that it can't see: behind it, beyond 60 degrees, where its two antennas take one
        side for the other, beyond 8 m, or faster than anybody who is on foot or rides a bicycle
    all of it repeats itself to the bit: it may hang. After 10 s it is asked to acknowledge its
        configuration, and a part that did so once and does not then is "stuck"

Of who is at more than 60 degrees on one side it can also tell a place within 60 degrees on the
other. One report does not show that; who follows its targets sees them jump.
"""

from array import array

from kerb.drivers.hilink import END, ENABLE, HiLink, command
from micropython import const

SLOTS = const(3)

_SIZE = const(30)
_COMMANDS = (ENABLE, command(0x90), END)  # 90: several targets, instead of one
_STALE = const(2)
_STALE_STILL = const(29)
# From one report to the next, of who does not stand: half a metre a second, or noise as large.
_WALKS_MM = const(60)
_MOST_MM = const(200)
_HANGS = const(100)
_FAR_MM = const(8000)
_FAST_CM_S = const(1200)
_TAN_60_PERMILLE = const(1732)


class Ld2450(HiLink):
    """The part behind `port`; see HiLink for alive, fault and the rest.

    fault may be "stuck", too: reports come and are always the same.
    count: how many targets the newest report has; x, y, speed and resolution tell of each. It is
    0 while the part is not alive. They are kept in arrays that are made once.
    """

    def __init__(self, port):
        super().__init__(port, b"\xaa\xff\x03\x00", b"\x55\xcc", _SIZE, _SIZE, _COMMANDS)
        self._values = array("h", [0] * (4 * SLOTS))
        self._last = array("h", [0] * (2 * SLOTS))
        self._pace = bytearray(SLOTS)
        self._same = bytearray(SLOTS)
        self._repeats = 0
        self._acknowledges = self._probing = False
        self.count = 0

    def x(self, i):
        """Of target i, across, in mm: as the part counts it, its sheet does not say which way."""
        return self._values[4 * i]

    def y(self, i):
        """Of target i, straight away from the radar, in mm: 1 to 8000."""
        return self._values[4 * i + 1]

    def speed(self, i):
        """Of target i, along the line to the radar, in cm/s; positive goes away from it.

        Which sign is which is ESPHome's reading; the sheet does not say.
        """
        return self._values[4 * i + 2]

    def resolution(self, i):
        """Of target i, the size of the part's distance gate in mm."""
        return self._values[4 * i + 3]

    def poll(self, now_ms):
        """As HiLink's."""
        new = super().poll(now_ms)
        if self.configured:
            self._acknowledges = True
            self._probing = False
        if self._repeats == _HANGS and self._acknowledges and self.configured:
            self._repeats += 1
            self._probing = True
            self._configure(now_ms)
        elif self._probing and self._rounds and self.alive:
            self.alive = False
            self.count = 0
            self.fault = "stuck"
            return False
        return new

    def _lost(self):
        self.count = 0

    def _report(self):
        frame, values = self._frame, self._values
        count = 0
        changed = occupied = False
        for slot in range(SLOTS):
            at = 4 + 8 * slot
            x_mm, y_mm = _signed(frame, at), _signed(frame, at + 2)
            stale = self._is_stale(slot, x_mm, y_mm)
            changed = changed or not self._same[slot]
            gate_mm = frame[at + 6] | (frame[at + 7] & 0x7F) << 8
            if (not x_mm and not y_mm) or not gate_mm:
                continue
            occupied = True
            speed_cm_s = _signed(frame, at + 4)
            if stale or not 0 < y_mm <= _FAR_MM or abs(speed_cm_s) > _FAST_CM_S:
                continue
            if abs(x_mm) * 1000 > y_mm * _TAN_60_PERMILLE:
                continue
            values[4 * count] = x_mm
            values[4 * count + 1] = y_mm
            values[4 * count + 2] = speed_cm_s
            values[4 * count + 3] = gate_mm
            count += 1
        self.count = count
        if changed or not occupied:
            self._repeats = 0
            self._probing = False
        elif self._repeats < _HANGS:
            self._repeats += 1

    def _is_stale(self, slot, x_mm, y_mm):
        """Whether the place in a slot is no news any more."""
        last, same = self._last, self._same
        step_mm = abs(x_mm - last[2 * slot]) + abs(y_mm - last[2 * slot + 1])
        if step_mm:
            last[2 * slot] = x_mm
            last[2 * slot + 1] = y_mm
            same[slot] = 0
            self._pace[slot] = self._pace[slot] + min(step_mm, _MOST_MM) >> 1
            return False
        if same[slot] < _STALE_STILL:
            same[slot] += 1
        return same[slot] >= (_STALE if self._pace[slot] > _WALKS_MM else _STALE_STILL)


def _signed(frame, at):
    """The number at `at`, whose top bit is set when it is positive."""
    high = frame[at + 1]
    value = frame[at] | (high & 0x7F) << 8
    return value if high & 0x80 else -value
