"""Lets a device sleep between what it has to do, its radio off, so that a battery lasts.

For a while after the start, and as long as a computer is seen at its USB, it does not: that is
when a technician gets at its prompt. From then on the radio is on only while there is something
to be sent, and somewhat longer for the commands and the time that may come; the rest of the
device's time its processor sleeps in short pieces, after each of which all tasks have their turn:
so the watchdog is fed by the supervisor as ever, and bites when a task hangs.
"""

import asyncio
import time

from micropython import const

AWAKE_S = const(120)
_LOOK_MS = const(250)
# Below half of the watchdog's 8 s, and below the 5 s within which a task has to be heard of.
_MOST_MS = const(3000)
_LEAST_MS = const(20)
# After the last event: for the answer of a time server, and for a command.
_LINGER_MS = const(3000)
# So long a network without its broker is tried, and then again after a pause that doubles.
_TRY_MS = const(60000)
_FIRST_PAUSE_S, _LAST_PAUSE_S = const(60), const(3600)
# What is routine waits so long for something to go with.
_ROUTINE = const(2)
HOLD_S = const(600)


class Power:
    """sleep: kerb.hal.sleep or alike: light(ms), has_host(). clock: kerb.system.clock.Clock.

    saving: whether it sleeps now, and nobody is to be shown anything. slept_ms: for how long it
    has, modulo 2^30.
    """

    def __init__(self, sleep, clock):
        self._sleep = sleep
        self._clock = clock
        self._wifi = None
        self.saving = False
        self.slept_ms = 0
        self._busy_at = time.ticks_ms()
        self._on_at = None  # since when the radio has been on without a broker
        self._pause_s = _FIRST_PAUSE_S
        self._again_s = self._held_s = 0

    def steer(self, wifi, transport, uplink):
        """Takes over the radio, as kerb.uplink has them: Wifi, Mqtt and Uplink."""
        self._wifi = wifi
        self._transport = transport
        self._uplink = uplink

    async def nap(self, ms):
        """Waits for `ms`, or asleep for a part of it."""
        if not self.saving or ms < _LEAST_MS or self._talks():
            await asyncio.sleep_ms(min(ms, _LOOK_MS))
            return
        ms = min(ms, _MOST_MS)
        began = time.ticks_ms()
        spent_ms, before_ms = 0, -1
        # The port's own timers end a sleep early: lwIP's comes 16 times a second.
        while spent_ms < ms and spent_ms != before_ms:
            before_ms = spent_ms
            self._sleep.light(ms - spent_ms)
            spent_ms = time.ticks_diff(time.ticks_ms(), began)
        self.slept_ms = self.slept_ms + spent_ms & 0x3FFFFFFF
        # Everybody else was due meanwhile.
        await asyncio.sleep_ms(1)

    def _talks(self):
        """Whether the radio is on, or is about to be for what the one who naps has just sent."""
        wifi = self._wifi
        if not wifi:
            return False
        wanted = wifi.wanted
        self._steer(time.ticks_ms(), self._clock.uptime_s())
        return wifi.radio or wifi.wanted != wanted

    async def run(self, check_in):
        """Decides for ever."""
        while True:
            check_in()
            up_s = self._clock.uptime_s()
            self.saving = up_s >= AWAKE_S and not self._sleep.has_host()
            if self._wifi:
                self._steer(time.ticks_ms(), up_s)
            await asyncio.sleep_ms(_LOOK_MS)

    def _steer(self, now, up_s):
        wifi, transport = self._wifi, self._transport
        if not wifi.radio:
            self._on_at = now
        waiting = self._uplink.waiting()
        if waiting is None or wifi.radio:
            self._held_s = up_s
        if not self.saving:
            self._busy_at = now
            wifi.wanted = True
        elif waiting is not None and (
            waiting != _ROUTINE or wifi.radio or up_s - self._held_s >= HOLD_S
        ):
            self._busy_at = now
            if transport.up():
                self._on_at = now
                self._pause_s = _FIRST_PAUSE_S
            elif wifi.radio and time.ticks_diff(now, self._on_at) > _TRY_MS:
                self._again_s = up_s + self._pause_s
                self._pause_s = min(2 * self._pause_s, _LAST_PAUSE_S)
            wifi.wanted = up_s >= self._again_s
        elif wifi.wanted and time.ticks_diff(now, self._busy_at) > _LINGER_MS:
            # A broker that is not told takes a radio that goes off for a device that is lost.
            transport.rest()
            wifi.wanted = False
