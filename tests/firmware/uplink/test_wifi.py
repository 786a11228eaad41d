"""The link is joined, watched and joined again, in virtual time with a station that obeys."""

import asyncio
import time

from support.mqtt_device import Log

from kerb.uplink.backoff import Backoff
from kerb.uplink.wifi import Wifi
from support.tasks import ended


class Station:
    """Joins after `takes_ms`, or never when that is None; `broken`: every call raises OSError."""

    def __init__(self, takes_ms=1500):
        self.takes_ms = takes_ms
        self.broken = False
        self.calls = []
        self._since = None
        self.server = "192.0.2.53"

    def up(self, ssid, psk, country):
        self.calls.append(("up", ssid, psk))
        self.country = country
        if self.broken:
            raise OSError("radio fault")
        if country == "??":
            raise ValueError("no such country")
        self._since = time.ticks_ms()

    def down(self):
        self.calls.append(("down",))
        if self.broken:
            raise OSError("radio fault")
        self._since = None

    def off(self):
        self.down()
        self.calls.append(("off",))

    def connected(self):
        if self._since is None or self.takes_ms is None:
            return False
        return time.ticks_diff(time.ticks_ms(), self._since) >= self.takes_ms

    def dns_server(self):
        return self.server

    def rssi_dbm(self):
        return -61

    def status(self):
        return "wrong password"

    def lose(self):
        self._since = None


def joins(wifi):
    """How often it has joined so far."""
    return sum(["wifi up" in line for line in wifi.log.lines])


def start(station, check_in=lambda: None, country=None):
    wifi = Wifi(station, "street", "psk-of-the-street", Log(), Backoff(1000, 30000, 3), country)
    wifi.log = wifi._log
    wifi.task = asyncio.create_task(wifi.run(check_in))
    return wifi


async def test_it_joins_and_says_so():
    wifi = start(Station())
    await asyncio.sleep_ms(1000)
    assert not wifi.up() and wifi.status == "joining"
    await asyncio.sleep_ms(1000)
    assert wifi.up() and wifi.status == "up" and joins(wifi) == 1
    assert "-61" in wifi.log.lines[-1]


async def test_a_lost_link_is_told_and_joined_again():
    station = Station()
    wifi = start(station)
    await asyncio.sleep_ms(5000)
    station.lose()
    await asyncio.sleep_ms(250)
    assert not wifi.up()
    await asyncio.sleep_ms(10000)
    assert wifi.up() and joins(wifi) == 2
    assert [call[0] for call in station.calls] == ["up", "down", "up"]


async def test_a_network_that_is_not_there_is_tried_ever_more_rarely():
    station = Station(takes_ms=None)
    wifi = start(station)
    await asyncio.sleep_ms(21000)
    assert wifi.status == "not joined: wrong password"
    await asyncio.sleep_ms(600000)
    tries = len([call for call in station.calls if call[0] == "up"])
    assert 600 // 50 <= tries <= 620 // 20
    station.takes_ms = 1500
    await asyncio.sleep_ms(60000)
    assert wifi.up()


async def test_a_radio_that_raises_is_tried_again():
    station = Station()
    station.broken = True
    wifi = start(station)
    await asyncio.sleep_ms(300)
    assert wifi.status == "fault: radio fault"
    station.broken = False
    await asyncio.sleep_ms(30000)
    assert wifi.up()


async def test_the_key_is_given_to_the_station_and_shown_nowhere():
    station = Station(takes_ms=None)
    wifi = start(station)
    await asyncio.sleep_ms(25000)
    station.broken = True
    await asyncio.sleep_ms(60000)
    assert ("up", "street", "psk-of-the-street") in station.calls
    assert wifi.log.lines
    assert "psk" not in " ".join(wifi.log.lines) + wifi.status + repr(wifi)


async def test_a_link_that_held_for_a_minute_resets_the_back_off():
    for held_ms, resets in ((30000, 0), (62000, 1)):
        station = Station()
        wifi = start(station)
        count = []
        wifi._backoff.reset = lambda count=count: count.append(1)
        await asyncio.sleep_ms(held_ms + 1600)
        assert len(count) == resets


async def test_who_rests_leaves_the_network_without_a_word_and_joins_at_once_when_wanted():
    station = Station()
    wifi = start(station)
    await asyncio.sleep_ms(5000)
    assert wifi.radio and wifi.up()
    lines = len(wifi.log.lines)
    for number in range(2, 5):
        wifi.wanted = False
        await asyncio.sleep_ms(400)
        assert not (wifi.radio or wifi.up()) and wifi.status == "resting"
        assert station.calls[-1] == ("off",)
        await asyncio.sleep_ms(20_000)
        assert not wifi.radio
        wifi.wanted = True
        await asyncio.sleep_ms(2500)
        assert wifi.up() and joins(wifi) == number
    assert len(wifi.log.lines) == lines + 3  # one for each join


async def test_who_is_not_wanted_any_more_stops_trying():
    station = Station(takes_ms=None)
    wifi = start(station)
    await asyncio.sleep_ms(3000)
    wifi.wanted = False
    await asyncio.sleep_ms(400)
    assert not wifi.radio and joins(wifi) == 0
    tries = len(station.calls)
    await asyncio.sleep_ms(20_000)
    assert len(station.calls) == tries


async def test_it_checks_in_whatever_happens():
    last = [time.ticks_ms()]
    gaps = []

    def check_in():
        now = time.ticks_ms()
        gaps.append(time.ticks_diff(now, last[0]))
        last[0] = now

    station = Station(takes_ms=None)
    start(station, check_in)
    await asyncio.sleep_ms(100000)
    station.takes_ms = 1500
    await asyncio.sleep_ms(100000)
    assert max(gaps) <= 200 and sum(gaps) > 190000


async def test_its_end_lets_the_link_go():
    station = Station()
    wifi = start(station)
    await asyncio.sleep_ms(5000)
    await ended(wifi.task)
    assert not wifi.up() and not station.connected()


async def test_the_country_is_given_to_the_station():
    for country in (None, "DE"):
        station = Station()
        wifi = start(station, country=country)
        await asyncio.sleep_ms(2000)
        assert wifi.up() and station.country == country


async def test_a_country_that_the_port_does_not_know_is_a_fault_that_is_told():
    wifi = start(Station(), country="??")
    await asyncio.sleep_ms(5000)
    assert wifi.status == "fault: no such country" and not wifi.task.done()


async def test_the_network_s_dns_server_is_passed_on():
    station = Station()
    wifi = start(station)
    await asyncio.sleep_ms(2000)
    assert wifi.dns() == ("192.0.2.53",)
    station.server = None
    assert wifi.dns() == ()
