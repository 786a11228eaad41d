"""One pole with all that hangs on it: luminaire, meter, temperature and motion sensor, and the
weather round it. Pure: the time is given.
"""

from host_tools.street import thermistor
from host_tools.street.environment import Environment
from host_tools.street.luminaire import Luminaire
from host_tools.street.meter import Meter
from host_tools.street.walkers import Pir, Walker

_PLACE_M = 20
_WAY_M = 40
_PACE_MPS = 1.4


class Pole:
    """`lamp`, `meter`, `pir` are its parts, to be driven and broken; `step` lets time pass for
    all of them. `heat_cdeg` is hot air on the temperature sensor, None for none;
    `thermistor_fault` None, "open" or "short".
    """

    def __init__(self, rated_mw, standby_mw, seed=0):
        self.lamp = Luminaire(rated_mw, standby_mw)
        self.meter = Meter(seed)
        self.environment = Environment(seed)
        self.pir = Pir(_PLACE_M)
        self.heat_cdeg = None
        self.thermistor_fault = None
        self._walkers = []
        self._now_s = None

    def step(self, now_s, year_s):
        """Let time pass up to `now_s`; `year_s` is the place's time since 1 January, seconds."""
        lamp, env = self.lamp, self.environment
        lamp.step(now_s, env.ambient_cdeg(year_s), env.mains_mv(year_s))
        self.meter.advance(0 if self._now_s is None else now_s - self._now_s, lamp.power_mw())
        self._now_s = now_s

    def walk(self, now_s):
        """Let somebody come along: in sight within 10 s, gone half a minute later."""
        self._walkers = [w for w in self._walkers if w.position_m(now_s) is not None]
        self._walkers.append(Walker(now_s, _PACE_MPS, _WAY_M))

    def people(self, now_s):
        """Tell how many walk here now."""
        return sum(walker.position_m(now_s) is not None for walker in self._walkers)

    def motion(self, now_s):
        """Give the motion sensor's output, which needs the pole's power."""
        places = [walker.position_m(now_s) for walker in self._walkers]
        seen = self.pir.output(now_s, [at for at in places if at is not None])
        return seen and self.lamp.supplied

    def thermistor_mv(self):
        """Give what the temperature sensor puts on its pin, in mV."""
        cdeg = self.lamp.temperature_cdeg if self.heat_cdeg is None else self.heat_cdeg
        return thermistor.millivolts(cdeg, self.thermistor_fault)

    def meter_frame(self):
        """Give the bytes that the meter sends now; b"" without power or from a dead one."""
        lamp = self.lamp
        if not lamp.supplied:
            return b""
        return self.meter.frame(lamp.feed_mv, lamp.current_ma(), lamp.power_mw())
