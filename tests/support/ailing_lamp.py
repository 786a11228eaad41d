"""A lamp with a meter, a thermometer and whatever is wrong with it, for tests of kerb.apps.health.

Beside what is wrong everything is as in a street: noise, warming up, sags of the mains.
"""

import random

from kerb.apps import energy, health
from kerb.drivers import meter
from kerb.drivers.meter import POWER, VOLTAGE, Reading
from kerb.system import schema

_KEYS = {}
for _part in (energy, health, meter):
    _KEYS.update(_part.SCHEMA)


def config(**values):
    """The keys that Health needs, for a metered lamp of 60 W."""
    values["meter"] = values.get("meter", "hlw8032")
    values["thermistor"] = values.get("thermistor", True)
    cfg, errors = schema.validate(_KEYS, values, check=health.check)
    assert not errors, errors
    return cfg


class Gear:
    """kerb.drivers.dali.Gear without its bus."""

    def __init__(self):
        self.lamp_failure = self.failure = self.level_permille = self.fault = None


class Lamp:
    """Draws 60 W at full light. `wrong` is None or one of WRONG; random.seed() is the caller's."""

    WRONG = {
        "out": ("lamp", "lamp_failure"),
        "cycling": ("lamp", "cycling"),
        "stuck_on": ("lamp", "unexpectedly_on"),
        "greedy": ("lamp", "power_too_high"),
        "partial": ("lamp", "power_too_low"),
        "bad_factor": ("lamp", "power_factor_too_low"),
        "hot": ("lamp", "over_temperature"),
        "undervoltage": ("supply", "supply_loss"),
        "no_mains": ("supply", "supply_loss"),
        "no_meter": ("meter", "garbled"),
        "no_thermometer": ("temperature", "lost"),
    }

    def __init__(self, warm_up_s=20, cycle_s=240):
        self.wrong = None
        self.ambient_cdeg = 1500
        self._warm_up_s = warm_up_s
        self._cycle_s = cycle_s
        self._level = 0.0
        self._heat = 0.0
        self._sag_s = 0
        self._now_s = None

    def step(self, now_s, level_permille):
        """(Reading or None, centidegrees or None) of a moment; level_permille holds from then."""
        wrong = self.wrong
        spent_s = 0 if self._now_s is None else now_s - self._now_s
        self._now_s = now_s
        level = 1000 if wrong == "stuck_on" else level_permille
        self._level += (level - self._level) * min(1.0, spent_s / self._warm_up_s)
        share = self._level / 1000
        if wrong == "out" or (wrong == "cycling" and now_s // self._cycle_s % 2):
            share = 0.0
        elif wrong == "partial":
            share *= 0.6
        elif wrong == "greedy":
            share *= 1.5
        volt = 228 + 6 * random.random()
        if self._sag_s > 0:
            self._sag_s -= max(1, spent_s)
            volt *= 0.6
            share *= random.random()
        elif random.random() < spent_s / 7000:  # a dozen a day
            self._sag_s = random.randrange(1, 4)
        if wrong == "undervoltage":
            volt *= 0.55
            share *= 0.5
        factor = 0.95 * min(1.0, 0.55 + share / 2)
        if wrong == "bad_factor":
            factor *= 0.6
        self._heat += (30 * share - self._heat) * min(1.0, spent_s / 900)
        degrees = self._heat + (65 if wrong == "hot" else 0) + 0.6 * random.random()
        cdeg = None if wrong == "no_thermometer" else self.ambient_cdeg + int(100 * degrees)
        return self._reading(volt, 0.5 + 60 * share, factor), cdeg

    def _reading(self, volt, watt, factor):
        if self.wrong == "no_meter":
            return None
        if self.wrong == "no_mains":
            return Reading(0, overflow=VOLTAGE | POWER)
        watt *= 0.985 + 0.03 * random.random()
        ma = watt / factor / volt * 1000
        return Reading(
            0 if watt < 0.6 else int(watt * 1000),
            int(volt * 1000),
            int(ma) if ma > 1 else None,
            int(factor * 1000) if ma >= 50 else None,
        )
