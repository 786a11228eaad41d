"""An LED driver with a 0-10 V (1-10 V) dimming input, and a relay for off."""

from micropython import const

# Below 1 V such an input is at its lowest light, off or undefined: IEC 60929 annex E, and
# ANSI C137.1 leaves it to the driver.
_LEAST_PERMILLE = const(100)


class AnalogLamp:
    """Sets a lamp by the voltage that is behind a filtered PWM: 10 V at full duty.

    The light of these drivers is in proportion to the voltage from 1 V on, so the level goes out
    as it is, 10 V for 1000, and nothing lies between off and 1 V (100). The input alone can't
    switch a lamp off: `relay`, a hal Output, cuts its mains while active (see RelayLamp).

    min_permille: the least level but off, where the driver wants more than 100.
    permille: the output that was set last; None before the first.
    """

    def __init__(self, pwm, relay, min_permille=0):
        self._pwm = pwm
        self._relay = relay
        self._least = max(_LEAST_PERMILLE, min_permille)
        self.permille = None

    def set_permille(self, level_permille):
        """Light at `level_permille` (0 off .. 1000 full) of full output, clipped to that range."""
        lit = level_permille > 0
        level = max(self._least, min(1000, level_permille)) if lit else 0
        before, self.permille = self.permille, level
        if level == before:
            return
        # Off leaves the voltage at its least: the lamp comes on softly.
        steps = self._pwm.steps
        self._pwm.set_steps(((level or self._least) * steps + 500) // 1000)
        if before is None or bool(before) != lit:
            self._relay.set(not lit)

    def safe(self):
        """Full light."""
        self.set_permille(1000)
