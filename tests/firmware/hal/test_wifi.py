import time

import network
import world
from kerb.hal.wifi import Station
from support.raised import raised


def test_the_radio_is_off_until_it_is_wanted():
    w = world.World()
    station = Station()
    assert not w.network.active
    assert (station.connected(), station.rssi_dbm(), station.status()) == (False, None, "off")
    station.down()
    assert not w.network.active


def test_up_connects_and_says_how_it_goes():
    w = world.World()
    station = Station()
    station.up("street", "secret")
    assert station.status() == "connecting"
    assert station.rssi_dbm() is None
    time.sleep_ms(2000)
    assert station.connected()
    assert station.status() == "connected"
    w.network.rssi_dbm = -71
    assert station.rssi_dbm() == -71


def test_what_went_wrong_has_words():
    w = world.World()
    w.network.ssid, w.network.psk = "street", "secret"
    station = Station()
    for ssid, psk, words in (
        ("street", "wrong", "wrong password"),
        ("alley", "secret", "no access point"),
        ("street", "secret", "connected"),
    ):
        station.up(ssid, psk)
        time.sleep_ms(2000)
        assert station.status() == words


def test_up_connects_anew_after_the_link_was_lost():
    w = world.World()
    station = Station()
    station.up("street", "secret")
    time.sleep_ms(2000)
    w.network.set_up(False)
    assert not station.connected()
    w.network.set_up(True)
    station.up("street", "secret")
    time.sleep_ms(2000)
    assert station.connected()


def test_up_may_be_called_while_it_still_tries():
    world.World()
    station = Station()
    station.up("street", "secret")
    time.sleep_ms(1000)
    station.up("street", "secret")
    time.sleep_ms(1000)
    assert not station.connected()
    time.sleep_ms(500)
    assert station.connected()


def test_down_switches_the_radio_off():
    w = world.World()
    station = Station()
    station.up("street", "secret")
    time.sleep_ms(2000)
    station.down()
    assert not w.network.active
    assert not station.connected()


class EspWlan:
    """As the ESP32's: it refuses some calls, and has no signal strength without a link."""

    def __init__(self, interface):
        self.calls = []
        self.linked = False

    def active(self, on):
        self.calls.append("active")

    def disconnect(self):
        self.calls.append("disconnect")
        raise OSError("not started")

    def connect(self, ssid, psk):
        self.calls.append("connect")
        if self.calls[-2] != "disconnect":
            raise OSError("Wifi Internal State Error")

    def isconnected(self):
        return self.linked

    def status(self, what=None):
        if what:
            raise OSError("Wifi Not Connected")
        return 4711


def test_a_port_that_raises_here_and_there_is_borne():
    real = network.WLAN
    network.WLAN = EspWlan
    try:
        station = Station()
        station.up("street", "secret")
        assert station.status() == "status 4711"
        station._wlan.linked = True
        assert station.rssi_dbm() is None
    finally:
        network.WLAN = real


def test_the_network_s_dns_server_is_known_while_there_is_a_link():
    w = world.World()
    station = Station()
    assert station.dns_server() is None
    station.up("street", "secret")
    assert station.dns_server() is None
    time.sleep_ms(2000)
    assert station.dns_server() == "192.168.4.1"
    w.network.dns = "10.0.0.53"
    assert station.dns_server() == "10.0.0.53"
    w.network.dns = "0.0.0.0"
    assert station.dns_server() is None


def test_the_country_is_set_before_the_radio_starts_when_one_is_given():
    w = world.World()
    before = network.country()
    station = Station()
    station.up("street", "secret")
    assert network.country() == before
    seen = []
    activate = w.network.activate
    w.network.activate = lambda on: (seen.append(network.country()), activate(on))
    try:
        station.up("street", "secret", "NO")
        assert seen == ["NO"]
    finally:
        network.country(before)


def test_what_is_no_country_is_said():
    world.World()
    before = network.country()
    for code in ("D", "DEU", "D1"):
        assert raised(ValueError, Station().up, "street", "secret", code)
    assert network.country() == before


def test_a_port_without_countries_joins_all_the_same():
    world.World()
    real = network.country
    del network.country
    try:
        station = Station()
        station.up("street", "secret", "NO")
        time.sleep_ms(2000)
        assert station.connected()
    finally:
        network.country = real


def test_everybody_on_the_network_is_reached_by_an_address_made_of_its_own():
    world.World()
    station = Station()
    assert station.broadcast() is None
    station.up("street", "secret")
    time.sleep_ms(2000)
    for address, mask, everybody in (
        ("127.0.0.1", "255.0.0.0", "127.255.255.255"),
        ("192.168.4.17", "255.255.255.0", "192.168.4.255"),
        ("10.20.30.40", "255.255.254.0", "10.20.31.255"),
        ("10.1.2.3", "255.255.255.255", "10.1.2.3"),
    ):
        station._wlan.ifconfig = lambda it=(address, mask, "", ""): it
        assert station.broadcast() == everybody


def test_a_radio_that_has_to_be_awake_is():
    w = world.World()
    station = Station()
    station.up("street", "secret")
    assert w.network.pm != network.WLAN.PM_NONE
    station.awake = True
    station.up("street", "secret")
    assert w.network.pm == network.WLAN.PM_NONE
    time.sleep_ms(2000)
    assert station.connected()
