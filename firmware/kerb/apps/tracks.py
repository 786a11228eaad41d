"""Who is who from frame to frame of a radar: targets become tracks with a velocity, in the street.

A target continues the track that is nearest to it, within a gate; slots of the radar that swap
don't matter, nor does a frame or two without it. What shows in one frame only becomes no track.
Position and velocity come from a filter that begins as a least-squares line through all targets of
the track and ends as one of about the last second (an alpha-beta filter with the gains of a line
through n points: A. W. Bishop and P. Zarchan's "expanding memory" form); when the targets leave
the line to the same side again and again, as those of who turns do, it forgets the older ones.
"""

from array import array

from micropython import const

SLOTS = const(6)
_TARGETS = const(3)
_TICKS_MASK = const(0x3FFFFFFF)  # time.ticks_ms() begins anew after it
# The radar's own beat. The moment at which a frame is read jitters, its beat does not.
_BEAT_MS = const(100)
_GAP_MS = const(1000)  # without a frame: nobody is the same afterwards
# A step of a runner between two frames, and the noise of two targets; more while not seen.
_GATE_MM = const(600)
_GATE_MORE_MM = const(150)
_GATE_MOST_MM = const(1500)
# Nearer to a track than this no other one is born: the radar has told somebody twice.
_TWICE_MM = const(350)
_UNSURE_MISSES = const(2)  # two targets in three frames make a track
_MISSES = const(10)
# A radar for what moves loses who stands.
_STILL_MISSES = const(30)
_STILL_MM_S = const(400)
# A line through n targets, in 1/256: 2(2n - 1) / n(n + 1) and 6 / n(n + 1).
_ALPHA = (256, 256, 213, 179, 154, 134, 119, 107, 97, 88)
_BETA = (0, 256, 128, 77, 51, 37, 27, 21, 17, 14)
MEMORY = const(10)
_TURN_MEMORY = const(3)


class Track:
    """id: 1 to 255, 0 while the slot is free. sure: seen in at least two of three frames.

    x_mm, y_mm, vx_mm_s, vy_mm_s: in the street, for this frame, whether seen or not. seen_ms:
    ticks of the last target; missed: frames since. age_ms: since the first one. memory: how many
    targets the velocity rests on, 1 to MEMORY. noise_mm: what one target's place is worth.
    thought: what the intent makes of it.
    """

    def __init__(self):
        self.id = 0
        self.clear()

    def clear(self):
        """Nobody yet."""
        self.sure = False
        self.x_mm = self.y_mm = self.vx_mm_s = self.vy_mm_s = 0
        self.seen_ms = self.age_ms = self.missed = 0
        self.memory = self.noise_mm = 0
        self.off_x = self.off_y = 0
        self.thought = "unknown"
        self.since_ms = self.frames = self.counted = 0

    def speed_under(self, mm_s):
        """Whether it is slower than so many mm/s, up to 16000."""
        vx, vy = self.vx_mm_s, self.vy_mm_s
        return vx * vx + vy * vy < mm_s * mm_s


