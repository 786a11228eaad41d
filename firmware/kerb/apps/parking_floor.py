"""Where the ground of a bay is: learned on site, followed as it drifts, never learned from a car.

What follows slowly is the ground under snow, leaves and a warm day; cars come at once. The ground
is what is farthest away for long, so an unknown bay is known from its first change on: whichever
of two levels is farther is the ground, and the nearer one was or is a car. Somebody can stand
before a car, too: what is nearer than all before proves that to be ground only if it came gliding.
"""

import struct

from micropython import const

_TENTHS = const(10)
# A level that is so steady for so long, in mm and 0.1 s, is one to learn from.
_STEADY_MM = const(40)
_LEARN = const(15 * _TENTHS)
_FRESH = const(15)  # when an installer speaks of it
# Farther than the ground: a while for a ground that nobody has confirmed, else long.
_SUNK = const(300 * _TENTHS)
_SUNK_DOUBTED = const(20 * _TENTHS)
# Between ground and car: snow off a roof, a heap of leaves.
_RISEN = const(900 * _TENTHS)
# A tape that nothing has borne out yet, and something that is steady just before it.
_DOUBT_TAPE = const(60 * _TENTHS)
_FOLLOW_EVERY = const(60 * _TENTHS)
_FOLLOW_MM = const(5)
_KEEP_MM = const(15)
_RECORD = "<BHHHBBBH"
_VERSION = const(2)


