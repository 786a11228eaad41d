"""How somebody moves: a free path through way points, smooth as a body of flesh must be.

The velocity relaxes to what is wanted within 0.5 s (Helbing and Molnar, Phys. Rev. E 51 (1995)
4282), which rounds corners and makes starts and stops. On top, for the radar alone, comes gait:
speed that drifts by 2.3 % (Collins and Kuo, PLoS ONE 8 (2013) e73597), and a trunk that sways by
some centimetres, once a stride to the side and twice forward. The truth is taken from the path
without gait.
"""

import math

STEP_S = 0.05
_RELAX_S = 0.5
_NEAR_M = 0.35  # a way point counts as passed from here
_SLOWING_S = 0.9  # who means to stop comes down in proportion to the way left
_SETTLED_M = 0.12
_STANDS_MPS = 0.1
_DRIFT = 0.023
_SWAY_M = 0.02


class Walk:
    """Who starts at begin_s at the first of `points` and goes from one to the next.

    points: [(x, y, speed in m/s towards it, seconds to stand there)] in metres.
    x, y, vx, vy: lists in steps of STEP_S from begin_s on; reached_s: when each point was passed
    or left. ValueError when somebody does not arrive within ten minutes.
    """

    def __init__(self, begin_s, points, relax_s=_RELAX_S):
        self.begin_s = begin_s
        x, y, *_ = points[0]
        aims = points[1:]
        speed = aims[0][2]
        far = math.hypot(aims[0][0] - x, aims[0][1] - y) or 1
        vx, vy = speed * (aims[0][0] - x) / far, speed * (aims[0][1] - y) / far
        self.x, self.y, self.vx, self.vy = [x], [y], [vx], [vy]
        self.reached_s = [begin_s]
        share = STEP_S / relax_s
        for aim_x, aim_y, speed, stay_s in aims:
            stood_s = 0.0
            while True:
                dx, dy = aim_x - x, aim_y - y
                far = math.hypot(dx, dy)
                wanted = speed
                if stay_s:
                    wanted = min(speed, far / _SLOWING_S) if far > _SETTLED_M / 2 else 0
                if far:
                    vx += (wanted * dx / far - vx) * share
                    vy += (wanted * dy / far - vy) * share
                x, y = x + vx * STEP_S, y + vy * STEP_S
                self.x.append(x)
                self.y.append(y)
                self.vx.append(vx)
                self.vy.append(vy)
                if stay_s:
                    stood_s += STEP_S if far < _SETTLED_M else 0
                    if stood_s >= stay_s:
                        break
                elif far < _NEAR_M + abs(speed) * STEP_S or (dx * vx + dy * vy < 0 and far < 1):
                    break
                if len(self.x) * STEP_S > 600:
                    raise ValueError("no way from {} to {}".format(points[0], (aim_x, aim_y)))
            self.reached_s.append(begin_s + (len(self.x) - 1) * STEP_S)
        self.end_s = begin_s + (len(self.x) - 1) * STEP_S

    def state(self, now_s):
        """Give (x, y, vx, vy) without gait, or None before and after."""
        at = (now_s - self.begin_s) / STEP_S
        if not 0 <= at <= len(self.x) - 1:
            return None
        first = min(int(at), len(self.x) - 2)
        part = at - first
        return tuple(
            those[first] + part * (those[first + 1] - those[first])
            for those in (self.x, self.y, self.vx, self.vy)
        )


class Sway:
    """What stays at (x, y) from begin_s to end_s and moves there by decimetres, like leaves."""

    def __init__(self, chance, begin_s, end_s, x, y):
        self.begin_s, self.end_s = begin_s, end_s
        self._at = (x, y)
        self._waves = [
            (chance.uniform(0.03, 0.12), chance.uniform(1.5, 6), chance.uniform(0, 6.3), axis)
            for axis in (0, 0, 1, 1)
        ]

    def state(self, now_s):
        """Give (x, y, vx, vy), or None before and after."""
        if not self.begin_s <= now_s <= self.end_s:
            return None
        places, speeds = list(self._at), [0.0, 0.0]
        for size, rate, phase, axis in self._waves:
            places[axis] += size * math.sin(rate * now_s + phase)
            speeds[axis] += size * rate * math.cos(rate * now_s + phase)
        return (*places, *speeds)


class Gait:
    """What a trunk does beside its path; `size` 0 for what rolls, 1 for an adult."""

    def __init__(self, chance, size=1.0):
        self._size = size
        self._hz = chance.uniform(1.7, 2.1)  # steps a second
        self._phase = chance.uniform(0, 2 * math.pi)
        self._slow = chance.uniform(0, 2 * math.pi)

    def moved(self, now_s, x, y, vx, vy):
        """Give (x, y, vx, vy) with gait."""
        speed = math.hypot(vx, vy)
        if self._size == 0 or speed < _STANDS_MPS:
            # Who stands sways by some 8 mm at 0.3 Hz, as in stabilometry.
            turn = 2 * math.pi * 0.3 * now_s + self._phase
            sway = 0.008 * self._size
            rate = sway * 2 * math.pi * 0.3
            return x + sway * math.sin(turn), y + sway * math.cos(turn), vx, vy + rate
        turn = 2 * math.pi * self._hz * now_s + self._phase
        along = self._size * _SWAY_M / 2 * math.sin(turn)
        aside = self._size * _SWAY_M * math.sin(turn / 2)
        push = self._size * _SWAY_M / 2 * 2 * math.pi * self._hz * math.cos(turn)
        drift = 1 + self._size * _DRIFT * math.sqrt(2) * math.sin(0.9 * now_s + self._slow)
        ux, uy = vx / speed, vy / speed
        faster = drift + push / speed
        return x + along * ux - aside * uy, y + along * uy + aside * ux, vx * faster, vy * faster
