"""Is it bright outside? By a sensor that may be dirty, dazzled by its own lamp, or broken."""

from micropython import const

# Headlights pass in less, and a lamp that goes off a minute late harms nobody.
_BRIGHT_HOLD_S = const(60)
# Dark again so soon after the lamp went off: what was bright was the lamp itself.
_OWN_LIGHT_S = const(120)
_DISTRUST_S = const(7200)
# No day below the polar circles is longer.
_STUCK_S = const(72000)


class Dusk:
    """Decides from readings in mV, brighter being higher; what is doubtful counts as dark.

    Dark below `dark_mv`, at once; bright a quarter above it, when it has been for a minute, so
    that clouds, cars and a flickering reading do not switch a lamp. A sensor that sees its own
    lamp is not believed for two hours, one that saw no dark for 20 hours until it does, unless
    the clock says that it is day: the midnight sun. The first reading after the start is believed
    as it is: the lamp is not yet on.
    """

    def __init__(self, dark_mv):
        self._dark_mv = dark_mv
        self._bright_mv = dark_mv + dark_mv // 4
        self.bright = False
        self.stuck = False
        self._first = True
        self._above_since_s = None
        self._bright_since_s = 0
        self._distrust_until_s = 0

    def look(self, uptime_s, mv, is_day=False):
        """Takes a reading, None for none; `bright` and `stuck` say what to think of it.

        is_day: whether a clock that can be trusted says so.
        """
        if mv is None or mv < self._dark_mv:
            if self.bright and uptime_s - self._bright_since_s < _OWN_LIGHT_S:
                self._distrust_until_s = uptime_s + _DISTRUST_S
            self._above_since_s = None
        elif mv > self._bright_mv:
            if self._above_since_s is None:
                self._above_since_s = uptime_s - (_BRIGHT_HOLD_S if self._first else 0)
        elif not self.bright:
            self._above_since_s = None
        above_s = -1 if self._above_since_s is None else uptime_s - self._above_since_s
        self.stuck = above_s >= _STUCK_S and (self.stuck or not is_day)
        bright = above_s >= _BRIGHT_HOLD_S and not self.stuck
        bright = bright and uptime_s >= self._distrust_until_s
        if bright and not self.bright:
            self._bright_since_s = uptime_s - (_OWN_LIGHT_S if self._first else 0)
        self.bright = bright
        self._first = False
