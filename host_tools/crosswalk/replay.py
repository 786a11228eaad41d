"""A simulated crossing seen by the firmware's own code, in this process: no board, no network.

The same seed shows the same again: so an encounter of the bench can be looked at, with what really
was so beside what was thought.
"""

import asyncio

from host_tools import config_files, exits
from host_tools.crosswalk import plan, trace

_TICK_MS = 20
_ROUND_MS = 800
_HOLDS_MS = 400  # for so long a frame's word is good, as in the app
_SHOWN_EVERY_S = 0.02


class ReplaySource:
    """As source.BoardSource: encounter `seed` of host_tools/street/crossing_sim, of `kind` (None:
    by chance; "street": people without end), `speed` times as fast as time; 0: at once.
    """

    def __init__(self, seed, kind=None, speed=1.0):
        from host_tools.street.crossing_sim import SHARES, STREET, CrossingSim

        if kind is not None and kind not in (*SHARES, STREET):
            raise exits.Failure(
                "--kind: found {!r}, allowed: {}".format(kind, ", ".join((*SHARES, STREET))),
                "see `kerb crosswalk --help`",
                exits.USAGE,
            )
        self._sim = CrossingSim(seed, kind)
        self.title = "simulated: seed {}, {}, {}".format(seed, self._sim.kind, self._sim.weather)
        self.greeting = self.farewell = None
        self.plan = None
        self.ended = None
        self.on_frame = self.on_line = lambda it: None
        self.on_damage = lambda: None
        self._speed = speed
        self._running = None
        self._told = set()
        self._lit_ms = None

    def truth(self):
        """Where everybody truly is, in mm."""
        now_s = self._sim.now_ms / 1000
        places = [body.place(now_s) for body in self._sim.people]
        return [(round(1000 * it[0]), round(1000 * it[1])) for it in places if it]

    def stamp(self):
        """Give the time that a line is marked with: the crossing's own."""
        return "{:7.2f} s".format(self._sim.now_ms / 1000)

    async def start(self):
        """Begin."""
        section = self._sim.site.config()
        self.plan = plan.of_section(section)
        self._make(section)
        self.ended = asyncio.get_running_loop().create_future()
        self._running = asyncio.create_task(self._run())

    async def stop(self):
        """End; gives the Failure that it ended with, or None."""
        if self._running:
            self._running.cancel()
        return self.ended.result() if self.ended and self.ended.done() else None

    def _make(self, section):
        settings, _, schema = config_files.firmware()
        made_of = settings.made_of("crosswalk")
        from kerb.apps import crossing, warning
        from kerb.apps.crosswalk import Crosswalk
        from kerb.apps.paths import Paths
        from kerb.drivers.ld2450 import Ld2450

        cfg, errors = schema.validate(made_of.schema(), section)
        if errors:
            raise exits.Failure("the simulated site is none: {}".format("; ".join(errors)))
        self._line = _Line(self._sim)
        self._radar = Ld2450(self._line)
        self._people = Paths(cfg, crossing.Crossing(cfg))
        self._walk = Crosswalk(warning.period_ms(cfg), _ROUND_MS)

    async def _run(self):
        try:
            began_s, ahead_s = asyncio.get_running_loop().time(), 0.0
            reason, frame_ms = None, 0
            while not self._sim.over:
                reason, frame_ms = self._step(reason, frame_ms)
                if self._speed:
                    due_s = began_s + self._sim.now_ms / 1000 / self._speed
                    ahead_s = due_s - asyncio.get_running_loop().time()
                # Who is late still lets the others have their turn.
                if not 0 < ahead_s < _SHOWN_EVERY_S:
                    await asyncio.sleep(max(0, ahead_s))
            self.ended.set_result(None)
        except Exception as error:
            self.ended.set_result(
                exits.Failure("the simulated crossing failed: {!r}".format(error))
            )

    def _step(self, reason, frame_ms):
        """One look of the app; gives (reason, when the radar's latest frame came)."""
        self._line.run(_TICK_MS)
        now_ms = self._sim.now_ms
        is_new = self._radar.poll(now_ms)
        if is_new:
            frame_ms = now_ms
            reason = self._people.step(now_ms, self._radar)
        elif now_ms - frame_ms > _HOLDS_MS:
            reason = None
        walk = self._walk
        walk.step(now_ms, reason, self._people.who if reason else None)
        self._sim.lit = walk.flashing
        if not walk.flashing:
            self._lit_ms = None
        elif self._lit_ms is None:
            self._lit_ms = now_ms
        if is_new:
            self.on_frame(self._frame(now_ms))
        self._tell_truth(now_ms)
        return reason, frame_ms

    def _frame(self, now_ms):
        walk = self._walk
        left_ms = max(0, walk.until_ms - now_ms) if walk.flashing else 0
        tracks = tuple(trace.Track(*each) for each in self._people.seen())
        return trace.Frame(
            now_ms, left_ms, walk.reason if walk.flashing else None, tracks, False, None
        )

    def _tell_truth(self, now_ms):
        """Who is on the kerb line now, and for how long the beacon has flashed by then."""
        for it in self._sim.truth:
            if it in self._told or it.kerb_ms is None or it.kerb_ms > now_ms:
                continue
            self._told.add(it)
            said = "NOT warned"
            if self._lit_ms is not None:
                said = "warned for {:.1f} s".format((now_ms - self._lit_ms) / 1000)
            known = "never to be known"
            if it.known_ms is not None:
                known = "to be known for {:.1f} s".format((now_ms - it.known_ms) / 1000)
            self.on_line("truth: {} steps onto the road, {}, {}".format(it.kind, known, said))


class _Line:
    """The serial line between the simulated radar and the firmware's driver."""

    def __init__(self, sim):
        self._sim = sim
        self._bytes = b""

    def run(self, ms):
        """Let so much time go by."""
        self._bytes += self._sim.run(ms)[0]

    def any(self):
        return len(self._bytes)

    def read_into(self, buffer):
        part, self._bytes = self._bytes[: len(buffer)], self._bytes[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)

    def write(self, data):
        self._bytes += self._sim.write(bytes(data))
