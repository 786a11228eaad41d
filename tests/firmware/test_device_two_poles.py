"""A whole pole on the virtual board and the other one across the road, by a radio that loses a
fifth. No broker is there, and in some tests no access point either."""

import asyncio
import json
import random
import sys
import time

import board
import world
from kerb import device
from kerb.apps.pair import KIND, Pair
from support.ether import Ether
from support.peers import KEY, Device
from support.poles import BadAir, Pole
from support.tasks import ended

HEAP = "8m"
TIMEOUT_S = 240
LEFT, RIGHT, BUTTON = 20, 21, 19
CHANNEL = 7


def config(pole=1):
    return {
        "app": "crosswalk",
        "name": "hafenstr-7-a",
        "site": {"lat_e7": 351800000, "lon_e7": 1290800000, "tz": "KST-9"},
        "uplink": {
            "wifi": {"ssid": "street"},
            "mqtt": {"host": "127.0.0.1", "port": 1},
            "sntp": {"host": "127.0.0.1", "port": 1},
            "peer": {"over": "espnow", "channel": CHANNEL},
        },
        "crosswalk": {
            "width_mm": 4000,
            "length_mm": 2000,
            "radar": "none",
            "crossing": "Hafenstr 7",
            "pole": pole,
        },
    }


def write(name, doc):
    with open(name, "w") as f:
        f.write(json.dumps(doc))


class Crossing:
    """The device is pole 1 and `other` pole 2; on: when the device's lamps went on, in ticks."""

    def __init__(self, loss_percent=20, pole=2, network=True):
        random.seed(4)
        self.here = world.current()
        self.here.network.channel = CHANNEL
        self.here.network.set_up(network)
        self.air = BadAir(loss_percent)
        self.ether = Ether()
        self.end = self.air.end()
        self.other = Pole(self.air, pole, 54321)
        self.deaf = False  # whether the other pole is dead
        self.on = []
        self.sent = []
        for pin in (LEFT, RIGHT):
            self.here.watch(pin, self._edge)
        write("config.json", config())
        write("secrets.json", {"peer_key": "".join("%02x" % byte for byte in KEY)})

    def _edge(self, level, us):
        if level:
            self.on.append(time.ticks_ms())

    async def start(self):
        made = device.Device(board)
        assert made._app and made.errors == [], made.errors
        made._app._send = lambda kind, values: self.sent.append((kind, values))
        self.made = made
        self.tasks = [asyncio.create_task(made.run()), asyncio.create_task(self._live())]
        await asyncio.sleep_ms(8000)

    async def _live(self):
        while True:
            self.air.move()
            if not self.deaf:
                self.other.look()
            while self.ether.sent:
                channel, data = self.ether.sent.pop(0)
                if channel == CHANNEL:
                    self.end.send(data)
            while self.end.inbox:
                self.ether.say(CHANNEL, self.end.inbox.pop(0))
            await asyncio.sleep_ms(2)

    async def end_all(self):
        await ended(*self.tasks)

    async def push(self):
        """The device's button."""
        self.here.drive(BUTTON, 0)
        await asyncio.sleep_ms(60)
        self.here.drive(BUTTON, None)

    def faults(self):
        return [(v["part"], v["reason"], v["active"]) for kind, v in self.sent if kind == "fault"]

    def reasons(self):
        return [v["reason"] for kind, v in self.sent if kind == "crosswalk_activation"]


async def crossing(**kw):
    made = Crossing(**kw)
    await made.start()
    return made


