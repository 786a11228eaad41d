"""What the lamp draws, and what it has used: metered where there is a meter, else estimated."""

from kerb.system.schema import Int, List, Obj
from micropython import const

_FULL = const(1000)
_MWS_A_WH = const(3600000)
# Where a Reading's energy_mws begins anew.
ENERGY_WRAP = const(1 << 30)
# The most that an event light_power can carry: 134 MWh, and 34 years.
_MAX_WH = const((1 << 27) - 2)
_MAX_BURN_S = const((1 << 30) - 2)

SCHEMA = {
    # At full light, beside the standby power, which is drawn always.
    "rated_power_mw": Int(1000, 1000000, default=60000),
    "standby_power_mw": Int(0, 10000, default=500),
    # Calibration: all of what was measured at levels in between, which are else interpolated.
    "power_points": List(
        Obj({"level_permille": Int(1, 999), "power_mw": Int(0, 1000000)}), max_items=8
    ),
}


def check(cfg):
    """What the schema cannot say: a list of errors of a config that satisfies SCHEMA."""
    errors = []
    before = 0
    least_mw, rated_mw = cfg["standby_power_mw"], cfg["rated_power_mw"]
    most_mw = least_mw + rated_mw
    if least_mw > rated_mw:
        errors.append(
            "light.standby_power_mw: found %d, allowed: 0 to %d, the rated_power_mw"
            % (least_mw, rated_mw)
        )
    for i, point in enumerate(cfg["power_points"]):
        level, power_mw = point["level_permille"], point["power_mw"]
        if level <= before:
            errors.append(
                "light.power_points[%d].level_permille: found %d, allowed: %d to 999, rising"
                % (i, level, before + 1)
            )
        if not least_mw <= power_mw <= most_mw:
            errors.append(
                "light.power_points[%d].power_mw: found %d, allowed: %d to %d, rising up to"
                " standby and rated power" % (i, power_mw, least_mw, most_mw)
            )
        before = level
        least_mw = max(least_mw, min(power_mw, most_mw))
    return errors


class Expected:
    """What a lamp in order draws, by the config of SCHEMA (and its "output")."""

    def __init__(self, cfg):
        self.standby_mw = cfg["standby_power_mw"]
        self.rated_mw = cfg["rated_power_mw"]
        self._relay = cfg.get("output") == "relay"
        self._points = [(0, self.standby_mw)]
        for point in cfg["power_points"]:
            self._points.append((point["level_permille"], point["power_mw"]))
        self._points.append((_FULL, self.standby_mw + self.rated_mw))

    def power_mw(self, level_permille):
        """Power in mW at a level of 0..1000; a lamp on a relay knows none between."""
        if self._relay and level_permille:
            level_permille = _FULL
        low = self._points[0]
        for high in self._points:
            if level_permille <= high[0]:
                break
            low = high
        span = high[0] - low[0]
        return low[1] + (high[1] - low[1]) * (level_permille - low[0]) // span if span else low[1]

    def is_lit(self, level_permille, power_mw):
        """Whether a lamp that draws so much at that level gives light.

        A quarter of what the level should take, or a fortieth of the rated power at level 0.
        """
        wanted_mw = self.power_mw(level_permille) - self.standby_mw
        limit_mw = wanted_mw // 4 if level_permille else self.rated_mw // 40
        return power_mw - self.standby_mw > limit_mw


class Energy:
    """Adds up energy and burning time, from step to step.

    `counters` is a kerb.system.counters.Counters of 3 values, which outlive a power cut.
    power_mw is the present power, estimated whether it comes from the level instead of a meter.
    """

    def __init__(self, cfg, counters):
        self.expected = Expected(cfg)
        self.power_mw = self.expected.standby_mw
        self.estimated = True
        self._counters = counters
        # More than an event can carry was counted by something else.
        if counters.values[0] > _MAX_WH or counters.values[2] > _MAX_BURN_S:
            counters.values[:] = [0] * 3
        self._lit = False
        self._stepped_s = None
        self._metered_mws = None
        self._reading = None

    @property
    def energy_wh(self):
        """Energy so far in Wh; stands still at 134 MWh."""
        return self._counters.values[0]

    @property
    def burn_s(self):
        """Seconds that the lamp has burnt, also at a level that nobody asked for."""
        return self._counters.values[2]

    def step(self, uptime_s, level_permille, reading):
        """Takes what the lamp is given now and what the meter says of it, None for nothing.

        The time since the last step counts with the meter's energy where both ends have it, else
        with the power at its beginning.
        """
        spent_s = 0 if self._stepped_s is None else uptime_s - self._stepped_s
        self._stepped_s = uptime_s
        metered_mws = None if reading is None else reading.energy_mws
        if metered_mws is not None and self._metered_mws is not None:
            self._add((metered_mws - self._metered_mws) & (ENERGY_WRAP - 1))
        else:
            # 1000 s at a time keep the product of the largest power within a small int.
            for _ in range(spent_s // 1000):
                self._add(self.power_mw * 1000)
            self._add(self.power_mw * (spent_s % 1000))
        self._metered_mws = metered_mws
        values = self._counters.values
        if self._lit:
            values[2] = min(_MAX_BURN_S, values[2] + spent_s)
        self._reading = reading
        self.estimated = reading is None or reading.power_mw is None
        if self.estimated:
            self.power_mw = self.expected.power_mw(level_permille)
            self._lit = level_permille > 0
        else:
            self.power_mw = reading.power_mw
            self._lit = self.expected.is_lit(level_permille, self.power_mw)
        self._counters.keep(uptime_s)

    def _add(self, mws):
        values = self._counters.values
        mws += values[1]
        values[0] = min(_MAX_WH, values[0] + mws // _MWS_A_WH)
        values[1] = mws % _MWS_A_WH

    def save(self):
        """Keeps the totals now, before an end that is known."""
        self._counters.save()

    def values(self, temperature_cdeg=None):
        """The values of an event light_power (see kerb.uplink.fields)."""
        reading = self._reading
        return {
            "power_mw": self.power_mw,
            "energy_wh": self.energy_wh,
            "burn_s": self.burn_s,
            "estimated": self.estimated,
            "voltage_mv": reading and reading.voltage_mv,
            "current_ma": reading and reading.current_ma,
            "power_factor_permille": reading and reading.power_factor_permille,
            "temperature_cdeg": temperature_cdeg,
        }
