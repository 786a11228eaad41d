"""A dimmable LED driver on a PWM output, and DALI's logarithmic curve."""

from math import log10

from micropython import const

_LEVELS = const(254)
# The slope of the curve: 253 steps span three decades of light.
_STEPS_A_DECADE = 253 / 3


def curve_permille(arc_level):
    """Light output in per mille (float) of a DALI arc power level 0..254.

    IEC 62386-102's logarithmic curve, 10^((n-1)/(253/3) - 1) percent: level 1 gives 0.1 %,
    170 gives 10.1 %, 229 gives 50.5 %, 254 gives 100 %; level 0 is off.
    """
    return 10 ** ((arc_level - 1) / _STEPS_A_DECADE) if arc_level else 0.0


def arc_level(level_permille, least=1):
    """The DALI arc power level (0..254) whose output is nearest to `level_permille` (0..1000).

    Only 0 is off: anything above it is at least arc level `least`.
    """
    if level_permille <= 0:
        return 0
    return max(least, min(_LEVELS, round(1 + _STEPS_A_DECADE * log10(level_permille))))


def least_arc(min_permille):
    """The lowest arc power level (1..254) that gives at least `min_permille` (0..1000)."""
    arc = arc_level(max(1, min_permille))
    return arc if curve_permille(arc) >= min_permille else min(_LEVELS, arc + 1)


class Lamp:
    """Sets a lamp's light output; `pwm` is a hal Pwm whose duty the lamp's driver follows.

    The light goes in DALI's 254 steps, so that a street may mix lamps on PWM and on DALI. The
    duty is the light output of the step, not the step: at level 127 a lamp gives 3 %, not 50 %.
    Each is the chip's nearest.

    min_permille: between this and off there is nothing, because the driver would flicker there.
    permille: the output that was set last, as it came out; None before the first.
    """

    def __init__(self, pwm, min_permille=0):
        self._pwm = pwm
        self._least = least_arc(min_permille)
        self._level = self._arc = None
        self.permille = None

    def set_permille(self, level_permille):
        """Light at `level_permille` (0 off .. 1000 full) of full output, clipped to that range."""
        if level_permille != self._level:  # else nothing to compute: floats are garbage
            self.set_arc(arc_level(level_permille, self._least))
            self._level = level_permille

    def set_arc(self, arc):
        """Light at a DALI arc power level: 0 off, 1 (0.1 %) to 254 (full)."""
        self._level = None
        if arc != self._arc:
            self._arc = arc
            light = curve_permille(arc)
            self.permille = round(light)
            steps = self._pwm.steps
            self._pwm.set_steps(min(steps, round(light * steps / 1000)))

    def safe(self):
        """Full light: what a lamp does when nobody decides any more."""
        self.set_permille(1000)
