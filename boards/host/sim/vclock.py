"""Virtual time: it stands still while code runs, and moves when the board sleeps."""

from sim.clock import Clock

_PATIENCE = 2_000_000  # looks at a clock that stands still before it is called a busy loop


class Stuck(Exception):
    """Virtual time can't move: a busy loop looks at a clock that stands still."""


class VirtualClock(Clock):
    """Begins at 0; events due on the way of a sleep fire in the order of their times."""

    real = False

    def __init__(self, start_ticks_ms=0):
        self.patience = _PATIENCE
        self._now = 0
        super().__init__(start_ticks_ms)

    def us(self):
        """Microseconds since the clock was made."""
        return self._now

    def look(self):
        """us() as the board sees it; Stuck in a loop that waits for time to pass by itself."""
        self.patience -= 1
        if not self.patience:
            self.patience = _PATIENCE
            raise Stuck("a busy loop waits for virtual time, which moves only in a sleep")
        return self._now

    def _fire(self, event):
        self.patience -= 100
        if self.patience <= 0:
            self.patience = _PATIENCE
            raise Stuck("events follow each other without time passing")
        super()._fire(event)

    def step(self, limit_us=None):
        """Moves to the next event, at most to limit_us, and fires all that is due then.

        False when there is neither an event nor a limit to move to.
        """
        if self.dead is not None:
            raise self.dead
        t = self.next_us()
        if t is None or (limit_us is not None and t > limit_us):
            if limit_us is None:
                return False
            t = limit_us
        if t > self._now:
            self._now = t
            self.patience = _PATIENCE
        self.run_due()
        return True

    def sleep_us(self, us):
        """Blocks the board for `us`; events fire meanwhile, as interrupts do."""
        end = self._now + (us if us > 0 else 0)
        self.step(end)
        while self._now < end:
            self.step(end)

    def wait(self, limit_us):
        """Blocks until something happens, at the latest until limit_us."""
        self.step(limit_us)
