"""Ultrasonic rangers that say their distance on a serial line, 9600 8N1.

Formats: data sheets of the DYP-A02YYUW, the JSN-SR04T (mode 3) and MaxBotix' HRXL-MaxSonar-WR.

    A02YYUW     FF, millimetres (high byte first), the low byte of the sum of these three: every
                100 to 300 ms of its own accord; 0 or about 5500 where nothing answers
    JSN-SR04T   the same, after a byte 55
    MB7389      R, four digits, CR: every 148 ms; 0300 for all that is nearer than 300 mm, 5000 for
                no target
"""

import time

from kerb.drivers import sound
from micropython import const

BAUD = const(9600)
RX_BYTES = const(256)  # 2 s of the one that talks most

_FF = const(0xFF)
_R = const(0x52)
_CR = const(0x0D)
_HIGHEST = const(0x1F)  # of the high byte: 8.2 m are more than any of them says
_STALL_MS = const(700)
_MAX_CHUNKS = const(9)
_ASK = b"\x55"
# 340 m/s, by which those reckon that know nothing of the air: as sound.scale().
_FIXED_SCALE = const(22282)


class _SerialRanger:
    """What these have in common; as kerb.drivers.ultrasonic_echo.EchoRanger, without "stuck".

    fault "garbled": bytes come, and no whole frame among them. "out_of_range": nearer than the
    part can tell. frames, rejected: how many were whole, how many not.
    """

    every_ms = ready_ms = 100
    smooths = True

    def __init__(self, port, near_mm, far_mm):
        self._port = port
        self._near_mm = near_mm
        self._far_mm = far_mm
        self._chunk = bytearray(32)
        self._have = 0
        self._value = None
        self._heard = False
        self._begun_ms = None
        self.temperature_cdeg = None
        self.distance_mm = self.fault = None
        self.alive = False
        self.frames = self.rejected = 0

    def begin(self):
        """Starts a measurement: what the part says from now on counts."""
        self._take_in()
        self._value = None
        self._heard = False
        self._begun_ms = time.ticks_ms()

    def poll(self, now_ms):
        """True once the measurement is done, at the latest 0.7 s after begin()."""
        if self._begun_ms is None:
            return True
        self._take_in()
        if self._value is not None:
            self._done(self._value)
        elif time.ticks_diff(now_ms, self._begun_ms) >= _STALL_MS:
            self.alive = False
            self.distance_mm = None
            self.fault = "garbled" if self._heard else "no_answer"
        else:
            return False
        self._begun_ms = None
        return True

    def _take_in(self):
        chunk = self._chunk
        for _ in range(_MAX_CHUNKS):
            count = self._port.read_into(chunk)
            if not count:
                break
            self._heard = True
            for i in range(count):
                value = self._feed(chunk[i])
                if value is not None:
                    self.frames += 1
                    self._value = value

    def _done(self, mm):
        self.alive = True
        self.distance_mm = None
        if self._is_near(mm):
            self.fault = "out_of_range"
        elif not 0 < mm <= self._far_mm:
            self.fault = "no_answer"
        else:
            self.fault = None
            self.distance_mm = mm

    def _is_near(self, mm):
        return 0 < mm < self._near_mm


class FrameRanger(_SerialRanger):
    """A02YYUW; reads 30 to 4500 mm.

    knows_air: it measures the air's temperature itself, and what it says is not corrected by
    temperature_cdeg. The A02YYUW is taken to, though DFRobot's sheet is silent about that.
    """

    def __init__(self, port, near_mm=30, far_mm=4500, knows_air=True):
        super().__init__(port, near_mm, far_mm)
        self._knows_air = knows_air
        self._frame = bytearray(4)

    def _feed(self, byte):
        """The millimetres of the frame that `byte` completes, else None."""
        frame = self._frame
        frame[self._have] = byte
        have = self._have + 1
        # What turns out to be none may hide the beginning of one: try from each of its bytes.
        while have:
            if frame[0] == _FF and (have == 1 or frame[1] <= _HIGHEST):
                if have < 4:
                    break
                if frame[0] + frame[1] + frame[2] & 0xFF == frame[3]:
                    self._have = 0
                    return frame[1] << 8 | frame[2]
                self.rejected += 1
            have -= 1
            for i in range(have):
                frame[i] = frame[i + 1]
        self._have = have
        return None

    def _done(self, mm):
        if not self._knows_air:
            by_scale = sound.scale(self.temperature_cdeg)
            mm = (mm * by_scale + _FIXED_SCALE // 2) // _FIXED_SCALE
        super()._done(mm)


class AskedRanger(FrameRanger):
    """JSN-SR04T in its serial mode 3; 200 to 6000 mm. Boards before V3.3 know nothing of the air.

    temperature_cdeg: of the air; None takes 15 degrees for it.
    """

    def __init__(self, port, near_mm=200, far_mm=6000, knows_air=False):
        super().__init__(port, near_mm, far_mm, knows_air)

    def begin(self):
        """Asks the part."""
        super().begin()
        self._port.write(_ASK)


class TextRanger(_SerialRanger):
    """MB7389, which knows the air's temperature itself; above 300 to below 5000 mm."""

    every_ms = ready_ms = 150

    def __init__(self, port, near_mm=301, far_mm=4999):
        super().__init__(port, near_mm, far_mm)
        self._digits = 0

    def _feed(self, byte):
        """The millimetres of the line that `byte` completes, else None."""
        have = self._have
        if byte == _R:
            self.rejected += have > 0
            self._have = 1
            self._digits = 0
        elif have == 5 and byte == _CR:
            self._have = 0
            return self._digits
        elif 0 < have < 5 and 0x30 <= byte <= 0x39:
            self._digits = self._digits * 10 + byte - 0x30
            self._have = have + 1
        elif have:
            self.rejected += 1
            self._have = 0
        return None
