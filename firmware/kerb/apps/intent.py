"""Who among the tracks is about to cross, and who only passes by.

Each track's velocity is weighed against the two ends of the crossing on the kerb line: the part of
it that is across the line of sight to an end says by how many mm/s it would have to change to miss
the crossing on that side. The lesser of both, the margin, is held against what the velocity is
worth, which is known from how many targets it rests on. So who is far away has to walk well
towards the crossing, who has just appeared clearly so, and who walks along the kerb has no margin,
however near. Who stands in the waiting area for a while waits to cross.
"""

from micropython import const

from kerb.apps.tracks import SLOTS
from kerb.system.schema import Choice, Int, Obj

SCHEMA = {
    # high: rather flash for nobody; low: rather be sure.
    "sensitivity": Choice(("low", "normal", "high"), default="normal"),
    # Along the kerb, in the street's coordinates: who stands there waits for the bus.
    "bus_stop": Obj({"from_mm": Int(-20000, 20000), "to_mm": Int(-20000, 20000)}, optional=True),
}

_TICKS_MASK = const(0x3FFFFFFF)
# Of the velocity's deviation, in 1/16, and how long somebody stands before he waits, in ms.
_HOW = {"low": (24, 2000), "normal": (14, 1000), "high": (8, 600)}
# What a velocity through n targets of a deviation of 1 mm is worth, in 1/8 mm/s:
# sqrt(12 / n(n^2 - 1)) to the tenth of a second.
_WORTH = (800, 113, 57, 36, 25, 19, 15, 12, 10, 9)
_SWAY_MM_S = const(120)  # nobody walks straighter
_STILL_MM_S = const(400)
_VEHICLE_MM_S = const(4500)
_CAR_MM_S = const(2500)
_ROAD_MM = const(-150)
_BESIDE_MM = const(500)


def check(cfg):
    """What the schema cannot say: a list of errors of a config that satisfies SCHEMA."""
    stop = cfg["bus_stop"]
    if stop and stop["from_mm"] >= stop["to_mm"]:
        text = "crosswalk.bus_stop.to_mm: found %d, allowed: more than %d (from_mm)"
        return [text % (stop["to_mm"], stop["from_mm"])]
    return []


class Intent:
    """track: who wants to cross, the nearest to the kerb line, or None. pedestrians: how many have
    stepped from this side onto the road on the crossing, modulo 65536."""

    def __init__(self, cfg, crossing):
        self._crossing = crossing
        self._weight, self._dwell_ms = _HOW[cfg["sensitivity"]]
        self._stop = cfg["bus_stop"]
        self.track = None
        self.pedestrians = 0

    def step(self, now_ms, tracks):
        """After each frame: why to flash, "approaching", "waiting" or "crossing", or None."""
        wants = None
        for i in range(SLOTS):
            track = tracks.tracks[i]
            if not track.id or not track.sure:
                continue
            if not track.missed:
                self._think(now_ms, track)
            self._count(track)
            if track.thought in ("approaching", "waiting", "crossing"):
                if wants is None or track.y_mm < wants.y_mm:
                    wants = track
        self.track = wants
        return wants.thought if wants else None

    def margin(self, track):
        """By how many mm/s its velocity points to between the ends of the crossing; < 0: past."""
        half = self._crossing.half_mm
        x, y = track.x_mm, track.y_mm
        vx, vy = track.vx_mm_s, track.vy_mm_s
        left, right = x + half, half - x
        past_left = (y * vx - left * vy) // _length(left, y)
        past_right = (-y * vx - right * vy) // _length(right, y)
        return min(past_left, past_right)

    def _think(self, now_ms, track):
        x, y = track.x_mm, track.y_mm
        vx, vy = track.vx_mm_s, track.vy_mm_s
        crossing = self._crossing
        was = track.thought
        beside = abs(x) > crossing.half_mm + _BESIDE_MM
        thought = "passing"
        if not track.speed_under(_VEHICLE_MM_S) or (y < 0 and abs(vx) > _CAR_MM_S):
            thought = "vehicle"
        elif y < _ROAD_MM:
            if not beside and abs(vy) > abs(vx):
                thought = "crossing"
            elif was == "crossing" and not beside:
                thought = was
        else:
            worth = _WORTH[track.memory - 1] * track.noise_mm >> 3
            margin = self.margin(track)
            if margin > _SWAY_MM_S + (worth * self._weight >> 4):
                thought = "approaching"
            elif was == "approaching" and margin > -(_SWAY_MM_S >> 1):
                thought = was
            elif self._stands(now_ms, track):
                thought = "waiting"
            elif track.memory < 5:
                thought = "unknown"
        track.thought = thought

    def _stands(self, now_ms, track):
        x = track.x_mm
        if (
            abs(x) > self._crossing.half_mm
            or track.y_mm > self._crossing.depth_mm
            or not track.speed_under(_STILL_MM_S)
            or (self._stop and self._stop["from_mm"] <= x <= self._stop["to_mm"])
        ):
            track.frames = 0
            return False
        if not track.frames:
            track.since_ms = now_ms
            track.frames = 1
        if track.thought in ("approaching", "waiting"):
            return True
        return now_ms - track.since_ms & _TICKS_MASK >= self._dwell_ms

    def _count(self, track):
        if track.y_mm >= _ROAD_MM:
            track.counted = 1
        elif track.counted == 1 and abs(track.x_mm) <= self._crossing.half_mm + _BESIDE_MM:
            track.counted = 2
            if track.thought in ("approaching", "waiting", "crossing"):
                self.pedestrians = self.pedestrians + 1 & 0xFFFF


def _length(a, b):
    """Of a vector, 3 % off at most; at least 1."""
    a, b = abs(a), abs(b)
    if a < b:
        a, b = b, a
    return max(a, (7 * a >> 3) + (b >> 1), 1)
