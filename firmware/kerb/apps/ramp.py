"""Soft changes of light: as even to the eye as to the clock."""

from kerb.system.schema import Int
from micropython import const

_FULL = const(1000)

SCHEMA = {
    # From off to full, or back; smaller ways take less. 0: at once.
    "ramp_s": Int(0, 600, default=5),
}


def _seen(level_permille):
    """How bright it looks, 0..1000: the root of the light (the square law of dimming)."""
    if not level_permille:
        return 0
    # Newton's method; from above it ends at the root rounded down.
    square = level_permille * _FULL
    root = _FULL
    while True:
        better = (root + square // root) // 2
        if better >= root:
            return root
        root = better


class Ramp:
    """Follows a target in per mille, at the same speed for the eye all the way.

    ramp_s: from off to full. level_permille: what the lamp gives now, where that is known, as
    after a reset that it did not notice; None, and the first target is there at once.

    level: what the lamp should give, 0..1000. moving: whether it is on its way, and more calls of
    step() would make it smoother.
    """

    def __init__(self, ramp_s, level_permille=None):
        self._ramp_ms = ramp_s * 1000
        self._target = level_permille
        self._end_ms = 0
        self.level = level_permille
        self.moving = False
        if level_permille is not None:
            self._at_ms = self._way_ms(level_permille)

    def _way_ms(self, level_permille):
        """How long the way from off to there takes."""
        return _seen(level_permille) * self._ramp_ms // _FULL

    def step(self, elapsed_ms, target_permille):
        """The level 0..1000 now, elapsed_ms after the last step, on the way to the target.

        A target that changes on the way is gone to from where the light is.
        """
        if self.level is None or not self._ramp_ms:
            self.jump(target_permille)
            return target_permille
        if target_permille != self._target:
            self._target = target_permille
            self._end_ms = self._way_ms(target_permille)
            self.moving = target_permille != self.level
        if self.moving:
            left_ms = self._end_ms - self._at_ms
            if elapsed_ms >= abs(left_ms):
                self._at_ms = self._end_ms
                self.level = target_permille
                self.moving = False
            else:
                self._at_ms += elapsed_ms if left_ms > 0 else -elapsed_ms
                seen = self._at_ms * _FULL // self._ramp_ms
                level = (seen * seen + _FULL // 2) // _FULL
                # Rounding may be a step behind where the way began or ahead of where it ends.
                if left_ms > 0:
                    self.level = min(target_permille, max(self.level, level))
                else:
                    self.level = max(target_permille, min(self.level, level))
        return self.level

    def jump(self, level_permille):
        """There at once, as a lamp that is made safe."""
        self.level = self._target = level_permille
        self._at_ms = self._end_ms = self._way_ms(level_permille)
        self.moving = False
