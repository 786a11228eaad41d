"""A radar without bytes: whoever is put in the street shows as a target, as an LD2450's driver
would tell him; for tests of what follows the targets. Runs on MicroPython too."""

import random


class Targets:
    """What kerb.drivers.ld2450 gives: count, x(i), y(i), speed(i). put() fills it from places of
    the street; noise_mm is the half width of what is added to each coordinate."""

    def __init__(self, crossing, noise_mm=0):
        self._crossing = crossing
        self._noise_mm = noise_mm
        self._places = []

    @property
    def count(self):
        return len(self._places)

    def x(self, i):
        return self._places[i][0]

    def y(self, i):
        return self._places[i][1]

    def speed(self, i):
        return 0

    def put(self, places, mix=False):
        """places: [(x_mm, y_mm)] of the street; what the radar does not see is left out."""
        noise = self._noise_mm
        seen = []
        for x_mm, y_mm in places:
            if self._crossing.sees(x_mm, y_mm):
                x, y = self._crossing.to_radar(x_mm, y_mm)
                x += random.randint(-noise, noise)
                y += random.randint(-noise, noise)
                seen.append((x, y))
        if mix and len(seen) > 1 and random.randint(0, 1):
            seen.reverse()
        self._places = seen[:3]
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
