"""What is really so: when somebody's intent can be known, when he is at the kerb, who crossed.

known_ms comes from the paths without gait and without any radar. Somebody is clear at a moment
when either

- straight on at his present velocity he meets the kerb line inside the crossing, or
- he stands (below 0.4 m/s) inside the crossing's width at most 1.2 m from the kerb; if he was
  not clear before that, from a second on, for before nobody could tell a stop from a wait.

known_ms is the first moment at which who crosses is clear, stays so until the kerb line, and is
where the part's sheet promises to see him (60 degrees to a side, 6 m). None for who does not cross
from this side, and for who is never both.

seen_ms is the same as far as the radar's frames show it: the first moment from which on a straight
line through the last seven places that the part told of him (0.6 s) points into the crossing, or
shows him slow at the kerb, there with 0.3 m and twice the speed allowed for what a line through
seven places is worth. Frames that do not tell of him count for nothing. It takes hindsight and
knowing whose target is whose, which no detector has, and no detector's setting enters it.
"""

import math

from host_tools.street.crossing_walk import STEP_S

STANDS_MPS, CLOSE_M, STOOD_S = 0.4, 1.2, 1.0
_LINE, _LINE_S, _SPARE_M = 7, 1.0, 0.3
HEADED_S = 0.8


class Truth:
    """One body's.

    kind, person; crosses: it walks over the kerb line from the pavement inside the crossing
    (with half a metre to spare on both sides).
    enters_ms, leaves_ms: first and last in the view; None: never.
    known_ms, kerb_ms, over_ms (the other kerb); None where that never happens.
    on_road_ms: (from, to) that he is on the road before this side's kerb line, coming from the
    other side; None: never.
    headed: for HEADED_S on end he was clear, crossed or not: a bystander would have thought so.
    shown_ms: when the part first told of him; None: not yet. told: [(ms, x, y)] of who crosses,
    all that the part told of him before the kerb. The simulator fills both in.
    """

    def __init__(self, site, body):
        walk = body.walk
        self.kind, self.person = body.kind, body.person
        self.enters_ms = self.leaves_ms = self.known_ms = self.kerb_ms = self.over_ms = None
        self.shown_ms = self.on_road_ms = None
        self.told = []
        self._site = site
        half = site.width_m / 2
        known = kerb = None
        longest = run = stood = 0
        for at, (x, y, vx, vy) in enumerate(zip(walk.x, walk.y, walk.vx, walk.vy, strict=True)):
            if at and y <= 0 < walk.y[at - 1] and abs(x) <= half + 0.5:
                kerb = at
                break
            seen = y > 0 and site.in_view(x, y)
            if seen:
                self.leaves_ms = self._ms(walk, at)
                if self.enters_ms is None:
                    self.enters_ms = self.leaves_ms
            heads = site.meets_crossing(x, y, vx, vy)
            if not heads:
                stands = math.hypot(vx, vy) < STANDS_MPS and y <= CLOSE_M and abs(x) <= half
                stood = stood + 1 if stands and y > 0 else 0
                if not stood:
                    known, run = None, 0
                    continue
            run += 1
            if seen and known is None and (heads or stood * STEP_S >= STOOD_S):
                known = at
            longest = max(longest, run if known is not None else 0)
        road = [at for at, y in enumerate(walk.y) if y < 0]
        if kerb is None and road and road[0] == 0 and body.person:
            self.on_road_ms = (self._ms(walk, 0), self._ms(walk, road[-1]))
        self.headed = longest * STEP_S >= HEADED_S
        self.crosses = kerb is not None
        if kerb is None:
            return
        self.kerb_ms = self._ms(walk, kerb)
        if known is not None:
            self.known_ms = self._ms(walk, known)
        for at in range(kerb, len(walk.y)):
            if walk.y[at] <= -site.length_m:
                self.over_ms = self._ms(walk, at)
                break

    @property
    def seen_ms(self):
        """See above; None where that never is, and not before known_ms."""
        if self.known_ms is None:
            return None
        since = stood_ms = None
        for at in range(len(self.told)):
            line = self._line(at)
            if line is None:
                continue
            heads, stands = line
            stood_ms = (stood_ms or self.told[at][0]) if stands else None
            long = stood_ms is not None and self.told[at][0] - stood_ms >= 1000 * STOOD_S
            if heads or long or (stands and since is not None):
                since = self.told[at][0] if since is None else since
            else:
                since = None
        return None if since is None else max(since, self.known_ms)

    def _line(self, at):
        """Give (points into the crossing, stands near the kerb) of a line through the last places;
        None of too few.
        """
        now_ms = self.told[at][0]
        last = [
            ((ms - now_ms) / 1000, x, y)
            for ms, x, y in self.told[max(0, at - _LINE + 1) : at + 1]
            if now_ms - ms <= 1000 * _LINE_S
        ]
        if len(last) < _LINE:
            return None
        t, x, y = (sum(it) / len(last) for it in zip(*last, strict=True))
        spread = sum((it[0] - t) ** 2 for it in last)
        vx = sum((it[0] - t) * (it[1] - x) for it in last) / spread
        vy = sum((it[0] - t) * (it[2] - y) for it in last) / spread
        x, y = x - vx * t, y - vy * t
        near = y <= CLOSE_M + _SPARE_M and abs(x) <= self._site.width_m / 2 + _SPARE_M
        stands = near and math.hypot(vx, vy) < 2 * STANDS_MPS
        return self._site.meets_crossing(x, max(0.0, y), vx, vy), stands

    @staticmethod
    def _ms(walk, at):
        return round(1000 * (walk.begin_s + at * STEP_S))
