import time

import world
from kerb.hal.espnow import EspNow
from kerb.hal.wifi import Station
from kerb.uplink.espnow import MAX_BYTES, EspNowAir
from kerb.uplink.peer import Peer
from support.ether import Ether
from support.fakeair import Air
from support.peers import HELLO, KEY, Clock, Device, Log, look


class Radio:
    """Refuses as it is told."""

    def __init__(self):
        self.error = None
        self.sent = []
        self.inbox = []
        self.tended = 0

    def _maybe(self):
        if self.error:
            raise self.error

    def tend(self):
        self.tended += 1
        self._maybe()

    def send(self, data):
        self._maybe()
        self.sent.append(data)

    def aim(self):
        self._maybe()
        self.aimed = True

    def receive(self):
        self._maybe()
        return self.inbox.pop(0) if self.inbox else None


def test_what_it_sends_and_hears_goes_through():
    world.World()
    radio = Radio()
    air = EspNowAir(radio)
    radio.inbox = [b"there", b"y" * 250]
    assert air.up() and air.send(b"here") and radio.sent == [b"here"]
    assert air.receive() == b"there"
    assert air.receive() == b"y" * MAX_BYTES
    assert air.receive() is None and air.faults == 0


def test_whatever_the_radio_refuses_raises_nothing_and_is_counted():
    world.World()
    for error in (OSError(-1), RuntimeError("Wifi Unknown Error 0x0102"), ValueError("buffer")):
        radio = Radio()
        air = EspNowAir(radio)
        assert air.up()
        radio.error = error
        air.aim()
        assert not air.send(b"x") and air.receive() is None and air.faults == 3
        time.sleep_ms(1000)
        assert not air.up() and not air.send(b"x") and air.receive() is None
        assert air.faults == 4
        radio.error = None
        air.aim()
        assert radio.aimed
        time.sleep_ms(1000)
        assert air.up() and air.send(b"x")


def test_the_radio_is_tended_once_a_second_however_often_one_looks():
    world.World()
    radio = Radio()
    air = EspNowAir(radio)
    for _ in range(500):
        air.receive()
        time.sleep_ms(10)
    assert radio.tended == 5


class Cable:
    """Ties the virtual radio, on its channel, to an end of support.fakeair."""

    def __init__(self, air):
        self.ether = Ether()
        self.end = air.end()

    def move(self):
        while self.ether.sent:
            self.end.send(self.ether.sent.pop(0)[1])
        while self.end.inbox:
            self.ether.say(7, self.end.inbox.pop(0))


def test_neighbours_hear_each_other_by_it_with_the_access_point_dead():
    w = world.World()
    air = Air(loss_percent=20)
    cable = Cable(air)
    there = Device(air, "b")
    station = Station()
    w.network.set_up(False)

    class Store:
        def get(self, name):
            return None

        def put(self, name, data):
            return True

    here = Peer(EspNowAir(EspNow(station, 7)), KEY, "a", 1, Clock(), Store(), Log())
    heard = []
    here.on_message = lambda kind, sender, payload, age_ms: heard.append(payload) or True

    class Tied:
        class peer:
            @staticmethod
            def look():
                here.look()
                cable.move()

    for n in range(60):
        if n % 10 == 0:
            station.down()
            station.up("street", None)  # in vain, and deaf for 1.5 s
        here.send(HELLO, b"%d" % n)
        there.peer.send(HELLO, b"%d" % n)
        look((Tied, there), 1000)
    assert 45 <= len(heard) <= 54 and 45 <= len(there.heard) <= 54, (heard, there.heard)
