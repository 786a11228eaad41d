"""The firmware of a street light for a simulated year: the real App, Light, meter and thermistor
drivers, in virtual time; what stands in are the clock, the store, and the wires.
"""

import cpython  # noqa: F401  what CPython lacks
import world

from host_tools.street.luminaire import DUTY_FULL
from kerb.apps import light, light_app
from kerb.drivers import hlw8032, lamps, meter
from kerb.drivers.thermistor import Thermistor
from kerb.system import schema
from kerb.system.counters import Counters
from kerb.system.timezone import Zone

DOCUMENT = {
    "schedule": [
        {"at": "22:00", "level_permille": 500},
        {"at": "00:00", "level_permille": 300},
        {"at": "05:00", "level_permille": 1000},
    ],
    "rated_power_mw": 59500,
    "standby_power_mw": 500,
    "meter": "hlw8032",
    "thermistor": True,
    "presence": {"hold_s": 60},
}
# The firmware looks once a second, and the meter sends nine times in it: of these it needs two.
_FRAMES = 3
_RAMP_S = 6  # the default's 5, and one


class Store:
    """Keeps what is put, through everything; counts."""

    def __init__(self):
        self._records = {}
        self.puts = 0

    def get(self, name):
        return self._records.get(name)

    def put(self, name, record):
        self._records[name] = bytes(record)
        self.puts += 1
        return True


class _Clock:
    """The device's clock: right, or not to be trusted."""

    def __init__(self):
        self.wall = None
        self.uptime = 0

    def uptime_s(self):
        return self.uptime

    def trusted(self):
        return self.wall is not None

    def now(self):
        return self.wall


class _Port:
    """A serial port that the street puts bytes into."""

    def __init__(self):
        self.data = b""

    def read_into(self, buffer):
        part = self.data[: len(buffer)]
        self.data = self.data[len(part) :]
        buffer[: len(part)] = part
        return len(part)


class _Wires:
    """The analogue and digital inputs and the lamp's PWM."""

    top_mv = 3300

    def __init__(self, pole):
        self._pole = pole
        self.sensor_mv = None
        self.seen = False

    def set_permille(self, permille):
        self._pole.lamp.drive(1000, round(permille * DUTY_FULL / 1000))

    def get(self):
        return self.seen

    def read_mv(self):
        if self.sensor_mv is None:
            raise OSError
        return self.sensor_mv


class _Probe:
    """The thermistor's ADC."""

    top_mv = 3300

    def __init__(self, pole):
        self.read_mv = pole.thermistor_mv


class _Retained:
    """A number that outlives a reset, and not the loss of the power."""

    def __init__(self):
        self.value = None

    def put(self, value):
        self.value = value

    def get(self):
        return self.value


class Device:
    """One light at `site` (a host_tools.street.world.Site) on `pole`; starts at once.

    `store` is in place of its own Store; `more` adds to the config DOCUMENT.
    """

    def __init__(self, site, pole, store=None, **more):
        shape = dict(light.SCHEMA)
        for part in (meter, lamps):
            shape.update(part.SCHEMA)
        self.cfg, errors = schema.validate(shape, DOCUMENT | more)
        assert errors == [] and light.check(self.cfg) == [], errors
        self._site = site
        self._pole = pole
        self._store = store or Store()
        self._retained = _Retained()
        self._world = world.World()
        self._at_ms = 0
        self._events = []
        self.boot(0, "power_on")

    @property
    def writes(self):
        """How often something was written to flash."""
        return self._store.puts

    def lose_power(self):
        self._retained.value = None

    def boot(self, now_s, cause):
        """The chip starts, with what flash and, but for a loss of power, its registers kept."""
        if cause != "watchdog":
            self.lose_power()
        self._boot_s = int(now_s)
        site, cfg, store = self._site, self.cfg, self._store
        start = self._retained.get()
        kept = store.get("level")
        if start is None and kept:
            start = int.from_bytes(kept, "little")
        place = (round(site.lat_deg * 1e7), round(site.lon_deg * 1e7), Zone(site.tz))
        counters = Counters(store, "energy", 3)
        self.light = light.Light(cfg, *place, counters, cause, start, store.get("nights"))
        self._wires = _Wires(self._pole)
        self._port = _Port()
        parts = light_app.Parts(self._wires)
        parts.sensor = parts.motion = self._wires
        parts.meter = hlw8032.Hlw8032(self._port, cfg)
        parts.thermistor = Thermistor(_Probe(self._pole))
        parts.retained = self._retained
        self._clock = _Clock()
        send = lambda kind, values: self._events.append((kind, values))  # noqa: E731
        self.app = light_app.App(
            cfg, self.light, parts, self._clock, store, send, None, self._retained.get()
        )

    def step(self, now_s, wall, sensor_mv, seen):
        """One tick. `wall` is (day, second) UTC, None without a clock; `sensor_mv` None from a
        dead sensor. Gives the events [(kind, values)] since the step before.
        """
        self._clock.wall = wall
        self._wires.sensor_mv = sensor_mv
        self._wires.seen = seen
        before = self.light.level
        self._tick(now_s)
        if self.light.level != before:  # a minute is too long for the way there
            self._tick(now_s + _RAMP_S)
        events, self._events = self._events, []
        return events

    def _tick(self, now_s):
        self._pass(now_s)
        self._port.data += b"".join(self._pole.meter_frame() for _ in range(_FRAMES))
        self.app.tick()

    def command(self, now_s, wall, name, **values):
        """A command arrives; gives (result, reason)."""
        self._pass(now_s)
        self._clock.wall = wall
        return self.app.command(name, values)

    def _pass(self, now_s):
        now_s = max(now_s, self._at_ms / 1000)
        self._clock.uptime = int(now_s) - self._boot_s
        self._world.advance_ms(int(now_s * 1000) - self._at_ms)
        self._at_ms = int(now_s * 1000)
