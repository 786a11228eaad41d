"""The button, the beacon and what shows a pedestrian that he is seen: they need nothing else."""

import time


class Pole:
    """What has to work while radar, network and all the rest are dead or not even loaded.

    walk: a kerb.apps.crosswalk.Crosswalk. beacon, button, feedback: as kerb.drivers.beacon,
    .button and .feedback. kept: get() and put() of a flag that outlives a reset, or None.
    """

    def __init__(self, walk, beacon, button, feedback, kept):
        self.walk = walk
        self.beacon = beacon
        self.button = button
        self._feedback = feedback
        self._kept = kept
        self._was = None

    def resume(self):
        """A reset in the middle of a period must not leave a pedestrian without it."""
        if self._kept and self._kept.get():
            self.walk.detect(time.ticks_ms(), "resumed")

    def look(self, now_ms, reason=None, who=None, approaching=None):
        """As Crosswalk.step(), with the button looked at and the beacon driven."""
        walk = self.walk
        if self.button.pressed():
            walk.detect(now_ms, "button")
        begun = walk.step(now_ms, reason, who, approaching)
        if walk.flashing:
            self.beacon.start(walk.began_ms)
        elif self._was:
            self.beacon.stop()
        self.beacon.sample(now_ms)
        if walk.flashing != self._was:
            self._was = walk.flashing
            if self._kept:
                self._kept.put(walk.flashing)
        # A lamp that says "they see you" while both beacons are dark would be a trap.
        dark = self.beacon.fault == "lamp_failure" and self.beacon.which == "both"
        self._feedback.step(now_ms, walk.flashing and not dark, bool(begun))
        return begun

    def hold(self):
        """In place of an app that cannot run: the button works. Call it every 50 ms."""
        self.look(time.ticks_ms())

    def safe(self):
        """Dark: who stops the device knows that it stands still."""
        self.beacon.safe()
        self._feedback.safe()
        self._was = None
        if self._kept:
            self._kept.put(False)
