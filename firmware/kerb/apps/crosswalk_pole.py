"""The button, the beacon and what shows a pedestrian that he is seen: they need nothing else."""

import asyncio
import time

from micropython import const

_TICK_MS = const(20)
# What was seen holds for so long: a radar's frame comes every 0.1 s.
_SEEN_MS = const(400)
_MOST_BEGUN = const(8)


class Pole:
    """What has to work while radar, network and all the rest are dead or not even loaded.

    walk: a kerb.apps.crosswalk.Crosswalk. beacon, button, feedback: as kerb.drivers.beacon,
    .button and .feedback. kept: get() and put() of a flag that outlives a reset, or None: a reset
    in the middle of a period must not leave a pedestrian without it, and begins a whole one.

    begun: what has begun, as Crosswalk.step() gives it, for whom it may concern to take it out.
    """

    def __init__(self, walk, beacon, button, feedback, kept):
        self.walk = walk
        self.beacon = beacon
        self.button = button
        self._feedback = feedback
        self._kept = kept
        self._was = None
        self._stopped = False
        self._reason = self._who = self._approaching = None
        self._seen_ms = 0
        self.begun = []
        if kept and kept.get():
            walk.detect(time.ticks_ms(), "resumed")

    def seen(self, now_ms, reason, who, approaching):
        """What the radars see, as Crosswalk.step() takes it; holds until it is said anew."""
        self._reason = reason
        self._who = who
        self._approaching = approaching
        self._seen_ms = now_ms

    def look(self, now_ms):
        """Looks at the button and at what was seen, and drives the beacon."""
        if self._stopped:
            return
        walk = self.walk
        if time.ticks_diff(now_ms, self._seen_ms) > _SEEN_MS:
            self._reason = self._approaching = None
        if self.button.pressed():
            walk.detect(now_ms, "button")
        begun = walk.step(now_ms, self._reason, self._who, self._approaching)
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
        if begun and len(self.begun) < _MOST_BEGUN:
            self.begun.extend(begun)

    def busy(self):
        """Whether it flashes, and nothing else may take the processor for long.

        The ESP32's pattern is handed to the hardware round by round.
        """
        return self.walk.flashing

    async def run(self, check_in):
        """Looks fifty times a second, whatever becomes of the app."""
        while True:
            self.look(time.ticks_ms())
            check_in()
            await asyncio.sleep_ms(_TICK_MS)

    def safe(self):
        """Dark, and it stays so: who stops the device knows that it stands still."""
        self._stopped = True
        self.beacon.safe()
        self._feedback.safe()
        if self._kept:
            self._kept.put(False)
