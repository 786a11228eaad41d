import time

import network
import world
from support.raised import raised


def station():
    w = world.World()
    wlan = network.WLAN(network.STA_IF)
    wlan.active(True)
    return w, wlan


def test_connecting_takes_a_while_and_then_there_is_an_address():
    w, wlan = station()
    wlan.connect("street", "secret")
    assert (wlan.status(), wlan.isconnected()) == (network.STAT_CONNECTING, False)
    assert wlan.ifconfig()[0] == "0.0.0.0"
    time.sleep_ms(1499)
    assert not wlan.isconnected()
    time.sleep_ms(1)
    assert (wlan.status(), wlan.isconnected()) == (network.STAT_GOT_IP, True)
    assert wlan.ifconfig()[0] != "0.0.0.0"
    w.network.rssi_dbm = -77
    assert wlan.status("rssi") == -77
    assert wlan.config("ssid") == "street"
    assert len(wlan.config("mac")) == 6


def test_a_wrong_password_or_name_is_told_apart():
    w, wlan = station()
    w.network.ssid, w.network.psk = "street", "secret"
    for ssid, key, status in (
        ("street", "wrong", network.STAT_WRONG_PASSWORD),
        ("alley", "secret", network.STAT_NO_AP_FOUND),
        ("street", "secret", network.STAT_GOT_IP),
    ):
        wlan.connect(ssid, key)
        time.sleep_ms(1500)
        assert wlan.status() == status


def test_a_link_that_is_lost_stays_lost_until_the_board_connects_again():
    w, wlan = station()
    wlan.connect("street", "secret")
    time.sleep_ms(2000)
    w.network.set_up(False)
    assert not wlan.isconnected()
    wlan.connect("street", "secret")
    time.sleep_ms(2000)
    assert wlan.status() == network.STAT_NO_AP_FOUND
    w.network.set_up(True)
    time.sleep_ms(5000)
    assert not wlan.isconnected()
    wlan.connect("street", "secret")
    time.sleep_ms(2000)
    assert wlan.isconnected()


def test_disconnecting_or_switching_off_ends_an_attempt():
    _, wlan = station()
    for end in (wlan.disconnect, lambda: wlan.active(False)):
        wlan.active(True)
        wlan.connect("street", "secret")
        time.sleep_ms(1000)
        end()
        time.sleep_ms(2000)
        assert wlan.status() == network.STAT_IDLE
    raised(OSError, wlan.connect, "street", "secret")


def test_a_reset_switches_the_radio_off():
    w, wlan = station()
    wlan.connect("street", "secret")
    time.sleep_ms(2000)
    w.reboot("watchdog")
    assert not wlan.active()
    assert not wlan.isconnected()


def test_what_the_station_does_not_have_is_refused():
    _, wlan = station()
    raised(ValueError, network.WLAN, network.AP_IF)
    raised(ValueError, wlan.status, "weather")
    raised(ValueError, wlan.config, "weather")
    raised(ValueError, wlan.config, weather=1)
    wlan.config(pm=wlan.PM_NONE)
    assert wlan.config("pm") == wlan.PM_NONE
    raised(ValueError, network.country, "KOR")
    network.country("KR")
    assert network.country() == "KR"
    network.country("XX")
