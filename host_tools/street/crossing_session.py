"""One run of a street with a crossing: a pole with its radars, or one on each side."""

import asyncio
import random

from host_tools.crosswalk import trace
from host_tools.street import crossing_commands, crossing_panels, flash
from host_tools.street.core import Street
from host_tools.street.crossing_live import LiveCrossing
from host_tools.street.crossing_pole import CrossingPole
from host_tools.street.world import Sky

_STEP_S = 0.05
# Where nobody else is likely to listen.
_PEER_PORTS = (30000, 32000)


class CrossingSession(Street):
    """See Street; `poles` are its CrossingPoles, `sky` is over them."""

    commands = crossing_commands
    panels = crossing_panels.PANELS
    hint = crossing_panels.HINT
    picture = staticmethod(crossing_panels.picture)

    def __init__(self, options):
        super().__init__(options)
        self.sky = Sky(options.site, self.clock)
        pins = options.pins.crosswalk
        self.poles = [
            CrossingPole(LiveCrossing(options.seed, number), pins)
            for number in range(1, options.poles + 1)
        ]
        self.faults = {}

    async def start(self):
        await super().start()
        self.note("world", "what the city hears: kerb crosswalk {}".format(self.login()))

    def documents(self, common):
        port = random.randrange(*_PEER_PORTS) if len(self.poles) > 1 else None
        return [
            flash.crosswalk(common, pole.live.number, pole.section, port) for pole in self.poles
        ]

    def endless(self):
        return (self._live_forever(),)

    def pole(self, number):
        """Give the pole of a number from 1; ValueError when there is none."""
        if number > len(self.poles):
            raise ValueError("pole {}: there is one (--poles 2 makes two)".format(number))
        return self.poles[number - 1]

    def _pole_of(self, unit):
        pole = self.poles[self.units.index(unit)]
        pole.unit = unit
        return pole

    def tick(self):
        for unit in self.units:
            pole = self._pole_of(unit)
            unit.link.set_adc(self.options.pins.light_sensor, self.sky.sensor_mv())
            pole.wire()

    async def _live_forever(self):
        while True:
            await asyncio.sleep(_STEP_S)
            for pole in self.poles:
                happened = pole.go_on(self.elapsed_s)
                if happened:
                    self.note("world", self._named(pole, "somebody comes: " + happened))

    def before_start(self, unit):
        (unit.flash_dir / "main.py").write_text(trace.PROGRAM)
        self._pole_of(unit).start()

    def on_pins(self, unit, message):
        return self._pole_of(unit).on_pins(self.elapsed_s, message)

    def _noting(self, name):
        """The trace comes by the console; of it only what changes is told."""
        pole, tell = self.poles[len(self.units)], super()._noting(name)

        def note(kind, text):
            try:
                frame = trace.parse(text) if kind == "console" else None
            except ValueError:
                pole.scene.lose()
                return
            if frame is None:
                tell(kind, text)
                return
            for change in pole.take(self.elapsed_s, frame):
                self.note("pole", self._named(pole, change))

        return note

    def _named(self, pole, text):
        return text if len(self.poles) < 2 else "pole {}: {}".format(pole.live.number, text)

    def on_report(self, device, kind, document):
        if kind == "boot":
            self.faults = {it: why for it, why in self.faults.items() if it[0] != device}
        if kind == "fault":
            key = device, document.get("part")
            if document.get("active"):
                self.faults[key] = document.get("reason")
            else:
                self.faults.pop(key, None)
