"""Is it bright outside? By a sensor that may be dirty, dazzled by its own lamp, or broken."""

from kerb.apps import sun
from micropython import const

# Headlights pass in less, and a lamp that goes off a minute late harms nobody.
_BRIGHT_HOLD_S = const(60)
# Dark again so soon after the lamp went off: what was bright was the lamp itself.
_OWN_LIGHT_S = const(120)
_DISTRUST_S = const(7200)
# Without a clock to tell the season: up to 55 degrees of latitude it is never bright for longer.
_STUCK_S = const(72000)
_STUCK_AT_NIGHT_S = const(600)
# Zenith of a sun 9 degrees down: a tenth of a lux, whatever the weather.
_DEEP = const(9900)
_DAY_S = const(86400)


class Dusk:
    """Decides from readings in mV, brighter being higher; what is doubtful counts as dark.

    Dark below `dark_mv`, at once; bright a quarter above it, when it has been for a minute, so
    that clouds, cars and a flickering reading do not switch a lamp. A sensor that sees its own
    lamp is not believed for two hours; one that is bright in the deep of the night that the clock
    knows of, or that without a clock saw no dark for longest_s, not until it does. The first
    reading after the start is believed as it is: the lamp is not yet on.

    longest_s: how long it may be bright in one; 20 hours, until somebody knows better.
    """

    def __init__(self, dark_mv):
        self._dark_mv = dark_mv
        self._bright_mv = dark_mv + dark_mv // 4
        self.bright = False
        self.stuck = False
        self.longest_s = _STUCK_S
        self._first = True
        self._above_since_s = None
        self._bright_since_s = 0
        self._distrust_until_s = 0

    def look(self, uptime_s, mv, night=None):
        """Takes a reading, None for none; `bright` and `stuck` say what to think of it.

        night: whether by the clock the sky is dark beyond doubt; None without a clock.
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
        if above_s < 0:
            self.stuck = False
        elif night is None:
            self.stuck = self.stuck or above_s >= self.longest_s
        elif night and above_s >= _STUCK_AT_NIGHT_S:
            self.stuck = True
        bright = above_s >= _BRIGHT_HOLD_S and not self.stuck
        bright = bright and uptime_s >= self._distrust_until_s
        if bright and not self.bright:
            self._bright_since_s = uptime_s - (_OWN_LIGHT_S if self._first else 0)
        self.bright = bright
        self._first = False


class DeepNight:
    """When the sky over a place in 1e-7 degree is dark beyond doubt, by the clock."""

    def __init__(self, lat_e7, lon_e7):
        self._lat_e7 = lat_e7
        self._lon_e7 = lon_e7
        self._offset_s = sun.solar_offset_s(lon_e7)
        self._day = self._events = None

    def at(self, wall):
        """True or False at (day, second) UTC."""
        day = sun.solar_day(wall[0], wall[1], self._offset_s)
        if day != self._day:
            self._day = day
            self._events = sun.events(day, self._lat_e7, self._lon_e7, _DEEP)
        if self._events in (sun.POLAR_DAY, sun.POLAR_NIGHT):
            return self._events == sun.POLAR_NIGHT
        second = wall[1] + (wall[0] - day) * _DAY_S
        rise_s, set_s = self._events
        if rise_s is not None and second < rise_s:
            return True
        return set_s is not None and second >= set_s
