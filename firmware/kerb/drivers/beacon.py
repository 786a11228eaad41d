"""The beacon: two lamps that flash by hardware, in step with the other pole's, and watched.

The rapid pattern is that of FHWA Interim Approval IA-21 (RRFB), 75 rounds a minute: left 50 ms,
dark 50, right 50, dark 50, left 50, dark 50, right 50, dark 50, both 50, dark 50, both 50, dark
250 (the twelve steps from secondary sources). The steady one is that of a Belisha beacon, 750 ms
on and 750 ms off: both lamps together, for a Belisha pole has one globe.
"""

import time

from kerb.system.schema import Bool, Choice, Int
from micropython import const

SCHEMA = {
    "pattern": Choice(("rrfb", "steady"), default="rrfb"),
    # Whether the lamps' current is measured, and what one lamp gives at full.
    "feedback": Bool(default=False),
    "feedback_lamp_mv": Int(200, 1500, default=1000),
}

LEFT = const(1)
RIGHT = const(2)
BOTH = const(3)
FULL = const(1000)

_RRFB = b"\x01\x00\x02\x00\x01\x00\x02\x00\x03\x00\x03\x00\x00\x00\x00\x00"
_RRFB_TICK_MS = const(50)
_STEADY = b"\x03\x03\x03\x03\x03\x03\x00\x00\x00\x00\x00\x00"
_STEADY_TICK_MS = const(125)
_GIGA = const(1000000)
# Rounds that began so near to each other are in step.
_IN_STEP_MS = const(25)
# As near as that to a change of the lamps is as good as on it.
_EDGE_MS = const(3)
# So shortly before a round the hardware may have it already.
_LATE_MS = const(65)
# So long a step has to last already before the current tells of it: amplifier and filter.
_SETTLE_MS = const(20)
# Less than that is noise of the converter.
_LEAST_MV = const(60)
_SURE = const(2)  # steps in a row that say the same
_IDLE_MS = const(250)  # from one look to the next while nothing should flow
_REBASE_MS = const(60000)
_WHICH = (None, "left", "right", "both")


