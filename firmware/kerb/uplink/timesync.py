"""Keeps the clock right by a time server."""

import asyncio

from micropython import const

_LOOK_MS = const(500)


class TimeSync:
    """Asks when the network comes up, then every `every_s`, and when it is told to.

    `link` has up() and dns(), `server` is a kerb.uplink.sntp.Sntp, `clock` a
    kerb.system.clock.Clock; `backoff` spaces the questions of a server that does not answer.
    """

    def __init__(self, link, server, clock, log, backoff, every_s):
        self._link = link
        self._server = server
        self._clock = clock
        self._log = log
        self._backoff = backoff
        self._every_s = every_s
        self._due_s = 0

    def ask_now(self):
        """Have the next look, within half a second, ask; False when there is no network."""
        self._due_s = self._clock.uptime_s()
        return self._link.up()

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
        if not clock.set(day, second, "network"):
            self._log.warn("time: the server's date is not plausible, day %d", day)
        elif clock.jump_s is None:
            self._log.info("time: set, answer after %d ms", trip_ms)
        elif abs(clock.jump_s) > 1:
            self._log.info("time: moved by %d s, answer after %d ms", clock.jump_s, trip_ms)
        return self._every_s
