"""Which positions of a satellite receiver are believed, and why the others are not.

Nothing is smoothed or made up: a position is passed on as it came, or it is not. Reasons:

    "no_fix"       the receiver says that it has none
    "reckoned"     it has none and reckons on, simulates, or was told one
    "no_time"      a position of an unknown time
    "incomplete"   not said with how many satellites, or how well they stand
    "satellites"   too few; "hdop": they stand badly; "fix_type": without height, if that is wanted
    "stale"        its time stands still or goes back; or the place stays the same to the last
                   digit while it moves, or for half a minute: a real one trembles
    "unconfirmed"  the first after a pause, until a second one agrees
    "jump"         farther from the last good one than anything drives, until ten in a row agree
                   that it was the last good one that was wrong
"""

import time
from collections import namedtuple

from kerb.system.schema import Int
from micropython import const

SCHEMA = {
    "min_satellites": Int(3, 12, default=4),
    "max_hdop_centi": Int(100, 2000, default=500),
    "min_fix_type": Int(2, 3, default=2),
    "max_speed_m_s": Int(5, 150, default=90),
}

# Integers as kerb.drivers.nmea.Nmea has them, None where not told. accuracy_mm: HDOP times the
# error of a range, taken as 5 m (U): two thirds are better. at_ms: ticks_ms() of its coming.
Fix = namedtuple(  # noqa: PYI024  MicroPython has no other
    "Fix",
    (
        "lat_e7",
        "lon_e7",
        "day",
        "second",
        "speed_mm_s",
        "course_cdeg",
        "altitude_mm",
        "hdop_centi",
        "satellites",
        "fix_type",
        "accuracy_mm",
        "at_ms",
    ),
)

_RANGE_MM = const(50)  # for each hundredth of HDOP
_PAUSE_MS = const(10000)
_LONG_MS = const(3600000)
_STANDS_MS = const(1500)
_MOVES_MM_S = const(1000)
_REPEATS = const(30)
_AGREE = const(9)
_SLACK_M = const(30)
_FAR_M = const(100000000)
_DAY_S = const(86400)


class Gate:
    """Judges one epoch after the other, by a config with the keys of SCHEMA.

    fix: the last one that was believed, or None; reason: why the last epoch was not, None: it was.
    """

    def __init__(self, cfg):
        self._cfg = cfg
        self.fix = None
        self.reason = "no_fix"
        self._second = None
        self._lat = self._deg = self._more = None  # of the last epoch with a place that was sound
        self._at_ms = self._moved_ms = 0
        self._repeats = self._agree = 0

    def judge(self, nmea, now_ms):
        """The Fix of a complete epoch that came at now_ms (ticks_ms()), None with a reason."""
        self.reason = reason = self._doubt(nmea, now_ms)
        if reason:
            return None
        lat_e7, lon_e7 = nmea.position()
        self.fix = fix = Fix(
            lat_e7,
            lon_e7,
            nmea.day,
            nmea.second,
            nmea.speed_mm_s,
            nmea.course_cdeg,
            nmea.altitude_mm,
            nmea.hdop_centi,
            nmea.satellites,
            nmea.fix_type,
            nmea.hdop_centi * _RANGE_MM,
            now_ms,
        )
        return fix

    def _doubt(self, nmea, now_ms):
        cfg = self._cfg
        if not nmea.quality or nmea.fix_type == 1 or nmea.lat_e7 is None:
            return "no_fix"
        if nmea.quality > 5:
            return "reckoned"
        if nmea.second is None:
            return "no_time"
        stands = self._stands(nmea.second, now_ms)
        if nmea.satellites is None or nmea.hdop_centi is None:
            return "incomplete"
        if nmea.satellites < cfg["min_satellites"]:
            return "satellites"
        if not 0 < nmea.hdop_centi <= cfg["max_hdop_centi"]:
            return "hdop"
        if nmea.fix_type is not None and nmea.fix_type < cfg["min_fix_type"]:
            return "fix_type"
        if stands or self._repeats_itself(nmea):
            return "stale"
        return self._leap(nmea, now_ms)

    def _stands(self, second, now_ms):
        """Whether the time has not gone on, or has gone back."""
        before = self._second
        self._second = second
        if second == before:
            return time.ticks_diff(now_ms, self._moved_ms) >= _STANDS_MS
        self._moved_ms = now_ms
        return before is not None and (second - before) % _DAY_S > _DAY_S // 2

    def _repeats_itself(self, nmea):
        if nmea.lat_e7 != self._lat or nmea.lon_e7_more != self._more or nmea.lon_deg != self._deg:
            self._repeats = 0
            return False
        self._repeats = min(self._repeats + 1, _REPEATS)
        return self._repeats == _REPEATS or (nmea.speed_mm_s or 0) >= _MOVES_MM_S

    def _leap(self, nmea, now_ms):
        """Whether it is where it can be, after what came before."""
        lat, deg, more = nmea.lat_e7, nmea.lon_deg, nmea.lon_e7_more
        slack_m = _SLACK_M + nmea.hdop_centi * _RANGE_MM // 500
        speed_m_s = self._cfg["max_speed_m_s"]
        agree = 0
        if self._lat is not None:
            passed_ms = time.ticks_diff(now_ms, self._at_ms)
            if 0 <= passed_ms <= _PAUSE_MS:
                away_m = _distance_m(lat, deg, more, self._lat, self._deg, self._more)
                if away_m <= slack_m + passed_ms * speed_m_s // 1000:
                    agree = min(self._agree + 1, _AGREE)
        self._agree = agree
        self._lat, self._deg, self._more = lat, deg, more
        self._at_ms = now_ms
        fix = self.fix
        if fix is not None:
            passed_ms = time.ticks_diff(now_ms, fix.at_ms)
            if 0 <= passed_ms <= _LONG_MS:
                was_deg = fix.lon_e7 // 10000000
                was_more = fix.lon_e7 - was_deg * 10000000
                away_m = _distance_m(lat, deg, more, fix.lat_e7, was_deg, was_more)
                if away_m > slack_m + passed_ms * speed_m_s // 1000:
                    return None if agree >= _AGREE else "jump"
                if passed_ms <= _PAUSE_MS:
                    return None
        return None if agree else "unconfirmed"


def _distance_m(lat, deg, more, lat_b, deg_b, more_b):
    """Metres between two places, up to 8 % too many; _FAR_M for very far."""
    deg -= deg_b
    if deg > 180:
        deg -= 360
    elif deg < -180:
        deg += 360
    if not -50 <= deg <= 50 or abs(lat // 2 - lat_b // 2) > 250000000:
        return _FAR_M
    # Bhaskara's cosine, right to 0.2 %; 1e-7 degree is 11.1 mm.
    square = (abs(lat) // 10000000) ** 2
    cos_permille = (32400 - 4 * square) * 1000 // (32400 + square)
    x_m = abs(deg * 10000000 + more - more_b) // 90 * cos_permille // 1000
    y_m = abs(lat - lat_b) // 90
    return max(x_m, y_m) + min(x_m, y_m) * 3 // 8
