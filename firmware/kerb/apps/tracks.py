"""Who is who from frame to frame of a radar: targets become tracks with a velocity, in the street.

A target continues the track that is nearest to it, within a gate; slots of the radar that swap
don't matter, nor do some frames without it. What shows in one frame only becomes no track.

A radar with two antennas knows a distance well and a rate of it (Doppler) better, and an angle
badly. So place and velocity are followed apart along the line to the radar and across it: along
it as a line through the last targets and by the rate; across it by a Kalman filter, whose gains
are reckoned once for a noise that is a sixteenth of the range. Which sign a rate has the part's
sheet does not say: who walks for a metre shows whether rates are to be believed as they are, or
turned round, or not at all. Both begin with the gains of who
has just come and end with those of about the last second. What the velocity across is worth goes
with the track: after half a second it is little.
"""

import math
from array import array

from kerb.apps.crossing import length
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
_GATE_MOST_MM = const(1000)
# Nearer to a track than this no other one is born: the radar has told somebody twice.
_TWICE_MM = const(350)
_UNSURE_MISSES = const(2)  # two targets in three frames make a track
_MISSES = const(7)
# A radar for what moves loses who stands.
_STILL_MISSES = const(30)
_STILL_MM_S = const(400)
# Across the line to the radar: ranges up to these have a noise of 80 and 160 mm, others of 320.
_NEAR_MM, _MIDDLE_MM = const(1700), const(3400)
_NOISES_MM = (80, 160, 320)
_WALKS_MM_S = const(700)  # deviation of one component of a velocity of which nothing is known
_TURNS_MM_S2 = const(1500)
# Farther than that across in the first step: somebody runs, or rides.
_RUNS_MM = const(450)
_MEMORY = const(16)  # frames until the gains no longer change
# Along it: a line through so many targets, and a share in 1/256 of what the rate says.
_LINE = const(6)
_RATE = const(160)
_LEAST_RATE_MM_S = const(80)  # half of what the part resolves, which it rounds away
# So far somebody comes or goes until his rates have shown what they are worth. The votes: for
# more than 0 rates are believed, for less than 0 turned round.
_SHOWN_MM = const(1000)
_VOTES, _FIRST_VOTES = const(6), const(3)
# What dies with fewer targets was clutter; as much of it in some 13 s is rain.
_CLUTTER_TARGETS = const(5)
_CLUTTER = const(256)
_RAIN = const(400)


class Track:
    """id: 1 to 255, 0 while the slot is free. sure: seen in at least two of three frames.

    x_mm, y_mm, vx_mm_s, vy_mm_s: in the street, for this frame, whether seen or not. missed:
    frames since the last target. age_ms: since the first one. targets: how many, up to 255.
    away_x, away_y: in 1/1024, the direction from the radar to it. worth_mm_s: the deviation of
    its velocity across that. range_mm, told_mm: where it was when its rates were judged last, and
    how far they say that it went since. came_mm(): how far it is from where it began. thought:
    what the intent makes of it, which also keeps score, since_ms and stood with it.
    """

    def __init__(self):
        self.id = 0
        self.clear(0, 0)

    def clear(self, x_mm, y_mm):
        """Somebody new."""
        self.x_mm = self._from_x_mm = x_mm
        self.y_mm = self._from_y_mm = y_mm
        self.sure = False
        self.vx_mm_s = self.vy_mm_s = self.worth_mm_s = 0
        self.away_x = self.away_y = 0
        self.range_mm = self.told_mm = 0
        self.age_ms = self.missed = 0
        self.targets = 1
        self.thought = "unknown"
        self.score = self.since_ms = self.stood = 0

    def speed_under(self, mm_s):
        """Whether it is slower than so many mm/s, up to 16000."""
        vx, vy = self.vx_mm_s, self.vy_mm_s
        return vx * vx + vy * vy < mm_s * mm_s

    def came_mm(self):
        """How far it is from where it was seen first."""
        return length(self.x_mm - self._from_x_mm, self.y_mm - self._from_y_mm)


