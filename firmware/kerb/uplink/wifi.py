"""Keeps the Wi-Fi link up."""

import asyncio
import time

from micropython import const

_JOIN_MS = const(20000)
_LOOK_MS = const(200)
_STEADY_MS = const(60000)


class Wifi:
    """One station, kept joined to one network; up() is what the transports ask.

    `station` is a hal.wifi.Station, `backoff` a Backoff. `status` tells a technician how it
    stands, or what the last try came to. The key is given to the station and shown nowhere.
    wanted: False lets it leave the network and keep the radio off; radio: whether it is on.
    country: whose channels and power are allowed, two letters of ISO 3166-1; None: what is
    allowed everywhere, which leaves out channels 12 and 13.
    """

    def __init__(self, station, ssid, psk, log, backoff, country=None):
        self._station = station
        self._ssid = ssid
        self._psk = psk
        self._log = log
        self._backoff = backoff
        self._country = country
        self._up = False
        self.wanted, self.radio = True, False
        self.status = "off"

    def up(self):
        """Whether there is a link, as of a moment (200 ms) ago."""
        return self._up

    def rssi_dbm(self):
        """The strength of the network's signal, or None."""
        return self._station.rssi_dbm()

    def dns(self):
        """The addresses of the network's DNS servers, as far as they are known."""
        server = self._station.dns_server()
        return (server,) if server else ()

    def broadcast(self):
        """The address of all on the same network, or None."""
        return self._station.broadcast()

    async def run(self, check_in):
        """Join, watch, and join again, for ever."""
        self.status = "joining"
        try:
            while True:
                try:
                    await self._join_and_watch(check_in)
                except (OSError, ValueError) as e:  # ValueError: no such country
                    self.status = "fault: " + str(e)
                self._up = False
                rests = not self.wanted
                if not rests:
                    self._log.warn("wifi %s", self.status)
                self._drop()
                while not self.wanted:
                    self.status = "resting"
                    await self._wait(_LOOK_MS, check_in)
                await self._wait(0 if rests else self._backoff.next_ms(), check_in)
        finally:
            self._up = False
            self._drop()

    async def _join_and_watch(self, check_in):
        station = self._station
        self.radio = True
        station.up(self._ssid, self._psk, self._country)
        start = time.ticks_ms()
        while self.wanted and not station.connected():
            if time.ticks_diff(time.ticks_ms(), start) > _JOIN_MS:
                self.status = "not joined: " + station.status()
                return
            await self._wait(_LOOK_MS, check_in)
        if not self.wanted:
            return
        self._up = True
        self.status = "up"
        self._log.info("wifi up, %s dBm", station.rssi_dbm())
        start = time.ticks_ms()
        steady = False
        while self.wanted and station.connected():
            if not steady and time.ticks_diff(time.ticks_ms(), start) > _STEADY_MS:
                steady = True
                self._backoff.reset()
            await self._wait(_LOOK_MS, check_in)
        if not self.wanted:
            self._backoff.reset()  # it was fine
        self.status = "lost: " + station.status()

    def _drop(self):
        try:
            if self.wanted:
                self._station.down()
            else:
                self._station.off()
        except OSError:
            pass  # a radio that fails here is told by the next join
        self.radio = False

    async def _wait(self, ms, check_in):
        start = time.ticks_ms()
        while True:
            check_in()
            left = ms - time.ticks_diff(time.ticks_ms(), start)
            if left <= 0:
                return
            await asyncio.sleep_ms(min(left, _LOOK_MS))
