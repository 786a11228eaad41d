"""A dimmable LED driver on a PWM output."""

from math import log10

from micropython import const

_LEVELS = const(254)
_FULL_DUTY = const(65535)
# The slope of the curve: 253 steps span three decades of light.
_STEPS_A_DECADE = 253 / 3


def curve_permille(arc_level):
    """Light output in per mille (float) of a DALI arc power level 0..254.

    IEC 62386-102's logarithmic curve, 10^((n-1)/(253/3) - 1) percent: level 1 gives 0.1 %,
    170 gives 10.1 %, 229 gives 50.5 %, 254 gives 100 %; level 0 is off.
    """
    return 10 ** ((arc_level - 1) / _STEPS_A_DECADE) if arc_level else 0.0


def arc_level(level_permille):
    """The DALI arc power level (0..254) whose output is nearest to `level_permille` (0..1000).

    Only 0 is off: anything above it is at least arc level 1.
    """
    if level_permille <= 0:
        return 0
    return min(_LEVELS, round(1 + _STEPS_A_DECADE * log10(level_permille)))


class Lamp:
    """Sets a lamp's light output; `pwm` is a hal Pwm whose duty the lamp's driver follows.

    The light goes in DALI's 254 steps, so that a street may mix lamps on PWM and on DALI. The
    duty is the light output of the step, not the step: at level 127 a lamp gives 3 %, not 50 %.
    """

    def __init__(self, pwm):
        self._pwm = pwm
        self._arc = None

    def set_permille(self, level_permille):
        """Light at `level_permille` (0 off .. 1000 full) of full output, clipped to that range."""
        arc = arc_level(level_permille)
        if arc != self._arc:
            self._arc = arc
            self._pwm.duty_u16(round(curve_permille(arc) * (_FULL_DUTY / 1000)))

    def safe(self):
        """Full light: what a lamp does when nobody decides any more."""
        self.set_permille(1000)
