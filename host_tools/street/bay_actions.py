"""Carries out what a person types at a street with parking bays."""

from host_tools.street.actions import Actions


class BayActions(Actions):
    """Acts on a BaySession; see Actions."""

    async def _car(self, to, number):
        session = self._session
        bay = session.bay(number)
        if to == "in":
            text = "car: comes to bay {}, and stands in {:.0f} s"
            return True, text.format(number, bay.car_in(session.elapsed_s))
        text = "car: leaves bay {}, and is out in {:.0f} s"
        return True, text.format(number, bay.car_out(session.elapsed_s))

    async def _person(self, number, for_s):
        self._session.bay(number).person(self._session.elapsed_s, for_s)
        return True, "person: is in bay {} for {} s".format(number, for_s)

    async def _traffic(self, to):
        for bay in self._session.bays:
            bay.is_busy = to == "on"
        return True, "traffic: {}".format(to)

    async def _snow(self, cm):
        for bay in self._session.bays:
            bay.snow(cm / 100)
        return True, "snow: {} cm on the ground".format(cm) if cm else "snow: gone"

    async def _air(self, celsius):
        for bay in self._session.bays:
            bay.air(celsius)
        return True, "air: {}".format("of the day" if celsius is None else str(celsius) + " °C")

    async def _sensor(self, how, number):
        self._session.bay(number).break_part(how)
        return True, "sensor of bay {}: {}".format(number, how)

    async def _calibrate(self, state, number):
        unit, index = self._session.unit_of(self._session.bay(number))
        return await self.send("calibrate", to=unit.name, bay=index, state=state)

    async def _status(self):
        answers = [await self.send("send_status", to=unit.name) for unit in self._session.units]
        return next((it for it in answers if not it[0]), answers[0])