class Tracks:
    """In `tracks`, SLOTS of them, the same objects for ever; those with an id are alive."""

    def __init__(self, crossing):
        self._crossing = crossing
        self.tracks = [Track() for _ in range(SLOTS)]
        self._gains = [_gains(noise_mm) for noise_mm in _NOISES_MM]
        self._x = array("i", [0] * _TARGETS)
        self._y = array("i", [0] * _TARGETS)
        self._rate = array("i", [0] * _TARGETS)
        self._taken = bytearray(_TARGETS)
        self._given = bytearray(SLOTS)
        self._last_id = 0
        self._last_ms = None
        self._clutter = 0
        self._votes = _FIRST_VOTES

    @property
    def rain(self):
        """Whether many a target lately belonged to nobody."""
        return self._clutter > _RAIN

    def step(self, now_ms, radar):
        """Takes a new frame of `radar`: its count, x(i), y(i) and speed(i) in mm and cm/s.

        None for the radar: all is forgotten. To be called once a frame. It allocates nothing.
        """
        if radar is None:
            return self._forget()
        passed = _BEAT_MS
        if self._last_ms is not None:
            passed = now_ms - self._last_ms & _TICKS_MASK
        if passed > _GAP_MS:
            self._forget()
        self._last_ms = now_ms
        passed = max(1, (passed + _BEAT_MS // 2) // _BEAT_MS) * _BEAT_MS
        self._clutter -= self._clutter >> 7
        count = min(radar.count, _TARGETS)
        crossing = self._crossing
        for i in range(count):
            x, y = radar.x(i), radar.y(i)
            self._x[i] = crossing.street_x(x, y)
            self._y[i] = crossing.street_y(x, y)
            self._rate[i] = radar.speed(i) * 10
            self._taken[i] = 0
        for i in range(SLOTS):
            track = self.tracks[i]
            self._given[i] = 0
            if track.id:
                track.age_ms += passed
                track.x_mm += track.vx_mm_s * passed // 1000
                track.y_mm += track.vy_mm_s * passed // 1000
        self._match(passed, count, True)
        self._match(passed, count, False)
        for i in range(SLOTS):
            if self.tracks[i].id and not self._given[i]:
                self._miss(self.tracks[i])
        for i in range(count):
            if not self._taken[i]:
                self._bear(self._x[i], self._y[i], self._rate[i])

    def _forget(self):
        for i in range(SLOTS):
            self.tracks[i].id = 0
        self._last_ms = None

    def _match(self, passed, count, sure):
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
                        off = x * x + y * y
                        if off < best and off < gate * gate:
                            best, which, target = off, i, j
            if which < 0:
                return
            self._given[which] = self._taken[target] = 1
            self._update(self.tracks[which], passed, target)

    def _update(self, track, passed, target):
        x, y = self._x[target] - track.x_mm, self._y[target] - track.y_mm
        unseen_ms = (track.missed + 1) * passed
        track.missed = 0
        track.sure = True
        n = track.targets = min(track.targets + 1, 255)
        range_mm = self._aim(track)
        ux, uy = track.away_x, track.away_y
        along, across = x * ux + y * uy >> 10, y * ux - x * uy >> 10
        band = 0 if range_mm < _NEAR_MM else 1 if range_mm < _MIDDLE_MM else 2
        alpha, beta, worth = self._gains[band]
        at = min(n, _MEMORY) - 1
        track.worth_mm_s = worth[at] << 2
        aside = alpha[at] * across + 128 >> 8
        turned = (beta[at] * across + 128 >> 8) * 1000 // passed
        if n == 2 and abs(across) > _RUNS_MM:
            turned = across * 1000 // passed
        # Of a line through n targets: 2(2n - 1) / n(n + 1) and 6 / n(n + 1).
        n = min(n, _LINE)
        part = n * (n + 1)
        moved = 2 * (2 * n - 1) * along // part
        faster = 6000 * along // part // passed
        rate = _whole(self._rate[target])
        track.told_mm += rate * unseen_ms // 1000
        if abs(range_mm - track.range_mm) >= _SHOWN_MM:
            self._vote(track, range_mm)
        if self._votes:
            if self._votes < 0:
                rate = -rate
            now = track.vx_mm_s * ux + track.vy_mm_s * uy >> 10
            faster += _RATE * (rate - now - faster) >> 8
        track.x_mm += moved * ux - aside * uy + 512 >> 10
        track.y_mm += moved * uy + aside * ux + 512 >> 10
        track.vx_mm_s += faster * ux - turned * uy + 512 >> 10
        track.vy_mm_s += faster * uy + turned * ux + 512 >> 10

    def _vote(self, track, range_mm):
        """Holds the rates that a track was told with against the way that it went."""
        went_mm, told_mm = range_mm - track.range_mm, track.told_mm
        track.range_mm, track.told_mm = range_mm, 0
        if went_mm < 0:
            told_mm = -told_mm
        votes = self._votes
        if told_mm > _SHOWN_MM // 2:
            votes += 1
        elif told_mm < -_SHOWN_MM // 2:
            votes -= 1
        elif votes:
            votes += -1 if votes > 0 else 1
        self._votes = max(-_VOTES, min(_VOTES, votes))

    def _aim(self, track):
        """Sets its direction from the radar, gives its range in mm."""
        x, y = track.x_mm - self._crossing.radar_x_mm, track.y_mm - self._crossing.radar_y_mm
        range_mm = length(x, y)
        track.away_x, track.away_y = (x << 10) // range_mm, (y << 10) // range_mm
        return range_mm

    def _miss(self, track):
        track.missed += 1
        if not track.sure:
            most = _UNSURE_MISSES
        else:
            most = _STILL_MISSES if track.speed_under(_STILL_MM_S) else _MISSES
        if track.missed >= most:
            track.id = 0
            # Cars leave shreds of tracks too, on the road.
            if track.targets < _CLUTTER_TARGETS and track.y_mm > 0:
                self._clutter = min(self._clutter + _CLUTTER, 16 * _CLUTTER)

    def _bear(self, x, y, rate):
        free = None
        for i in range(SLOTS):
            track = self.tracks[i]
            if not track.id:
                free = track
            elif abs(track.x_mm - x) < _TWICE_MM and abs(track.y_mm - y) < _TWICE_MM:
                return
        if free is None:
            return
        free.clear(x, y)
        self._last_id = self._last_id % 255 + 1
        free.id = self._last_id
        free.range_mm = self._aim(free)
        rate = _whole(rate) if self._votes > 0 else -_whole(rate) if self._votes else 0
        free.vx_mm_s, free.vy_mm_s = rate * free.away_x >> 10, rate * free.away_y >> 10


def _whole(rate):
    """A rate of the part, which rounds toward 0, as it is on the average, in mm/s."""
    if not rate:
        return 0
    return rate + _LEAST_RATE_MM_S if rate > 0 else rate - _LEAST_RATE_MM_S


def _gains(noise_mm):
    """(alpha and beta in 1/256, the velocity's deviation in 4 mm/s) for each target of a track.

    The Kalman filter of a place that is told with a deviation of noise_mm each 0.1 s, of somebody
    who changes his velocity by _TURNS_MM_S2; beta is for the change in 0.1 s.
    """
    step_s = _BEAT_MS / 1000
    noise, turn = noise_mm * noise_mm, (_TURNS_MM_S2 * step_s) ** 2
    place, both, speed = noise, 0.0, float(_WALKS_MM_S * _WALKS_MM_S)
    alpha, beta, worth = bytearray(_MEMORY), bytearray(_MEMORY), bytearray(_MEMORY)
    alpha[0], worth[0] = 255, _WALKS_MM_S >> 2
    for at in range(1, _MEMORY):
        place += step_s * (2 * both + step_s * speed) + turn * step_s * step_s / 4
        both += step_s * (speed + turn / 2)
        speed += turn
        to_place, to_speed = place / (place + noise), both / (place + noise)
        speed -= to_speed * both
        place, both = noise * to_place, noise * to_speed
        alpha[at] = min(255, round(256 * to_place))
        beta[at] = round(256 * to_speed * step_s)
        worth[at] = round(math.sqrt(speed)) >> 2
    return alpha, beta, worth
