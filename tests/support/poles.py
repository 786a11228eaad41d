"""Two poles of a crossing, each a Pair on a real Peer, and what is bad about the air between them.

The poles are what a device makes of them: a loop that takes messages every 10 ms, an app that
looks every 20 ms, garbage collections that hold both up, and a beacon that joins a running pattern
in phase, at the next of its 25 ms. Time is the world's, without a wait.
"""

import random
import time

from kerb.apps.crosswalk import Crosswalk
from kerb.apps.pair import KIND, Pair
from support.fakeair import Air, End
from support.peers import Device

PERIOD_MS = 3000
ROUND_MS = 800
STEP_MS = 25  # of a beacon's pattern
_TICK_MS = 20


class BadAir(Air):
    """Datagrams are lost, by themselves or in bursts, and take their time.

    burst_ms: how long a burst lasts in the mean, 0 for none: each reception fails by itself. In a
    burst all are lost, and bursts make up loss_percent of the time. delay_ms: (least, most).
    hold_ms: an access point holds broadcasts back until the next multiple of it, but not what is
    sent to one; that it would also be repeated until it has arrived is not in here.
    """

    def __init__(self, loss_percent=0, burst_ms=0, delay_ms=(2, 8), hold_ms=0):
        super().__init__(loss_percent)
        self._burst_ms = burst_ms
        self._delay_ms = delay_ms
        self._hold_ms = hold_ms
        self._bad = False
        self._until_ms = time.ticks_ms()
        self._under_way = []  # [when it is there, whose, data]

    def end(self):
        """The end of another device."""
        self.ends.append(_End(self))
        return self.ends[-1]

    def _is_lost(self, now):
        if not self._burst_ms:
            return random.random() * 100 < self.loss_percent
        while time.ticks_diff(now, self._until_ms) >= 0:
            self._bad = not self._bad
            mean_ms = self._burst_ms
            if not self._bad:
                mean_ms = mean_ms * (100 - self.loss_percent) // self.loss_percent
            # Of memoryless length, in whole ms.
            lasts_ms = 1
            while random.random() * mean_ms > 1:
                lasts_ms += 1
            self._until_ms = time.ticks_add(self._until_ms, lasts_ms)
        return self._bad

    def spread(self, data, end):
        self.bring(data, end, self._hold_ms)

    def bring(self, data, end, hold_ms=0):
        """Sends it to one, or one of all."""
        now = time.ticks_ms()
        if not self._is_lost(now):
            there = time.ticks_add(now, random.randint(*self._delay_ms))
            if hold_ms:
                there = time.ticks_add(there, -time.ticks_diff(there, 0) % hold_ms)
            self._under_way.append((there, end, data))

    def move(self):
        """What has arrived by now is there."""
        if not self._under_way:
            return
        now = time.ticks_ms()
        rest = []
        for item in self._under_way:
            if time.ticks_diff(now, item[0]) < 0:
                rest.append(item)
            else:
                self.arrive(item[2], item[1])
        self._under_way = rest


class _End(End):
    """One of two that may aim at the other."""

    aimed = False

    def aim(self):
        self.aimed = True

    def send(self, data):
        if self.is_up and self.aimed:
            for end in self._air.ends:
                if end is not self:
                    self._air.bring(bytes(data), end)
        return super().send(data)


