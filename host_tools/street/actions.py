"""Carries out what a person types: changes the world, or sends the device a real MQTT command."""

import asyncio
import contextvars
import random
from datetime import UTC, datetime

_ANSWER_S = 10.0
_LORA_ANSWER_S = 45.0  # a frame that got lost is sent again, and there may be others before it
_HEARD_S = 20.0
# To whom the line that this task carries out goes: None is the device.
_group_to = contextvars.ContextVar("group_to", default=None)


class Actions:
    """Acts on a Session. `run(line)` gives (done, text); the text is for the person."""

    def __init__(self, session):
        self._session = session
        # A device takes an id it has seen for a repeated delivery: a broker outside may hold some.
        self._next_id = random.randrange(65536)
        self.quit = asyncio.Event()
        self.done = 0
        self.failed = 0

    async def run(self, line):
        """Carry out one line. Never raises for what was typed; None for an empty line."""
        try:
            command = self._session.commands.parse(line)
            if command is None:
                return None
            done, text = await getattr(self, "_" + command.name)(**command.values)
        except ValueError as error:
            done, text = False, str(error)
        self.done += done
        self.failed += not done
        self._session.note("result" if done else "error", text)
        return done, text

    async def send(self, name, answer_s=None, to=None, **values):
        """Send a command to the device (`to` another) and wait for its answer; (done, text).

        What `group` or `all` begin with goes there, and this device's answer is waited for.
        """
        session = self._session
        if answer_s is None:
            answer_s = _LORA_ANSWER_S if session.lora else _ANSWER_S
        if session.proxy.is_open and not await session.wait_heard(_HEARD_S):
            return False, "{}: the device is not online".format(name)
        if session.device is None:
            return False, "{}: no device was heard yet".format(name)
        command_id = self._next_id
        self._next_id = (command_id + 1) % 65536
        answer = asyncio.get_running_loop().create_future()
        session.waiting[command_id] = answer
        try:
            to = to or _group_to.get() or session.device
            await session.observer.publish(to, name, {"id": command_id} | values)
            if not session.proxy.is_open:
                text = "{}: sent to the broker, but the network to the device is cut"
                return False, text.format(name)
            if session.lora and to != session.device:
                group = to.removeprefix("group/")
                if group != to and group not in session.lora.groups:
                    return False, "{}: no device is in {}".format(name, to)
                return True, "{}: sent to all by one downlink, which nobody answers".format(name)
            result = await asyncio.wait_for(answer, answer_s)
        except TimeoutError:
            return False, "{}: no answer within {:.0f} s".format(name, answer_s)
        finally:
            session.waiting.pop(command_id, None)
        why = result.get("detail") or result.get("reason") or ""
        text = "{}: {}{}".format(name, result.get("result"), ", " + str(why) if why else "")
        return result.get("result") == "ok", text

    async def _level(self, level_permille, for_s):
        return await self.send("set_level", level_permille=level_permille, for_s=for_s)

    async def _auto(self):
        return await self.send("clear_override")

    async def _schedule(self, steps):
        if steps is None:
            return await self.send("clear_schedule")
        return await self.send("set_schedule", steps=[list(step) for step in steps])

    async def _group(self, to, command):
        token = _group_to.set(to)
        try:
            return await getattr(self, "_" + command.name)(**command.values)
        finally:
            _group_to.reset(token)

    async def _presence(self):
        return await self.send("presence")

    async def _sync(self):
        return await self.send("sync_time")

    async def _status(self):
        return await self.send("send_status")

    async def _time(self, day, clock):
        session = self._session
        site = session.options.site
        year, month, date = day or site.local(session.clock.now()).timetuple()[:3]
        local = datetime(year, month, date, *clock, tzinfo=site.zone)
        session.set_time(local.astimezone(UTC))
        session.note("world", "it is {:%Y-%m-%d %H:%M:%S} on the street".format(local))
        if not session.proxy.is_open or not session.online:
            return True, "time: the device can't be told now, it learns at its next sync"
        return await self.send("sync_time")

    async def _net(self, to):
        if self._session.proxy.is_open != (to == "on"):
            await self._session.set_network(to == "on")
        return True, "net: {}".format(to)

    async def _power(self, to):
        await self._session.set_power(to == "on")
        return True, "power: {}".format(to)

    async def _lamp(self, to):
        self._session.lamp.fault = to
        return True, "lamp: {}".format(to)

    async def _meter(self, to):
        self._session.pole.meter.mode = to
        return True, "meter: {}".format(to)

    async def _heat(self, cdeg):
        self._session.pole.heat_cdeg = cdeg
        if cdeg is None:
            return True, "heat: off, the sensor has the lamp's temperature again"
        return True, "heat: the temperature sensor is at {} °C".format(cdeg // 100)

    async def _walker(self):
        self._session.pole.walk(self._session.elapsed_s)
        return True, "walker: somebody comes along, and is past in half a minute"

    async def _help(self):
        for words, meaning in self._session.commands.HELP:
            self._session.note("help", "{:26} {}".format(words, meaning))
        return True, "type one of these and Enter"

    async def _quit(self):
        self.quit.set()
        return True, "quit"
