"""What people want by their paths: tracks and intent, and who waits though the radar lost him."""

import time

from kerb.apps.intent import WANTS, Intent
from kerb.apps.tracks import Tracks
from micropython import const

# Who came to the kerb and was seen no more waits there for that long, if he was not seen to go.
_FADES_MS = const(20000)
_GONE_MM = const(1000)


class Paths:
    """People by their paths: of a radar that tells where they are. who: a number for each."""

    def __init__(self, cfg, crossing):
        self._crossing = crossing
        self._tracks = Tracks(crossing)
        self._intent = Intent(cfg, crossing)
        self._track = None  # of who had not stepped onto the road when he was seen last
        self._id = self._track_ms = 0  # of that track: who it was, and when
        self._faded_ms = None  # when one before him, who faded, was seen last
        self.who = None

    def step(self, now_ms, radar):
        """Takes a frame; "track" while somebody is about to cross, else None."""
        self._tracks.step(now_ms, radar)
        intent = self._intent
        thought = intent.step(now_ms, self._tracks)
        if thought:
            track = intent.track
            if self._track and track.id != self._id != self._track.id:
                self._faded_ms = self._track_ms
            if thought != "crossing":
                self._track = track
                self._id = track.id
                self._track_ms = now_ms
            elif track.id == self._id:
                self._track = None
            if not self._still_wants(self.who):
                self.who = track.id
            return "track"
        return "track" if self._waits_unseen(now_ms) else None

    def _waits_unseen(self, now_ms):
        """Who stands still fades, or seems to walk on the spot; who goes is seen to go."""
        track = self._track
        if track:
            goes = track.id == self._id and not track.missed and self._is_gone(track)
            if not goes and time.ticks_diff(now_ms, self._track_ms) < _FADES_MS:
                return True
            self._track = None
        if self._faded_ms is None:
            return False
        if time.ticks_diff(now_ms, self._faded_ms) < _FADES_MS:
            return True
        self._faded_ms = None
        return False

    def _still_wants(self, who):
        for track in self._tracks.tracks:
            if track.id == who and track.thought in WANTS:
                return True
        return False

    def _is_gone(self, track):
        crossing = self._crossing
        beside_mm = abs(track.x_mm) - crossing.half_mm
        return max(beside_mm, track.y_mm - crossing.depth_mm) > _GONE_MM

    @property
    def pedestrians(self):
        """How many have stepped onto the crossing, modulo 65536."""
        return self._intent.pedestrians

    def seen(self):
        """[id, x_mm, y_mm, vx_mm_s, vy_mm_s, thought] of each, in the street."""
        return [
            [t.id, t.x_mm, t.y_mm, t.vx_mm_s, t.vy_mm_s, t.thought]
            for t in self._tracks.tracks
            if t.id and t.sure
        ]
