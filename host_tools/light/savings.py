"""A year under a dimming schedule, by the firmware's own sun and schedule.

The year is that of local time, from one new year's midnight to the next. It is looked at once a
minute, and where the level has changed, the second is looked for; or in samples, see Year.
"""

import bisect

from host_tools import config_files

_DAY_S = 86400
_FULL = 1000
_LOOK_S = 60
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def changes(level_at, first_s, last_s):
    """Give [(second, level)]: `level_at(second)` from first_s on and wherever it changes.

    A level that lasts less than a minute may be missed.
    """
    found = [(first_s, level_at(first_s))]
    for end in range(first_s + _LOOK_S, last_s + _LOOK_S, _LOOK_S):
        end = min(end, last_s)
        level = level_at(end)
        if level == found[-1][1]:
            continue
        low, high = end - _LOOK_S, end
        while high - low > 1:
            middle = (low + high) // 2
            if level_at(middle) == level:
                high = middle
            else:
                low = middle
        found.append((high, level))
    return found


class Year:
    """The levels of a lamp through a local year, dimmed and not.

    `plan` is an inputs.Plan. Times are whole seconds since 2000-01-01 00:00 UTC; dimmed and full
    are lists of (second, level_permille) from where on it holds, 0 by day.

    With `sample_min` a level is asked for each so many minutes and taken to hold until the next,
    as spreadsheets do it; a year is then right to a tenth of a percent or so.
    """

    def __init__(self, plan, year, sample_min=None):
        config_files.firmware()
        from kerb.apps.schedule import Schedule
        from kerb.system import calendar

        self.plan = plan
        self.year = year
        self._calendar = calendar
        self._sample_s = sample_min and sample_min * 60
        self._starts = [self._local_midnight(year, month) for month in range(1, 13)]
        self.first_s = self._starts[0]
        self.last_s = self._local_midnight(year + 1, 1)
        place = (plan.lat_e7, plan.lon_e7, plan.zone)
        always = {**plan.cfg, "schedule": [], "calendar": [], "civil_twilight": False}
        always.update(on_level_permille=_FULL, on_offset_min=0, off_offset_min=0)
        self.dimmed = self._run(Schedule(plan.cfg, *place))
        self.full = self._run(Schedule(always, *place))

    def _local_midnight(self, year, month):
        day, second = self.plan.zone.to_utc(self._calendar.days(year, month, 1), 0)
        return day * _DAY_S + second

    def _run(self, schedule):
        def level_at(second):
            return schedule.at(divmod(second, _DAY_S)) or 0

        if self._sample_s:
            times = range(self.first_s, self.last_s, self._sample_s)
            return [(second, level_at(second)) for second in times]
        return changes(level_at, self.first_s, self.last_s)

    def _spans(self, levels):
        """(month 0..11, level, seconds) of every stretch, cut where a month ends."""
        ends = [second for second, _ in levels[1:]] + [self.last_s]
        for (begin, level), end in zip(levels, ends):
            while begin < end:
                month = bisect.bisect(self._starts, begin) - 1
                cut = min([end, *self._starts[month + 1 : month + 2]])
                yield month, level, cut - begin
                begin = cut

    def result(self, rated_w):
        """The year's sums as a dict for JSON: hours, kWh and percent, as a whole and by month."""
        months = [dict.fromkeys(_SUMS, 0) for _ in _MONTHS]
        at_level = {}
        for month, level, seconds in self._spans(self.full):
            months[month]["dark_s"] += seconds if level else 0
            months[month]["full_s"] += seconds * level / _FULL
        for month, level, seconds in self._spans(self.dimmed):
            months[month]["burning_s"] += seconds if level else 0
            months[month]["dimmed_s"] += seconds * level / _FULL
            if level:
                at_level[level] = at_level.get(level, 0) + seconds
        whole = {key: sum(month[key] for month in months) for key in _SUMS}
        return {
            "year": self.year,
            "lat_deg": self.plan.lat_e7 / 1e7,
            "lon_deg": self.plan.lon_e7 / 1e7,
            "tz": self.plan.tz,
            "tz_from": self.plan.tz_from,
            "twilight": "civil" if self.plan.cfg["civil_twilight"] else "official",
            "rated_w": rated_w,
            **_sums(whole, rated_w),
            "hours_at_level": {
                "{:g} %".format(level / 10): round(at_level[level] / 3600, 1)
                for level in sorted(at_level, reverse=True)
            },
            "months": [
                {"month": name, **_sums(month, rated_w)} for name, month in zip(_MONTHS, months)
            ],
        }


_SUMS = ("dark_s", "burning_s", "full_s", "dimmed_s")


def _sums(sums, rated_w):
    kwh_a_second = rated_w / 3.6e6
    full = sums["full_s"]
    return {
        "sunset_to_sunrise_h": round(sums["dark_s"] / 3600, 1),
        "burning_h": round(sums["burning_s"] / 3600, 1),
        "full_load_h": round(sums["dimmed_s"] / 3600, 1),
        "full_kwh": round(full * kwh_a_second, 2),
        "dimmed_kwh": round(sums["dimmed_s"] * kwh_a_second, 2),
        # Where the sun never sets there is nothing to save.
        "saved_percent": round(100 * (1 - sums["dimmed_s"] / full), 1) if full else None,
    }


def _local_time(result):
    if result["tz_from"] != "longitude":
        return "local time " + result["tz"]
    hours = result["tz"][1:].split(">")[0]
    return (
        "local time UTC{:+d}, taken from the longitude, without summer time; --tz says"
        " another".format(int(hours))
    )


def as_text(result):
    """Give a result for people."""
    switched = "civil dusk and dawn" if result["twilight"] == "civil" else "sunset and sunrise"
    lines = [
        "{} at {:g} N {:g} E, lamp of {:g} W, switched at {}".format(
            result["year"], result["lat_deg"], result["lon_deg"], result["rated_w"], switched
        ),
        _local_time(result),
        "",
        "         dark h   burning h   full kWh   dimmed kWh   saved",
    ]
    for month in (*result["months"], {**result, "month": "year"}):
        lines.append(
            "{:5} {:9,.1f} {:11,.1f} {:10,.1f} {:12,.1f}   {}".format(
                month["month"],
                month["sunset_to_sunrise_h"],
                month["burning_h"],
                month["full_kwh"],
                month["dimmed_kwh"],
                "-"
                if month["saved_percent"] is None
                else "{:.1f} %".format(month["saved_percent"]),
            )
        )
    levels = ["{} {:,} h".format(*item) for item in result["hours_at_level"].items()]
    lines += ["", "burning at " + (", ".join(levels) or "no level")]
    lines.append("full: 100 % from sunset to sunrise; power proportional to level")
    if "plot" in result:
        lines.append("plot: " + result["plot"])
    return "\n".join(lines)
