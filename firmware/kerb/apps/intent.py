"""Who among the tracks is about to cross, and who only passes by.

Each track's velocity is weighed against the two ends of the crossing on the kerb line: the part of
it that is across the line of sight to an end says by how many mm/s it would have to change to miss
the crossing on that side. Held against what the velocity is worth in that direction, the lesser of
both is the evidence. So who is far away has to walk well towards the crossing, who has just come
clearly so, and who walks along the kerb has no evidence, however near. It has to stay so for some
frames. Who stands in the waiting area for a while waits to cross; who then is on the road crosses.
"""

from kerb.apps.crossing import length
from kerb.apps.tracks import SLOTS
from kerb.system.schema import Choice, Int, Obj
from micropython import const

SCHEMA = {
    # high: rather flash for nobody; low: rather be sure.
    "sensitivity": Choice(("low", "normal", "high"), default="normal"),
    # Along the kerb, in the street's coordinates: who stands there waits for the bus.
    "bus_stop": Obj({"from_mm": Int(-20000, 20000), "to_mm": Int(-20000, 20000)}, optional=True),
}

_TICKS_MASK = const(0x3FFFFFFF)
# Evidence that is wanted in 1/16 of a deviation, for how many frames, ms that somebody stands.
_HOW = {"low": (14, 4, 3000), "normal": (5, 3, 2000), "high": (2, 2, 1000)}
# While it rains clutter: frames, ms, and how old a track is at least.
_RAIN_FRAMES, _RAIN_STANDS_MS, _RAIN_MS = const(6), const(3000), const(800)
_MOST_FRAMES = const(8)
_ALONG_MM_S = const(200)  # the deviation of a velocity along the line to the radar
_SWAY_MM_S = const(60)  # nobody walks straighter
# Clutter and leaves in the wind don't come from anywhere; who was lost while he stood steps off.
_CAME_MM, _CAME_CLOSE_MM = const(800), const(500)
_CLOSE_MM = const(700)  # a guess: few walk along so close to the kerb, nobody counted them
_STILL_MM_S = const(400)
_RUNS_MM_S = const(2000)  # at the kerb too soon for a second look: one frame has to do
_VEHICLE_MM_S = const(5500)
_ROAD_MM = const(-150)
_BESIDE_MM = const(500)
WANTS = ("approaching", "waiting", "crossing")


def check(cfg):
    """What the schema cannot say: a list of errors of a config that satisfies SCHEMA, and that of
    kerb.apps.crossing."""
    stop = cfg["bus_stop"]
    if not stop:
        return []
    first, last = stop["from_mm"], stop["to_mm"]
    if first >= last:
        text = "crosswalk.bus_stop.to_mm: found %d, allowed: more than %d (from_mm)"
        return [text % (last, first)]
    half = cfg["width_mm"] // 2
    taken = 100 * (min(last, half) - max(first, -half)) // (2 * half)
    if taken > 50:
        # Nobody would be left who waits to cross.
        return ["crosswalk.bus_stop: found on %d %% of the crossing, allowed: at most 50" % taken]
    return []


class Intent:
    """track: who wants to cross, the nearest to the kerb line, or None. pedestrians: how many have
    stepped from this side onto the road on the crossing, modulo 65536."""

    def __init__(self, cfg, crossing):
        self._crossing = crossing
        self._wanted, self._frames, self._stands_ms = _HOW[cfg["sensitivity"]]
        self._stop = cfg["bus_stop"]
        self._rain = False
        self.track = None
        self.pedestrians = 0

    def step(self, now_ms, tracks):
        """After each frame: why to flash, one of WANTS, or None. It allocates nothing.

        Each track's thought is one of WANTS, "passing", "vehicle" or, at first, "unknown".
        """
        self._rain = tracks.rain
        wants = None
        for i in range(SLOTS):
            track = tracks.tracks[i]
            if not track.id or not track.sure:
                continue
            was = track.thought
            if not track.missed:
                self._think(now_ms, track)
            elif was in WANTS and track.y_mm < _ROAD_MM and self._beside(track) <= _BESIDE_MM:
                track.thought = "crossing"  # as he went, unseen
            if track.thought == "crossing" != was:
                self.pedestrians = self.pedestrians + 1 & 0xFFFF
            if track.thought in WANTS and (wants is None or track.y_mm < wants.y_mm):
                wants = track
        self.track = wants
        return wants.thought if wants else None

    def evidence(self, track):
        """By how many deviations, in 1/16, its velocity points between the crossing's ends.

        Less than 0: it points past them.
        """
        half = self._crossing.half_mm
        left = self._past(track, -half, 1)
        right = self._past(track, half, -1)
        return min(left, right)

    def _past(self, track, end_mm, side):
        """The same of one end; side: 1 of the left one, -1 of the right one."""
        to_x, to_y = end_mm - track.x_mm, -track.y_mm
        far = length(to_x, to_y)
        # Across the line of sight, towards the crossing's middle.
        x, y = -side * (to_y << 10) // far, side * (to_x << 10) // far
        past = track.vx_mm_s * x + track.vy_mm_s * y >> 10
        along = abs(x * track.away_x + y * track.away_y) >> 10
        across = abs(y * track.away_x - x * track.away_y) >> 10
        return 16 * past // (_SWAY_MM_S + (along * _ALONG_MM_S + across * track.worth_mm_s >> 10))

    def _beside(self, track):
        """How far it is from the crossing, along the kerb; less than 0: in its width."""
        return abs(track.x_mm) - self._crossing.half_mm

    def _think(self, now_ms, track):
        was = track.thought
        y = track.y_mm
        thought = "passing"
        if not track.speed_under(_VEHICLE_MM_S):
            thought = "vehicle"
        elif y < _ROAD_MM:
            if was in WANTS and self._beside(track) <= _BESIDE_MM:
                thought = "crossing"
        else:
            close = y < _CLOSE_MM and self._beside(track) < 0
            if (
                self.evidence(track) > (0 if close else self._wanted)
                and track.came_mm() >= (_CAME_CLOSE_MM if close else _CAME_MM)
                and not (self._rain and track.age_ms < _RAIN_MS)
            ):
                track.score = min(track.score + 1, _MOST_FRAMES)
            elif track.score:
                track.score -= 1
            stands = self._stands(now_ms, track)
            frames = _RAIN_FRAMES
            if not self._rain:
                frames = self._frames if track.speed_under(_RUNS_MM_S) else 1
            if track.score >= frames:
                thought = "approaching"
            elif was == "approaching" and track.score:
                thought = was
            elif stands:
                thought = "waiting"
            elif was == "unknown" and track.targets < _MOST_FRAMES:
                thought = was
        track.thought = thought

    def _stands(self, now_ms, track):
        """Whether it waits: stands in the waiting area, not at the bus stop, for long enough."""
        x, stop = track.x_mm, self._stop
        if (
            self._beside(track) > 0
            or track.y_mm > self._crossing.depth_mm
            or not track.speed_under(_STILL_MM_S)
            or (stop and stop["from_mm"] <= x <= stop["to_mm"])
        ):
            track.stood = 0
            return False
        if not track.stood:
            track.since_ms = now_ms
            track.stood = 1
        if track.thought in WANTS:
            return True
        stands_ms = _RAIN_STANDS_MS if self._rain else self._stands_ms
        return now_ms - track.since_ms & _TICKS_MASK >= stands_ms
