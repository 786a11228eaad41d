"""An LED luminaire as physics: control signal, mains and air in; light, power and heat out.

Nothing here is random, and time is given: `step(now_s, ambient_cdeg, mains_mv)` takes any step,
because the thermal model is solved and not summed up. What is simplified:

- Light and the power over stand-by follow the control signal in proportion. (Real drivers lose
  some efficiency when dimmed deep.)
- The driver takes the same power at any mains voltage above its lock-out and none below it; a sag
  shorter than a step is seen whole or not at all.
- The power factor is that of an input filter's capacitor beside the load, with a little
  distortion: near 1 at full load, bad at stand-by, as with real drivers.
- One thermal mass. LEDs draw a little less when hot (their forward voltage falls).
- Light ages as in LM-80 reports: exponentially, to 70 % (L70) after the rated hours.
"""

import math

DUTY_FULL = 65535
OPEN_MV = 10000  # an open 0-10 V input floats to full: the driver's own current source
FAULTS = (
    "ok",
    "out",  # LED string or its driver's output open: no light, stand-by power
    "partial",  # some strings open: less light, less power
    "cycling",  # goes out and on again by itself, as with a tripping thermal cut-out
    "stuck",  # the relay's contacts are welded: full light and power, whatever is asked
    "overload",  # the driver draws a third more than it should
    "pfc",  # the power factor correction failed
    "fuse",  # the luminaire's own fuse blew: the pole has mains, the luminaire and its meter none
)
_LOCKOUT_MV = 90000
_MAINS_HZ = 60
_FILTER_UF = 1.0
_DISTORTION = 0.97
_BROKEN_PFC = 0.55
_PARTIAL = 0.6
_OVERLOAD = 1.33
_CYCLE_ON_S = 70
_CYCLE_S = 120
_RISE_K_PER_W = 0.5  # a 60 W luminaire's heat sink at full: 30 K over the air
_TIME_CONSTANT_S = 1500
_DROOP_PER_K = 0.0006  # of the power, over 25 degrees
_L70_HOURS = 100000


class Luminaire:
    """One luminaire. Control it by `drive` (PWM), `drive_mv` (0-10 V), `set_permille` (a DALI
    gear's arc power) and `close` (relay), set `fault` to one of FAULTS and `cooling` below 1 for
    a clogged heat sink, `step` it, and read.

    `supplied` is the breaker of its pole. `burn_s` and `energy_j` count what really was.
    """

    def __init__(self, rated_mw=60000, standby_mw=500, age_hours=0):
        self.rated_mw = rated_mw
        self.standby_mw = standby_mw
        self.age_hours = age_hours
        self.supplied = True
        self.cooling = 1.0
        self.freq_hz = 0
        self.duty_u16 = 0
        self.asked_permille = 0.0
        self.closed = True
        self.mains_mv = 220000
        self.energy_j = 0.0
        self.burn_s = 0.0
        self._fault = "ok"
        self._fault_s = 0.0
        self._now_s = None
        self._temperature_c = None

    @property
    def fault(self):
        return self._fault

    @fault.setter
    def fault(self, name):
        if name not in FAULTS:
            raise ValueError("fault {!r}: known are {}".format(name, ", ".join(FAULTS)))
        self._fault = name
        self._fault_s = self._now_s or 0.0

    def drive(self, freq_hz, duty_u16):
        """Take a PWM signal: Hz, and duty 0..65535."""
        self.freq_hz = freq_hz
        self.duty_u16 = max(0, min(DUTY_FULL, duty_u16))
        self.asked_permille = self.duty_u16 * 1000 / DUTY_FULL

    def drive_mv(self, mv):
        """Take the control voltage of IEC 60929's 1-10 V interface; None: the wires are open.

        At 1 V and below it gives its least, a tenth: off is the relay's part.
        """
        mv = OPEN_MV if mv is None else max(1000, min(OPEN_MV, mv))
        self.asked_permille = mv / 10

    def set_permille(self, permille):
        """Take the level that a DALI gear gives, 0..1000."""
        self.asked_permille = max(0.0, min(1000.0, permille))

    def close(self, closed):
        """Take the relay in the luminaire's mains: True is on."""
        self.closed = closed

    def step(self, now_s, ambient_cdeg=2000, mains_mv=220000):
        """Let the time pass up to `now_s` (any start, never back), in air of `ambient_cdeg`.

        What was before counts with the inputs and faults as they are at the end of the step.
        """
        spent_s = 0.0 if self._now_s is None else max(0.0, now_s - self._now_s)
        self._now_s = now_s
        self.mains_mv = mains_mv
        if self._temperature_c is None:
            self._temperature_c = ambient_cdeg / 100
        power_w = self.power_mw() / 1000
        self.energy_j += power_w * spent_s
        if self.light_permille() > 0:
            self.burn_s += spent_s
            self.age_hours += spent_s / 3600
        settled_c = ambient_cdeg / 100 + power_w * _RISE_K_PER_W / self.cooling
        part = math.exp(-spent_s / _TIME_CONSTANT_S)
        self._temperature_c = settled_c + (self._temperature_c - settled_c) * part

    @property
    def temperature_cdeg(self):
        """The heat sink's temperature in 0.01 degree Celsius."""
        return 2000 if self._temperature_c is None else round(self._temperature_c * 100)

    @property
    def feed_mv(self):
        """The voltage at the luminaire, which its meter sees, in mV."""
        return self.mains_mv if self.supplied and self._fault != "fuse" else 0

    @property
    def powered(self):
        """True when the driver has mains that it can work with."""
        contact = self.closed or self._fault == "stuck"
        return contact and self.feed_mv >= _LOCKOUT_MV

    def _load(self):
        """The part of the rated load that is on, 0..1."""
        if not self.powered or self._fault == "out":
            return 0.0
        if self._fault == "stuck":
            return 1.0
        load = self.asked_permille / 1000
        if self._fault == "partial":
            load *= _PARTIAL
        elif self._fault == "cycling":
            out = ((self._now_s or 0.0) - self._fault_s) % _CYCLE_S >= _CYCLE_ON_S
            load = 0.0 if out else load
        return load

    def light_permille(self):
        """Give the light in per-mille of what a new luminaire gives at full, not rounded."""
        return self._load() * 1000 * 0.7 ** (self.age_hours / _L70_HOURS)

    def power_mw(self):
        """Give the active power in mW."""
        if not self.powered:
            return 0
        warm_k = max(0.0, (self._temperature_c or 25.0) - 25.0)
        led_mw = (self.rated_mw - self.standby_mw) * self._load() * (1 - _DROOP_PER_K * warm_k)
        total_mw = self.standby_mw + led_mw
        return round(total_mw * (_OVERLOAD if self._fault == "overload" else 1))

    def current_ma(self):
        """Give the RMS current in mA."""
        if not self.powered:
            return 0.0
        return self._apparent_mva() * 1000 / self.mains_mv

    def power_factor_permille(self):
        """Give active over apparent power, 0..1000."""
        apparent_mva = self._apparent_mva() if self.powered else 0
        return round(self.power_mw() * 1000 / apparent_mva) if apparent_mva else 0

    def _apparent_mva(self):
        volt = self.mains_mv / 1000
        reactive_mva = volt * volt * 2 * math.pi * _MAINS_HZ * _FILTER_UF / 1000
        factor = _BROKEN_PFC if self._fault == "pfc" else _DISTORTION
        return math.hypot(self.power_mw() / factor, reactive_mva)
