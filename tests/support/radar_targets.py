"""A radar without bytes: whoever is put in the street shows as a target, as an LD2450's driver
would tell him; for tests of what follows the targets. Runs on MicroPython too."""

import random

_LINE_CM_S = 16  # what the part resolves of a speed; it rounds toward 0
_FAST_MM_S = 12000  # what is faster the driver drops


class Targets:
    """What kerb.drivers.ld2450 gives: count, x(i), y(i), speed(i). put() fills it from places of
    the street; noise_mm is the half width of what is added to each coordinate. away: the sign of
    the speed of who goes away; 0: the part tells no speeds."""

    def __init__(self, crossing, noise_mm=0, away=1):
        self._away = away
        self._crossing = crossing
        self._noise_mm = noise_mm
        self._targets = []
        self._ranges = {}

    @property
    def count(self):
        return len(self._targets)

    def x(self, i):
        return self._targets[i][0]

    def y(self, i):
        return self._targets[i][1]

    def speed(self, i):
        return self._targets[i][2]

    def put(self, places, mix=False, passed_ms=100):
        """places: [(x_mm, y_mm) or None] of the street, each index somebody; who is out of the
        view is left out. mix: in any order."""
        noise = self._noise_mm
        seen, ranges = [], {}
        for i, place in enumerate(places):
            if place is None:
                continue
            x, y = self._crossing.to_radar(*place)
            range_mm = ranges[i] = (x * x + y * y) ** 0.5
            rate_mm_s = (range_mm - self._ranges.get(i, range_mm)) * 1000 / passed_ms
            if self._crossing.sees(*place):
                x += random.randint(-noise, noise)
                y += random.randint(-noise, noise)
                lines = int(min(max(rate_mm_s, -_FAST_MM_S), _FAST_MM_S) / 10 / _LINE_CM_S)
                seen.append((x, y, self._away * lines * _LINE_CM_S))
        if mix and len(seen) > 1 and random.randint(0, 1):
            seen.reverse()
        self._ranges = ranges
        self._targets = seen[:3]
        return self


def walk(points, mm_s, dt_ms=100):
    """[(x_mm, y_mm)] every dt_ms on the way through `points` at mm_s; a point with a third value
    is stood at for that many ms."""
    out = []
    x, y = points[0][0], points[0][1]
    for point in points:
        dx, dy = point[0] - x, point[1] - y
        steps = int((dx * dx + dy * dy) ** 0.5 * 1000 / mm_s / dt_ms)
        for i in range(1, steps + 1):
            out.append((x + dx * i // steps, y + dy * i // steps))
        x, y = point[0], point[1]
        if len(point) > 2:
            out.extend([(x, y)] * (point[2] // dt_ms))
    return out
