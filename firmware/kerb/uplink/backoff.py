"""How long to wait before the next try."""

from micropython import const

_PRIME = const(65537)


class Backoff:
    """Exponential back-off with full jitter: a wait is random between 0 and a limit that doubles.

    So a street whose broker went away does not come back at one instant (Brooker, "Exponential
    Backoff And Jitter", AWS 2015). `seed` is any integer that differs from device to device; the
    same seed gives the same waits.
    """

    def __init__(self, base_ms, max_ms, seed):
        self._base_ms = base_ms
        self._max_ms = max_ms
        self._x = seed % (_PRIME - 1)  # 65536 would give itself for ever
        for _ in range(3):
            # The generator alone is linear: the seeds of a street, which are often neighbours,
            # would give waits in a few bunches.
            x = self._random()
            self._x = x ^ x >> 7
        self.reset()

    def _random(self):
        # Lehmer's generator of the ZX81: each number of 16 bits once in a round.
        self._x = (self._x * 75 + 74) % _PRIME
        return self._x

    def next_ms(self):
        """The wait before the next try, in ms."""
        limit = self._limit_ms
        self._limit_ms = min(limit * 2, self._max_ms)
        return limit * self._random() // _PRIME

    def reset(self):
        """After a success: begin again with waits of up to `base_ms`."""
        self._limit_ms = min(self._base_ms, self._max_ms)
