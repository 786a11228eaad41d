"""One run of a street with parking bays: their sensors on boards of two, and what they report."""

import asyncio
import time

from host_tools.parking.lot import Lot
from host_tools.parking.watch import delay_s
from host_tools.street import bay_commands, bay_panels, flash
from host_tools.street.bay_live import LiveBay
from host_tools.street.core import Street

BAYS_A_BOARD = 2
BAUD = 9600
# Between two measurements of a serial part, about as an A02YYUW sends them.
_FRAME_S = 0.1
_ASKED = "jsn_serial"  # says nothing of its own accord
_ECHO_RISES_US = 450
# A car that comes, or goes, is told within so long, and somebody in the way is forgotten.
GRACE_S = 20.0


class Verdict:
    """Whether what a bay is said to be is so. `longest_s`: the longest that a wrong state was
    believed while nothing excused it; `compared`: whether there was anything to compare.
    """

    def __init__(self):
        self._since_s = None
        self.longest_s = 0.0
        self.compared = False

    def observe(self, now_s, said, taken, is_clear):
        """Take what is said ("free", ..), whether a car is there, and whether that is clear."""
        self.compared |= said != "unknown" and is_clear
        wrong = is_clear and said != "unknown" and (said == "occupied") != taken
        if not wrong:
            self._since_s = None
        elif self._since_s is None:
            self._since_s = now_s
        else:
            self.longest_s = max(self.longest_s, now_s - self._since_s)

    @property
    def broken(self):
        return self.longest_s > GRACE_S


class BaySession(Street):
    """See Street; `bays` are the street's LiveBays, `lot` what the city knows of them."""

    commands = bay_commands
    panels = bay_panels.PANELS
    hint = bay_panels.HINT

    def __init__(self, options):
        super().__init__(options)
        part, mount = options.ranger, options.mount
        # Every second one begins with a car: a device has to be right about that, too.
        self.bays = [
            LiveBay(number, mount, part, occupied=number % 2 == 0)
            for number in range(1, options.bays + 1)
        ]
        self.verdicts = [Verdict() for _ in self.bays]
        self.lot = Lot()

    def documents(self, common):
        made = []
        for first in range(0, len(self.bays), BAYS_A_BOARD):
            bays = self.bays[first : first + BAYS_A_BOARD]
            places = [(bay.site.mount, bay.floor_mm()) for bay in bays]
            made.append(flash.parking(common, len(made) + 1, places, self.options.ranger))
            self.lot.expect(made[-1]["name"], len(bays))
        return made

    def endless(self):
        part = self.bays[0].part
        return (self._talk_forever(),) if part.serial and part.name != _ASKED else ()

    def bay(self, number):
        """Give the bay of a number from 1; ValueError when there is none."""
        if number > len(self.bays):
            raise ValueError("bay {}: there are {}".format(number, len(self.bays)))
        return self.bays[number - 1]

    def unit_of(self, bay):
        """Give the unit that a bay hangs on, and its number there."""
        at, index = divmod(bay.number - 1, BAYS_A_BOARD)
        return self.units[at], index

    def said(self, bay):
        """Give (state, reason) of a bay as the city knows it."""
        unit, index = self.unit_of(bay)
        return self.lot.look(self.lot.bays[unit.name, index], time.monotonic())

    def tick(self):
        now_s = self.elapsed_s
        for bay, verdict in zip(self.bays, self.verdicts, strict=True):
            happened = bay.step(now_s)
            if happened:
                self.note("world", "bay {}: {}".format(bay.number, happened))
            unit, _ = self.unit_of(bay)
            heard = self.proxy.is_open and unit.board and unit.board.running
            clear = bay.is_clear(now_s) and heard
            verdict.observe(now_s, self.said(bay)[0], bay.is_taken(now_s), clear)

    async def _talk_forever(self):
        """A serial part talks whether somebody listens or not, while it has power."""
        while True:
            await asyncio.sleep(_FRAME_S)
            for bay in self.bays:
                if self.unit_of(bay)[0].board.powered:
                    self._say(bay)

    def _say(self, bay):
        unit, index = self.unit_of(bay)
        data = bay.sent(self.elapsed_s)
        if data:
            unit.link.send_uart(self.options.pins.ranger_uarts[index], data, BAUD, None)

    def on_pins(self, unit, message):
        pins = self.options.pins
        for index in range(BAYS_A_BOARD):
            at = self.units.index(unit) * BAYS_A_BOARD + index
            bay = self.bays[at] if at < len(self.bays) else None
            trigger, echo = pins.rangers[index]
            if message.get("pin") == trigger:
                if message["level"] == 0 and bay:
                    self._answer(unit, echo, bay)
                return True
            if message.get("uart") == pins.ranger_uarts[index]:
                if message["hex"] == "55" and bay and bay.part.name == _ASKED:
                    self._say(bay)
                return True
        return False

    def _answer(self, unit, echo, bay):
        """The end of a trigger: the echo's pin goes high for as long as the sound travels."""
        us = None if bay.part.serial else bay.echo_us(self.elapsed_s)
        if us is not None:
            unit.link.play(echo, 1, [us], _ECHO_RISES_US)

    def on_report(self, device, kind, document):
        ago_s = delay_s(document, self.clock.now())
        self.lot.take_event(time.monotonic(), device, kind, document, ago_s)

    def on_availability(self, device, online):
        self.lot.take_availability(time.monotonic(), device, online)

    def on_broker_there(self):
        self.lot.connected(time.monotonic())

    async def start(self):
        await super().start()
        self.note("world", "watch the lot: {}".format(self.watching()))

    def watching(self):
        """Give the command that shows the lot from another terminal."""
        return "kerb parking " + self.login()

    def _on_broker_lost(self):
        self.lot.lost(time.monotonic())
        super()._on_broker_lost()
