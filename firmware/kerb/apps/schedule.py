"""When the lamp burns and how bright: the sun, the calendar and the steps of the night.

A night is what is dark between one solar noon and the next. Before its first step the level is
`on_level_permille`; then that of the last step, in their order, whose moment has passed. So a step
that the one behind it overtakes (sunset+30 behind 22:00, in summer) is left out that night.

A local time that comes twice, when the clocks go back, is the first of the two; one that never
comes, when they go forward, is the moment when they do. A step whose anchor does not come that
night (sunset in the polar night, dusk where the sky stays bright) is left out. In the polar night
every solar noon begins a new night.
"""

from kerb.apps import steps, sun
from kerb.apps.steps import check, steps_error  # noqa: F401
from kerb.system import calendar
from kerb.system.schema import Bool, Int
from micropython import const

_DAY_S = const(86400)
_HALF_DAY_S = const(43200)
# Places in steps.ANCHORS.
_SUNSET = const(1)
_DUSK = const(2)
_MIDNIGHT = const(3)
_SUNRISE = const(5)

SCHEMA = {
    # Applied from switching on until the first step of the night.
    "on_level_permille": Int(1, 1000, default=1000),
    # On and off at civil dusk and dawn in place of sunset and sunrise.
    "civil_twilight": Bool(default=False),
    # On so much after sunset and off so much after sunrise; negative is before.
    "on_offset_min": Int(-120, 120, default=0),
    "off_offset_min": Int(-120, 120, default=0),
}
SCHEMA.update(steps.SCHEMA)


