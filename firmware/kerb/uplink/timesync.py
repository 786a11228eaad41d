"""Keeps the clock right by a time server."""

import asyncio

from kerb.system import calendar
from micropython import const

_LOOK_MS = const(500)
# A crystal does not lose that between two answers: one of clock and server is wrong.
_ODD_S = const(600)
_AGAIN_S = const(30)
_AGREE_S = const(5)


class TimeSync:
    """Asks when the network comes up, then every `every_s`, and when it is told to.

    `link` has up() and dns(), `server` is a kerb.uplink.sntp.Sntp, `clock` a
    kerb.system.clock.Clock; `backoff` spaces the questions of a server that does not answer.

    A clock that is trusted is moved by more than ten minutes only when a second answer, half a
    minute later, says the same, or when the question was asked by ask_now().
    """

    def __init__(self, link, server, clock, log, backoff, every_s):
        self._link = link
        self._server = server
        self._clock = clock
        self._log = log
        self._backoff = backoff
        self._every_s = every_s
        self._due_s = 0
        self._told = False
        self._odd_s = None  # how far the last answer was off, if that has to be confirmed

    def ask_now(self):
        """Have the next look, within half a second, ask; False when there is no network."""
        self._due_s = self._clock.uptime_s()
        self._told = self._link.up()
        return self._told

    async def run(self, check_in):
        """Work for ever."""
        while True:
            check_in()
            if self._link.up() and self._clock.uptime_s() >= self._due_s:
                wait_s = await self._ask(check_in)
                self._due_s = self._clock.uptime_s() + wait_s
            await asyncio.sleep_ms(_LOOK_MS)

    async def _ask(self, check_in):
        """One question; gives the seconds until the next."""
        try:
            day, second, trip_ms = await self._server.ask(self._link.dns(), check_in)
        except OSError as e:
            self._log.warn("time: %s", e)
            return 1 + self._backoff.next_ms() // 1000
        self._backoff.reset()
        clock = self._clock
        before_s = self._odd_s
        if self._is_odd(day, second):
            self._log.warn("time: the server is %d s off, asked again", self._odd_s)
            return _AGAIN_S if before_s is None else self._every_s
        self._told = False
        self._odd_s = None
        if not clock.set(day, second, "network"):
            self._log.warn("time: the server's date is not plausible, day %d", day)
        elif clock.jump_s is None:
            self._log.info("time: set, answer after %d ms", trip_ms)
        elif abs(clock.jump_s) > 1:
            self._log.info("time: moved by %d s, answer after %d ms", clock.jump_s, trip_ms)
        return self._every_s

    def _is_odd(self, day, second):
        """Whether a trusted clock should rather wait for a second answer; keeps how far it is."""
        if self._told or not self._clock.trusted():
            return False
        off_s = calendar.between(self._clock.now(), (day, second))
        if abs(off_s) <= _ODD_S:
            return False
        if self._odd_s is not None and abs(off_s - self._odd_s) <= _AGREE_S:
            return False
        self._odd_s = off_s
        return True