class Tracks:
    """In `tracks`, SLOTS of them, the same objects for ever; those with an id are alive."""

    def __init__(self, crossing):
        self._crossing = crossing
        self.tracks = [Track() for _ in range(SLOTS)]
        self._x = array("i", [0] * _TARGETS)
        self._y = array("i", [0] * _TARGETS)
        self._taken = bytearray(_TARGETS)
        self._given = bytearray(SLOTS)
        self._last_id = 0
        self._last_ms = None

    def step(self, now_ms, radar):
        """Takes a new frame of `radar`: its count, x(i) and y(i). None: all is forgotten.

        To be called once a frame. It allocates nothing.
        """
        if radar is None:
            return self._forget()
        passed = _BEAT_MS
        if self._last_ms is not None:
            passed = now_ms - self._last_ms & _TICKS_MASK
        self._last_ms = now_ms
        if passed > _GAP_MS:
            self._forget()
        passed = max(1, (passed + _BEAT_MS // 2) // _BEAT_MS) * _BEAT_MS
        count = min(radar.count, _TARGETS)
        crossing = self._crossing
        for i in range(count):
            x, y = radar.x(i), radar.y(i)
            self._x[i] = crossing.street_x(x, y)
            self._y[i] = crossing.street_y(x, y)
            self._taken[i] = 0
        for i in range(SLOTS):
            track = self.tracks[i]
            self._given[i] = 0
            if track.id:
                track.age_ms += passed
                track.x_mm += track.vx_mm_s * passed // 1000
                track.y_mm += track.vy_mm_s * passed // 1000
        self._match(now_ms, passed, count, True)
        self._match(now_ms, passed, count, False)
        for i in range(SLOTS):
            if self.tracks[i].id and not self._given[i]:
                self._miss(self.tracks[i])
        for i in range(count):
            if not self._taken[i]:
                self._bear(now_ms, self._x[i], self._y[i])

    def _forget(self):
        for i in range(SLOTS):
            self.tracks[i].id = 0
        self._last_ms = None

    def _match(self, now_ms, passed, count, sure):
        """Gives targets to the tracks that are sure, or to those that are not: nearest first."""
        while True:
            best = _GATE_MOST_MM * _GATE_MOST_MM
            which = target = -1
            for i in range(SLOTS):
                track = self.tracks[i]
                if not track.id or track.sure != sure or self._given[i]:
                    continue
                gate = min(_GATE_MM + track.missed * _GATE_MORE_MM, _GATE_MOST_MM)
                for j in range(count):
                    if self._taken[j]:
                        continue
                    x, y = self._x[j] - track.x_mm, self._y[j] - track.y_mm
                    if -gate < x < gate and -gate < y < gate:
                        away = x * x + y * y
                        if away < best and away < gate * gate:
                            best, which, target = away, i, j
            if which < 0:
                return
            self._given[which] = self._taken[target] = 1
            self._update(self.tracks[which], now_ms, passed, target)

    def _update(self, track, now_ms, passed, target):
        x, y = self._x[target] - track.x_mm, self._y[target] - track.y_mm
        track.seen_ms = now_ms
        track.missed = 0
        track.sure = True
        # Of white noise this mean has 0.6 of its size.
        off_x = track.off_x = track.off_x + x >> 1
        off_y = track.off_y = track.off_y + y >> 1
        noise = track.noise_mm = self._noise(self._x[target], self._y[target])
        if track.memory > _TURN_MEMORY and max(abs(off_x), abs(off_y)) > noise:
            track.memory = _TURN_MEMORY
            track.off_x = track.off_y = 0
        elif track.memory < MEMORY:
            track.memory += 1
        alpha, beta = _ALPHA[track.memory - 1], _BETA[track.memory - 1]
        track.x_mm += alpha * x + 128 >> 8
        track.y_mm += alpha * y + 128 >> 8
        track.vx_mm_s += (beta * x + 128 >> 8) * 1000 // passed
        track.vy_mm_s += (beta * y + 128 >> 8) * 1000 // passed

    def _noise(self, x, y):
        """What to expect, in mm, of a target's place: more with the range, for angles are told."""
        x, y = abs(x - self._crossing.radar_x_mm), abs(y - self._crossing.radar_y_mm)
        return 60 + (max(x, y) + (min(x, y) >> 1) >> 6)

    def _miss(self, track):
        track.missed += 1
        if not track.sure:
            most = _UNSURE_MISSES
        else:
            most = _STILL_MISSES if track.speed_under(_STILL_MM_S) else _MISSES
        if track.missed >= most:
            track.id = 0

    def _bear(self, now_ms, x, y):
        free = None
        for track in self.tracks:
            if not track.id:
                free = track
            elif abs(track.x_mm - x) < _TWICE_MM and abs(track.y_mm - y) < _TWICE_MM:
                return
        if free is None:
            return
        free.clear()
        self._last_id = self._last_id % 255 + 1
        free.id = self._last_id
        free.x_mm, free.y_mm = x, y
        free.seen_ms = now_ms
        free.memory = 1
        free.noise_mm = self._noise(x, y)