class Schedule:
    """The schedule of one place: lat_e7, lon_e7 in 1e-7 degree, zone a kerb.system.timezone.Zone.

    `cfg` has the keys of SCHEMA and has passed check(). The table of a night is made when its
    first moment is asked for; within the night at() allocates nothing.
    """

    def __init__(self, cfg, lat_e7, lon_e7, zone):
        self._lat_e7 = lat_e7
        self._lon_e7 = lon_e7
        self._zone = zone
        # Mean solar noon, in seconds after 00:00 UTC of the day that it belongs to.
        self._noon_s = _HALF_DAY_S - sun.solar_offset_s(lon_e7)
        self._zenith_cdeg = sun.CIVIL if cfg["civil_twilight"] else sun.SUNSET
        self._on_level = cfg["on_level_permille"]
        self._on_offset_s = cfg["on_offset_min"] * 60
        self._off_offset_s = cfg["off_offset_min"] * 60
        self._calendar = []
        for entry in cfg["calendar"]:
            days = steps.weekdays(entry["weekdays"])
            self._calendar.append((days, steps.span(entry), steps.pack(entry["schedule"])))
        self._steps = steps.pack(cfg["schedule"])
        self._given = None
        # The table: from _times[i] on, seconds after 00:00 UTC of _day, the level is _levels[i].
        self._times = []
        self._levels = []
        self._day = 0
        # The row in force: _level from _since_s to _until_s. There is none yet.
        self._level = None
        self._since_s = self._until_s = 0

    def set_steps(self, given):
        """Applies steps as a command brings them on every night: [[anchor, minute,
        level_permille], ..] that steps_error() has nothing against, in the order of the night.

        anchor is one of steps.ANCHORS; minute counts from it, -720..720, for "clock" from local
        midnight, 0..1439. None: those of the config again.
        """
        self._given = None if given is None else steps.pack_command(given)
        self._times = []
        self._since_s = self._until_s = 0

    def at(self, wall):
        """level_permille (0..1000) at (day, second) UTC when it is night then, None by day."""
        second = (wall[0] - self._day) * _DAY_S + wall[1]
        if not self._since_s <= second < self._until_s:
            self._seek(wall)
        return self._level

    def _seek(self, wall):
        day = sun.solar_day(wall[0], wall[1], -self._noon_s)
        if day != self._day or not self._times:
            self._make(day)
        second = (wall[0] - day) * _DAY_S + wall[1]
        i = len(self._times) - 1
        self._until_s = self._noon_s + _DAY_S
        while i and self._times[i] > second:
            self._until_s = self._times[i]
            i -= 1
        self._since_s = self._times[i]
        self._level = self._levels[i]

    def _make(self, day):
        """Makes the table of the night that follows the solar noon of `day`."""
        begin_s = self._noon_s
        self._day = day
        self._times = [begin_s]
        self._levels = [None]
        edges = {}
        evening, morning = self._edges(edges, self._zenith_cdeg)
        on_s = off_s = begin_s + _HALF_DAY_S
        if evening == sun.POLAR_NIGHT:
            on_s = begin_s
        elif evening != sun.POLAR_DAY:
            on_s = max(begin_s, evening + self._on_offset_s)
        if morning == sun.POLAR_NIGHT:
            off_s = begin_s + _DAY_S
        elif morning != sun.POLAR_DAY:
            off_s = min(begin_s + _DAY_S, morning + self._off_offset_s)
        if on_s >= off_s:
            return
        rows = [(on_s, self._on_level)]
        packed = self._steps_of(day)
        for i in range(0, len(packed), steps.STEP):
            moment = self._moment(edges, packed[i], packed[i + 1])
            if moment is None or moment >= off_s:
                continue
            # From its moment on a step is in force, whatever the steps before it in the list say.
            moment = max(moment, on_s)
            while rows and rows[-1][0] >= moment:
                rows.pop()
            rows.append((moment, packed[i + 2]))
        rows.append((off_s, None))
        for moment, level in rows:
            if moment == begin_s:
                self._levels[0] = level
            elif moment < begin_s + _DAY_S:
                self._times.append(moment)
                self._levels.append(level)

    def _edges(self, edges, zenith_cdeg):
        """(sunset, sunrise) of the night in seconds after 00:00 UTC of _day, or sun.POLAR_ words.

        `edges` keeps what was found for each zenith while a table is made.
        """
        if zenith_cdeg not in edges:
            evening, morning = [
                sun.events(self._day + i, self._lat_e7, self._lon_e7, zenith_cdeg) for i in (0, 1)
            ]
            if type(evening) is tuple:
                evening = sun.POLAR_DAY if evening[1] is None else evening[1]
            if type(morning) is tuple:
                morning = sun.POLAR_DAY if morning[0] is None else morning[0] + _DAY_S
            edges[zenith_cdeg] = evening, morning
        return edges[zenith_cdeg]

    def _steps_of(self, day):
        if self._given is not None:
            return self._given
        local_day = self._zone.to_local(*calendar.shift(day, 0, self._noon_s))[0]
        _, month, of_month = calendar.date(local_day)
        date = month * 32 + of_month
        weekday = 1 << calendar.weekday(local_day)
        for weekdays, (first, last), packed in self._calendar:
            # Where the first is after the last, the span goes over the new year.
            within = first <= date <= last if first <= last else date >= first or date <= last
            if within and weekdays & weekday:
                return packed
        return self._steps

    def _moment(self, edges, anchor, minute):
        """Seconds after 00:00 UTC of _day of a step of this night, or None when it has none."""
        if anchor == steps.CLOCK:
            return self._clock_moment(minute * 60)
        is_by_sunset = anchor in (_SUNSET, _SUNRISE)
        zenith_cdeg = sun.SUNSET if is_by_sunset else sun.CIVIL
        if anchor == _MIDNIGHT:
            zenith_cdeg = self._zenith_cdeg
        evening, morning = self._edges(edges, zenith_cdeg)
        if anchor == _MIDNIGHT:
            at_s = self._noon_s + _HALF_DAY_S
            if type(evening) is int and type(morning) is int:
                at_s = (evening + morning) // 2
        else:
            at_s = evening if anchor <= _DUSK else morning
            if type(at_s) is not int:
                return None
        return at_s + minute * 60

    def _clock_moment(self, local_s):
        """The moment of this night at which clocks show a second of the day."""
        begin = calendar.shift(self._day, 0, self._noon_s)
        local_day = self._zone.to_local(*begin)[0]
        moment = self._zone.to_utc(local_day, local_s)
        if moment < begin:
            local_day += 1
            moment = self._zone.to_utc(local_day, local_s)
        if self._zone.to_local(*moment)[:2] != (local_day, local_s):
            # No clock shows it that night, the clocks go forward over it.
            moment = self._zone.last_change(*moment)
        return (moment[0] - self._day) * _DAY_S + moment[1]

    def from_midnight(self, offset_s, night_s):
        """level_permille at a moment known only by the night itself, `offset_s` after its middle.

        `night_s` is how long it is; sunset and dusk stand for its begin, dawn and sunrise for its
        end. What can't be known without a date, summer time and the calendar, is taken so that
        the level is the highest of those that it may be.
        """
        schedules = [self._given]
        if self._given is None:
            schedules = [self._steps] + [packed for _, _, packed in self._calendar]
        # What a clock shows when mean solar time is midnight.
        zones = (self._zone.standard_s, self._zone.dst_s)
        clocks = [ahead_s + self._noon_s - _HALF_DAY_S for ahead_s in zones]
        best = 0
        for packed in schedules:
            for clock_s in clocks:
                level = self._on_level
                for i in range(0, len(packed), steps.STEP):
                    anchor, at_s = packed[i], packed[i + 1] * 60
                    if anchor == steps.CLOCK:
                        at_s = (at_s - clock_s + _HALF_DAY_S) % _DAY_S - _HALF_DAY_S
                    elif anchor != _MIDNIGHT:
                        at_s += night_s // 2 if anchor > _MIDNIGHT else -(night_s // 2)
                    if at_s <= offset_s:
                        level = packed[i + 2]
                best = max(best, level)
        return best
