"""What is wrong with the lamp, its supply and its sensors, from what the hardware can tell.

The reasons are the lamp events of TALQ 2. Whatever is raised is raised once and cleared once;
what can't be judged just now (a lamp that is off, a level that changes, a supply that is out of
order) neither raises nor clears.
"""

from kerb.apps.alarm import DARK_PERCENT, LIT_PERCENT, Alarm, Cycling, Envelope, PartAlarm
from kerb.apps.energy import Expected
from kerb.system.schema import Bool, Int
from micropython import const

_FULL = const(1000)

SCHEMA = {
    "thermistor": Bool(default=False),
    # How far the power may be from that of a lamp in order.
    "power_tolerance_permille": Int(50, 900, default=200),
    # At 80 % of full light and above; dimmed, every driver has a low one.
    "power_factor_min_permille": Int(0, 990, default=800),
    # How long a lamp may take to follow its level: warming up, ramps of its own beside ours.
    "settle_s": Int(10, 1800, default=60),
    "supply_min_mv": Int(50000, 400000, default=170000),
    # The light falls in a straight line between these two temperatures.
    "derate_from_cdeg": Int(4000, 12000, default=7500),
    "derate_to_cdeg": Int(4100, 13000, default=9500),
    "derate_floor_permille": Int(100, 1000, default=300),
}

# How long something must be so before it is raised, and before it is cleared.
_POWER_S = const(120)
_FAILED_S = const(600)  # longer than a lamp that cycles takes to light again
_LIT_S = const(60)
_STUCK_ON_S = const(300)
_SUPPLY_S = const(30)
_HOT_S = const(60)
_PART_S = const(30)
_BROWN_OUT_S = const(600)

_FACTOR_FROM_PERMILLE = const(800)
_COOLER_CDEG = const(500)
# The temperature is taken to move no faster, so that one wild reading moves no light.
_MAX_CDEG_A_S = const(50)
# The light is left alone by less than this.
_DERATE_CDEG = const(100)
_DERATE_STEP = const(20)


def check(cfg):
    """What the schema cannot say: a list of errors of a config that satisfies SCHEMA."""
    low, high = cfg["derate_from_cdeg"], cfg["derate_to_cdeg"]
    if high > low:
        return []
    return ["light.derate_to_cdeg: found %d, allowed: %d to 13000" % (high, low + 1)]


