"""What is seen at a crossing from frame to frame: the latest, the trails, what has changed."""

import collections

from host_tools.crosswalk import trace, words

_TRAIL_FRAMES = 20  # 2 s of a radar that speaks ten times a second
_RESTART_MS = 1 << 28  # three days: no gap, but ticks of another start
_RATE_FRAMES = 50
# The lamps alternate like that on a screen: an RRFB's own steps of 50 ms are too short for one.
_BLINK_MS = 400


class Scene:
    """`plan` a Plan. `frame` is the latest or None; `trails` {id: places in mm}; `frames`,
    `activations`, `damaged` are counts; `blind` counts what came while the radar told nothing, for
    the firmware tells of itself all the same: no `frames`. `thoughts`: how many tracks each
    thought was had of.
    """

    def __init__(self, plan):
        self.plan = plan
        self.frame = None
        self.trails = {}
        self.frames = self.blind = self.damaged = self.activations = self.presses = 0
        self.flashed_ms = 0
        self.reasons = collections.Counter()
        self.tracks = 0
        self.thoughts = collections.Counter()
        self._followed = {}
        self._lit_since = None
        self._times = collections.deque(maxlen=_RATE_FRAMES)

    def take(self, frame):
        """Take the next frame; gives what has changed, as lines of words."""
        before = self.frame
        if before and trace.ms_between(before, frame) > _RESTART_MS:
            before = None  # the board has started anew
            self._followed.clear()
            self.trails.clear()
            self._times.clear()
            self._lit_since = None
        self.frame = frame
        self.frames += not frame.blind
        self.blind += frame.blind
        if frame.blind:
            self._times.clear()
        else:
            self._times.append(frame)
        changes = self._beacon_changes(before, frame)
        if frame.blind != (before.blind if before else False):
            changes.append("the radar tells nothing" if frame.blind else "the radar is back")
        if frame.button and not (before and before.button):
            self.presses += 1
            changes.append("the button is pressed")
        if before and None not in (before.cars, frame.cars) and before.cars < frame.cars:
            changes.append("{} so far".format(words.counted(frame.cars, "car")))
        return changes + self._track_changes(frame)

    def lose(self):
        """A line was damaged on its way."""
        self.damaged += 1

    @property
    def frames_a_second(self):
        """How often frames come, by the board's clock; None while that can't be told."""
        if len(self._times) < 2:
            return None
        span_ms = trace.ms_between(self._times[0], self._times[-1])
        return 1000 * (len(self._times) - 1) / span_ms if span_ms else None

    @property
    def lit(self):
        """Which lamps to show lit: (left, right)."""
        if not self.frame or not self.frame.flashing_left_ms:
            return False, False
        left = self.frame.ms // _BLINK_MS % 2 == 0
        return left, not left

    def summary(self):
        """Give what was seen as a JSON document."""
        rate = self.frames_a_second
        return {
            "frames": self.frames,
            "frames_a_second": None if rate is None else round(rate, 1),
            "blind": self.blind,
            "damaged": self.damaged,
            "activations": self.activations,
            "reasons": dict(self.reasons),
            "flashed_s": round(self.flashed_ms / 1000, 1),
            "presses": self.presses,
            "tracks": self.tracks,
            "thoughts": dict(self.thoughts),
        }

    def _beacon_changes(self, before, frame):
        was = before.flashing_left_ms if before else 0
        if before and was:
            self.flashed_ms += min(was, trace.ms_between(before, frame))
        if frame.flashing_left_ms and not was:
            self.activations += 1
            self.reasons[frame.reason or "none given"] += 1
            self._lit_since = frame
            return [
                "the beacon flashes for {:.1f} s: {}".format(
                    frame.flashing_left_ms / 1000, frame.reason
                )
            ]
        if was and not frame.flashing_left_ms:
            lasted_ms = trace.ms_between(self._lit_since, frame) if self._lit_since else 0
            return ["the beacon is dark again after {:.1f} s".format(lasted_ms / 1000)]
        if was and frame.reason != before.reason:
            return ["the beacon goes on: {}".format(frame.reason)]
        return []

    def _track_changes(self, frame):
        changes = []
        for gone in set(self._followed) - {track.id for track in frame.tracks}:
            del self._followed[gone]
            del self.trails[gone]
        for track in frame.tracks:
            followed = self._followed.get(track.id)
            if followed is None:
                self.tracks += 1
                followed = self._followed[track.id] = _Followed()
                self.trails[track.id] = followed.trail
            followed.trail.append((track.x_mm, track.y_mm))
            if followed.thought == track.thought:
                continue
            # That somebody new is unknown is no news.
            if followed.thought or track.thought != "unknown":
                changes.append(words.track(track))
            followed.thought = track.thought
            if track.thought not in followed.had:
                followed.had.add(track.thought)
                self.thoughts[track.thought] += 1
        return changes


class _Followed:
    """What was thought of one track, and where it was."""

    def __init__(self):
        self.thought = None
        self.had = set()
        self.trail = collections.deque(maxlen=_TRAIL_FRAMES)
