"""What a burst of distances says of the bay, robustly: no single reading decides anything."""

from micropython import const

_MAX = const(16)
# Echoes of one thing lie within this, in one burst: a car is one, rain and crosstalk are many.
_WINDOW_MM = const(40)
# Outside of these no part can have measured what it says.
_LEAST_MM = const(1)
NEAR_MM = const(1)  # stands for: nearer than the part can measure
_MOST_MM = const(6400)


class Burst:
    """The readings of one burst, counted; made once, allocates nothing to take another.

    count: readings, with and without an echo; at most 16 count. none: without; wild: of no
    possible distance. lo_mm, hi_mm: the nearest and the farthest of the others.
    size, mid_mm: the largest group of them within 40 mm, and its middle one; of two as large the
    nearer, because behind what is there comes its second echo. 0 and None when there is none.
    """

    def __init__(self):
        self._sorted = [0] * _MAX
        self._valid = 0
        self.count = self.none = self.wild = self.size = 0
        self.mid_mm = self.lo_mm = self.hi_mm = None

    def take(self, distances):
        """Takes a sequence of integers in mm, or None for no echo."""
        into = self._sorted
        n = self.none = self.wild = self.count = 0
        for mm in distances:
            if self.count == _MAX:
                break
            self.count += 1
            if mm is None:
                self.none += 1
            elif not _LEAST_MM <= mm <= _MOST_MM:
                self.wild += 1
            else:
                at = n
                while at and into[at - 1] > mm:
                    into[at] = into[at - 1]
                    at -= 1
                into[at] = mm
                n += 1
        self._valid = n
        self.lo_mm, self.hi_mm = (into[0], into[n - 1]) if n else (None, None)
        self.size = 0
        self.mid_mm = None
        first = 0
        for last in range(n):
            while into[last] - into[first] > _WINDOW_MM:
                first += 1
            if last - first >= self.size:
                self.size = last - first + 1
                self.mid_mm = into[(first + last) // 2]

    def within(self, lo_mm, hi_mm):
        """How many lie from lo_mm to hi_mm, both included."""
        n = 0
        for at in range(self._valid):
            n += lo_mm <= self._sorted[at] <= hi_mm
        return n