class Beacon:
    """Dark from the start; `cfg` has the keys of SCHEMA.

    round_ms: of the pattern. fault: None | "lamp_failure" | "unexpectedly_on"; which: "left",
    "right" or "both" of them, None while that can't be told. In the steady mode, where the lamps
    are never lit alone, "both" also says one of them.
    """

    def __init__(self, board, cfg):
        self._steady = steady = cfg["pattern"] == "steady"
        self._levels = _STEADY if steady else _RRFB
        self._tick_ms = _STEADY_TICK_MS if steady else _RRFB_TICK_MS
        self.round_ms = self._tick_ms * len(self._levels)
        self._tail_ms = self._tick_ms * len(self._levels.rstrip(b"\x00"))
        self._pins = board.beacon_pattern(self._tick_ms * _GIGA, len(self._levels))
        self._dimmer = board.beacon_dim()
        self._permille = None
        self.dim(FULL)
        self._sense = board.beacon_current() if cfg["feedback"] else None
        self._lamp_mv = cfg["feedback_lamp_mv"]
        self._began_ms = None  # of any of the rounds that go out
        self._end_ms = None  # when the last of them is over
        self._next_ms = None  # of rounds that have to wait for the dark
        self.fault = self.which = None
        self._failed = self._stuck = 0  # lamps, as bits
        self._step_ms = time.ticks_ms()  # when the step began that was measured last
        # By what a step shows: how many lamps drew current in it, and in how many in a row.
        self._saw = [0] * 4
        self._said = [0] * 4

    @property
    def running(self):
        """Whether the pattern goes out, or is about to."""
        self._look(time.ticks_ms())
        return self._began_ms is not None or self._next_ms is not None

    def start(self, began_ms):
        """The pattern runs, as if it had begun at began_ms (ticks_ms) and gone on since.

        It joins where that is now, in the middle of a flash too, so that poles that hear of it at
        different moments are in step. When it is still to come, it is waited for. A pattern that
        runs in step already goes on; one that is more than 25 ms off goes over in the dark between
        two rounds, while sample() is called.
        """
        now = time.ticks_ms()
        self._look(now)
        if self._began_ms is not None:
            apart_ms = time.ticks_diff(began_ms, self._began_ms) % self.round_ms
            if _IN_STEP_MS < apart_ms < self.round_ms - _IN_STEP_MS:
                self._next_ms = began_ms
            else:
                self._next_ms = None
                if self._end_ms is not None:
                    self._launch(self._began_ms)
                return
        else:
            self._next_ms = began_ms
        self._go_over(now)

    def stop(self):
        """Dark when the round is over."""
        self._next_ms = None
        if self._began_ms is not None and self._end_ms is None:
            now = time.ticks_ms()
            self._pins.stop()
            left_ms = self.round_ms - self._place(now)
            if left_ms <= _LATE_MS:
                # The next one may go out all the same.
                left_ms += self.round_ms
            self._end_ms = time.ticks_add(now, left_ms)

    def safe(self):
        """Dark, at once."""
        self._pins.off()
        self._began_ms = self._end_ms = self._next_ms = None
        self._step_ms = time.ticks_ms()

    def dim(self, permille):
        """How bright the lamps are when they are lit, from now on: 1000 is full."""
        if permille != self._permille:
            self._permille = permille
            self._dimmer.set_steps(self._dimmer.steps * permille // FULL)

    def showing(self, now_ms):
        """The lamps that are lit at a moment near now: LEFT | RIGHT, 0 when dark."""
        if self._began_ms is None:
            return 0
        if self._end_ms is not None and time.ticks_diff(now_ms, self._end_ms) >= 0:
            return 0
        return self._levels[self._place(now_ms) // self._tick_ms]

    def _place(self, now_ms):
        return time.ticks_diff(now_ms, self._began_ms) % self.round_ms

    def _look(self, now_ms):
        """Notices that the last round is over; keeps ticks from wrapping."""
        began_ms, end_ms = self._began_ms, self._end_ms
        if began_ms is None:
            return
        if end_ms is not None:
            if time.ticks_diff(now_ms, end_ms) >= 0:
                self._step_ms = end_ms
                self._began_ms = self._end_ms = None
            return
        since_ms = time.ticks_diff(now_ms, began_ms)
        if since_ms > _REBASE_MS:
            began_ms = time.ticks_add(began_ms, since_ms - since_ms % self.round_ms)
            self._began_ms = self._pins.began_ms = began_ms

    def _go_over(self, now_ms):
        """Begins with the rounds that wait, if no flash of either is cut by that."""
        began_ms = self._next_ms
        if self._began_ms is not None:
            left_ms = self.round_ms - self._place(now_ms)
            if not _EDGE_MS < left_ms < self.round_ms - self._tail_ms - _EDGE_MS:
                return
            place_ms = time.ticks_diff(now_ms, began_ms) % self.round_ms
            # The steady ones may never be dark together.
            if self._levels[place_ms // self._tick_ms] and not self._steady:
                return
        # A round that is to come looks like the end of one before it, which is dark.
        if time.ticks_diff(began_ms, now_ms) < self.round_ms - self._tail_ms:
            self._launch(began_ms)

    def _launch(self, began_ms):
        self._pins.repeat(self._levels, began_ms)
        self._began_ms = began_ms
        self._end_ms = self._next_ms = None

    def sample(self, now_ms):
        """Looks at the lamps' current, where it is measured, and at what is due; call it often,
        every 20 ms say: a flash lasts 50."""
        self._look(now_ms)
        if self._next_ms is not None:
            self._go_over(time.ticks_ms())
        if self._sense:
            self._measure()

    def _measure(self):
        """Takes one measurement in each step of the pattern, when it has settled."""
        before = time.ticks_ms()
        if self._began_ms is None:
            if time.ticks_diff(before, self._step_ms) >= _IDLE_MS:
                self._step_ms = before
                self._judge(0, self._lamps())
            return
        if self._end_ms is not None:
            return
        place_ms = self._place(before)
        at = place_ms // self._tick_ms
        levels = self._levels
        shows = levels[at]
        since_ms = place_ms - at * self._tick_ms
        while since_ms < _SETTLE_MS and levels[at - 1] == shows:
            at -= 1
            since_ms += self._tick_ms
        step_ms = time.ticks_add(before, -since_ms)
        if since_ms < _SETTLE_MS or abs(time.ticks_diff(step_ms, self._step_ms)) < _EDGE_MS:
            return
        lamps = self._lamps()
        after = time.ticks_ms()
        # As long as it may be that the step was over before the reading, it says nothing.
        took_ms = time.ticks_diff(after, before)
        if (
            took_ms + _EDGE_MS >= self._tick_ms
            or self.showing(time.ticks_add(after, _EDGE_MS)) != shows
        ):
            return
        self._step_ms = step_ms
        self._judge(shows, lamps)

    def _lamps(self):
        """How many lamps' current flows, 0 to 2; None when they are too dim for that to be told,
        or when it can't be measured."""
        lamp_mv = self._lamp_mv * self._permille // FULL
        if lamp_mv < _LEAST_MV:
            return None
        try:
            mv = self._sense.read_mv()
        except OSError:
            return None
        return min(2, (2 * mv + lamp_mv) // (2 * lamp_mv))

    def _judge(self, shows, lamps):
        """What a step tells; two in a row that show the same lamps decide."""
        if lamps is None:
            return
        if lamps != self._saw[shows]:
            self._saw[shows] = lamps
            self._said[shows] = 0
        self._said[shows] = min(_SURE, self._said[shows] + 1)
        if self._said[shows] < _SURE:
            return
        sure, saw = self._said, self._saw
        if shows == 0:
            self._stuck = saw[0] and BOTH
            if saw[0] == 1:
                # Which it is shows where the other one is lit alone.
                if sure[LEFT] == _SURE and saw[LEFT] == 2:
                    self._stuck = RIGHT
                elif sure[RIGHT] == _SURE and saw[RIGHT] == 2:
                    self._stuck = LEFT
        elif not self._stuck:
            if shows != BOTH:
                self._failed = self._failed | shows if lamps == 0 else self._failed & ~shows
            elif self._steady:
                self._failed = BOTH if lamps < 2 else 0
        self._tell()

    def _tell(self):
        if self._failed:
            self.fault = "lamp_failure"
            self.which = _WHICH[self._failed]
        elif self._stuck:
            self.fault = "unexpectedly_on"
            self.which = _WHICH[self._stuck] if self._stuck != BOTH or self._saw[0] == 2 else None
        else:
            self.fault = self.which = None