class Floor:
    """The way to the ground in mm, `mm`; None while it is not known.

    gap_mm, gap_permille: what is nearer than the ground by the larger of the two is a vehicle.
    bare_mm: the farthest that it has been, under no snow; found there, it is the ground at once.
    proven: confirmed by a command, a config or a change, and not only seen once.
    """

    def __init__(self, gap_mm, gap_permille, mm=None):
        self._tape_mm = mm or 0
        self._least_gap_mm = gap_mm
        self._gap_permille = gap_permille
        self.proven = mm is not None
        self._only_tape = mm is not None  # nothing has borne it out yet
        self.level_mm = None  # of what is steady now
        self._since = self._followed = self._steady = 0
        self._first_mm = self._was_mm = self._far_mm = None
        self._car_first = False
        self.bare_mm = mm
        self._sum = self._n = 0
        self._kept = None
        self._set(mm)

    def _set(self, mm):
        self.mm = mm
        if mm is None:
            self.bare_mm = None
        elif self.bare_mm is None or mm > self.bare_mm:
            self.bare_mm = mm
        self._sum = self._n = 0
        self.gap_mm = self._least_gap_mm
        if mm is not None:
            self.gap_mm = max(self.gap_mm, mm * self._gap_permille // 1000)

    @property
    def slack_mm(self):
        """So far from `mm` an echo is still the ground's."""
        return self.gap_mm // 2

    def look(self, now, burst, free, glided=False):
        """Takes a burst, at `now` in 0.1 s; `free` is whether the bay is held for free, `glided`
        whether what is there now has come gliding.

        Gives "free" or "occupied" when this teaches which it is, else None.
        """
        mid = burst.mid_mm
        self._steady = 0
        if mid is None or burst.size * 2 < burst.count - burst.none:
            return None
        if self.level_mm is None or abs(mid - self.level_mm) > _STEADY_MM:
            self.level_mm = mid
            self._since = now
        self.level_mm += (mid - self.level_mm) // 8
        self._steady = steady = now - self._since
        if self.mm is None:
            return self._learn(glided) if steady >= _LEARN else None
        above = self.mm - self.level_mm
        if self._only_tape and -self.slack_mm <= above < 2 * self.gap_mm:
            if above <= self.slack_mm:
                self._only_tape = False
            elif steady < _DOUBT_TAPE:
                return None
            elif above < self.gap_mm:
                return self._move()  # no vehicle is so low; one that hid more would show by going
            else:
                # The tape is too long, or not: learned from the first change on.
                level = self.level_mm
                self.forget()
                self._first_mm = self.level_mm = level
                return None
        if abs(above) <= self.slack_mm:
            if free:
                self._follow(now, mid)
            return None
        if above < 0:
            if self.level_mm <= self.bare_mm + self.slack_mm:
                wanted = _LEARN
            else:
                wanted = _SUNK if self.proven else _SUNK_DOUBTED
                if self._only_tape:
                    wanted = _DOUBT_TAPE
            if steady >= wanted:
                return self._move()
        elif self._was_mm and abs(self._was_mm - self.level_mm) <= self.slack_mm:
            if steady >= _SUNK:
                return self._move()
        elif above < self.gap_mm and free and steady >= _RISEN:
            return self._move()
        return None

    def _learn(self, glided):
        level, first = self.level_mm, self._first_mm
        if first is None:
            self._first_mm = level
            return None
        if self._car_first and level < first:
            self._first_mm = level
            return None
        gap = max(self._least_gap_mm, max(level, first) * self._gap_permille // 1000)
        if abs(level - first) < gap:
            if level > first + _KEEP_MM and not self._car_first:
                self._first_mm = level
            return None
        if level < first and not glided:
            return None
        self._set(max(level, first))
        return "free" if level > first else "occupied"

    def _move(self):
        was, level = self.mm, self.level_mm
        self._only_tape = False
        self._set(level)
        if level > was:
            # From one place to the same farther one twice: a car went there, and no ground sank.
            if self._far_mm and abs(level - self._far_mm) <= self.slack_mm:
                was = None
            self._far_mm = level
        self._was_mm = was
        return "free"

    def _follow(self, now, mid):
        """At most 5 mm a minute: more than any snowfall, far less than a car."""
        self._sum += mid - self.mm
        self._n += 1
        if now - self._followed < _FOLLOW_EVERY:
            return
        self._followed = now
        mean = self._sum // self._n
        self._sum = self._n = 0
        self.mm += max(-_FOLLOW_MM, min(_FOLLOW_MM, mean))
        self.bare_mm = max(self.bare_mm, self.mm)
        self.gap_mm = max(self._least_gap_mm, self.mm * self._gap_permille // 1000)

    @property
    def under_car(self):
        """Whether it is not known yet, but that a car stands on it is."""
        return self.mm is None and self._car_first

    @property
    def first_mm(self):
        """While it is not known: the level that was steady first."""
        return self._first_mm

    def prove(self, glided):
        """A change has confirmed it; `glided`: what is there now is a car for certain."""
        self.proven = True
        self._only_tape = False
        was, level = self._was_mm, self.level_mm
        if glided and was and level and abs(was - level) <= self.slack_mm:
            self._was_mm = None

    def calibrate(self, with_car):
        """The installer's word for what is there now: True a car, False none, None don't know.

        False when the last burst was not of a steady level, and nothing has changed then.
        """
        if with_car is None:
            self.forget()
            self._kept = None
            return True
        if self.level_mm is None or self._steady < _FRESH:
            return False
        self._kept = None  # somebody wants it kept, however little is new in it
        level = self.level_mm
        if not with_car:
            self.forget()
            self.proven = True
            self._set(level)
        elif self.mm is None or self.mm - level < self.gap_mm:
            self.forget()
            self._first_mm = level
            self._car_first = True
        return True

    def forget(self):
        """Begins to learn anew."""
        self._first_mm = self._was_mm = self._far_mm = self.level_mm = None
        self.proven = self._car_first = self._only_tape = False
        self._set(None)

    def keep(self):
        """A record for the store when there is something new to keep, else None."""
        last = self._kept
        now = (self.mm or 0, self.bare_mm or 0, self._first_mm or 0)
        now += (self.proven, self._car_first, self._only_tape)
        if last and last[2:] == now[2:]:
            if abs(last[0] - now[0]) + abs(last[1] - now[1]) < _KEEP_MM:
                return None
        self._kept = now
        return struct.pack(_RECORD, _VERSION, *now, self._tape_mm)

    def restore(self, record):
        """Goes on from what keep() gave; other bytes are ignored."""
        try:
            version, mm, bare, first, *flags, tape = struct.unpack(_RECORD, record)
        except Exception:  # CPython's struct.error is no ValueError, MicroPython's is
            return
        if version != _VERSION or len(record) != struct.calcsize(_RECORD):
            return
        if max(flags) > 1 or bare < mm:
            return
        if tape != self._tape_mm:
            return  # the config has been told another way since
        self._first_mm = first or None
        self.proven, self._car_first, self._only_tape = [flag == 1 for flag in flags]
        self._set(bare or None)
        self._set(mm or None)
        self._kept = (mm, bare, first, self.proven, self._car_first, self._only_tape)