class Pole:
    """One pole, its ticks `zero_ms` beside the world's.

    lit_ms: when its beacon began to show what it should; times are the world's.
    """

    def __init__(self, air, pole, zero_ms, stall_ms=0, direct=True):
        self.device = Device(air, "crossing-7-%d" % pole)
        self.device.peer.on_message = self._message
        self.device.peer.direct = direct
        self.pair = Pair({"crossing": "Hafenstr 7", "pole": pole})
        self.pair._start = random.getrandbits(16)  # the same with the same seed
        self.walk = Crosswalk(PERIOD_MS, ROUND_MS)
        self._zero_ms = zero_ms
        self._stall_ms = stall_ms
        self._due = self._tick_due = time.ticks_ms()
        self.lit_ms = None

    def ticks(self):
        return time.ticks_add(time.ticks_ms(), self._zero_ms)

    @property
    def began_ms(self):
        return time.ticks_add(self.walk.began_ms, -self._zero_ms)

    @property
    def until_ms(self):
        return time.ticks_add(self.walk.until_ms, -self._zero_ms)

    def _message(self, kind, sender, payload, age_ms):
        if kind != KIND or not self.pair.concerns(payload):
            return False
        runs = self.pair.heard(self.ticks(), payload, age_ms)
        if runs:
            self.walk.heard(self.ticks(), runs[0], runs[1])
            self._show()
        return True

    def _show(self):
        """The beacon joins at once what runs, or at its next step when that began already."""
        if not self.walk.flashing:
            self.lit_ms = None
        elif self.lit_ms is None:
            late_ms = time.ticks_diff(self.ticks(), self.walk.began_ms)
            steps = max(0, -(-late_ms // STEP_MS))
            self.lit_ms = time.ticks_add(self.began_ms, steps * STEP_MS)

    def push(self):
        """Somebody pushes this pole's button."""
        self.walk.lead_ms = self.pair.lead_ms
        self.walk.detect(self.ticks(), "button")
        self._show()
        self._tell()

    def _tell(self):
        walk, now = self.walk, self.ticks()
        if walk.tell:
            walk.tell = False
            payload = self.pair.activation(now, walk.began_ms, walk.until_ms, walk.reason)
        else:
            payload = self.pair.tick(now)
        if payload:
            self.device.peer.send(KIND, payload, self.pair.repeat_ms)

    def look(self):
        """Its loop, as far as it is its turn."""
        now = time.ticks_ms()
        if time.ticks_diff(now, self._due) < 0:
            return
        self._due = time.ticks_add(now, 10)
        if self._stall_ms and not random.randint(0, 49):
            self._due = time.ticks_add(now, random.randint(10, self._stall_ms))
        self.device.peer.look()
        if time.ticks_diff(now, self._tick_due) >= 0:
            self._tick_due = time.ticks_add(now, _TICK_MS)
            self.walk.step(self.ticks())
            self._show()
            self._tell()


def go(air, poles, ms, step_ms=2):
    """Time goes by."""
    for _ in range(ms // step_ms):
        air.move()
        for pole in poles:
            pole.look()
        time.sleep_ms(step_ms)


def starts(air, count, stall_ms=0, lead=True, both_ms=None, direct=True):
    """What came of so many pushes, of one pole's button and the other's in turn.

    For each (ms between the two poles' first flashes, ms between their rounds, ms between their
    ends), None where the other did not begin within 1.2 s. lead: whether the poles begin with one.
    direct: whether they aim at each other.
    both_ms: the other's button is pushed too, at most so much later.
    """
    poles = [
        Pole(air, 1, 777, stall_ms, direct),
        Pole(air, 2, -123456, stall_ms, direct),
    ]
    go(air, poles, 12000, 10)
    for n in range(count):
        # In step with nothing.
        go(air, poles, 2 * random.randint(0, 100))
        here, there = poles[n & 1], poles[1 - (n & 1)]
        if not lead:
            here.pair.lead_ms = 0
        here.push()
        if both_ms is not None:
            go(air, poles, 2 * random.randint(0, both_ms // 2))
            there.push()
        lit = here.lit_ms
        waited_ms = 0
        while there.lit_ms is None and waited_ms < 1200:
            go(air, poles, 10)
            waited_ms += 10
        if there.lit_ms is None:
            yield None
        else:
            lit = time.ticks_diff(there.lit_ms, lit)
            go(air, poles, 1000, 10)
            yield (
                lit,
                time.ticks_diff(there.began_ms, here.began_ms),
                time.ticks_diff(there.until_ms, here.until_ms),
            )
        while here.walk.flashing or there.walk.flashing:
            go(air, poles, 100, 10)
        go(air, poles, 400, 10)
