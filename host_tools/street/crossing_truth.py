"""What is really so: when somebody's intent can be known, when he is at the kerb, who crossed.

From the paths without gait and without any radar. Somebody is clear at a moment when either

- straight on at his present velocity he meets the kerb line inside the crossing, or
- he stands (below 0.4 m/s) inside the crossing's width at most 1.2 m from the kerb; if he was
  not clear before that, from a second on, for before nobody could tell a stop from a wait.

known_ms is the first moment at which who crosses is clear, stays so until the kerb line, and is
where the part's sheet promises to see him (60 degrees to a side, 6 m). None for who does not cross
from this side, and for who is never both.
"""

import math

from host_tools.street.crossing_walk import STEP_S

STANDS_MPS, CLOSE_M, STOOD_S = 0.4, 1.2, 1.0
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
    shown_ms: when the part first told of him; the simulator fills it in. None: not yet.
    """

    def __init__(self, site, body):
        walk = body.walk
        self.kind, self.person = body.kind, body.person
        self.enters_ms = self.leaves_ms = self.known_ms = self.kerb_ms = self.over_ms = None
        self.shown_ms = self.on_road_ms = None
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

    @staticmethod
    def _ms(walk, at):
        return round(1000 * (walk.begin_s + at * STEP_S))
