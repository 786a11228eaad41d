"""Carries out what a person types at a street with a crossing."""

import asyncio

from host_tools.street.actions import Actions
from host_tools.street.crossing_live import RADAR_FAULTS, WEATHERS

_FLASHES_WITHIN_S = 3.0
_LOOK_S = 0.05


class CrossingActions(Actions):
    """Acts on a CrossingSession; see Actions."""

    async def _person(self, who, number):
        left_s = self._session.pole(number).live.send(who)
        return True, "{}: comes to pole {}, and is gone in {:.0f} s".format(who, number, left_s)

    async def _car(self, number):
        self._session.pole(number).live.car()
        return True, "car: comes along the near lane"

    async def _people(self, to):
        for pole in self._session.poles:
            pole.live.busy = to == "on"
        return True, "people: {}".format(to)

    async def _button(self, number, for_s):
        """A push that nothing comes of is a failure; without power it is none."""
        pole = self._session.pole(number)
        asyncio.get_running_loop().call_later(for_s, pole.push, False)
        pole.push(True)
        if not pole.unit.board.running:
            return True, "button: pushed, while the board does not run"
        end_s = self._session.elapsed_s + _FLASHES_WITHIN_S
        while not pole.flashing:
            if self._session.elapsed_s > end_s:
                text = "button: pushed, and within {:.0f} s the beacon did not flash"
                return False, text.format(_FLASHES_WITHIN_S)
            await asyncio.sleep(_LOOK_S)
        return True, "button: pushed for {} s, the beacon flashes".format(for_s)

    async def _rain(self, to):
        for pole in self._session.poles:
            pole.live.weather = WEATHERS[to]
        return True, "rain: {}".format(to)

    async def _radar(self, to, number):
        self._session.pole(number).live.radar_fault = RADAR_FAULTS[to]
        return True, "radar of pole {}: {}".format(number, to)

    async def _cars(self, to, number):
        self._session.pole(number).live.car_radar_dead = to == "dead"
        return True, "car radar of pole {}: {}".format(number, to)

    async def _lamp(self, to, number):
        self._session.pole(number).break_lamp(to)
        return True, "left lamp of pole {}: {}".format(number, to)

    async def _battery(self, to, number):
        self._session.pole(number).battery_low = to == "low"
        return True, "battery of pole {}: {}".format(number, to)

    async def _activate(self, number):
        return await self.send("activate", to=self._session.pole(number).unit.name)
