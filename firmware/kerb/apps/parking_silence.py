"""What silence says of a bay, by how well its ground, and what stands there, were heard before.

A ground that was heard would be heard now: silence hides it, a car's or a covered lid's. A ground
under snow, which absorbs, and a film of water, off which slanting sound goes away, is not heard at
all: then silence is no car, and no free bay for longer than a covered lid may be taken for one.
"""

from micropython import const

_GROUND_OVER, _CAR_OVER = const(32), const(8)  # bursts, more or less
# So many of a thousand pings: a ground that shows soon when it is bare, a car that may fall
# silent, and one that cannot all at once.
_AUDIBLE, _FAINT, _CLEAR = const(100), const(500), const(800)
_STANDS_MM = const(40)
# Of one silent burst: mere silence, and silence after something was seen to go.
_MOST, _MOST_GONE = const(10), const(45)


class Silence:
    """Takes each burst; times in 0.1 s.

    loud: cars always send something back. come_mm: a car that leaves goes at least so far.
    """

    def __init__(self, loud, come_mm):
        self._loud = loud
        self._come_mm = come_mm
        self.ground_permille = 1000
        self.car_permille = 0
        self.stood_mm = None
        self._moved = 0  # so many bursts it was elsewhere
        self._leaves = False

    def arrived(self):
        """What stands there now is another."""
        self.car_permille = 0
        self.stood_mm = None
        self._leaves = False

    def hear(self, burst, ground, car_mm, free, occupied):
        """ground: so many echoes are the ground's. car_mm: what is farther is no car. free: calmly
        so.
        """
        count = burst.count
        if not count:
            return
        if free:
            self.ground_permille += (1000 * ground // count - self.ground_permille) // _GROUND_OVER
        mid = burst.mid_mm
        if mid is None:
            return
        if not occupied or (burst.size < 2 and count > 2):
            return
        if mid > car_mm:
            self._leaves = True
            return
        self.car_permille += (1000 * burst.size // count - self.car_permille) // _CAR_OVER
        if self.stood_mm is None or self._moved >= _CAR_OVER:
            self.stood_mm = mid
        off = mid - self.stood_mm
        self._leaves = off >= self._come_mm
        if abs(off) <= _STANDS_MM:
            self._moved = 0
        else:
            self._moved += 1

    def weight(self, burst, came, known, state):
        """What a burst without an echo says, in tenths of a log of odds, above 0 of a car.

        came: something has, since the ground was heard. known: the last state that was.
        """
        audible = self.ground_permille >= _AUDIBLE
        if known == "occupied":
            if state != known:
                return 0
            if self._loud and self._leaves:
                return -_MOST_GONE
            return 0 if audible or self.car_permille < _CLEAR else -_MOST
        if audible:
            return min(_MOST, burst.count * self.ground_permille // 100) if came else 0
        return -_MOST if known else 0

    def keeps(self, state):
        """Whether it is no matter of doubt: all is as it was, unheard."""
        if state != "occupied":
            self.ground_permille = 0
            return False
        if self._loud and self._leaves:
            return False
        return self.ground_permille >= _AUDIBLE and self.car_permille < _FAINT
