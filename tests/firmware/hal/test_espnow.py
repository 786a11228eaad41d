import time

import network
import world
from kerb.hal import espnow
from kerb.hal.espnow import EspNow
from kerb.hal.wifi import Station
from support.ether import Ether
from support.raised import raised


def radio(channel=4):
    w = world.World()
    ether = Ether()
    station = Station()
    return w, ether, station, EspNow(station, channel)


def test_it_is_heard_on_its_channel_without_any_access_point():
    w, ether, _, now = radio()
    now.tend()
    now.send(b"here")
    assert ether.sent == [(4, b"here")]
    ether.say(4, b"there")
    ether.say(5, b"elsewhere")
    ether.say(4, b"again")
    assert [now.receive() for _ in range(3)] == [b"there", b"again", None]


def test_what_was_received_stays_as_it_is():
    _, ether, _, now = radio()
    now.tend()
    ether.say(4, b"one")
    one = now.receive()
    ether.say(4, b"two!")
    now.receive()
    assert one == b"one" and type(one) is bytes


def test_once_joined_it_is_on_the_access_points_channel():
    w, ether, station, now = radio()
    w.network.channel = 11
    now.tend()
    station.up("street", None)
    now.tend()  # while it joins it is left alone
    now.send(b"nobody hears that")
    assert ether.sent == []
    time.sleep_ms(2000)
    assert station.connected()
    now.tend()
    now.send(b"x")
    assert ether.sent == [(11, b"x")] and station.connected()


def test_it_sleeps_not_and_joins_once():
    w, _, station, now = radio()
    now.tend()
    station.up("street", None)
    time.sleep_ms(2000)
    now.tend()
    assert w.network.pm == network.WLAN.PM_NONE and w.network.reconnects == 0


def test_it_goes_on_when_the_station_gives_up_and_back_to_its_channel():
    w, ether, station, now = radio()
    now.tend()
    station.up("street", None)
    time.sleep_ms(2000)
    w.network.set_up(False)
    assert not station.connected()
    station.down()
    now.tend()
    now.send(b"a")
    for _ in range(3):
        station.up("street", None)
        time.sleep_ms(2000)
        assert not station.connected()
        now.tend()
        now.send(b"b")
        station.down()
        now.tend()
        now.send(b"c")
    assert ether.sent == [(4, b"a")] + [(4, b"b"), (4, b"c")] * 3


def test_a_station_of_which_nobody_needs_the_radio_switches_it_off():
    w = world.World()
    station = Station()
    station.up("street", None)
    station.down()
    assert not w.network.active
    EspNow(station, 1).tend()
    station.up("street", None)
    time.sleep_ms(2000)
    station.down()
    assert w.network.active and not station.connected()


def test_before_the_radio_is_tended_nothing_can_be_sent():
    _, _, _, now = radio()
    assert raised(OSError, now.send, b"x")
    assert raised(OSError, now.receive)


def test_whom_it_aims_at_is_told_by_himself_too_and_it_aims_at_one():
    _, ether, _, now = radio()
    now.tend()
    now.aim()  # nobody was heard yet
    now.send(b"0")
    assert ether.aimed == []
    for n in range(50):
        sender = b"ab%04d" % (n // 3)
        ether.say(4, b"x", sender)
        now.receive()
        now.aim()
        now.send(b"%d" % n)
        assert ether.aimed[-1] == (sender, b"%d" % n) and len(ether.aimed) == n + 1
    assert len(ether.sent) == 51


def test_what_is_for_another_alone_is_not_heard():
    w, ether, _, now = radio()
    now.tend()
    ether.say(4, b"for him", to=b"\x02third")
    ether.say(4, b"for us", to=network.WLAN(network.STA_IF).config("mac"))
    assert now.receive() == b"for us" and now.receive() is None


def locking(now):
    """Lets the stand-in know when the heap is locked, which would lock the stand-in's, too."""
    locks = [0]

    def lock():
        locks[0] += 1

    def unlock():
        locks[0] -= 1

    espnow.heap_lock, espnow.heap_unlock = lock, unlock
    now._now.heap_is_locked = lambda: locks[0] > 0
    return locks


def test_strangers_with_ever_new_addresses_take_no_memory_without_end():
    _, ether, _, now = radio()
    locks = locking(now)
    now.tend()
    friend = b"friend"
    ether.say(4, b"here", friend)
    now.receive()
    now.aim()
    for n in range(500):
        ether.say(4, b"stranger %d" % n, b"ab%04d" % n)
        assert now.receive() == b"stranger %d" % n
        now.receive()
        if n > 30:
            now.aim()  # at nobody of whom it does not know the address
            ether.say(4, b"still here", friend)
            assert now.receive() == b"still here"
            now.aim()
            now.send(b"x")
            assert ether.aimed[-1] == (friend, b"x")
        assert locks == [0]
    assert len(now._now.peers_table) == 20
    assert now.receive() is None
    now._now.active(False)
    assert raised(OSError, now.receive) and locks == [0]