class Health:
    """Watches one lamp by its meter, its DALI gear and its thermometer, as far as it has them.

    cfg has the keys of this SCHEMA and of those of energy, ramp and kerb.drivers.meter;
    reset_cause is as kerb.hal.chip gives it. A meter can't judge a lamp below a tenth of its
    rated power.

    derating_permille: what is allowed of full light, 1000 but for a lamp that is too hot.
    """

    def __init__(self, cfg, reset_cause="power_on"):
        self._cfg = cfg
        self._expected = Expected(cfg)
        # The level is where a ramp ends, not where it is.
        settle_s = cfg["settle_s"] + cfg.get("ramp_s", 0)
        self._envelope = Envelope(settle_s)
        self._cycles = Cycling()
        power_s = _POWER_S + settle_s
        self._lamp_failure = Alarm("lamp", "lamp_failure", _FAILED_S, _LIT_S)
        self._stuck_on = Alarm("lamp", "unexpectedly_on", _STUCK_ON_S, _LIT_S)
        self._cycling = Alarm("lamp", "cycling", 0, 0)
        self._too_high = Alarm("lamp", "power_too_high", power_s, _POWER_S)
        self._too_low = Alarm("lamp", "power_too_low", power_s, _POWER_S)
        self._factor = Alarm("lamp", "power_factor_too_low", power_s, _POWER_S)
        self._hot = Alarm("lamp", "over_temperature", _HOT_S, _HOT_S)
        self._supply = Alarm("supply", "supply_loss", _SUPPLY_S, _SUPPLY_S)
        self._brown_out = Alarm("supply", "brown_out", 0, _BROWN_OUT_S)
        self._browned_out = reset_cause == "brown_out"
        self._meter = PartAlarm("meter", _PART_S)
        self._gear = PartAlarm("dali", _PART_S)
        self._thermometer = PartAlarm("temperature", _PART_S)
        self._cdeg = None
        self._cdeg_s = 0
        self.derating_permille = _FULL

    def step(
        self, uptime_s, level_permille, reading, gear=None, temperature_cdeg=None, meter_fault=None
    ):
        """Takes what the lamp is given and what is known of it; gives [(part, reason, active)].

        reading: a kerb.drivers.meter.Reading; where it is None, meter_fault: the driver's fault.
        gear: None without DALI, else what its driver last learned (kerb.drivers.dali.Gear).
        To be called every minute or more often.
        """
        events = []
        cfg = self._cfg
        self._envelope.look(uptime_s, level_permille)
        if cfg["meter"] != "none":
            why = None if reading is not None else meter_fault or "no_answer"
            self._meter.look(uptime_s, why, events)
        if gear is not None:
            why = gear.fault or ("failed" if gear.failure else None)
            self._gear.look(uptime_s, why, events)
        supply_is_low = self._look_at_supply(uptime_s, reading, events)
        self._look_at_lamp(uptime_s, None if supply_is_low else reading, gear, events)
        if cfg["thermistor"]:
            why = "lost" if temperature_cdeg is None else None
            self._thermometer.look(uptime_s, why, events)
            self._look_at_heat(uptime_s, temperature_cdeg, events)
        return events

    def _look_at_supply(self, uptime_s, reading, events):
        self._brown_out.look(uptime_s, self._browned_out, events)
        self._browned_out = False
        low = None
        if reading is not None and reading.voltage_mv is not None:
            limit_mv = self._cfg["supply_min_mv"]
            low = reading.voltage_mv < (limit_mv // 20 * 21 if self._supply.active else limit_mv)
        elif reading is not None and reading.voltage_is_below_range:
            low = True
        self._supply.look(uptime_s, low, events)
        return low

    def _look_at_lamp(self, uptime_s, reading, gear, events):
        expected, lo, hi = self._expected, self._envelope.lo, self._envelope.hi
        power_mw = None if reading is None else reading.power_mw
        percent = on = high = None
        if power_mw is not None:
            power_mw -= expected.standby_mw
            wanted_mw = expected.power_mw(lo) - expected.standby_mw
            if lo and wanted_mw >= expected.rated_mw // 10:
                percent = power_mw * 100 // wanted_mw
            if hi and not self._stuck_on.active:
                high = self._is_beyond(self._too_high, power_mw, hi, lo, 1)
            elif not hi:
                on = power_mw > expected.rated_mw // (20 if self._stuck_on.active else 10)
        elif gear is not None and not hi and gear.level_permille is not None:
            on = gear.level_permille > 0
        self._stuck_on.look(uptime_s, on, events)
        self._too_high.look(uptime_s, high, events)
        self._cycling.look(uptime_s, self._cycles.look(uptime_s, percent), events)
        dark = None
        if percent is not None and not self._cycling.active:
            dark = percent < DARK_PERCENT or (None if percent <= LIT_PERCENT else False)
        self._lamp_failure.look(uptime_s, _failed(dark, gear, lo), events)
        low = factor = None
        if percent is not None and percent >= DARK_PERCENT and not self._cycling.active:
            low = self._is_beyond(self._too_low, power_mw, lo, hi, -1)
            if lo >= _FACTOR_FROM_PERMILLE and reading.power_factor_permille is not None:
                least = self._cfg["power_factor_min_permille"]
                least += 20 if self._factor.active else 0
                factor = reading.power_factor_permille < least
        self._too_low.look(uptime_s, low, events)
        self._factor.look(uptime_s, factor, events)

    def _is_beyond(self, alarm, power_mw, level, other_level, sign):
        """Whether the power over standby is too high (sign 1) or too low (-1).

        While the level is not steady, what is beyond at `level` for certain raises the alarm, and
        what is in order at `other_level` for certain clears it.
        """
        expected = self._expected
        part = self._cfg["power_tolerance_permille"]
        if alarm.active:
            level = other_level
            part -= part // 4
        wanted_mw = expected.power_mw(level) - expected.standby_mw
        # A driver is not linear, and a meter not exact, to some of the rated power.
        allowed_mw = wanted_mw // 100 * part // 10 + expected.rated_mw // 40
        return (power_mw - wanted_mw) * sign > allowed_mw

    def _look_at_heat(self, uptime_s, cdeg, events):
        low, high = self._cfg["derate_from_cdeg"], self._cfg["derate_to_cdeg"]
        if cdeg is None:
            # Nobody knows: people need the light more than the lamp needs sparing.
            self._cdeg = None
            self.derating_permille = _FULL
            self._hot.look(uptime_s, None, events)
            return
        spent_s = uptime_s - self._cdeg_s
        self._cdeg_s = uptime_s
        if self._cdeg is None:
            self._cdeg = min(cdeg, low)
        most = min(spent_s, 1000) * _MAX_CDEG_A_S
        self._cdeg += max(-most, min(most, cdeg - self._cdeg))
        cdeg = self._cdeg
        self._hot.look(uptime_s, cdeg > (low - _COOLER_CDEG if self._hot.active else low), events)
        floor = self._cfg["derate_floor_permille"]
        if cdeg <= low - _DERATE_CDEG:
            self.derating_permille = _FULL
        elif cdeg >= high:
            self.derating_permille = floor
        elif cdeg > low:
            allowed = _FULL - (_FULL - floor) * (cdeg - low) // (high - low)
            if abs(allowed - self.derating_permille) >= _DERATE_STEP:
                self.derating_permille = allowed


def _failed(dark, gear, lo):
    """Whether the lamp gives no light, by its meter or by its gear, None for unknown."""
    said = None if gear is None else gear.lamp_failure
    # Gear learns that a lamp is well by lighting it.
    if said is False and not lo:
        said = None
    return dark if said is None else said or dark or False