async def pushed(it, count):
    """Pushes one button and the other in turn; gives how far from each other both began, in ms."""
    walk = it.made._app._walk
    apart = []
    for n in range(count):
        it.on.clear()
        if n % 2:
            it.other.push()
        else:
            await it.push()
        lit = None
        while not it.on or lit is None:
            lit = lit or it.other.lit_ms
            await asyncio.sleep_ms(10)
        apart.append(abs(time.ticks_diff(it.on[0], lit)))
        await asyncio.sleep_ms(500)
        assert abs(time.ticks_diff(walk.began_ms, it.other.began_ms)) <= 20
        assert abs(time.ticks_diff(walk.until_ms, it.other.until_ms)) <= 20
        while it.other.walk.flashing or walk.flashing:
            await asyncio.sleep_ms(100)
        await asyncio.sleep_ms(1000)
        assert time.ticks_diff(it.on[-1], it.on[0]) > 1500
    assert it.reasons() == ["button", "peer"] * (count // 2)
    assert it.faults() == []
    return apart


async def test_whichever_button_is_pushed_both_begin_within_50_ms_and_end_in_the_same_round():
    it = await crossing()
    apart = await pushed(it, 30)
    assert max(apart) <= 50, apart
    await it.end_all()


async def test_with_the_access_point_dead_too_but_while_it_is_looked_for():
    it = await crossing(network=False)
    apart = await pushed(it, 30)
    # For 1.5 s of 20 and more, here, the radio is anywhere.
    assert max(apart) <= 2000, apart
    assert sum(ms <= 50 for ms in apart) >= 24, apart
    await it.end_all()


async def test_a_dead_pole_is_told_within_seconds_and_the_other_works_alone():
    it = await crossing()
    it.deaf = True
    await asyncio.sleep_ms(6500)
    assert it.faults() == [("peer", "lost", True)]
    pushed = time.ticks_ms()
    await it.push()
    await asyncio.sleep_ms(500)
    assert time.ticks_diff(it.on[0], pushed) < 60  # for nobody it waits
    it.deaf = False
    await asyncio.sleep_ms(2000)
    assert it.faults()[1:] == [("peer", "lost", False)]
    assert it.other.walk.flashing
    assert abs(time.ticks_diff(it.made._app._walk.began_ms, it.other.began_ms)) <= 20
    await it.end_all()


async def test_when_the_one_that_was_pushed_dies_the_other_flashes_to_its_end():
    it = await crossing()
    it.other.push()
    await asyncio.sleep_ms(400)
    it.deaf = True
    until = it.made._app._walk.until_ms
    await asyncio.sleep_ms(10000)
    assert 0 < time.ticks_diff(until, it.on[-1]) < 800
    await it.end_all()


async def test_what_is_forged_or_played_again_lets_it_not_flash():
    it = await crossing(loss_percent=0)
    it.other.push()
    await asyncio.sleep_ms(8000)
    assert it.on
    it.on.clear()
    past = list(it.air.sent)
    for data in past:
        it.ether.say(CHANNEL, data)
        wrong = bytearray(data)
        wrong[20] ^= 1
        it.ether.say(CHANNEL, bytes(wrong))
        await asyncio.sleep_ms(20)
    stranger = Device(it.air, "hafenstr-7-c", key=bytes(16))
    words = Pair({"crossing": "Hafenstr 7", "pole": 2})
    now = time.ticks_ms()
    stranger.peer.send(KIND, words.activation(now, now, time.ticks_add(now, 8000), "button"))
    await asyncio.sleep_ms(3000)
    assert it.on == [] and it.reasons() == ["peer"]
    await it.end_all()


async def test_two_poles_with_the_same_number_are_a_fault_and_flash_together_all_the_same():
    it = await crossing(pole=1)
    assert it.faults() == [("peer", "same_pole", True)]
    it.other.push()
    await asyncio.sleep_ms(1000)
    assert it.reasons() == ["peer"]
    await it.end_all()


async def works_alone(it, made, ms):
    """After so long the button of the device `made` still works."""
    task = asyncio.create_task(made.run())
    await asyncio.sleep_ms(ms)
    await it.push()
    await asyncio.sleep_ms(500)
    assert it.on
    await ended(task)


async def test_without_a_key_or_a_peer_it_works_and_says_that_it_is_alone():
    it = Crossing()
    write("secrets.json", {})
    made = device.Device(board)
    assert any("peer_key" in error for error in made.errors)
    made._app._send = lambda kind, values: it.sent.append((kind, values))
    await works_alone(it, made, 62000)
    assert ("peer", "lost", True) in it.faults()


async def test_on_a_board_without_espnow_it_works_and_says_so():
    it = Crossing()
    name = "kerb.hal.espnow"
    before = sys.modules.pop(name, None)
    sys.modules[name] = json  # in which there is no EspNow
    try:
        made = device.Device(board)
    finally:
        del sys.modules[name]
        if before:
            sys.modules[name] = before
    assert [error for error in made.errors if "espnow" in error and "works alone" in error]
    assert made._app and made._uplink
    await works_alone(it, made, 1000)
