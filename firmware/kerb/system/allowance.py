"""How often something may happen."""


class Allowance:
    """`most` times at once, and one more in every `every_s`: in any hour most + 3600 / every_s."""

    def __init__(self, most, every_s):
        self._most = most
        self._every_s = every_s
        self._left = most
        self._at_s = 0

    def left(self, uptime_s):
        """How often it may happen now."""
        more = (uptime_s - self._at_s) // self._every_s
        if more:
            self._at_s += more * self._every_s
            self._left = min(self._most, self._left + more)
        return self._left

    def spend(self):
        """It happens."""
        self._left -= 1
